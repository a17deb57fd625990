import type { Image } from '@percept/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noise } from '../../../../test/goldens/image/goldens.js';
import { toGray } from '../color.js';
import { planNormalization } from './normalization.js';
import type { PadMode } from './pad.js';
import { normalizeReference } from './reference/normalize.js';
import { remapReference, warpReference } from './reference/warp.js';
import { remap } from './remap.js';
import { type Matrix3, warp } from './warp.js';
import { warpNormalizeInto } from './warp-normalize.js';
import type { WarpFilter } from './warp-sampling.js';

const side = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 40 }));
const size = fc.record({ width: side, height: side });
const channels = fc.constantFrom<(1 | 3 | 4)[]>(1, 3, 4);
const samplings = fc.record({
  filter: fc.constantFrom<WarpFilter[]>('nearest', 'bilinear', 'bicubic'),
  border: fc.constantFrom<PadMode[]>('constant', 'replicate', 'reflect', 'reflect101', 'wrap'),
  value: fc.integer({ min: 0, max: 255 }),
});
const small = fc.double({ min: -3, max: 3, noNaN: true });
const shift = fc.oneof(fc.double({ min: -30, max: 60, noNaN: true }), fc.constantFrom(1e7, -1e300));
const affine = fc
  .tuple(small, small, shift, small, small, shift)
  .map(([a, b, c, d, e, f]): Matrix3 => [a, b, c, d, e, f, 0, 0, 1]);
const projective = fc
  .tuple(
    affine,
    fc.double({ min: -0.1, max: 0.1, noNaN: true }),
    fc.double({ min: -0.1, max: 0.1, noNaN: true }),
    small,
  )
  .map(([[a, b, c, d, e, f], g, h, i]): Matrix3 => [a, b, c, d, e, f, g, h, i]);
/** Turns and scales about the middle, so that most of the image is seen. */
const turns = fc
  .tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.double({ min: -1, max: 1, noNaN: true }))
  .map(([a, b]): Matrix3 => [a, -b, 20 - 20 * a + 20 * b, b, a, 20 - 20 * b - 20 * a, 0, 0, 1]);
const matrices = fc.oneof(affine, projective, turns);

/** Compared so that a difference does not fill the screen. */
function same(found: Image<Uint8Array>, expected: Image<Uint8Array>): boolean {
  return found.data.length === expected.data.length && found.data.every((value, i) => value === expected.data[i]);
}

