// Scores that follow from the counts of a confusion matrix alone: one class against the rest, then averaged over the
// classes with torchmetrics' definitions. An undecided sample counts against the recall of its class; it is nobody's
// false positive.
import { PerceptError } from '@percept/core';
import { type AveragedScore, averageScore, ratio, sum } from './averaged-score.js';
import type { ConfusionMatrix } from './confusion-matrix.js';

/** How samples of each class were predicted, one class against all others; every list is by class index. */
interface OneVersusRest {
  readonly truePositives: readonly number[];
  /** Samples predicted as the class, right or wrong. */
  readonly predicted: readonly number[];
  /** Samples of the class. */
  readonly support: readonly number[];
  readonly present: readonly boolean[];
  readonly total: number;
}

/** Share of the samples predicted as a class that are of it: TP / (TP + FP), 0..1. */
export function precision(matrix: ConfusionMatrix): AveragedScore {
  const { truePositives, predicted, ...rest } = oneVersusRest(matrix);
  return averageScore({ numerators: truePositives, denominators: predicted, ...rest });
}

/**
 * Share of the samples of a class that are predicted as it: TP / (TP + FN), 0..1; also called sensitivity. Its macro
 * mean is the balanced accuracy.
 */
export function recall(matrix: ConfusionMatrix): AveragedScore {
  const { truePositives, ...rest } = oneVersusRest(matrix);
  return averageScore({ numerators: truePositives, denominators: rest.support, ...rest });
}

/** Share of the samples not of a class that are not predicted as it: TN / (TN + FP), 0..1. */
export function specificity(matrix: ConfusionMatrix): AveragedScore {
  const { truePositives, predicted, total, ...rest } = oneVersusRest(matrix);
  const negatives = rest.support.map((support) => total - support);
  return averageScore({
    numerators: negatives.map((count, i) => count - (predicted[i]! - truePositives[i]!)),
    denominators: negatives,
    ...rest,
  });
}

/**
 * The weighted harmonic mean of precision and recall, (1 + β²) TP / ((1 + β²) TP + β² FN + FP), 0..1.
 *
 * @param beta - above 0; 1 is F1, 2 weighs recall higher, 0.5 weighs precision higher
 * @throws PerceptError `INVALID_ARGUMENT` when `beta` is not a number above 0
 */
export function fBeta(matrix: ConfusionMatrix, beta: number): AveragedScore {
  checkBeta(beta);
  const { truePositives, predicted, ...rest } = oneVersusRest(matrix);
  const square = beta * beta;
  return averageScore({
    numerators: truePositives.map((hits) => (1 + square) * hits),
    denominators: predicted.map((count, i) => square * rest.support[i]! + count),
    ...rest,
  });
}

/** Throws `INVALID_ARGUMENT` unless `beta` is a number above 0. */
export function checkBeta(beta: number): void {
  if (beta > 0 && Number.isFinite(beta)) return;
  throw new PerceptError('INVALID_ARGUMENT', `Expected a number above 0 for beta but received ${beta}`);
}

/**
 * Intersection over union of the samples of a class and those predicted as it (Jaccard index), 0..1. The macro mean is
 * NaN without any sample.
 */
export function intersectionOverUnion(matrix: ConfusionMatrix): AveragedScore {
  const { truePositives, predicted, ...rest } = oneVersusRest(matrix);
  const score = averageScore({
    numerators: truePositives,
    denominators: predicted.map((count, i) => count + rest.support[i]! - truePositives[i]!),
    ...rest,
  });
  return rest.total === 0 ? { ...score, macro: Number.NaN } : score;
}

/**
 * Matthews correlation coefficient of labels and predictions, -1..1, for any number of classes (Gorodkin 2004,
 * R_K). Where it is undefined it is 0, or for two classes the limit that Chicco and Jurman (2020) give. Undecided
 * samples are left out.
 */
export function matthewsCorrelation(matrix: ConfusionMatrix): number {
  const { labels, predictions, total, hits } = decided(matrix);
  if (matrix.classes === 2 && total > 0) {
    if (hits === total) return 1;
    if (hits === 0) return -1;
  }
  const covariance = hits * total - dot(labels, predictions);
  const variances = (total * total - dot(predictions, predictions)) * (total * total - dot(labels, labels));
  if (variances > 0) return covariance / Math.sqrt(variances);
  if (matrix.classes !== 2) return 0;
  // Only one row or one column has samples, some right and some wrong.
  const wrong = total - hits;
  return ratio(hits - wrong, Math.sqrt(total * hits * wrong));
}

/** How much a wrong class weighs in {@link cohenKappa}: all alike, or by its distance from the right one. */
export type KappaWeights = 'none' | 'linear' | 'quadratic';

/**
 * Cohen's kappa: agreement of labels and predictions beyond chance, at most 1 and 0 for chance. `linear` and
 * `quadratic` are for ordered classes. NaN when chance alone leaves no room for disagreement (a single class). Undecided
 * samples are left out.
 */
export function cohenKappa(matrix: ConfusionMatrix, weights: KappaWeights = 'none'): number {
  const { labels, predictions, total } = decided(matrix);
  const rows = matrix.rows();
  let observed = 0;
  let expected = 0;
  for (let i = 0; i < rows.length; i++) {
    for (let j = 0; j < rows.length; j++) {
      const distance = Math.abs(i - j);
      const weight = weights === 'quadratic' ? distance * distance : weights === 'linear' ? distance : Number(i !== j);
      observed += weight * rows[i]![j]!;
      expected += weight * ratio(labels[i]! * predictions[j]!, total);
    }
  }
  return 1 - observed / expected;
}

function oneVersusRest(matrix: ConfusionMatrix): OneVersusRest {
  const { truePositives, predicted, support } = matrix.totals();
  const present = support.map((count, i) => count + predicted[i]! > 0);
  return { truePositives, predicted, support, present, total: sum(support) };
}

/** Samples by label and by prediction, without the undecided ones. */
function decided(matrix: ConfusionMatrix) {
  const { truePositives, predicted, support, undecided } = matrix.totals();
  const labels = support.map((count, i) => count - undecided[i]!);
  return { labels, predictions: predicted, total: sum(labels), hits: sum(truePositives) };
}

function dot(first: readonly number[], second: readonly number[]): number {
  return sum(first.map((value, i) => value * second[i]!));
}
