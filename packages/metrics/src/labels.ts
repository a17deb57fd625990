import { PerceptError } from '@percept/core';
import { checkClass } from './confusion-matrix.js';

/**
 * Class indices of a batch, each in [0, indices), checked against the number of scores.
 *
 * @param indices - how many classes there are, when that is not the number of scores per sample
 * @throws PerceptError `INVALID_ARGUMENT` when there are not `classes` scores for every label, or a label is no class
 */
export function checkLabels(
  scores: ArrayLike<number>,
  labels: ArrayLike<number | bigint>,
  classes: number,
  indices = classes,
): Int32Array {
  if (scores.length !== labels.length * classes) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected ${labels.length * classes} scores (${labels.length} labels, ${classes} classes) but received ${scores.length}`,
    );
  }
  const actual = new Int32Array(labels.length);
  for (let i = 0; i < labels.length; i++) {
    const label = Number(labels[i]);
    // The message is only made for a label that is wrong.
    if (!(label >= 0 && label < indices && Number.isInteger(label))) checkClass(labels[i]!, 0, indices, `label ${i}`);
    actual[i] = label;
  }
  return actual;
}

/**
 * Checks that every score is a probability.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for a score that is NaN or outside 0..1, naming its index
 */
export function checkProbabilities(scores: ArrayLike<number>): void {
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i]!;
    if (score >= 0 && score <= 1) continue;
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected a probability in 0..1 for score ${i} but received ${score}. Turn logits into probabilities first (softmax or sigmoid)`,
    );
  }
}

/**
 * Targets of a multilabel batch, `[N, classes]` of 0 and 1.
 *
 * @throws PerceptError `INVALID_ARGUMENT` when there is not one target for every score, or one is not 0 or 1
 */
export function checkMultilabel(
  scores: ArrayLike<number>,
  targets: ArrayLike<number | bigint>,
  classes: number,
): Uint8Array {
  if (scores.length !== targets.length || targets.length % classes !== 0) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected as many targets as scores, a multiple of ${classes} classes, but received ${targets.length} and ${scores.length}`,
    );
  }
  const actual = new Uint8Array(targets.length);
  for (let i = 0; i < targets.length; i++) {
    const target = Number(targets[i]);
    if (target !== 0 && target !== 1) {
      throw new PerceptError('INVALID_ARGUMENT', `Expected 0 or 1 for target ${i} but received ${targets[i]}`);
    }
    actual[i] = target;
  }
  return actual;
}
