// Softmax and its logarithm. The largest element is subtracted first, so nothing overflows.
import type { ElementType } from './element-type.js';
import { rounder } from './rounding.js';
import { type Axis, type Row, rowsAlong } from './rows.js';

/**
 * Softmax of a row of `values`, written to the same places of `out`. For a 16-bit `type` every step of its definition is
 * rounded: differences, powers, their sum, quotients; in bfloat16 the sum at each addition, as in the recorded answers of
 * the operator. With so few digits, rounding only once would show.
 */
export function softmaxRow(values: Float64Array, out: Float64Array, row: Row, type: ElementType = 'float64'): void {
  const { first, step, size } = row;
  const round = type === 'float16' || type === 'bfloat16' ? rounder(type) : (value: number) => value;
  const largest = largestOf(values, row);
  let sum = 0;
  for (let k = 0; k < size; k++) {
    const power = round(Math.exp(round(values[first + k * step]! - largest)));
    out[first + k * step] = power;
    sum = type === 'bfloat16' ? round(sum + power) : sum + power;
  }
  for (let k = 0; k < size; k++) out[first + k * step] = round(out[first + k * step]! / round(sum));
}

/** Softmax along an axis, see {@link softmaxRow}. */
export function softmaxAlong(values: Float64Array, axis: Axis, type?: ElementType): Float64Array {
  const out = new Float64Array(values.length);
  for (const row of rowsAlong(axis)) softmaxRow(values, out, row, type);
  return out;
}

/** The logarithm of softmax along an axis. */
export function logSoftmaxAlong(values: Float64Array, axis: Axis): Float64Array {
  const out = new Float64Array(values.length);
  for (const row of rowsAlong(axis)) {
    const { first, step, size } = row;
    const largest = largestOf(values, row);
    let sum = 0;
    for (let k = 0; k < size; k++) sum += Math.exp(values[first + k * step]! - largest);
    const logarithm = Math.log(sum);
    for (let k = 0; k < size; k++) out[first + k * step] = values[first + k * step]! - largest - logarithm;
  }
  return out;
}

function largestOf(values: Float64Array, { first, step, size }: Row): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < size; k++) largest = Math.max(largest, values[first + k * step]!);
  return largest;
}
