// Losses of classification. Targets [N, D1, …] index the classes of scores [N, C, D1, …].
import { splitAt } from '../indexing.js';
import { malformed } from '../interpreter-errors.js';
import type { Kernel, KernelContext } from '../kernel.js';
import { logSoftmaxAlong } from '../softmax.js';
import { asTensor, fromNumbers, integers, numbers, type TensorValue, type Value } from '../value.js';

/** Weighted negative log-likelihoods, reduced as the attributes say. */
function reducedLoss(
  x: TensorValue,
  logProbabilities: Float64Array,
  [target, weight]: readonly (Value | undefined)[],
  context: KernelContext,
): TensorValue {
  const { size: classes, inner } = splitAt(x.dims, 1);
  const labels = asTensor(target);
  const ignored = context.int('ignore_index');
  const weights = weight === undefined ? undefined : numbers(asTensor(weight));
  const losses = new Float64Array(labels.data.length);
  let total = 0;
  for (const [at, label] of integers(labels).entries()) {
    if (label === ignored) continue;
    if (label < 0 || label >= classes) {
      throw malformed(`Expected targets in [0, ${classes}) for ${context.opType} but received ${label}`);
    }
    const factor = weights?.[label] ?? 1;
    const image = Math.floor(at / inner);
    losses[at] = -factor * logProbabilities[(image * classes + label) * inner + (at % inner)]!;
    total += factor;
  }
  const reduction = context.string('reduction', 'mean');
  if (reduction === 'none') return fromNumbers(x.type, labels.dims, losses);
  const sum = losses.reduce((a, b) => a + b, 0);
  return fromNumbers(x.type, [], [reduction === 'sum' ? sum : sum / total]);
}

export const NegativeLogLikelihoodLoss: Kernel = ([input, ...rest], context) => {
  const x = asTensor(input);
  return [reducedLoss(x, numbers(x), rest, context)];
};

export const SoftmaxCrossEntropyLoss: Kernel = ([input, ...rest], context) => {
  const x = asTensor(input);
  const logProbabilities = logSoftmaxAlong(numbers(x), splitAt(x.dims, 1));
  return [
    reducedLoss(x, logProbabilities, rest, context),
    context.wants(1) ? fromNumbers(x.type, x.dims, logProbabilities) : undefined,
  ];
};
