import type { RetrievalAtK, RetrievalQuery } from './retrieval-report.js';

/** The figures of a query that follow from where the relevant items came. */
export type RankFigures = Omit<RetrievalQuery, 'index' | 'label' | 'nearest'>;

/**
 * Figures of one query.
 *
 * @param ranks - of the relevant items, from 1, ascending
 * @param ks - of the figures at `k`
 */
export function rankFigures(ranks: ArrayLike<number>, ks: readonly number[]): RankFigures {
  const relevant = ranks.length;
  let precisions = 0;
  for (let i = 0; i < relevant; i++) precisions += (i + 1) / ranks[i]!;
  return {
    relevant,
    averagePrecision: precisions / relevant,
    reciprocalRank: 1 / ranks[0]!,
    rPrecision: within(ranks, relevant) / relevant,
    normalizedDcg: normalizedDcg(ranks, Number.POSITIVE_INFINITY),
    atK: Object.fromEntries(
      ks.map((k): [number, RetrievalAtK] => {
        const found = within(ranks, k);
        return [
          k,
          {
            hitRate: found > 0 ? 1 : 0,
            recall: found / relevant,
            precision: found / k,
            normalizedDcg: normalizedDcg(ranks, k),
          },
        ];
      }),
    ),
  };
}

/** The figures of a query without relevant items when each counts as `value`. */
export function constantFigures(value: 0 | 1, ks: readonly number[]): RankFigures {
  const at = { hitRate: value, recall: value, precision: value, normalizedDcg: value };
  return {
    relevant: 0,
    averagePrecision: value,
    reciprocalRank: value,
    rPrecision: value,
    normalizedDcg: value,
    atK: Object.fromEntries(ks.map((k) => [k, at])),
  };
}

/** How many ranks are at most `k`. */
function within(ranks: ArrayLike<number>, k: number): number {
  let count = 0;
  while (count < ranks.length && ranks[count]! <= k) count++;
  return count;
}

/** Discounted cumulative gain (Järvelin & Kekäläinen 2002) of the first `k`, over that of a perfect order. */
function normalizedDcg(ranks: ArrayLike<number>, k: number): number {
  let [gain, best] = [0, 0];
  for (let i = 0; i < ranks.length; i++) {
    if (i < k) best += 1 / Math.log2(i + 2);
    if (ranks[i]! <= k) gain += 1 / Math.log2(ranks[i]! + 1);
  }
  return gain / best;
}

/**
 * Ranks of the relevant items of a gallery, from 1, ascending. Of items equally far away the relevant ones come last, so
 * that a model that says nothing finds nothing.
 *
 * @param distances - of the relevant items, and of the others, in any order; the relevant ones are sorted
 */
export function ranksOf(relevant: Float64Array, others: Float64Array): Float64Array {
  relevant.sort();
  const ranks = new Float64Array(relevant.length);
  // Only how many others are at least as near matters; of the others nothing else has to be in order.
  const nearer = new Float64Array(relevant.length + 1);
  for (let i = 0; i < others.length; i++) nearer[firstAtLeast(relevant, others[i]!)]! += 1;
  let before = 0;
  for (let i = 0; i < relevant.length; i++) {
    before += nearer[i]!;
    ranks[i] = before + i + 1;
  }
  return ranks;
}

/** Index of the first of the ascending values that is at least `value`; their number when none is. */
function firstAtLeast(values: Float64Array, value: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