describe('warp', () => {
  it('is its reference, bit by bit', () => {
    fc.assert(
      fc.property(size, size, channels, matrices, samplings, (from, to, count, matrix, { value, ...sampling }) => {
        const source = noise(from.width, from.height, count);
        const fill = Uint8Array.from({ length: count }, (_, i) => (value + i) % 256);
        const expected = warpReference(source, matrix, to.width, to.height, { ...sampling, fill });
        const found = warp(source, matrix, { ...to, ...sampling, borderValue: [...fill] });
        expect(found).toMatchObject({ ...to, channels: count });
        expect(same(found, expected)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it.each(['nearest', 'bilinear', 'bicubic'] as const)('by %s leaves the image alone under the identity', (filter) => {
    const source = noise(300, 200, 3);
    expect(same(warp(source, [1, 0, 0, 0, 1, 0, 0, 0, 1], { filter, border: 'replicate' }), source)).toBe(true);
    expect(same(warp(source, [2, 0, 0, 0, 2, 0, 0, 0, 2], { filter, border: 'replicate' }), source)).toBe(true);
  });

  it('is within 1 level of exact arithmetic', () => {
    const source = noise(64, 64, 1);
    const matrix: Matrix3 = [0.9, -0.2, 5.3, 0.17, 0.85, -1.7, 1e-3, -2e-3, 1];
    const found = warp(source, matrix);
    const at = (x: number, y: number): number => (x < 0 || y < 0 || x > 63 || y > 63 ? 0 : source.data[y * 64 + x]!);
    for (let y = 0; y < 64; y++) {
      for (let x = 0; x < 64; x++) {
        const w = 1e-3 * x - 2e-3 * y + 1;
        const sx = (0.9 * x - 0.2 * y + 5.3) / w;
        const sy = (0.17 * x + 0.85 * y - 1.7) / w;
        const [left, top] = [Math.floor(sx), Math.floor(sy)];
        const [u, v] = [sx - left, sy - top];
        const above = at(left, top) * (1 - u) + at(left + 1, top) * u;
        const below = at(left, top + 1) * (1 - u) + at(left + 1, top + 1) * u;
        expect(Math.abs(found.data[y * 64 + x]! - (above * (1 - v) + below * v))).toBeLessThan(1);
      }
    }
  });

  it.each([
    [[1, 0, 0], {}, /9 .*inverse matrix/],
    [[1, 0, 0, 0, 1, Number.NaN, 0, 0, 1], {}, /inverse matrix/],
    [[1, 0, 0, 0, 1, 0, 0, 0, 1], { width: 0 }, /width/],
    [[1, 0, 0, 0, 1, 0, 0, 0, 1], { filter: 'lanczos' }, /filter/],
    [[1, 0, 0, 0, 1, 0, 0, 0, 1], { borderValue: [1, 2] }, /one value or 3/],
    [[1, 0, 0, 0, 1, 0, 0, 0, 1], { borderValue: 256 }, /borderValue/],
  ])('refuses %j with %j', (matrix, options, message) => {
    expect(() => warp(noise(3, 3, 3), matrix as never as Matrix3, options as object)).toThrowError(message);
  });
});

describe('remap', () => {
  it('is its reference, bit by bit, whatever the grid holds', () => {
    const anywhere = fc.oneof(
      { weight: 9, arbitrary: fc.float({ min: -10, max: 50, noNaN: true }) },
      { weight: 1, arbitrary: fc.constantFrom(Number.NaN, 1e30, -1e30, Number.POSITIVE_INFINITY) },
    );
    fc.assert(
      fc.property(
        size,
        size,
        channels,
        fc.infiniteStream(anywhere),
        samplings,
        (from, to, count, values, { value, ...sampling }) => {
          const source = noise(from.width, from.height, count);
          const next = (): Float32Array =>
            Float32Array.from({ length: to.width * to.height }, () => values.next().value!);
          const grid = { ...to, x: next(), y: next() };
          const fill = new Uint8Array(count).fill(value);
          const found = remap(source, grid, { ...sampling, borderValue: value });
          expect(same(found, remapReference(source, grid, { ...sampling, fill }))).toBe(true);
        },
      ),
    );
  });

  it('refuses a grid that does not fit its size', () => {
    const grid = { width: 2, height: 2, x: new Float32Array(4), y: new Float32Array(3) };
    expect(() => remap(noise(3, 3, 1), grid)).toThrowError(/2 × 2 with 4 and 3/);
  });
});

describe('warpNormalizeInto', () => {
  it('writes what warping and normalising one after the other give, bit by bit', () => {
    const specs = fc.record({
      color: fc.constantFrom<('gray' | 'rgb' | 'bgr')[]>('gray', 'rgb', 'bgr'),
      layout: fc.constantFrom<('NCHW' | 'NHWC')[]>('NCHW', 'NHWC'),
      scale: fc.constantFrom(1 / 255, 1),
    });
    fc.assert(
      fc.property(size, size, channels, turns, specs, fc.nat(3), (from, to, count, matrix, spec, offset) => {
        const source = noise(from.width, from.height, count);
        const colored = spec.color === 'gray' ? toGray(source) : source;
        const planes = spec.color === 'gray' ? 1 : 3;
        const total = planes * to.width * to.height;
        const found = new Float32Array(offset + total + 1).fill(-7);
        const expected = found.slice();
        expect(warpNormalizeInto(source, matrix, { ...to, ...spec }, found, offset)).toBe(total);
        const fill = new Uint8Array(colored.channels);
        const warped = warpReference(colored, matrix, to.width, to.height, {
          filter: 'bilinear',
          border: 'constant',
          fill,
        });
        const normalization = planNormalization({
          ...spec,
          mean: new Array(planes).fill(0),
          std: new Array(planes).fill(1),
        });
        const rowStep = spec.layout === 'NCHW' ? to.width : to.width * planes;
        normalizeReference(warped, normalization, expected, { offset, rowStep, planeStep: to.width * to.height });
        expect(found.every((value, i) => value === expected[i])).toBe(true);
      }),
    );
  });
});
