import { describe, expect, it } from 'vitest';
import { noise } from '../../../test/goldens/image/goldens.js';
import { toGray, toRgb } from './color.js';

describe('toGray', () => {
  it("is Pillow's L on primaries and mixtures", () => {
    const colors = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 12, 200, 99, 1, 1, 1];
    const image = { width: 7, height: 1, channels: 3 as const, data: Uint8Array.from(colors) };
    expect([...toGray(image).data]).toEqual([76, 150, 29, 255, 0, 132, 1]);
  });

  it('ignores alpha and leaves grey alone', () => {
    const image = noise(5, 4, 3);
    const rgba = Uint8Array.from({ length: 80 }, (_, i) =>
      i % 4 === 3 ? 7 : image.data[Math.floor(i / 4) * 3 + (i % 4)]!,
    );
    expect(toGray({ ...image, channels: 4, data: rgba })).toEqual(toGray(image));
    const gray = noise(5, 4, 1);
    expect(toGray(gray)).toBe(gray);
  });
});

describe('toRgb', () => {
  it('repeats grey, and grey comes back from it', () => {
    const gray = noise(9, 5, 1);
    expect(toGray(toRgb(gray))).toEqual(gray);
  });

  it('drops alpha', () => {
    const image = { width: 1, height: 1, channels: 4 as const, data: Uint8Array.of(1, 2, 3, 4) };
    expect(toRgb(image)).toEqual({ width: 1, height: 1, channels: 3, data: Uint8Array.of(1, 2, 3) });
  });
});
