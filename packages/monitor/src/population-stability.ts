import { type Distribution, PerceptError } from '@percept/core';
import { binCounts } from './distribution.js';

/** Values imagined in addition to those seen, spread like the reference: one per bin of ten. */
const pseudoCount = 10;

/** Part of the reference that is spread evenly, so that a bin it never saw is unlikely rather than impossible. */
const evenPart = 0.001;

/**
 * The population stability index `Σ (current - reference) × ln(current / reference)` over the reference's bins.
 *
 * Bins that nothing fell into would make it infinite, so both sides are smoothed. 0.1 % of the reference is spread
 * evenly over its bins; to the values now, 10 more are added, spread as the reference's. Values that stay all in the one
 * full bin of a constant reference thereby give less than 0.01, values that have all left it more than 5; a bin of 10 %
 * that 500 values avoid adds 0.38.
 *
 * Without any drift the index is not 0 but, from sampling alone, on average about `(bins - 1) × (1 / n + 1 / N)` for `n`
 * values now and `N` in the reference. Values that are not finite are left out.
 *
 * @throws PerceptError `INVALID_ARGUMENT` when there is no finite value, or the reference does not hold together
 */
export function populationStabilityIndex(reference: Distribution, values: ArrayLike<number>): number {
  if (!isDistribution(reference)) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      'Expected a reference with a count, ascending edges, one share more than edges and ascending quantiles but received one that does not fit together; make it with describeDistribution()',
    );
  }
  const finite = Float64Array.from(values).filter(Number.isFinite);
  if (finite.length === 0) {
    throw new PerceptError('INVALID_ARGUMENT', `Expected finite numbers but received none among ${values.length}`);
  }
  const counts = binCounts(reference.edges, finite);
  return reference.shares.reduce((index, share, bin) => {
    const expected = (1 - evenPart) * share + evenPart / counts.length;
    const current = (counts[bin]! + pseudoCount * expected) / (finite.length + pseudoCount);
    return index + (current - expected) * Math.log(current / expected);
  }, 0);
}

/** The index that `n` values of the reference's own distribution have on average, from sampling alone. */
export function samplingStabilityIndex(reference: Distribution, n: number): number {
  const filled = reference.shares.filter((share) => share > 0).length;
  return (filled - 1) * (1 / n + 1 / reference.count) * (n / (n + pseudoCount)) ** 2;
}

/** Whether the parts of a distribution fit together; one that came with a model may be anybody's. */
export function isDistribution({ count, mean, edges, shares, quantiles }: Distribution): boolean {
  return (
    count >= 1 &&
    Number.isFinite(mean) &&
    shares.length === edges.length + 1 &&
    quantiles.length >= 2 &&
    shares.every((share) => share >= 0 && share <= 1) &&
    isAscending(edges) &&
    isAscending(quantiles)
  );
}

function isAscending(values: readonly number[]): boolean {
  return values.every((value, i) => Number.isFinite(value) && (i === 0 || values[i - 1]! <= value));
}
