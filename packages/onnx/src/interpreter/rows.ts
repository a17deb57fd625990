import { elementCount } from '@percept/core';
import { normalizeAxis, splitAt } from './indexing.js';

/** Elements that begin at `first` and lie `step` apart. */
export interface Row {
  readonly first: number;
  readonly step: number;
  readonly size: number;
}

/** Axis of a tensor, seen as [outer, size, inner]. */
export interface Axis {
  readonly outer: number;
  readonly size: number;
  readonly inner: number;
}

/** Every row along an axis. */
export function* rowsAlong({ outer, size, inner }: Axis): Generator<Row> {
  for (let at = 0; at < outer * inner; at++) {
    yield { first: Math.floor(at / inner) * size * inner + (at % inner), step: inner, size };
  }
}

/**
 * The axis of softmax and its kin by version: until 12 the default was 1 and all axes from it on were taken as one.
 */
export function softmaxAxis(dims: readonly number[], axis: number | undefined, opset: number): Axis {
  if (opset >= 13) return splitAt(dims, normalizeAxis(axis ?? -1, dims.length));
  const first = normalizeAxis(axis ?? 1, dims.length);
  return { outer: elementCount(dims.slice(0, first)), size: elementCount(dims.slice(first)), inner: 1 };
}
