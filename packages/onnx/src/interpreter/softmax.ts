import type { ElementType } from './element-type.js';
import { rounder } from './rounding.js';

/**
 * Softmax of `size` elements that begin at `first` and lie `step` apart, written to the same places of `out`; with `log`
 * its logarithm. The largest element is subtracted first, so nothing overflows.
 */
export function softmaxRow(
  values: Float64Array,
  out: Float64Array,
  row: { readonly first: number; readonly step: number; readonly size: number },
  log = false,
): void {
  const { first, step, size } = row;
  let largest = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < size; k++) largest = Math.max(largest, values[first + k * step]!);
  let sum = 0;
  for (let k = 0; k < size; k++) sum += Math.exp(values[first + k * step]! - largest);
  for (let k = 0; k < size; k++) {
    const shifted = values[first + k * step]! - largest;
    out[first + k * step] = log ? shifted - Math.log(sum) : Math.exp(shifted) / sum;
  }
}

/** {@link softmaxRow} along one axis of a tensor, seen as [outer, size, inner]. */
export function softmaxAlong(
  values: Float64Array,
  axis: { readonly outer: number; readonly size: number; readonly inner: number },
  log = false,
): Float64Array {
  const { outer, size, inner } = axis;
  const out = new Float64Array(values.length);
  for (let row = 0; row < outer * inner; row++) {
    const first = Math.floor(row / inner) * size * inner + (row % inner);
    softmaxRow(values, out, { first, step: inner, size }, log);
  }
  return out;
}

/**
 * Softmax of all scores with every step of its definition rounded to `type`: differences, powers, their sum, quotients. In
 * bfloat16 the sum is rounded at each addition, as it is where no wider accumulator exists.
 */
export function steppedSoftmax(scores: Float64Array, type: ElementType): Float64Array {
  const round = rounder(type);
  const largest = scores.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const powers = scores.map((score) => round(Math.exp(round(score - largest))));
  const sum = powers.reduce((a, b) => (type === 'bfloat16' ? round(a + b) : a + b), 0);
  return powers.map((power) => round(power / round(sum)));
}
