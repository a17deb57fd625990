import { type Distribution, PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { significant } from './precision.js';

/** Options of {@link distributionOf}. */
export interface DistributionOptions {
  /** Equal-frequency bins, 2..100. Default 10. */
  bins?: number;
  /** Quantiles, 2..1001. Default 21: every 5 %. */
  quantiles?: number;
}

/** Bins and quantiles of a profile. */
export const distributionOptions = {
  bins: z._default(z.int().check(z.minimum(2), z.maximum(100)), 10),
  quantiles: z._default(z.int().check(z.minimum(2), z.maximum(1001)), 21),
};
const schema = z.strictObject(distributionOptions);

/**
 * Summarises values in little space; numbers are kept with five significant digits.
 *
 * Bins hold equal shares of the values where that is possible. Quantiles that coincide (many equal values) give one edge.
 * Values that are few, no more than `bins` different ones, get a bin each, closely around it, with empty bins between:
 * then the same values fall where they fell before, and any other value falls where none was. `quantiles` interpolate
 * linearly between order statistics, as numpy does by default. The standard deviation is that of the population.
 *
 * @param values - at least one, all finite
 * @throws PerceptError `INVALID_ARGUMENT` for no values, values that are not finite, and options out of range
 */
export function distributionOf(values: ArrayLike<number>, options: DistributionOptions = {}): Distribution {
  const { bins, quantiles } = parseOptions(schema, options, 'distributionOf() options');
  const sorted = Float64Array.from(values).sort();
  const count = sorted.length;
  if (count === 0 || !sorted.every(Number.isFinite)) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected one finite value or more for a distribution but received ${count === 0 ? 'none' : 'some that are NaN or infinite'}`,
    );
  }
  const distinct = distinctUpTo(sorted, bins);
  const edges = distinct === undefined ? equalFrequencyEdges(sorted, bins) : edgesAround(distinct);
  const mean = sorted.reduce((sum, value) => sum + value, 0) / count;
  const variance = sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
  return {
    count,
    mean: significant(mean),
    standardDeviation: significant(Math.sqrt(variance)),
    edges,
    shares: binCounts(edges, sorted).map((inBin) => significant(inBin / count)),
    quantiles: Array.from({ length: quantiles }, (_, i) => significant(quantile(sorted, i / (quantiles - 1)))),
  };
}

/** Values in each bin of `edges`: bin `i` holds `edges[i-1] < x <= edges[i]`. NaN falls in none. */
export function binCounts(edges: readonly number[], values: ArrayLike<number>): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) continue;
    let low = 0;
    let high = edges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (value <= edges[middle]!) high = middle;
      else low = middle + 1;
    }
    counts[low]! += 1;
  }
  return counts;
}

function quantile(sorted: Float64Array, level: number): number {
  const position = level * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (position - below);
}

function equalFrequencyEdges(sorted: Float64Array, bins: number): number[] {
  const edges = Array.from({ length: bins - 1 }, (_, i) => significant(quantile(sorted, (i + 1) / bins)));
  return [...new Set(edges)];
}

/** The different values, ascending; `undefined` when there are more than `limit`. */
function distinctUpTo(sorted: Float64Array, limit: number): number[] | undefined {
  const distinct = new Set<number>();
  for (const value of sorted) {
    distinct.add(value);
    if (distinct.size > limit) return undefined;
  }
  return [...distinct];
}

function edgesAround(distinct: readonly number[]): number[] {
  // Counts such as widths are told apart by 1; 0 and 1 may be shares that only happen to be whole.
  const whole = distinct.every((value) => Number.isInteger(value) && Math.abs(value) >= 2);
  const edges = distinct.flatMap((value, i) => {
    const reach = whole ? 0.5 : Math.max(Math.abs(value) * 1e-3, 1e-9);
    const fromBelow = value - (distinct[i - 1] ?? Number.NEGATIVE_INFINITY);
    const toAbove = (distinct[i + 1] ?? Number.POSITIVE_INFINITY) - value;
    return [value - Math.min(reach, fromBelow / 2), value + Math.min(reach, toAbove / 2)];
  });
  return [...new Set(edges.map(significant))].sort((a, b) => a - b);
}
