import type { ConfusionMatrix } from './confusion-matrix.js';

/** One score as its averages over the classes and for each class, 0..1. */
export interface AveragedScore {
  /** Unweighted mean over all classes; classes without samples count as 0. */
  readonly macro: number;
  /** Mean over the classes, weighted by their samples. */
  readonly weighted: number;
  /** Computed from the counts of all classes together. */
  readonly micro: number;
  /** By class index. */
  readonly perClass: readonly number[];
}

/**
 * Scores of a classifier, with the definitions of scikit-learn's `precision_recall_fscore_support` over all classes and
 * `zero_division=0`: a score whose denominator is 0 is 0. Without any sample every score is 0.
 */
export interface ClassificationReport {
  /** Samples counted. */
  readonly samples: number;
  /** Samples for which no class won; they count as wrong. See {@link ClassificationMetrics}. */
  readonly undecided: number;
  /** Share of samples whose predicted class is the actual one, 0..1. */
  readonly accuracy: number;
  /** Share of samples whose actual class is among the `k` best, 0..1, by `k`. */
  readonly topK: Readonly<Record<number, number>>;
  readonly precision: AveragedScore;
  readonly recall: AveragedScore;
  readonly f1: AveragedScore;
  /** Samples of each class. */
  readonly support: readonly number[];
  /** `[actual][predicted]`, `[classes][classes]`; undecided samples stand in no column. */
  readonly confusion: readonly (readonly number[])[];
}

/** The scores that follow from a confusion matrix alone. */
export function reportOf(matrix: ConfusionMatrix, topK: Readonly<Record<number, number>>): ClassificationReport {
  const confusion = matrix.rows();
  const hits = confusion.map((row, actual) => row[actual]!);
  const predicted = confusion.map((_, column) => sum(confusion.map((row) => row[column]!)));
  const support = confusion.map((row, actual) => sum(row) + matrix.at(actual, -1));
  const samples = sum(support);
  const score = (denominators: readonly number[], factor: number): AveragedScore => {
    const perClass = hits.map((hit, i) => ratio(factor * hit, denominators[i]!));
    return {
      macro: ratio(sum(perClass), perClass.length),
      weighted: ratio(sum(perClass.map((value, i) => value * support[i]!)), samples),
      micro: ratio(factor * sum(hits), sum(denominators)),
      perClass,
    };
  };
  return {
    samples,
    undecided: samples - sum(predicted),
    accuracy: ratio(sum(hits), samples),
    topK,
    precision: score(predicted, 1),
    recall: score(support, 1),
    f1: score(
      predicted.map((value, i) => value + support[i]!),
      2,
    ),
    support,
    confusion,
  };
}

/** `numerator / denominator`, and 0 where that is undefined. */
export function ratio(numerator: number, denominator: number): number {
  return denominator === 0 ? 0 : numerator / denominator;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
