import { parseOptions } from '@percept/core';
import * as z from 'zod';
import { chain } from './chain.js';
import { clipByGlobalNorm } from './clipping.js';
import { learningRateFactorOf, type ParameterOptions, parameterFields, weightDecayOf } from './parameter-groups.js';
import type { Optimizer } from './transformation.js';
import { addDecayedWeights, scaleByAdam, scaleByLearningRate, scaleByTrustRatio } from './transformations.js';

/** Options of {@link lamb}. */
export interface LambOptions extends ParameterOptions {
  /** Step size, above 0. Default 0.001. */
  learningRate?: number;
  /** Decay of the mean of gradients, 0 ≤ x < 1. Default 0.9. */
  beta1?: number;
  /** Decay of the mean of squared gradients, 0 ≤ x < 1. Default 0.999. */
  beta2?: number;
  /** Added to the denominator, above 0. Default 1e-6. */
  epsilon?: number;
  /** Decay of the weights, a part of the update that is scaled. Default 0.01. */
  weightDecay?: number;
  /** Longest that all gradients together may be, above 0; `null` for no limit. Default 1. */
  maxGradNorm?: number | null;
  /** Scales the update of parameters without weight decay too. Default false. */
  alwaysAdapt?: boolean;
}

const schema = z.strictObject({
  learningRate: z.number().gt(0).optional(),
  beta1: z.number().min(0).lt(1).optional(),
  beta2: z.number().min(0).lt(1).optional(),
  epsilon: z.number().gt(0).optional(),
  weightDecay: z.number().min(0).optional(),
  maxGradNorm: z.number().gt(0).nullable().optional(),
  alwaysAdapt: z.boolean().optional(),
  ...parameterFields,
});

/**
 * LAMB for large batches (You et al., arXiv:1904.00962), as timm's `Lamb` with its defaults.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function lamb(options: LambOptions = {}): Optimizer {
  const parsed = parseOptions(schema, options, 'lamb() options');
  const { learningRate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-6 } = parsed;
  const { weightDecay = 0.01, maxGradNorm = 1, alwaysAdapt = false } = parsed;
  const decay = weightDecayOf(weightDecay, parsed);
  return {
    ...chain(
      ...(maxGradNorm === null ? [] : [clipByGlobalNorm(maxGradNorm)]),
      scaleByAdam({ beta1, beta2, epsilon }),
      addDecayedWeights(decay),
      alwaysAdapt ? scaleByTrustRatio() : scaleByTrustRatio(decay),
      scaleByLearningRate(learningRateFactorOf(parsed)),
    ),
    learningRate,
  };
}
