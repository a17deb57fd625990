// Which source samples each output sample of one axis reads, and how much each counts. With antialiasing the filters
// are Pillow's (Resample.c): their support grows with the shrink factor. Without it they are OpenCV's: fixed support
// around (i + 0.5) * scale - 0.5, with the border sample repeated. `area` averages the exact footprint either way.
import type { ResizeFilter } from '@percept/core';
import { sinc } from './series.js';

/** The filters that blend; `nearest` has {@link nearestIndices}. */
export type BlendFilter = Exclude<ResizeFilter, 'nearest'>;

/** Output `i` reads `counts[i]` samples from `starts[i]` on; its weights, summing to 1, stand from `i * stride` on. */
export interface AxisWeights {
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  readonly stride: number;
  readonly weights: Float64Array;
}

/** An axis of `from` samples resized to `to`, of which the outputs `first … first + count - 1` are wanted. */
export interface AxisRange {
  readonly from: number;
  readonly to: number;
  readonly first: number;
  readonly count: number;
}

/** Keys' cubic convolution; a = -0.5 is Pillow's, -0.75 OpenCV's. */
function cubic(x: number, a: number): number {
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

const antialiased: Record<'bilinear' | 'bicubic' | 'lanczos', { support: number; weigh: (x: number) => number }> = {
  bilinear: { support: 1, weigh: (x) => (x < 1 ? 1 - x : 0) },
  bicubic: { support: 2, weigh: (x) => cubic(x, -0.5) },
  lanczos: { support: 3, weigh: (x) => (x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

const neighbours: Record<'bilinear' | 'bicubic' | 'lanczos', { taps: number; weigh: (x: number) => number }> = {
  bilinear: { taps: 2, weigh: (x) => 1 - x },
  bicubic: { taps: 4, weigh: (x) => cubic(x, -0.75) },
  lanczos: { taps: 8, weigh: (x) => (x < 4 ? sinc(x) * sinc(x / 4) : 0) },
};

/** Weights of the wanted outputs of an axis. */
export function axisWeights(range: AxisRange, filter: BlendFilter, antialias: boolean): AxisWeights {
  if (filter === 'area') return areaWeights(range);
  return antialias ? antialiasedWeights(range, filter) : neighbourWeights(range, filter);
}

function emptyWeights(count: number, stride: number): AxisWeights {
  const weights = new Float64Array(count * stride);
  return { starts: new Int32Array(count), counts: new Int32Array(count), stride, weights };
}

/** Divides the weights of output `i` by their sum, in the order that Pillow adds them up. */
function normalize({ counts, stride, weights }: AxisWeights, i: number): void {
  const first = i * stride;
  let sum = 0;
  for (let k = first; k < first + counts[i]!; k++) sum += weights[k]!;
  for (let k = first; k < first + counts[i]!; k++) weights[k]! /= sum;
}

function antialiasedWeights(
  { from, to, first, count }: AxisRange,
  filter: 'bilinear' | 'bicubic' | 'lanczos',
): AxisWeights {
  const { support, weigh } = antialiased[filter];
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  const reach = support * stretch;
  const inverse = 1 / stretch;
  const axis = emptyWeights(count, Math.ceil(reach) * 2 + 1);
  for (let i = 0; i < count; i++) {
    const center = (first + i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - reach + 0.5));
    const end = Math.min(from, Math.trunc(center + reach + 0.5));
    axis.starts[i] = start;
    axis.counts[i] = end - start;
    for (let k = 0; k < end - start; k++) {
      axis.weights[i * axis.stride + k] = weigh(Math.abs((k + start - center + 0.5) * inverse));
    }
    normalize(axis, i);
  }
  return axis;
}

function neighbourWeights(
  { from, to, first, count }: AxisRange,
  filter: 'bilinear' | 'bicubic' | 'lanczos',
): AxisWeights {
  const { taps, weigh } = neighbours[filter];
  const scale = from / to;
  const axis = emptyWeights(count, taps);
  for (let i = 0; i < count; i++) {
    const position = (first + i + 0.5) * scale - 0.5;
    const left = Math.floor(position) - taps / 2 + 1;
    const start = Math.min(Math.max(left, 0), from - 1);
    const end = Math.min(Math.max(left + taps, 1), from);
    axis.starts[i] = start;
    axis.counts[i] = end - start;
    for (let k = 0; k < taps; k++) {
      const at = Math.min(Math.max(left + k, start), end - 1) - start;
      axis.weights[i * taps + at]! += weigh(Math.abs(left + k - position));
    }
    normalize(axis, i);
  }
  return axis;
}

function areaWeights({ from, to, first, count }: AxisRange): AxisWeights {
  const scale = from / to;
  const reach = scale / 2;
  const axis = emptyWeights(count, Math.ceil(scale) + 2);
  for (let i = 0; i < count; i++) {
    const center = (first + i + 0.5) * scale;
    const start = Math.max(0, Math.floor(center - reach + 1e-9));
    const end = Math.min(from, Math.ceil(center + reach - 1e-9));
    axis.starts[i] = start;
    axis.counts[i] = end - start;
    for (let k = 0; k < end - start; k++) {
      const covered = Math.min(start + k + 1, center + reach) - Math.max(start + k, center - reach);
      axis.weights[i * axis.stride + k] = Math.max(0, covered);
    }
    normalize(axis, i);
  }
  return axis;
}

/**
 * The source sample that each wanted output takes. Antialiased: the one under the output's centre, summed up step by
 * step as Pillow does, so that positions on the border of two samples fall to the same side. Otherwise OpenCV's
 * `INTER_NEAREST`, the one under the output's first edge.
 */
export function nearestIndices({ from, to, first, count }: AxisRange, antialias: boolean): Int32Array {
  const indices = new Int32Array(count);
  const scale = from / to;
  let position = scale * 0.5;
  for (let i = 0; i < first + count; i++, position += scale) {
    if (i < first) continue;
    indices[i - first] = Math.min(from - 1, Math.floor(antialias ? position : i * scale));
  }
  return indices;
}

/** Fixed-point weights: output `i` reads `taps` samples from `starts[i]` on, the trailing ones with weight 0. */
export interface FixedWeights {
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  readonly taps: number;
  readonly weights: Int32Array;
}

/** Weights with 22 fractional bits, each rounded by itself away from zero: Pillow's rule for 8-bit images. */
export function roundWeights(axis: AxisWeights): FixedWeights {
  return fixedWeights(axis, (value) => Math.trunc(value * 4194304 + (value < 0 ? -0.5 : 0.5)));
}

/** Weights with 14 fractional bits that sum to 16384 exactly: what rounding loses goes to the largest. */
export function balanceWeights(axis: AxisWeights): FixedWeights {
  const fixed = fixedWeights(axis, (value) => Math.floor(value * 16384 + 0.5));
  const { counts, taps, weights } = fixed;
  for (let i = 0; i < counts.length; i++) {
    let largest = i * taps;
    let rest = 16384;
    for (let k = i * taps; k < i * taps + counts[i]!; k++) {
      rest -= weights[k]!;
      if (weights[k]! > weights[largest]!) largest = k;
    }
    weights[largest]! += rest;
  }
  return fixed;
}

function fixedWeights(
  { starts, counts, stride, weights }: AxisWeights,
  toFixed: (value: number) => number,
): FixedWeights {
  let taps = 1;
  for (const count of counts) taps = Math.max(taps, count);
  const fixed = new Int32Array(counts.length * taps);
  for (let i = 0; i < counts.length; i++) {
    for (let k = 0; k < counts[i]!; k++) fixed[i * taps + k] = toFixed(weights[i * stride + k]!);
  }
  return { starts, counts, taps, weights: fixed };
}
