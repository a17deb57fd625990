import { parseOptions, tensor } from '@percept/core';
import * as z from 'zod';
import type { StepBuilder } from './step-builder.js';

/** What a loss emitted: its value and where the gradient begins. */
export interface EmittedLoss {
  /** The mean loss of the batch, a float32 scalar. */
  readonly value: string;
  /** Its gradient with respect to the scores, `[N, classes]`. */
  readonly gradient: string;
}

/** A loss over scores `[N, classes]` and class indices. */
export interface Loss {
  /** Name and options, for checkpoints and trackers: two losses with the same description are the same. */
  readonly description: string;
  /** Emits the loss of `scores` (`[N, classes]` float32) against `labels` (`[N]` int64) into a training graph. */
  emit(g: StepBuilder, scores: string, labels: string, dims: readonly [number, number]): EmittedLoss;
}

/** Options of {@link crossEntropy}. */
export interface CrossEntropyOptions {
  /** Share of the probability that the target spreads evenly over all classes, 0 ≤ x < 1. Default 0. */
  labelSmoothing?: number;
}

const schema = z.strictObject({ labelSmoothing: z.number().min(0).lt(1).optional() });

/**
 * Softmax cross-entropy, the mean over the batch, as `torch.nn.CrossEntropyLoss`: the scores are logits.
 * Label smoothing follows Szegedy et al. 2016 (arXiv:1512.00567).
 *
 * @throws PerceptError `INVALID_ARGUMENT` for a smoothing outside [0, 1)
 */
export function crossEntropy(options: CrossEntropyOptions = {}): Loss {
  const { labelSmoothing = 0 } = parseOptions(schema, options, 'crossEntropy() options');
  return {
    description: `crossEntropy(labelSmoothing=${labelSmoothing})`,
    emit(g, scores, labels, [batch, classes]) {
      const range = g.constant(
        tensor(
          'int64',
          [1, classes],
          Array.from({ length: classes }, (_, i) => i),
        ),
        'classes',
      );
      const hit = g.node('Cast', [g.node('Equal', [g.reshape(labels, [batch, 1]), range])], { to: 1 });
      const target =
        labelSmoothing === 0
          ? hit
          : g.node('Add', [g.node('Mul', [hit, g.scalar(1 - labelSmoothing)]), g.scalar(labelSmoothing / classes)]);
      const logProbabilities = g.node('LogSoftmax', [scores], { axis: 1 });
      const total = g.reduceSum(g.node('Mul', [target, logProbabilities]), [0, 1]);
      const surplus = g.node('Sub', [g.node('Exp', [logProbabilities]), target]);
      return {
        value: g.node('Mul', [total, g.scalar(-1 / batch)]),
        gradient: g.node('Mul', [surplus, g.scalar(1 / batch)]),
      };
    },
  };
}
