import { PerceptError } from '@percept/core';
import { kolmogorovSurvival } from './kolmogorov-distribution.js';

/** A two-sample Kolmogorov–Smirnov test. */
export interface KolmogorovSmirnov {
  /** Largest distance of the two empirical distribution functions, 0..1. */
  readonly statistic: number;
  /** Two-sided asymptotic p-value, 0..1: how likely so large a distance is between samples of one distribution. */
  readonly pValue: number;
}

/**
 * The two-sided two-sample Kolmogorov–Smirnov test, as `scipy.stats.ks_2samp(a, b, method='asymp')`: the p-value is
 * that of the one-sample statistic for `round(n m / (n + m))` values. One value against one tells nothing: there it is 1
 * (SciPy's is NaN). Neither sample is changed.
 *
 * @throws PerceptError `INVALID_ARGUMENT` when a sample is empty or holds NaN
 */
export function kolmogorovSmirnov(a: ArrayLike<number>, b: ArrayLike<number>): KolmogorovSmirnov {
  const [x, y] = [sortedSample(a, 'first'), sortedSample(b, 'second')];
  let [i, j, statistic] = [0, 0, 0];
  while (i < x.length && j < y.length) {
    const value = Math.min(x[i]!, y[j]!);
    while (x[i] === value) i++;
    while (y[j] === value) j++;
    statistic = Math.max(statistic, Math.abs(i / x.length - j / y.length));
  }
  return { statistic, pValue: twoSamplePValue(statistic, x.length, y.length) };
}

/** The asymptotic p-value of a two-sample statistic. */
export function twoSamplePValue(statistic: number, n: number, m: number): number {
  const size = roundHalfEven((n * m) / (n + m));
  return size === 0 ? 1 : kolmogorovSurvival(size, statistic);
}

/** As NumPy rounds. */
function roundHalfEven(value: number): number {
  const low = Math.floor(value);
  if (value - low === 0.5) return low % 2 === 0 ? low : low + 1;
  return Math.round(value);
}

function sortedSample(sample: ArrayLike<number>, which: string): Float64Array {
  const sorted = Float64Array.from(sample).sort();
  if (sorted.length > 0 && !sorted.some(Number.isNaN)) return sorted;
  const received = sorted.length === 0 ? 'none' : 'NaN';
  throw new PerceptError('INVALID_ARGUMENT', `Expected numbers in the ${which} sample but received ${received}`);
}
