/** The counts behind both curves: samples scored at least as high as each threshold, thresholds descending. */
export interface ThresholdCounts {
  readonly thresholds: Float64Array;
  readonly truePositives: Float64Array;
  readonly falsePositives: Float64Array;
  readonly positives: number;
  readonly negatives: number;
}

/** A receiver operating characteristic: one point per threshold, from (0, 0) upward. */
export interface RocCurve {
  /** Descending. A sample is called positive when its score is at least the threshold. */
  readonly thresholds: readonly number[];
  /** Share of the negative samples that are called positive, 0..1, ascending; all 0 without negative samples. */
  readonly falsePositiveRate: readonly number[];
  /** Share of the positive samples that are called positive, 0..1, ascending; all 0 without positive samples. */
  readonly truePositiveRate: readonly number[];
}

/** Precision and recall, one point per threshold, and a last one at precision 1 and recall 0 that has no threshold. */
export interface PrecisionRecallCurve {
  /** Ascending. A sample is called positive when its score is at least the threshold. */
  readonly thresholds: readonly number[];
  /** NaN where no sample is called positive. */
  readonly precision: readonly number[];
  /** Descending. NaN without positive samples. */
  readonly recall: readonly number[];
}

type Scores = Float32Array | Float64Array;

/** Counts at every score that occurs: exact curves. Scores of the samples of the class, and of the others, ascending. */
export function countsAtScores(positive: Scores, negative: Scores): ThresholdCounts {
  const [positives, negatives] = [positive.length, negative.length];
  const most = positives + negatives;
  const thresholds = new Float64Array(most);
  const truePositives = new Float64Array(most);
  const falsePositives = new Float64Array(most);
  let [hits, misses, points] = [0, 0, 0];
  while (hits + misses < most) {
    const score = Math.max(
      hits < positives ? positive[positives - 1 - hits]! : Number.NEGATIVE_INFINITY,
      misses < negatives ? negative[negatives - 1 - misses]! : Number.NEGATIVE_INFINITY,
    );
    // Equal scores are one point, so their order does not matter.
    while (hits < positives && positive[positives - 1 - hits] === score) hits += 1;
    while (misses < negatives && negative[negatives - 1 - misses] === score) misses += 1;
    thresholds[points] = score;
    truePositives[points] = hits;
    falsePositives[points] = misses;
    points += 1;
  }
  return {
    thresholds: thresholds.subarray(0, points),
    truePositives: truePositives.subarray(0, points),
    falsePositives: falsePositives.subarray(0, points),
    positives,
    negatives,
  };
}

/** The ROC of the counts. Exact curves get the point (0, 0) in front, at threshold 1. */
export function rocCurve(counts: ThresholdCounts, exact: boolean): RocCurve {
  const from = exact ? [0] : [];
  const share = (values: Float64Array, of: number) => [...from, ...values.map((v) => (of === 0 ? 0 : v / of))];
  return {
    thresholds: exact ? [1, ...counts.thresholds] : [...counts.thresholds],
    falsePositiveRate: share(counts.falsePositives, counts.negatives),
    truePositiveRate: share(counts.truePositives, counts.positives),
  };
}

/** The precision-recall curve of the counts. */
export function precisionRecallCurve(counts: ThresholdCounts): PrecisionRecallCurve {
  const precision = counts.truePositives.map((hits, i) => hits / (hits + counts.falsePositives[i]!));
  const recall = counts.truePositives.map((hits) => hits / counts.positives);
  return {
    thresholds: [...counts.thresholds.toReversed()],
    precision: [...precision.toReversed(), 1],
    recall: [...recall.toReversed(), 0],
  };
}

/**
 * Area under the ROC by the trapezoidal rule, 0..1; 0 without positive or without negative samples.
 *
 * @param exact - whether the curve begins at (0, 0), as exact ones do
 */
export function areaUnderRoc(counts: ThresholdCounts, exact: boolean): number {
  const { truePositives, falsePositives, positives, negatives } = counts;
  if (positives === 0 || negatives === 0) return 0;
  let [hits, misses] = exact ? [0, 0] : [truePositives[0]!, falsePositives[0]!];
  let doubled = 0;
  for (let i = 0; i < truePositives.length; i++) {
    doubled += (falsePositives[i]! - misses) * (truePositives[i]! + hits);
    hits = truePositives[i]!;
    misses = falsePositives[i]!;
  }
  return doubled / (2 * positives * negatives);
}

/**
 * Average precision: the precision at each threshold, weighted by the recall that it adds.
 *
 * @param unknown - the answer without positive samples
 */
export function averagePrecision(
  { truePositives, falsePositives, positives }: ThresholdCounts,
  unknown: number,
): number {
  if (positives === 0) return unknown;
  let hits = 0;
  let area = 0;
  for (let i = 0; i < truePositives.length; i++) {
    const reached = truePositives[i]!;
    if (reached > hits) area += ((reached - hits) / positives) * (reached / (reached + falsePositives[i]!));
    hits = reached;
  }
  return area;
}
