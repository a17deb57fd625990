import { type Batch, elementCount, PerceptError } from '@percept/core';
import { type LossTargets, targetsOf } from './losses/loss.js';
import type { Loss } from './losses.js';

/**
 * Makes sure that the labels of a batch are what the loss compares with, before the runtime gathers by them.
 *
 * @throws PerceptError `TRAIN_DATA_INVALID`
 */
export function checkLabels({ inputs, labels }: Batch, loss: Loss, classes: readonly string[]): void {
  for (const { dims, data } of [inputs, labels]) {
    if (data.length === elementCount(dims)) continue;
    throw new PerceptError(
      'TRAIN_DATA_INVALID',
      `Expected a batch whose tensors [${dims.join(', ')}] hold ${elementCount(dims)} numbers but received ${data.length}. The buffers of a batch are handed over: give fresh ones every time`,
    );
  }
  const targets = targetsOf(loss);
  if (labels.type !== targets.type) throw wrongType(labels.type, targets, loss);
  if (labels.type !== 'int64' || classes.length === 0) return;
  const count = BigInt(classes.length);
  for (const label of labels.data) {
    if (Number(label) === targets.ignored) continue;
    if (label < 0n || label >= count) {
      throw new PerceptError(
        'TRAIN_DATA_INVALID',
        `Expected labels in [0, ${count}) but received ${label}. Check the classes of the data`,
      );
    }
  }
}

function wrongType(received: string, { type }: LossTargets, { description }: Loss): PerceptError {
  const advice =
    type === 'int64'
      ? "Give class indices, or choose a loss for such labels: crossEntropy({ targets: 'probabilities' }) takes those of mixed images"
      : 'Give one number for every score, or choose a loss for class indices';
  return new PerceptError(
    'TRAIN_DATA_INVALID',
    `Expected ${type} labels for ${description} but received ${received}. ${advice}`,
  );
}
