import { parseOptions } from '@percept/core';
import * as z from 'zod';
import { chain } from './chain.js';
import { learningRateFactorOf, type ParameterOptions, parameterFields, weightDecayOf } from './parameter-groups.js';
import type { Optimizer } from './transformation.js';
import { addDecayedWeights, scaleByLearningRate, scaleByRms, trace } from './transformations.js';

/** Options of {@link rmsprop}. */
export interface RmspropOptions extends ParameterOptions {
  /** Step size, above 0. Default 0.01. */
  learningRate?: number;
  /** Decay of the mean of squared gradients, 0 ≤ x < 1. Default 0.99. */
  alpha?: number;
  /** Added to the denominator, above 0. Default 1e-8. */
  epsilon?: number;
  /** Share of the last update that goes on, 0 ≤ x < 1. Default 0. */
  momentum?: number;
  /** Divides by the deviation of the gradients instead of their root mean square. Default false. */
  centered?: boolean;
  /** Coefficient of the L2 penalty, added to the gradient. Default 0. */
  weightDecay?: number;
}

const schema = z.strictObject({
  learningRate: z.number().gt(0).optional(),
  alpha: z.number().min(0).lt(1).optional(),
  epsilon: z.number().gt(0).optional(),
  momentum: z.number().min(0).lt(1).optional(),
  centered: z.boolean().optional(),
  weightDecay: z.number().min(0).optional(),
  ...parameterFields,
});

/**
 * RMSprop as `torch.optim.RMSprop`: epsilon stands outside the root.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function rmsprop(options: RmspropOptions = {}): Optimizer {
  const parsed = parseOptions(schema, options, 'rmsprop() options');
  const { learningRate = 0.01, alpha = 0.99, epsilon = 1e-8 } = parsed;
  const { momentum = 0, centered = false, weightDecay = 0 } = parsed;
  return {
    ...chain(
      addDecayedWeights(weightDecayOf(weightDecay, parsed)),
      scaleByRms({ alpha, epsilon, centered }),
      ...(momentum === 0 ? [] : [trace({ momentum })]),
      scaleByLearningRate(learningRateFactorOf(parsed)),
    ),
    learningRate,
  };
}
