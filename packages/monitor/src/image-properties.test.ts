import { readFileSync } from 'node:fs';
import { type Image, keyedRandom } from '@percept/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { imageProperties } from './image-properties.js';

interface Golden {
  pictures: {
    width: number;
    height: number;
    grey: number[];
    brightness: number;
    contrast: number;
    sharpness: number;
  }[];
}

const golden = JSON.parse(
  readFileSync(new URL('../../../test/goldens/monitor/drift.json', import.meta.url), 'utf8'),
) as Golden;

describe('imageProperties', () => {
  it.each(golden.pictures)('equals SciPy at $width × $height', ({ width, height, grey, ...figures }) => {
    const properties = imageProperties({ width, height, channels: 1, data: Uint8Array.from(grey) });
    expect(properties.brightness).toBeCloseTo(figures.brightness, 12);
    expect(properties.contrast).toBeCloseTo(figures.contrast, 12);
    expect(properties.sharpness).toBeCloseTo(figures.sharpness, 12);
    expect(properties).toMatchObject({ width, height });
  });

  it('weighs colours as ITU-R BT.601 does, for all sample types, and does not look at alpha', () => {
    const of = (channels: 3 | 4, data: Image['data']) =>
      imageProperties({ width: 1, height: 1, channels, data }).brightness;
    expect(of(3, Uint8Array.of(255, 0, 0))).toBeCloseTo(0.299, 12);
    expect(of(3, Uint16Array.of(0, 65535, 0))).toBeCloseTo(0.587, 12);
    expect(of(3, Float32Array.of(0, 0, 1))).toBeCloseTo(0.114, 12);
    expect(of(4, Uint8Array.of(255, 255, 255, 0))).toBeCloseTo(1, 12);
  });

  it('is flat for one colour', () => {
    const white = { width: 3, height: 2, channels: 1, data: new Uint8Array(6).fill(255) } as const;
    expect(imageProperties(white)).toEqual({ brightness: 1, contrast: 0, sharpness: 0, width: 3, height: 2 });
  });

  it('finds exactly nothing in flat colours', () => {
    fc.assert(
      fc.property(fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)), (colour) => {
        const data = Uint8Array.from({ length: 36 }, (_, i) => colour[i % 3]!);
        const flat: Image = { width: 4, height: 3, channels: 3, data };
        expect(imageProperties(flat)).toMatchObject({ contrast: 0, sharpness: 0 });
      }),
    );
  });

  it('estimates large pictures from a part of their pixels', () => {
    const random = keyedRandom('large picture');
    const width = 900;
    const height = 700;
    const data = Uint8Array.from({ length: width * height }, (_, i) => 60 + (i % width) / 9 + random.uniform(0, 30));
    const estimate = imageProperties({ width, height, channels: 1, data });
    const crop = (left: number, top: number) => {
      const rows = Array.from({ length: 200 }, (_, y) =>
        data.subarray((top + y) * width + left, (top + y) * width + left + 200),
      );
      return imageProperties({
        width: 200,
        height: 200,
        channels: 1,
        data: Uint8Array.from(rows.flatMap((r) => [...r])),
      });
    };
    expect(estimate.brightness).toBeCloseTo((60 + 50 + 14.5) / 255, 2);
    expect(estimate.sharpness / crop(300, 300).sharpness).toBeCloseTo(1, 1);
  });

  it('gives NaN, not an error, for pixels that are NaN', () => {
    const data = Float32Array.of(0.5, Number.NaN);
    expect(imageProperties({ width: 2, height: 1, channels: 1, data }).brightness).toBeNaN();
  });
});
