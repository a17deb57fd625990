// What Pillow, torchvision and OpenCV make of the same pixels, recorded with their versions by test/goldens/image/kernels.py.
import { describe, expect, it } from 'vitest';
import { fromBase64, largestDifference, noise } from '../../../../test/goldens/image/goldens.js';
import goldens from '../../../../test/goldens/image/kernels.json' with { type: 'json' };
import { boxBlur, gaussianBlur } from './blur.js';
import { convolve } from './convolve.js';
import { normalizeInto } from './normalize.js';
import type { PadMode } from './pad.js';
import { remap } from './remap.js';
import { resize } from './resize.js';
import { type Matrix3, warp } from './warp.js';
import type { WarpFilter } from './warp-sampling.js';

const source = noise(23, 19, 3);
const floats = (text: string): Float32Array => new Float32Array(fromBase64(text).buffer);

interface Case {
  readonly kind: string;
  readonly pixels: string;
  readonly filter?: string;
  readonly border?: string;
  readonly size?: number | readonly number[];
  readonly sigma?: number;
  readonly matrix?: readonly number[];
  readonly width?: number;
  readonly height?: number;
  readonly weights?: readonly number[];
}

const sized = (size: readonly number[]): { width: number; height: number } => ({ width: size[0]!, height: size[1]! });
const grid = { width: 25, height: 21, x: floats(goldens.grid[0]!), y: floats(goldens.grid[1]!) };

/** Our pixels for a recorded case of OpenCV's. */
function ours({ kind, filter, border, size, sigma, matrix, width, height, weights }: Case): Uint8Array {
  const mode = border as PadMode;
  if (kind === 'resize') {
    return resize(source, { ...sized(size as number[]), filter: filter as 'area', antialias: false }).data;
  }
  if (kind === 'warp') {
    const options = { ...sized(size as number[]), filter: filter as WarpFilter, border: mode };
    return warp(source, matrix as unknown as Matrix3, { ...options, borderValue: [10, 200, 90] }).data;
  }
  if (kind === 'remap') return remap(source, grid, { filter: filter as WarpFilter, border: mode }).data;
  if (kind === 'gaussian') return gaussianBlur(source, { size: size as number, sigma, border: mode }).data;
  if (kind === 'box') return boxBlur(source, { size: size as number, border: mode }).data;
  return convolve(source, { width: width!, height: height!, weights: weights! }, { border: mode }).data;
}

const nameOf = ({ pixels: _, weights, ...options }: Case): string =>
  JSON.stringify({ ...options, weights: weights?.length });

/** The share of samples that differ by more than one level. */
function shareBeyondOne(found: Uint8Array, expected: Uint8Array): number {
  return found.filter((value, i) => Math.abs(value - expected[i]!) > 1).length / found.length;
}

describe(`resize as Pillow ${goldens.tools.pillow}`, () => {
  it.each(goldens.pillow)('$filter to $size, bit by bit', ({ filter, size, pixels }) => {
    const found = resize(source, { ...sized(size), filter: filter as 'bilinear' });
    expect(largestDifference(found.data, fromBase64(pixels))).toBe(0);
  });
});

describe(`as torchvision ${goldens.tools.torchvision}`, () => {
  it.each(goldens.torchvision)('resizes tensors by $filter to $size within 1 level', ({ filter, size, pixels }) => {
    const found = resize(source, { ...sized(size), filter: filter as 'bilinear' });
    expect(largestDifference(found.data, fromBase64(pixels))).toBeLessThanOrEqual(1);
  });

  it('normalises, to 1e-6', () => {
    const out = new Float32Array(source.data.length);
    normalizeInto(source, { color: 'rgb', mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }, out);
    expect(largestDifference(out, floats(goldens.normalized))).toBeLessThanOrEqual(1e-6);
  });
});

/**
 * What share of samples may differ by more than 1 level, where OpenCV rounds more coarsely than we do: positions of nearest
 * samples to 1/1024 pixel, and the weights of a wide Gaussian to 8 bits.
 */
function tolerated({ kind, filter, sigma }: Case): number {
  if (kind === 'warp' && filter === 'nearest') return 0.012;
  return kind === 'gaussian' && sigma === 3 ? 0.002 : 0;
}

describe(`as OpenCV ${goldens.tools.opencv}, within 1 level`, () => {
  const cases = goldens.opencv as Case[];
  it.each(cases.map((golden) => [nameOf(golden), golden] as const))('%s', (_, golden) => {
    expect(shareBeyondOne(ours(golden), fromBase64(golden.pixels))).toBeLessThanOrEqual(tolerated(golden));
  });
});

describe(`as OpenCV ${goldens.tools.opencv4}, which rounds positions to 1/32 pixel, within 5 levels of noise`, () => {
  const cases = (goldens.opencv4 as Case[]).filter(({ filter }) => filter !== 'nearest');
  it.each(cases.map((golden) => [nameOf(golden), golden] as const))('%s', (_, golden) => {
    expect(largestDifference(ours(golden), fromBase64(golden.pixels))).toBeLessThanOrEqual(5);
  });
});
