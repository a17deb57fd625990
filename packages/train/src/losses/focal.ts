import { elementCount, parseOptions } from '@percept/core';
import * as z from 'zod';
import { describeOptions } from '../describe-options.js';
import type { StepBuilder } from '../step-builder.js';
import { emitBinaryCrossEntropy } from './bce-with-logits.js';
import {
  type ClassTargets,
  classTargetsOf,
  classTargetsSchema,
  oneHot,
  perClass,
  probabilities,
} from './class-targets.js';
import { classIndices, type Loss } from './loss.js';
import { checkClassCount, type Reduction, reduced, reductionSchema } from './reduction.js';

/** Options of {@link sigmoidFocal}. */
export interface SigmoidFocalOptions {
  /** Weight of positive answers, 0..1, that of negative ones being 1 - alpha; `null` weighs them alike. Default 0.25. */
  alpha?: number | null;
  /** How little easy answers count, at least 0; at 0 all count alike. Default 2. */
  gamma?: number;
  /** What the labels are; indices become one positive answer among negative ones. Default `'probabilities'`. */
  targets?: ClassTargets;
  /** Over all scores. Default `'mean'`. */
  reduction?: Reduction;
}

const sigmoidSchema = z.strictObject({
  alpha: z.number().min(0).max(1).nullable().optional(),
  gamma: z.number().min(0).optional(),
  targets: classTargetsSchema,
  reduction: reductionSchema,
});

/**
 * Focal loss of every score on its own (Lin et al., arXiv:1708.02002), as `torchvision.ops.sigmoid_focal_loss` (whose
 * reduction is none by default).
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function sigmoidFocal(options: SigmoidFocalOptions = {}): Loss {
  const parsed = parseOptions(sigmoidSchema, options, 'sigmoidFocal() options');
  const { alpha = 0.25, gamma = 2, targets = 'probabilities', reduction = 'mean' } = parsed;
  return {
    description: describeOptions('sigmoidFocal', { alpha, gamma, targets, reduction }),
    ...classTargetsOf(targets),
    emit(g, scores, labels, dims) {
      const one = g.scalar(1);
      const target = probabilities(g, targets, labels, dims);
      const entropy = emitBinaryCrossEntropy(g, scores, target, undefined);
      const [right, wrong] = [g.node('Sigmoid', [scores]), g.node('Sigmoid', [g.node('Neg', [scores])])];
      const negative = g.node('Sub', [one, target]);
      // The probability of the wrong answer: q = t (1 - p) + (1 - t) p.
      const q = g.node('Add', [g.node('Mul', [target, wrong]), g.node('Mul', [negative, right])]);
      const modulation = power(g, q, gamma);
      let value = g.node('Mul', [modulation, entropy.value]);
      let gradient = g.node('Mul', [modulation, entropy.gradient]);
      if (gamma > 0) {
        // dq/dx = (1 - 2t) p (1 - p)
        const slope = g.node('Mul', [g.node('Sub', [negative, target]), g.node('Mul', [right, wrong])]);
        const steepness = g.node('Mul', [power(g, q, gamma - 1), g.scalar(gamma)]);
        gradient = g.node('Add', [gradient, g.node('Mul', [g.node('Mul', [steepness, slope]), entropy.value])]);
      }
      if (alpha !== null) {
        const balance = g.node('Add', [g.node('Mul', [target, g.scalar(2 * alpha - 1)]), g.scalar(1 - alpha)]);
        value = g.node('Mul', [value, balance]);
        gradient = g.node('Mul', [gradient, balance]);
      }
      return reduced(g, { value, gradient }, { dims, reduction, count: elementCount(dims) });
    },
  };
}

/** Options of {@link softmaxFocal}. */
export interface SoftmaxFocalOptions {
  /** Weight of every class, each at least 0. Default: all 1. */
  alpha?: readonly number[];
  /** How little easy answers count, at least 0; at 0 this is `crossEntropy`. Default 2. */
  gamma?: number;
  /** Over the batch. Default `'mean'`. */
  reduction?: Reduction;
}

const softmaxSchema = z.strictObject({
  alpha: z.array(z.number().min(0)).min(1).optional(),
  gamma: z.number().min(0).optional(),
  reduction: reductionSchema,
});

/**
 * Focal loss of classes that exclude each other: -alpha (1 - p)^gamma log p of the labelled class's softmax probability p
 * (Lin et al., arXiv:1708.02002). Targets: class indices.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range, or another number of weights than classes
 */
export function softmaxFocal(options: SoftmaxFocalOptions = {}): Loss {
  const { alpha, gamma = 2, reduction = 'mean' } = parseOptions(softmaxSchema, options, 'softmaxFocal() options');
  return {
    description: describeOptions('softmaxFocal', { alpha, gamma, reduction }),
    targets: classIndices,
    emit(g, scores, labels, dims) {
      if (alpha !== undefined) checkClassCount(alpha, dims, 'alpha of softmaxFocal()');
      const logProbabilities = g.node('LogSoftmax', [scores], { axis: 1 });
      const predicted = g.node('Exp', [logProbabilities]);
      const hit = oneHot(g, labels, dims);
      const ofLabel = (value: string): string => g.reduceSum(g.node('Mul', [hit, value]), [1], true);
      const logP = ofLabel(logProbabilities);
      const p = ofLabel(predicted);
      // 1 - p, added up from the other classes so that it stays exact where p is nearly 1.
      const q = g.reduceSum(g.node('Mul', [g.node('Sub', [g.scalar(1), hit]), predicted]), [1], true);
      const modulation = power(g, q, gamma);
      let slope = modulation;
      if (gamma > 0) {
        const steepness = g.node('Mul', [power(g, q, gamma - 1), g.scalar(gamma)]);
        slope = g.node('Sub', [modulation, g.node('Mul', [steepness, g.node('Mul', [p, logP])])]);
      }
      const weights = alpha === undefined ? undefined : ofLabel(perClass(g, alpha, dims));
      const weighted = (value: string): string => (weights === undefined ? value : g.node('Mul', [value, weights]));
      const terms = {
        value: weighted(g.node('Neg', [g.node('Mul', [modulation, logP])])),
        gradient: g.node('Mul', [g.node('Sub', [predicted, hit]), weighted(slope)]),
      };
      return reduced(g, terms, { dims, reduction, count: elementCount(dims) / dims[1]! });
    },
  };
}

/** value^exponent of a value that is not negative; below exponent 0 it is kept from becoming infinite at 0. */
function power(g: StepBuilder, value: string, exponent: number): string {
  if (exponent === 1) return value;
  if (exponent === 2) return g.node('Mul', [value, value]);
  const base = exponent < 0 ? g.node('Max', [value, g.scalar(1e-30)]) : value;
  return g.node('Pow', [base, g.scalar(exponent)]);
}
