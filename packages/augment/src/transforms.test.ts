import { keyedRandom, PerceptError } from '@percept/core';
import { flipImage, rotate90Image } from '@percept/image';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noise } from '../../../test/goldens/image/goldens.js';
import { brightness, contrast, saturation } from './color.js';
import { horizontalFlip, verticalFlip } from './flip.js';
import { randomResizedCrop } from './random-resized-crop.js';
import { rotate } from './rotate.js';
import type { Transform } from './transform.js';
import { zoom } from './zoom.js';

const transforms: readonly Transform[] = [
  horizontalFlip(),
  verticalFlip(),
  rotate({ degrees: 30 }),
  rotate({ degrees: [-360, 360], fill: [10, 20, 30] }),
  randomResizedCrop({ scale: [0.08, 1] }),
  zoom({ scale: [0.5, 2], fill: 128 }),
  brightness({ by: [0.5, 1.5] }),
  contrast({ by: [0, 3] }),
  saturation({ by: [0, 2], p: 0.5 }),
];
const images = fc
  .tuple(fc.integer({ min: 1, max: 24 }), fc.integer({ min: 1, max: 24 }), fc.constantFrom<(1 | 3)[]>(1, 3), fc.nat())
  .map(([width, height, channels, seed]) => noise(width, height, channels, seed));
const random = keyedRandom(7);

describe.each(transforms)('every transform: $name', (transform) => {
  it('keeps shape and type, leaves its input alone and draws the same again', () => {
    fc.assert(
      fc.property(images, fc.nat(), (image, seed) => {
        const before = image.data.slice();
        const once = transform.apply(image, keyedRandom(seed));
        expect(image.data).toEqual(before);
        expect({ ...once, data: undefined }).toEqual({ ...image, data: undefined });
        expect(once.data).toBeInstanceOf(Uint8Array);
        expect(once.data.length).toBe(image.data.length);
        expect(transform.apply(image, keyedRandom(seed))).toEqual(once);
      }),
      { numRuns: 40 },
    );
  });

  it('refuses images with alpha, or not of 8 bits', () => {
    expect(() => transform.apply(noise(4, 4, 4), random)).toThrowError(/1 or 3 channels/);
    const float = { width: 1, height: 1, channels: 1 as const, data: new Float32Array(1) };
    expect(() => transform.apply(float, random)).toThrowError(/8-bit/);
  });
});

describe('identities', () => {
  const same: readonly Transform[] = [
    rotate({ degrees: 0 }),
    zoom({ scale: [1, 1] }),
    brightness({ by: [1, 1] }),
    contrast({ by: [1, 1] }),
    saturation({ by: [1, 1] }),
    randomResizedCrop({ scale: [1, 1], ratio: [1, 1] }),
    rotate({ degrees: 90, p: 0 }),
  ];
  it.each(same)('$name with neutral options changes no pixel', (transform) => {
    for (const channels of [1, 3] as const) {
      const image = noise(16, 16, channels);
      expect(transform.apply(image, random)).toEqual(image);
    }
  });

  it('a quarter turn of a square is exact, counter-clockwise', () => {
    const image = noise(15, 15, 3);
    expect(rotate({ degrees: [90, 90] }).apply(image, random)).toEqual(rotate90Image(image, -1));
    expect(rotate({ degrees: [-180, -180] }).apply(noise(9, 14, 1), random)).toEqual(rotate90Image(noise(9, 14, 1), 2));
  });

  it('flips always or never with p of 1 or 0', () => {
    const image = noise(5, 4, 3);
    expect(horizontalFlip({ p: 1 }).apply(image, random)).toEqual(flipImage(image, 'horizontal'));
    expect(verticalFlip({ p: 1 }).apply(image, random)).toEqual(flipImage(image, 'vertical'));
    expect(horizontalFlip({ p: 0 }).apply(image, random)).toBe(image);
  });

  it('extremes are what they are called', () => {
    const image = noise(6, 6, 3);
    expect(brightness({ by: [0, 0] }).apply(image, random).data).toEqual(new Uint8Array(108));
    expect(new Set(contrast({ by: [0, 0] }).apply(image, random).data).size).toBe(1);
    const gray = saturation({ by: [0, 0] }).apply(image, random).data;
    for (let i = 0; i < gray.length; i += 3) expect([gray[i + 1], gray[i + 2]]).toEqual([gray[i], gray[i]]);
    const far = zoom({ scale: [0.1, 0.1], fill: 9 }).apply(image, random).data;
    expect([...far.slice(0, 3)]).toEqual([9, 9, 9]);
  });
});

describe('options', () => {
  it.each([
    () => horizontalFlip({ p: 1.5 }),
    () => rotate({ degrees: [10, -10] }),
    () => rotate({ degrees: -5 }),
    () => rotate({ degrees: 5, fill: 256 }),
    () => zoom({ scale: [0, 1] }),
    () => randomResizedCrop({ scale: [0, 1] }),
    () => randomResizedCrop({ scale: [0.5, 1], ratio: [2, 1] }),
    () => brightness({ by: [-1, 1] }),
    () => contrast({ by: [0, Number.NaN] }),
    () => saturation({ by: [0, 1], factor: 2 } as { by: [number, number] }),
  ])('out of range are refused: %s', (make) => {
    expect(make).toThrowError(PerceptError);
    expect(make).toThrowError(/^Expected .* options but received/);
  });

  it('shares of applications follow p', () => {
    const image = { width: 2, height: 1, channels: 1 as const, data: Uint8Array.of(1, 2) };
    let flipped = 0;
    for (let i = 0; i < 2000; i++)
      flipped += horizontalFlip({ p: 0.3 }).apply(image, keyedRandom(i)).data[0] === 2 ? 1 : 0;
    expect(Math.abs(flipped / 2000 - 0.3)).toBeLessThan(0.04);
  });
});
