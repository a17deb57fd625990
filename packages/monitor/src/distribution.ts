import { type Distribution, PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';

/** How finely a {@link Distribution} is described. */
export interface DistributionOptions {
  /** Bins of equal frequency, 2..100; default 10. Ties and single values may make it fewer or up to a few more. */
  readonly bins?: number;
  /** Quantiles from minimum to maximum, 2..1001; default 21: every 5 %. */
  readonly quantiles?: number;
}

export const distributionFields = {
  bins: z._default(z.int().check(z.minimum(2), z.maximum(100)), 10),
  quantiles: z._default(z.int().check(z.minimum(2), z.maximum(1001)), 21),
};
const schema = z.strictObject(distributionFields);

/**
 * Describes values in the few hundred bytes that PSI and KS need of a reference.
 *
 * Bins are of equal frequency. A value that alone fills a bin (the one width of all pictures, a score of exactly 0)
 * gets a narrow bin of its own, 0.1 % to either side, so that anything else is seen to differ; its neighbours are not
 * divided there. Quantiles are values that occurred. Numbers are rounded: edges and shares to 6 significant digits,
 * the rest to 5. Values that are not finite are left out.
 *
 * @throws PerceptError `INVALID_ARGUMENT` when there is no finite value or an option is out of range
 */
export function describeDistribution(values: ArrayLike<number>, options: DistributionOptions = {}): Distribution {
  const { bins, quantiles } = parseOptions(schema, options, 'describeDistribution() options');
  const sorted = Float64Array.from(values).filter(Number.isFinite).sort();
  if (sorted.length === 0) {
    throw new PerceptError('INVALID_ARGUMENT', `Expected finite numbers but received none among ${values.length}`);
  }
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  const variance = sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0) / sorted.length;
  const edges = equalFrequencyEdges(sorted, bins);
  return {
    count: sorted.length,
    mean: significant(mean, 5),
    standardDeviation: significant(Math.sqrt(variance), 5),
    edges,
    shares: binCounts(edges, sorted).map((count) => significant(count / sorted.length, 6)),
    quantiles: Array.from({ length: quantiles }, (_, i) =>
      significant(sorted[Math.round((i / (quantiles - 1)) * (sorted.length - 1))]!, 5),
    ),
  };
}

/** Rounds to significant decimal digits. */
export function significant(value: number, digits: number): number {
  return Number(value.toPrecision(digits));
}

/** How many values lie in each bin; bin `i` holds `edges[i-1] < x <= edges[i]`, the outer ones are open-ended. */
export function binCounts(edges: readonly number[], values: ArrayLike<number>): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (let i = 0; i < values.length; i++) counts[binOf(edges, values[i]!)]!++;
  return counts;
}

/** The first bin whose upper edge is not below `value`. */
function binOf(edges: readonly number[], value: number): number {
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value <= edges[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Equal values of a sorted sample. */
interface Run {
  readonly value: number;
  /** Values before the run. */
  readonly start: number;
  /** Values up to the end of the run. */
  readonly end: number;
}

function equalFrequencyEdges(sorted: Float64Array, bins: number): number[] {
  const runs = runsOf(sorted);
  const share = sorted.length / bins;
  const fillsBin = (run: Run | undefined) => run !== undefined && run.end - run.start >= Math.max(2, share);
  const edges: number[] = [];
  let rank = share;
  for (const [i, run] of runs.entries()) {
    const next = runs[i + 1];
    if (fillsBin(run)) {
      edges.push(run.value - reach(run, runs[i - 1]), run.value + reach(run, next));
    } else if (run.end >= rank && next !== undefined && !fillsBin(next)) {
      edges.push((run.value + next.value) / 2);
    }
    while (rank <= run.end) rank += share;
  }
  return [...new Set(edges.map((edge) => significant(edge, 6)))].sort((a, b) => a - b);
}

function runsOf(sorted: Float64Array): Run[] {
  const runs: Run[] = [];
  let start = 0;
  for (let end = 1; end <= sorted.length; end++) {
    if (sorted[end] === sorted[start]) continue;
    runs.push({ value: sorted[start]!, start, end });
    start = end;
  }
  return runs;
}

/** How far the bin of a single value reaches towards its neighbour. */
function reach({ value }: Run, neighbour: Run | undefined): number {
  const tight = Math.max(Math.abs(value), 1e-3) * 1e-3;
  return neighbour === undefined ? tight : Math.min(tight, Math.abs(neighbour.value - value) / 2);
}
