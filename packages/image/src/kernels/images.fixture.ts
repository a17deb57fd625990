import type { Image, ImageData } from '@percept/core';
import fc from 'fast-check';
import type { SampleType } from './samples.js';

/** Images of random size (1 × 1 and odd widths among them), channels and samples, for differential tests. */
export function images(types: readonly SampleType[], channels: readonly (1 | 3 | 4)[] = [1, 3, 4], largest = 40) {
  return fc
    .record({
      type: fc.constantFrom(...types),
      channels: fc.constantFrom(...channels),
      width: fc.oneof(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: largest })),
      height: fc.oneof(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: largest })),
      seed: fc.integer(),
      narrow: fc.boolean(),
    })
    .map(({ type, channels: count, width, height, seed, narrow }): Image => {
      const data = samples(type, width * height * count, seed, narrow);
      return { width, height, channels: count, data };
    });
}

/** Noise from a 32-bit mixer; `narrow` keeps to few values, so that equal neighbours and extremes are met often. */
export function samples(type: SampleType, length: number, seed: number, narrow: boolean): ImageData {
  const data =
    type === 'uint8' ? new Uint8Array(length) : type === 'uint16' ? new Uint16Array(length) : new Float32Array(length);
  const most = type === 'uint8' ? 255 : type === 'uint16' ? 65_535 : 1;
  let state = seed | 0;
  for (let i = 0; i < length; i++) {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    mixed = (mixed ^ (mixed >>> 15)) >>> 0;
    const fraction = narrow ? (mixed % 4) / 3 : mixed / 2 ** 32;
    data[i] = type === 'float32' ? fraction : Math.round(fraction * most);
  }
  return data;
}
