import { elementCount, parseOptions } from '@percept/core';
import * as z from 'zod';
import { describeOptions } from '../describe-options.js';
import type { StepBuilder } from '../step-builder.js';
import { type ClassTargets, classTargetsOf, classTargetsSchema, perClass, probabilities } from './class-targets.js';
import { classIndices, type Loss } from './loss.js';
import { checkClassCount, type Reduction, reductionSchema } from './reduction.js';

/** Options of {@link crossEntropy}. */
export interface CrossEntropyOptions {
  /** Share of the probability that the target spreads evenly over all classes, 0 ≤ x < 1. Default 0. */
  labelSmoothing?: number;
  /** Weight of every class, each at least 0. Default: all 1. */
  weight?: readonly number[];
  /** Class index of labels that do not count; only with index targets. Default: none. */
  ignoreIndex?: number;
  /** What the labels are. Default `'indices'`. */
  targets?: ClassTargets;
  /**
   * Default `'mean'`: over the batch, and weighted by `weight` where targets are indices, as PyTorch does. Where every
   * label is ignored it is 0 (PyTorch: NaN).
   */
  reduction?: Reduction;
}

const schema = z
  .strictObject({
    labelSmoothing: z.number().min(0).lt(1).optional(),
    weight: z.array(z.number().min(0)).min(1).optional(),
    ignoreIndex: z.int().optional(),
    targets: classTargetsSchema,
    reduction: reductionSchema,
  })
  .refine(({ targets, ignoreIndex }) => targets !== 'probabilities' || ignoreIndex === undefined, {
    path: ['ignoreIndex'],
    message: "no ignoreIndex beside targets: 'probabilities'",
  });

/**
 * Softmax cross-entropy, as `torch.nn.CrossEntropyLoss`: the scores are logits, `[N, classes]` or `[N, classes, …]`.
 * Label smoothing follows Szegedy et al. 2016 (arXiv:1512.00567).
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range, or another number of weights than classes
 */
export function crossEntropy(options: CrossEntropyOptions = {}): Loss {
  const parsed = parseOptions(schema, options, 'crossEntropy() options');
  const { labelSmoothing = 0, weight, ignoreIndex, targets = 'indices', reduction = 'mean' } = parsed;
  const weighted = weight !== undefined || ignoreIndex !== undefined;
  return {
    description: describeOptions('crossEntropy', { labelSmoothing, weight, ignoreIndex, targets, reduction }),
    ...classTargetsOf(targets),
    ...(ignoreIndex === undefined ? {} : { targets: { ...classIndices, ignored: ignoreIndex } }),
    emit(g, scores, labels, dims) {
      const [batch, classes, ...rest] = dims as [number, number, ...number[]];
      if (weight !== undefined) checkClassCount(weight, dims, 'weight of crossEntropy()');
      const logProbabilities = g.node('LogSoftmax', [scores], { axis: 1 });
      const given = probabilities(g, targets, labels, dims);
      const weights = weight && perClass(g, weight, dims);
      const kept =
        ignoreIndex === undefined ? undefined : notEqual(g, g.reshape(labels, [batch, 1, ...rest]), ignoreIndex);
      const counted = (value: string): string => {
        const weightedValue = weights === undefined ? value : g.node('Mul', [value, weights]);
        return kept === undefined ? weightedValue : g.node('Mul', [weightedValue, kept]);
      };
      const smoothed =
        labelSmoothing === 0
          ? given
          : g.node('Add', [g.node('Mul', [given, g.scalar(1 - labelSmoothing)]), g.scalar(labelSmoothing / classes)]);
      const target = counted(smoothed);
      // The gradient of -Σ t log softmax(x) is softmax(x) Σ t - t; the sum is 1 for plain class indices.
      const plain = targets === 'indices' && !weighted;
      const predicted = g.node('Exp', [logProbabilities]);
      const share = plain ? predicted : g.node('Mul', [predicted, g.reduceSum(target, [1], true)]);
      const axes = [...dims.keys()];
      const total = g.node('Neg', [g.reduceSum(g.node('Mul', [target, logProbabilities]), axes)]);
      const surplus = g.node('Sub', [share, target]);
      if (reduction === 'sum') return { value: total, gradient: surplus };
      // Only with indices does PyTorch divide by the weights that were counted.
      if (targets === 'indices' && weighted) {
        const divisor = g.node('Max', [g.reduceSum(counted(given), axes), g.scalar(1e-30)]);
        return { value: g.node('Div', [total, divisor]), gradient: g.node('Div', [surplus, divisor]) };
      }
      const factor = g.scalar(1 / elementCount([batch, ...rest]));
      return { value: g.node('Mul', [total, factor]), gradient: g.node('Mul', [surplus, factor]) };
    },
  };
}

/** 0 where `labels` equals `index`, else 1. */
function notEqual(g: StepBuilder, labels: string, index: number): string {
  const equal = g.node('Equal', [labels, g.integers([index])]);
  return g.node('Sub', [g.scalar(1), g.mask(equal)]);
}
