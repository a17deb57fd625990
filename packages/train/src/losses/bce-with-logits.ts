import { elementCount, parseOptions } from '@percept/core';
import * as z from 'zod';
import { describeOptions } from '../describe-options.js';
import type { StepBuilder } from '../step-builder.js';
import { type ClassTargets, classTargetsOf, classTargetsSchema, perClass, probabilities } from './class-targets.js';
import type { EmittedLoss, Loss } from './loss.js';
import { checkClassCount, type Reduction, reduced, reductionSchema } from './reduction.js';

/** Options of {@link bceWithLogits}. */
export interface BceWithLogitsOptions {
  /** Weight of every class, each at least 0. Default: all 1. */
  weight?: readonly number[];
  /** Weight of the positive answer of every class, each at least 0. Default: all 1. */
  posWeight?: readonly number[];
  /** What the labels are; indices become one positive answer among negative ones. Default `'probabilities'`. */
  targets?: ClassTargets;
  /** Over all scores. Default `'mean'`. */
  reduction?: Reduction;
}

const weights = z.array(z.number().min(0)).min(1).optional();
const schema = z.strictObject({
  weight: weights,
  posWeight: weights,
  targets: classTargetsSchema,
  reduction: reductionSchema,
});

/**
 * Sigmoid cross-entropy of every score on its own, as `torch.nn.BCEWithLogitsLoss` with weights by class: for data with
 * several labels, and for classification as in "ResNet strikes back" (arXiv:2110.00476).
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range, or another number of weights than classes
 */
export function bceWithLogits(options: BceWithLogitsOptions = {}): Loss {
  const parsed = parseOptions(schema, options, 'bceWithLogits() options');
  const { weight, posWeight, targets = 'probabilities', reduction = 'mean' } = parsed;
  return {
    description: describeOptions('bceWithLogits', { weight, posWeight, targets, reduction }),
    ...classTargetsOf(targets),
    emit(g, scores, labels, dims) {
      if (weight !== undefined) checkClassCount(weight, dims, 'weight of bceWithLogits()');
      if (posWeight !== undefined) checkClassCount(posWeight, dims, 'posWeight of bceWithLogits()');
      const positives = posWeight && perClass(g, posWeight, dims);
      const target = probabilities(g, targets, labels, dims);
      const { value, gradient } = emitBinaryCrossEntropy(g, scores, target, positives);
      const factor = weight && perClass(g, weight, dims);
      const terms = {
        value: factor === undefined ? value : g.node('Mul', [value, factor]),
        gradient: factor === undefined ? gradient : g.node('Mul', [gradient, factor]),
      };
      return reduced(g, terms, { dims, reduction, count: elementCount(dims) });
    },
  };
}

/**
 * With softplus(x) = max(x, 0) + log(1 + exp(-|x|)), which never overflows, and w = 1 + (positives - 1) t: value
 * (1 - t) x + w softplus(-x), gradient (1 - t) - w (1 - sigmoid(x)).
 */
export function emitBinaryCrossEntropy(
  g: StepBuilder,
  scores: string,
  target: string,
  positives: string | undefined,
): EmittedLoss {
  const one = g.scalar(1);
  const negative = g.node('Sub', [one, target]);
  const tail = g.node('Log', [g.node('Add', [one, g.node('Exp', [g.node('Neg', [g.node('Abs', [scores])])])])]);
  const softplus = g.node('Add', [g.node('Relu', [g.node('Neg', [scores])]), tail]);
  const wrong = g.node('Sigmoid', [g.node('Neg', [scores])]);
  if (positives === undefined) {
    return {
      value: g.node('Add', [g.node('Mul', [negative, scores]), softplus]),
      gradient: g.node('Sub', [negative, wrong]),
    };
  }
  const w = g.node('Add', [one, g.node('Mul', [g.node('Sub', [positives, one]), target])]);
  return {
    value: g.node('Add', [g.node('Mul', [negative, scores]), g.node('Mul', [w, softplus])]),
    gradient: g.node('Sub', [negative, g.node('Mul', [w, wrong])]),
  };
}
