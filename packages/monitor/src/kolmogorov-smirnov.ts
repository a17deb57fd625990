import { type Distribution, PerceptError } from '@percept/core';
import { kolmogorovSurvival } from './kolmogorov-distribution.js';

/** Result of {@link kolmogorovSmirnov}. */
export interface KolmogorovSmirnovResult {
  /** Largest distance of the two empirical distribution functions, 0..1. */
  readonly statistic: number;
  /** Probability of a distance at least that large when both have the same distribution. */
  readonly pValue: number;
}

/**
 * Two-sample, two-sided Kolmogorov–Smirnov test.
 *
 * With the reference's values the statistic is exact. With a {@link Distribution} it is taken at the reference's
 * quantiles, where alone its distribution function is known; in between, anything that rises is possible. So it is a lower
 * bound of the true distance (by less than the share between two quantiles, 5 % of a profile) and the p-value is
 * conservative. A value that stands at several quantiles is a jump there, known as precisely as the quantiles are spaced.
 *
 * The p-value is asymptotic in the sense of SciPy's `ks_2samp(method='asymp')`: Kolmogorov's distribution for
 * `n N / (n + N)` observations, rounded to even.
 *
 * @param reference - values, or a distribution
 * @param values - current values
 * @throws PerceptError `INVALID_ARGUMENT` when a side is empty or has values that are not finite
 */
export function kolmogorovSmirnov(
  reference: ArrayLike<number> | Distribution,
  values: ArrayLike<number>,
): KolmogorovSmirnovResult {
  const sorted = sortedFinite(values, 'values');
  const summary = 'quantiles' in reference;
  const known = summary ? reference : sortedFinite(reference, 'reference values');
  const size = 'quantiles' in known ? known.count : known.length;
  const statistic = 'quantiles' in known ? distanceAtQuantiles(known.quantiles, sorted) : distance(known, sorted);
  const observations = roundHalfEven((size * sorted.length) / (size + sorted.length));
  return { statistic, pValue: kolmogorovSurvival(Math.max(1, observations), statistic) };
}

function sortedFinite(values: ArrayLike<number>, name: string): Float64Array {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length > 0 && sorted.every(Number.isFinite)) return sorted;
  throw new PerceptError(
    'INVALID_ARGUMENT',
    `Expected one finite value or more for ${name} but received ${sorted.length === 0 ? 'none' : 'some that are NaN or infinite'}`,
  );
}

function distance(a: Float64Array, b: Float64Array): number {
  let [i, j, largest] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i]!, b[j]!);
    while (i < a.length && a[i]! === value) i++;
    while (j < b.length && b[j]! === value) j++;
    largest = Math.max(largest, Math.abs(i / a.length - j / b.length));
  }
  return largest;
}

function distanceAtQuantiles(quantiles: readonly number[], sorted: Float64Array): number {
  const step = 1 / (quantiles.length - 1);
  let largest = 0;
  for (let first = 0; first < quantiles.length; ) {
    const value = quantiles[first]!;
    let last = first;
    while (quantiles[last + 1] === value) last++;
    const below = countWhere(sorted, (x) => x < value) / sorted.length;
    const upTo = countWhere(sorted, (x) => x <= value) / sorted.length;
    largest =
      first === last
        ? Math.max(largest, below - first * step, first * step - upTo)
        : Math.max(
            largest,
            outside(below, (first - 1) * step, first * step),
            outside(upTo, last * step, (last + 1) * step),
          );
    first = last + 1;
  }
  return largest;
}

/** How far a share lies outside of the range in which the reference's is. */
function outside(share: number, low: number, high: number): number {
  return Math.max(0, Math.max(0, low) - share, share - Math.min(1, high));
}

/** Leading values for which a condition holds that holds up to some point. */
function countWhere(sorted: Float64Array, holds: (value: number) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(sorted[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
