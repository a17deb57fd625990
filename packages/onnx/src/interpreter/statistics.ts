import { elementCount } from '@percept/core';
import { broadcastPositions } from './indexing.js';

/** Mean and population variance of groups of elements, and the group that each element is in. */
export interface GroupStatistics {
  readonly means: Float64Array;
  readonly variances: Float64Array;
  readonly groupOf: Int32Array;
}

/** Statistics over the axes where `kept` is 1 and `dims` is not: `kept` has one entry for each group. */
export function groupStatistics(
  values: Float64Array,
  dims: readonly number[],
  kept: readonly number[],
): GroupStatistics {
  const groupOf = broadcastPositions(kept, dims);
  const groups = elementCount(kept);
  const size = values.length / groups;
  const means = new Float64Array(groups);
  const variances = new Float64Array(groups);
  for (let at = 0; at < values.length; at++) means[groupOf[at]!]! += values[at]! / size;
  for (let at = 0; at < values.length; at++)
    variances[groupOf[at]!]! += (values[at]! - means[groupOf[at]!]!) ** 2 / size;
  return { means, variances, groupOf };
}

/** `(x - mean) / sqrt(variance + epsilon)` of each element's group. */
export function standardized(
  values: Float64Array,
  { means, variances, groupOf }: GroupStatistics,
  epsilon: number,
): Float64Array {
  return values.map((value, at) => (value - means[groupOf[at]!]!) / Math.sqrt(variances[groupOf[at]!]! + epsilon));
}
