import { parseOptions } from '@percept/core';
import * as z from 'zod';
import { chain } from './chain.js';
import { learningRateFactorOf, type ParameterOptions, parameterFields, weightDecayOf } from './parameter-groups.js';
import type { Optimizer } from './transformation.js';
import { addDecayedWeights, scaleByAdam, scaleByLearningRate } from './transformations.js';

/** Options of {@link adam}. */
export interface AdamOptions extends ParameterOptions {
  /** Step size, above 0. Default 0.001. */
  learningRate?: number;
  /** Decay of the mean of gradients, 0 ≤ x < 1. Default 0.9. */
  beta1?: number;
  /** Decay of the mean of squared gradients, 0 ≤ x < 1. Default 0.999. */
  beta2?: number;
  /** Added to the denominator, above 0. Default 1e-8. */
  epsilon?: number;
  /** Divides by the largest mean of squares so far (arXiv:1904.09237). Default false. */
  amsgrad?: boolean;
  /** Coefficient of the L2 penalty, added to the gradient. Default 0. */
  weightDecay?: number;
}

export const adamSchema = z.strictObject({
  learningRate: z.number().gt(0).optional(),
  beta1: z.number().min(0).lt(1).optional(),
  beta2: z.number().min(0).lt(1).optional(),
  epsilon: z.number().gt(0).optional(),
  amsgrad: z.boolean().optional(),
  weightDecay: z.number().min(0).optional(),
  ...parameterFields,
});

/**
 * Adam (Kingma and Ba, arXiv:1412.6980) as `torch.optim.Adam`, weight decay coupled.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function adam(options: AdamOptions = {}): Optimizer {
  const parsed = parseOptions(adamSchema, options, 'adam() options');
  const { learningRate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, amsgrad = false, weightDecay = 0 } = parsed;
  return {
    ...chain(
      addDecayedWeights(weightDecayOf(weightDecay, parsed)),
      scaleByAdam({ beta1, beta2, epsilon, amsgrad }),
      scaleByLearningRate(learningRateFactorOf(parsed)),
    ),
    learningRate,
  };
}
