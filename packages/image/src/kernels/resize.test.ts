import type { Image, ResizeFilter } from '@percept/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noise } from '../../../../test/goldens/image/goldens.js';
import { resizeReference } from './reference/resize.js';
import { resize, resizeWindow } from './resize.js';
import { scratchBytes } from './runtime.js';
import { warp } from './warp.js';

const side = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 70 }), fc.integer({ min: 100, max: 400 }));
const requests = fc.record({
  from: fc.record({ width: side, height: fc.integer({ min: 1, max: 50 }) }),
  width: side,
  height: fc.integer({ min: 1, max: 90 }),
  channels: fc.constantFrom<(1 | 3 | 4)[]>(1, 3, 4),
  filter: fc.constantFrom<ResizeFilter[]>('nearest', 'bilinear', 'bicubic', 'lanczos', 'area'),
  antialias: fc.boolean(),
  seed: fc.integer(),
});

/** Noise, or its extreme values only, which overshoot most. */
function pixels(width: number, height: number, channels: 1 | 3 | 4, seed: number): Image<Uint8Array> {
  const image = noise(width, height, channels, seed);
  return seed % 2 === 0 ? image : { ...image, data: image.data.map((value) => (value & 1 ? 255 : 0)) };
}

describe('resize', () => {
  it('of 8 bits is its reference, bit by bit', () => {
    fc.assert(
      fc.property(requests, ({ from, width, height, channels, filter, antialias, seed }) => {
        const source = pixels(from.width, from.height, channels, seed);
        const expected = resizeReference(source, width, height, filter, antialias, { left: 0, top: 0, width, height });
        const found = resize(source, { width, height, filter, antialias });
        expect(found.data.every((value, i) => value === expected.data[i])).toBe(true);
        expect(found).toMatchObject({ width, height, channels });
      }),
      { numRuns: 300 },
    );
  });

  it('computes a window as it stands in the whole', () => {
    fc.assert(
      fc.property(requests, fc.nat(), fc.nat(), fc.nat(), (request, a, b, c) => {
        const { from, width, height, channels, filter, antialias, seed } = request;
        const source = pixels(from.width, from.height, channels, seed);
        const left = a % width;
        const top = b % height;
        const window = { left, top, width: 1 + (c % (width - left)), height: 1 + (c % (height - top)) };
        const whole = resize(source, { width, height, filter, antialias });
        const part = resizeWindow(source, { width, height, filter, antialias }, window);
        const expected: number[] = [];
        for (let y = 0; y < window.height; y++) {
          const start = ((top + y) * width + left) * channels;
          expected.push(...whole.data.subarray(start, start + window.width * channels));
        }
        expect(part.data.every((value, i) => value === expected[i])).toBe(true);
      }),
    );
  });

  it.each(['nearest', 'bilinear', 'bicubic', 'lanczos', 'area'] as const)('by %s is the same in any band', (filter) => {
    // More source rows than one band holds, both shrinking and growing.
    const source = noise(700, 300, 3);
    for (const [width, height] of [
      [97, 41],
      [700, 900],
    ] as const) {
      for (const antialias of [true, false]) {
        const window = { left: 0, top: 0, width, height };
        const expected = resizeReference(source, width, height, filter, antialias, window);
        const found = resize(source, { width, height, filter, antialias });
        expect(found.data.every((value, i) => value === expected.data[i])).toBe(true);
      }
    }
  });
});

describe('resize of other types', () => {
  const wide = (Type: typeof Uint16Array | typeof Float32Array, scale: number) => {
    const { data, ...size } = noise(23, 17, 3);
    const scaled = Float64Array.from(data, (value) => value * scale);
    return { ...size, data: new Type(scaled) };
  };

  it.each(['nearest', 'bilinear', 'bicubic', 'lanczos', 'area'] as const)(
    'follows the 8-bit result by %s',
    (filter) => {
      for (const antialias of [true, false]) {
        const options = { width: 11, height: 29, filter, antialias };
        const bytes = resize(noise(23, 17, 3), options).data;
        // The 8-bit result is rounded between its passes, and both clamp only what they cannot hold.
        const words = resize(wide(Uint16Array, 257), options).data;
        words.forEach((value, i) => {
          expect(Math.abs(value / 257 - bytes[i]!)).toBeLessThanOrEqual(antialias && filter !== 'area' ? 12 : 1.01);
        });
        const floats = resize(wide(Float32Array, 1 / 255), options).data;
        floats.forEach((value, i) => {
          const byte = Math.min(255, Math.max(0, value * 255));
          expect(Math.abs(byte - words[i]! / 257)).toBeLessThanOrEqual(0.01);
        });
      }
    },
  );
});

it('keeps its memory flat over many calls', () => {
  const source = noise(9, 7, 3);
  const call = (): void => {
    resize(source, { width: 5, height: 6 });
    warp(source, [1, 0.1, 0, 0, 1, 0, 0, 0, 1]);
  };
  call();
  const bytes = scratchBytes();
  for (let i = 0; i < 20_000; i++) call();
  expect(scratchBytes()).toBe(bytes);
});
