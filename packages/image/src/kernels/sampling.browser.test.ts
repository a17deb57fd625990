// The kernels that compute positions or weights, in a browser's engine: bit by bit as their references, which are plain
// arithmetic and so the same in every engine.
import { describe, expect, it } from 'vitest';
import { noise } from '../../../../test/goldens/image/goldens.js';
import { boxBlur, gaussianBlur } from './blur.js';
import { gaussianSize, gaussianWeights } from './blur-weights.js';
import { convolve } from './convolve.js';
import { planNormalization } from './normalization.js';
import { blurReference, convolveReference } from './reference/blur.js';
import { normalizeReference } from './reference/normalize.js';
import { resizeReference } from './reference/resize.js';
import { remapReference, warpReference } from './reference/warp.js';
import { remap } from './remap.js';
import { resize } from './resize.js';
import { resizeNormalizeInto } from './resize-normalize.js';
import { type Matrix3, warp } from './warp.js';

const differing = (found: ArrayLike<number>, expected: ArrayLike<number>): number =>
  Array.from(found).filter((value, i) => value !== expected[i]).length;

const matrix: Matrix3 = [0.94, 0.25, -2.1, -0.25, 0.94, 4.2, 0.002, -0.003, 1];

describe.each([1, 3, 4] as const)('with %d channels', (channels) => {
  const source = noise(53, 37, channels);
  const fill = new Uint8Array(channels);

  it.each(['nearest', 'bilinear', 'bicubic', 'lanczos', 'area'] as const)('resizes by %s', (filter) => {
    for (const antialias of [true, false]) {
      const window = { left: 0, top: 0, width: 20, height: 61 };
      const expected = resizeReference(source, 20, 61, filter, antialias, window);
      expect(differing(resize(source, { width: 20, height: 61, filter, antialias }).data, expected.data)).toBe(0);
    }
  });

  it.each(['nearest', 'bilinear', 'bicubic'] as const)('warps and remaps by %s', (filter) => {
    const sampling = { filter, border: 'reflect101', fill } as const;
    const expected = warpReference(source, matrix, 41, 43, sampling);
    expect(
      differing(warp(source, matrix, { filter, border: 'reflect101', width: 41, height: 43 }).data, expected.data),
    ).toBe(0);
    const grid = {
      width: 19,
      height: 7,
      x: Float32Array.from({ length: 133 }, (_, i) => i * 0.37 - 4),
      y: Float32Array.from({ length: 133 }, (_, i) => 40 - i * 0.29),
    };
    const found = remap(source, grid, { filter, border: 'reflect101' });
    expect(differing(found.data, remapReference(source, grid, sampling).data)).toBe(0);
  });

  it('blurs and convolves', () => {
    for (const sigma of [0.8, 2.5]) {
      const expected = blurReference(source, gaussianWeights(gaussianSize(sigma), sigma), 'reflect', fill);
      expect(differing(gaussianBlur(source, { sigma, border: 'reflect' }).data, expected.data)).toBe(0);
    }
    const five = blurReference(source, gaussianWeights(5, undefined), 'wrap', fill);
    expect(differing(gaussianBlur(source, { size: 5, border: 'wrap' }).data, five.data)).toBe(0);
    const box = blurReference(source, new Array(7).fill(1 / 7), 'constant', fill);
    expect(differing(boxBlur(source, { size: 7, border: 'constant' }).data, box.data)).toBe(0);
    const kernel = { width: 3, height: 3, weights: [0.1, -0.7, 0.3, 0, 1.9, 0.2, -0.4, 0.6, -1] };
    const expected = convolveReference(source, kernel, 'replicate', fill);
    expect(differing(convolve(source, kernel, { border: 'replicate' }).data, expected.data)).toBe(0);
  });

  it('resizes and normalises in one pass', () => {
    for (const layout of ['NCHW', 'NHWC'] as const) {
      const spec = { color: 'rgb', scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;
      const normalization = planNormalization({ ...spec, layout });
      const window = { left: 0, top: 0, width: 24, height: 17 };
      const resized = resizeReference(source, 24, 17, 'bilinear', true, window);
      const expected = new Float32Array(24 * 17 * 3);
      const rowStep = layout === 'NCHW' ? 24 : 72;
      normalizeReference(resized, normalization, expected, { offset: 0, rowStep, planeStep: 24 * 17 });
      const found = new Float32Array(expected.length);
      const options = { width: 24, height: 17, filter: 'bilinear', antialias: true, normalization } as const;
      resizeNormalizeInto(source, options, found, 0);
      expect(differing(found, expected)).toBe(0);
    }
  });
});
