import { parseOptions } from '@percept/core';
import * as z from 'zod';
import { chain } from './chain.js';
import { learningRateFactorOf, type ParameterOptions, parameterFields, weightDecayOf } from './parameter-groups.js';
import type { Optimizer } from './transformation.js';
import { addDecayedWeights, scaleByAdagrad, scaleByLearningRate } from './transformations.js';

/** Options of {@link adagrad}. */
export interface AdagradOptions extends ParameterOptions {
  /** Step size, above 0. Default 0.01. */
  learningRate?: number;
  /** The step size is divided by 1 + learningRateDecay (t - 1) in step t. Default 0. */
  learningRateDecay?: number;
  /** What the sums of squares begin with, at least 0. Default 0. */
  initialAccumulator?: number;
  /** Added to the denominator, above 0. Default 1e-10. */
  epsilon?: number;
  /** Coefficient of the L2 penalty, added to the gradient. Default 0. */
  weightDecay?: number;
}

const schema = z.strictObject({
  learningRate: z.number().gt(0).optional(),
  learningRateDecay: z.number().min(0).optional(),
  initialAccumulator: z.number().min(0).optional(),
  epsilon: z.number().gt(0).optional(),
  weightDecay: z.number().min(0).optional(),
  ...parameterFields,
});

/**
 * Adagrad (Duchi et al. 2011) as `torch.optim.Adagrad`.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function adagrad(options: AdagradOptions = {}): Optimizer {
  const parsed = parseOptions(schema, options, 'adagrad() options');
  const { learningRate = 0.01, learningRateDecay = 0, initialAccumulator = 0 } = parsed;
  const { epsilon = 1e-10, weightDecay = 0 } = parsed;
  return {
    ...chain(
      addDecayedWeights(weightDecayOf(weightDecay, parsed)),
      scaleByAdagrad({ epsilon, learningRateDecay, initialAccumulator }),
      scaleByLearningRate(learningRateFactorOf(parsed)),
    ),
    learningRate,
  };
}
