/** The counts behind both curves: samples scored at least as high as each threshold, thresholds descending. */
export interface ThresholdCounts {
  readonly thresholds: readonly number[];
  readonly truePositives: readonly number[];
  readonly falsePositives: readonly number[];
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

/** Counts at every score that occurs: exact curves. `positive[i]` says whether sample `i` is of the class. */
export function countsAtScores(scores: Float64Array, positive: Uint8Array): ThresholdCounts {
  const order = Uint32Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]!);
  const thresholds: number[] = [];
  const truePositives: number[] = [];
  const falsePositives: number[] = [];
  let hits = 0;
  for (const [at, sample] of order.entries()) {
    hits += positive[sample]!;
    const score = scores[sample]!;
    if (at + 1 < order.length && scores[order[at + 1]!] === score) continue;
    thresholds.push(score);
    truePositives.push(hits);
    falsePositives.push(at + 1 - hits);
  }
  return { thresholds, truePositives, falsePositives, positives: hits, negatives: order.length - hits };
}

/** The ROC of the counts. Exact curves get the point (0, 0) in front, at threshold 1. */
export function rocCurve(counts: ThresholdCounts, exact: boolean): RocCurve {
  const from = exact ? [0] : [];
  const share = (values: readonly number[], of: number) => [...from, ...values].map((v) => (of === 0 ? 0 : v / of));
  return {
    thresholds: exact ? [1, ...counts.thresholds] : counts.thresholds,
    falsePositiveRate: share(counts.falsePositives, counts.negatives),
    truePositiveRate: share(counts.truePositives, counts.positives),
  };
}

/** The precision-recall curve of the counts. */
export function precisionRecallCurve(counts: ThresholdCounts): PrecisionRecallCurve {
  const precision = counts.truePositives.map((hits, i) => hits / (hits + counts.falsePositives[i]!));
  const recall = counts.truePositives.map((hits) => hits / counts.positives);
  return {
    thresholds: counts.thresholds.toReversed(),
    precision: [...precision.toReversed(), 1],
    recall: [...recall.toReversed(), 0],
  };
}

/** Area under a ROC by the trapezoidal rule, 0..1. */
export function areaUnder({ falsePositiveRate: x, truePositiveRate: y }: RocCurve): number {
  let area = 0;
  for (let i = 1; i < x.length; i++) area += ((x[i]! - x[i - 1]!) * (y[i]! + y[i - 1]!)) / 2;
  return area;
}

/**
 * Average precision: the precision at each threshold, weighted by the recall that it adds.
 *
 * @param unknown - the answer without positive samples
 */
export function averagePrecisionOf({ precision, recall }: PrecisionRecallCurve, unknown: number): number {
  if (Number.isNaN(recall[0])) return unknown;
  let area = 0;
  for (let i = 0; i + 1 < recall.length; i++) {
    const gained = recall[i]! - recall[i + 1]!;
    area += gained * (Number.isNaN(precision[i]!) ? 0 : precision[i]!);
  }
  return area;
}
