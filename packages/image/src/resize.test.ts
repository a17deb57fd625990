import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBase64, largestDifference, noise } from '../../../test/goldens/image/goldens.js';
import goldens from '../../../test/goldens/image/resize.json' with { type: 'json' };
import { resizeImage } from './resize.js';

const sizes = fc.record({
  width: fc.integer({ min: 1, max: 40 }),
  height: fc.integer({ min: 1, max: 40 }),
  to: fc.record({ width: fc.integer({ min: 1, max: 40 }), height: fc.integer({ min: 1, max: 40 }) }),
  channels: fc.constantFrom<(1 | 3 | 4)[]>(1, 3, 4),
  filter: fc.constantFrom('nearest', 'bilinear', 'area'),
});

describe('resizeImage', () => {
  it.each(goldens.cases)('$filter of $channels channels from $from to $to is the reference', (golden) => {
    const [width, height] = golden.to as [number, number];
    const source = noise(golden.from[0]!, golden.from[1]!, golden.channels as 1 | 3);
    const resized = resizeImage(source, { width, height, filter: golden.filter as 'bilinear' });
    // Pillow's filters are matched bit by bit; OpenCV averages areas in float32.
    const tolerance = golden.filter === 'area' ? 1 : 0;
    expect(largestDifference(resized.data, fromBase64(golden.pixels))).toBeLessThanOrEqual(tolerance);
  });

  it.each(goldens.tall)('$filter of a tall image from $from to $to goes across, then down', (golden) => {
    const [width, height] = golden.to as [number, number];
    const filter = golden.filter as 'bilinear';
    const source = noise(golden.from[0]!, golden.from[1]!, 3);
    // Pillow up to 12.1.
    expect(resizeImage(source, { width, height, filter }).data).toEqual(fromBase64(golden.columnsFirst));
    // Pillow 13, by the two steps that the documentation gives.
    const lower = resizeImage(source, { width: source.width, height, filter });
    expect(resizeImage(lower, { width, height, filter }).data).toEqual(fromBase64(golden.rowsFirst));
    if (filter !== 'bilinear') return;
    expect(largestDifference(fromBase64(golden.rowsFirst), fromBase64(golden.columnsFirst))).toBe(1);
  });

  it('keeps a constant image constant and never changes its input', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 0, max: 255 }), ({ width, height, to, channels, filter }, value) => {
        const source = { width, height, channels, data: new Uint8Array(width * height * channels).fill(value) };
        const resized = resizeImage(source, { ...to, filter: filter as 'area' });
        expect(resized).toMatchObject({ ...to, channels });
        expect(resized.data).toEqual(new Uint8Array(to.width * to.height * channels).fill(value));
        expect(resized.data).not.toBe(source.data);
        expect(source.data.every((sample) => sample === value)).toBe(true);
      }),
    );
  });

  it('treats channels alike, so grey as RGB resizes as grey', () => {
    fc.assert(
      fc.property(sizes, ({ width, height, to, channels, filter }) => {
        const gray = noise(width, height, 1);
        const data = Uint8Array.from(
          { length: gray.data.length * channels },
          (_, i) => gray.data[Math.floor(i / channels)]!,
        );
        const options = { ...to, filter: filter as 'area' };
        const one = resizeImage(gray, options).data;
        const many = resizeImage({ width, height, channels, data }, options).data;
        expect(many).toEqual(Uint8Array.from(many, (_, i) => one[Math.floor(i / channels)]!));
      }),
    );
  });

  it('averages whole blocks when the area filter shrinks by a whole factor', () => {
    const image = { width: 4, height: 2, channels: 1 as const, data: Uint8Array.of(0, 10, 100, 200, 20, 30, 100, 200) };
    expect([...resizeImage(image, { width: 2, height: 1, filter: 'area' }).data]).toEqual([15, 150]);
  });

  it.each([
    { width: 0, height: 5 },
    { width: 5, height: 1.5 },
    { width: 70_000, height: 5 },
  ])('refuses %j', (size) => {
    expect(() => resizeImage(noise(3, 3, 1), size)).toThrowError(/Expected .* of resizeImage\(\) options/);
  });

  it('says when a result fits into no memory', () => {
    const tooLarge = expect.objectContaining({ code: 'IMAGE_TOO_LARGE' });
    expect(() => resizeImage(noise(2, 2, 3), { width: 65_535, height: 65_535 })).toThrow(tooLarge);
  });

  it('refuses images that are not 8-bit or not whole', () => {
    const options = { width: 2, height: 2 };
    const float = { width: 1, height: 1, channels: 1 as const, data: new Float32Array(1) };
    expect(() => resizeImage(float, options)).toThrowError(/Expected 8-bit data/);
    expect(() => resizeImage({ ...noise(3, 3, 1), width: 4 }, options)).toThrowError(/received 4 × 3 × 1 with 9/);
  });
});
