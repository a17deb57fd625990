import type { Distribution } from '@percept/core';
import { type KolmogorovSmirnov, twoSamplePValue } from './kolmogorov-smirnov.js';

/**
 * The two-sample Kolmogorov–Smirnov test of finite, ascending values against a sample of which only a
 * {@link Distribution} was kept.
 *
 * The reference's distribution function is known at its quantiles and bin edges and nowhere else. Nothing is interpolated:
 * the distance is taken where it is known, so the statistic never exceeds that of the full samples, and falls short
 * of it by at most the step between quantiles (0.05 with 21). Atoms, values that occur many times, are thereby judged
 * rightly. The p-value errs on the side of "same".
 */
export function referenceTest(reference: Distribution, sorted: Float64Array): KolmogorovSmirnov {
  const n = sorted.length;
  let statistic = 0;
  const last = reference.quantiles.length - 1;
  for (const [i, quantile] of reference.quantiles.entries()) {
    const level = i / last;
    // The level lies somewhere on the reference's step at its quantile, so it may lie anywhere on the step of `sorted`.
    const below = rank(sorted, quantile, false) / n;
    const upTo = rank(sorted, quantile, true) / n;
    statistic = Math.max(statistic, below - level, level - upTo);
  }
  let share = 0;
  for (const [i, edge] of reference.edges.entries()) {
    share += reference.shares[i]!;
    statistic = Math.max(statistic, Math.abs(share - rank(sorted, edge, true) / n));
  }
  return { statistic: Math.min(1, statistic), pValue: twoSamplePValue(statistic, n, reference.count) };
}

/** How many values lie below `limit`, or up to it. */
function rank(sorted: Float64Array, limit: number, inclusive: boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < limit || (inclusive && sorted[middle] === limit)) low = middle + 1;
    else high = middle;
  }
  return low;
}
