import { type AveragedScore, ratio, sum } from './averaged-score.js';
import type { ConfusionMatrix } from './confusion-matrix.js';
import { type Interval, wilsonInterval } from './intervals.js';
import { cohenKappa, fBeta, matthewsCorrelation, precision, recall, specificity } from './matrix-scores.js';

/**
 * Scores of a classifier, with torchmetrics' definitions: a score whose denominator is 0 is 0, and classes that nobody
 * labelled or predicted stay out of macro means. Without any sample every share is 0.
 */
export interface ClassificationReport {
  /** Samples counted. */
  readonly samples: number;
  /** Samples for which no class won; they count as wrong. See {@link ClassificationMetrics}. */
  readonly undecided: number;
  /** Share of samples whose predicted class is the actual one, 0..1. */
  readonly accuracy: number;
  /** Where the accuracy on more samples of the same kind lies with 95 % confidence: {@link wilsonInterval}. */
  readonly accuracyInterval: Interval;
  /** Share of samples whose actual class is among the `k` best, 0..1, by `k`. */
  readonly topK: Readonly<Record<number, number>>;
  readonly precision: AveragedScore;
  readonly recall: AveragedScore;
  readonly specificity: AveragedScore;
  readonly f1: AveragedScore;
  /** {@link matthewsCorrelation}, -1..1. */
  readonly matthewsCorrelation: number;
  /** {@link cohenKappa} without weights, at most 1; NaN when undefined. */
  readonly cohenKappa: number;
  /** Samples of each class. */
  readonly support: readonly number[];
  /** `[actual][predicted]`, `[classes][classes]`; undecided samples stand in no column. */
  readonly confusion: readonly (readonly number[])[];
}

/** The scores that follow from a confusion matrix alone. */
export function reportOf(matrix: ConfusionMatrix, topK: Readonly<Record<number, number>>): ClassificationReport {
  const { truePositives, support, undecided } = matrix.totals();
  const hits = sum(truePositives);
  const samples = sum(support);
  return {
    samples,
    undecided: sum(undecided),
    accuracy: ratio(hits, samples),
    accuracyInterval: wilsonInterval(hits, samples),
    topK,
    precision: precision(matrix),
    recall: recall(matrix),
    specificity: specificity(matrix),
    f1: fBeta(matrix, 1),
    matthewsCorrelation: matthewsCorrelation(matrix),
    cohenKappa: cohenKappa(matrix),
    support,
    confusion: matrix.rows(),
  };
}
