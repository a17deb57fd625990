import type { Interval } from '@percept/metrics';

/**
 * Where the median of a distribution lies, by the order statistics of a sample of it (Conover, Practical Nonparametric
 * Statistics, 3.2): nothing is assumed of its form, which timings need. As SciPy's `quantile_test`.
 *
 * @param ascending - the sample, sorted
 * @param confidence - in (0, 1); the interval holds at least so much
 * @returns `undefined` when the sample is too small to say anything with this confidence
 */
export function medianInterval(ascending: readonly number[], confidence: number): Interval | undefined {
  const { length } = ascending;
  const tail = (1 - confidence) / 2;
  // The first count of tosses, of `length` with a fair coin, that is not too rare.
  let logTerm = -length * Math.LN2;
  let below = Math.exp(logTerm);
  let count = 0;
  while (below < tail) {
    logTerm += Math.log((length - count) / (count + 1));
    below += Math.exp(logTerm);
    count++;
  }
  // The distribution of the tosses is symmetric, so the upper end stands as far from the last.
  return count === 0 ? undefined : { lower: ascending[count - 1]!, upper: ascending[length - count]! };
}
