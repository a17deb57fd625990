import type { Image } from '@percept/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noise } from '../../../../test/goldens/image/goldens.js';
import { boxBlur, gaussianBlur } from './blur.js';
import { gaussianWeights } from './blur-weights.js';
import { convolve } from './convolve.js';
import type { PadMode } from './pad.js';
import { blurReference, convolveReference } from './reference/blur.js';

const side = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 40 }));
const images = fc
  .tuple(side, side, fc.constantFrom<(1 | 3 | 4)[]>(1, 3, 4), fc.integer())
  .map(([width, height, channels, seed]) => {
    const image = noise(width, height, channels, seed);
    return seed % 2 === 0 ? image : { ...image, data: image.data.map((value) => (value & 1 ? 255 : 0)) };
  });
const modes = fc.constantFrom<PadMode[]>('constant', 'replicate', 'reflect', 'reflect101', 'wrap');
const value = fc.integer({ min: 0, max: 255 });
const odd = (most: number) => fc.integer({ min: 0, max: (most - 1) / 2 }).map((half) => half * 2 + 1);

function same(found: Image<Uint8Array>, expected: Image<Uint8Array>): boolean {
  return found.data.length === expected.data.length && found.data.every((sample, i) => sample === expected.data[i]);
}

describe('gaussianBlur', () => {
  it('is its reference, bit by bit', () => {
    const sigmas = fc.oneof(fc.constant(undefined), fc.double({ min: 0.3, max: 5, noNaN: true }));
    fc.assert(
      fc.property(images, odd(13), sigmas, modes, value, (image, size, sigma, border, borderValue) => {
        const fill = new Uint8Array(image.channels).fill(borderValue);
        const expected = blurReference(image, gaussianWeights(size, sigma), border, fill);
        expect(same(gaussianBlur(image, { size, sigma, border, borderValue }), expected)).toBe(true);
      }),
    );
  });

  it('is its reference over bands, and with the binomial', () => {
    for (const [width, height] of [
      [700, 200],
      [3, 1],
      [131, 77],
    ] as const) {
      const image = noise(width, height, 3);
      const fill = new Uint8Array(3);
      for (const size of [5, 9]) {
        const expected = blurReference(image, gaussianWeights(size, undefined), 'reflect101', fill);
        expect(same(gaussianBlur(image, { size }), expected)).toBe(true);
      }
    }
  });

  it.each([0.6, 1.5, 4, 12])('is within 1 level of exact arithmetic with a sigma of %d', (sigma) => {
    const image = noise(40, 30, 1);
    const size = Math.round(sigma * 6 + 1) | 1;
    const weights = gaussianWeights(size, sigma);
    const found = gaussianBlur(image, { sigma, border: 'constant' });
    const radius = (size - 1) / 2;
    for (let y = 0; y < 30; y++) {
      for (let x = 0; x < 40; x++) {
        let exact = 0;
        for (let j = Math.max(0, y - radius); j < Math.min(30, y + radius + 1); j++) {
          for (let i = Math.max(0, x - radius); i < Math.min(40, x + radius + 1); i++) {
            exact += weights[j - y + radius]! * weights[i - x + radius]! * image.data[j * 40 + i]!;
          }
        }
        expect(Math.abs(found.data[y * 40 + x]! - exact)).toBeLessThan(1);
      }
    }
  });

  it('keeps a constant image constant', () => {
    const image = { width: 9, height: 7, channels: 1 as const, data: new Uint8Array(63).fill(255) };
    for (const sigma of [0.1, 1, 3.3, 20, 40]) expect(same(gaussianBlur(image, { sigma }), image)).toBe(true);
  });

  it.each([
    [{}, /size or sigma/],
    [{ size: 4 }, /odd/],
    [{ sigma: 0 }, /sigma/],
    [{ size: 3, border: 'mirror' }, /border/],
  ])('refuses %j', (options, message) => {
    expect(() => gaussianBlur(noise(3, 3, 1), options as { size: number })).toThrowError(message);
  });
});

it('boxBlur is its reference, bit by bit', () => {
  fc.assert(
    fc.property(images, odd(9), modes, value, (image, size, border, borderValue) => {
      const fill = new Uint8Array(image.channels).fill(borderValue);
      const expected = blurReference(image, new Array(size).fill(1 / size), border, fill);
      expect(same(boxBlur(image, { size, border, borderValue }), expected)).toBe(true);
    }),
  );
});

describe('convolve', () => {
  it('is its reference, bit by bit', () => {
    const kernels = fc.tuple(odd(7), odd(5)).chain(([width, height]) =>
      fc
        .array(fc.oneof(fc.integer({ min: -9, max: 9 }), fc.double({ min: -2, max: 2, noNaN: true })), {
          minLength: width * height,
          maxLength: width * height,
        })
        .map((weights) => ({ width, height, weights })),
    );
    fc.assert(
      fc.property(images, kernels, modes, value, (image, kernel, border, borderValue) => {
        const fill = new Uint8Array(image.channels).fill(borderValue);
        const expected = convolveReference(image, kernel, border, fill);
        expect(same(convolve(image, kernel, { border, borderValue }), expected)).toBe(true);
      }),
    );
  });

  it('leaves the image alone under the identity, and blackens it under zero', () => {
    const image = noise(17, 9, 3);
    const weights = [0, 0, 0, 0, 1, 0, 0, 0, 0];
    expect(same(convolve(image, { width: 3, height: 3, weights }), image)).toBe(true);
    const black = convolve(image, { width: 1, height: 1, weights: [0] });
    expect(black.data.every((sample) => sample === 0)).toBe(true);
  });

  it.each([
    [{ width: 2, height: 1, weights: [1, 1] }, /odd sides/],
    [{ width: 3, height: 1, weights: [1, 1] }, /with 2/],
    [{ width: 1, height: 1, weights: [Number.NaN] }, /finite/],
    [{ width: 1, height: 1, weights: [1e6] }, /below 32767/],
  ])('refuses %j', (kernel, message) => {
    expect(() => convolve(noise(3, 3, 1), kernel)).toThrowError(message);
  });
});
