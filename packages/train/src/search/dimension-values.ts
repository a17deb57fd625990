import type { FlatDimension } from './flat-space.js';
import type { Choosable } from './space.js';

/** How many values a dimension allows; `Infinity` for real numbers without a step. */
export function countValues(dimension: FlatDimension): number {
  if (dimension.kind === 'choice') return dimension.options.length;
  const { low, high, step } = dimension;
  if (low === high) return 1;
  return step === undefined ? Number.POSITIVE_INFINITY : Math.round((high - low) / step) + 1;
}

/** The value at `unit` (0 ≤ unit < 1) of a dimension's range, so that even units give evenly drawn values. */
export function valueAt(dimension: FlatDimension, unit: number): Choosable {
  if (dimension.kind === 'choice') return dimension.options[Math.floor(unit * dimension.options.length)]!;
  const { low, high, log, step } = dimension;
  // Every stepped value owns half a step to both sides; the ends would come half as often otherwise.
  const margin = step === undefined ? 0 : step / 2;
  const place = log
    ? Math.exp(interpolate(Math.log(low - margin), Math.log(high + margin), unit))
    : interpolate(low - margin, high + margin, unit);
  return nearestValue(dimension, place);
}

/** The allowed value nearest to a number. */
export function nearestValue(dimension: Exclude<FlatDimension, { kind: 'choice' }>, place: number): number {
  const { low, high, step } = dimension;
  const stepped = step === undefined ? place : low + Math.round((place - low) / step) * step;
  // Twelve digits take off what adding steps leaves behind: 0.1 * 3 is to be 0.3.
  const tidy = step === undefined || dimension.kind === 'int' ? stepped : Number(stepped.toPrecision(12));
  return Math.min(high, Math.max(low, tidy));
}

function interpolate(low: number, high: number, unit: number): number {
  return low + (high - low) * unit;
}
