import { parseOptions } from '@percept/core';
import * as z from 'zod';
import { chain } from './chain.js';
import type { Optimizer } from './transformation.js';
import { addDecayedWeights, scaleByLearningRate, trace } from './transformations.js';

/** Options of {@link sgd}. */
export interface SgdOptions {
  /** Step size, above 0. */
  learningRate: number;
  /** Share of the last update that goes on, 0 ≤ x < 1. Default 0. */
  momentum?: number;
  /** Looks one step ahead (needs momentum). Default false. */
  nesterov?: boolean;
  /** Coefficient of the L2 penalty, added to the gradient. Default 0. */
  weightDecay?: number;
}

const schema = z.strictObject({
  learningRate: z.number().gt(0),
  momentum: z.number().min(0).lt(1).optional(),
  nesterov: z.boolean().optional(),
  weightDecay: z.number().min(0).optional(),
});

/**
 * Stochastic gradient descent with momentum, as `torch.optim.SGD`.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function sgd(options: SgdOptions): Optimizer {
  const {
    learningRate,
    momentum = 0,
    nesterov = false,
    weightDecay = 0,
  } = parseOptions(schema, options, 'sgd() options');
  const momentumStages = momentum === 0 ? [] : [trace({ momentum, nesterov })];
  return {
    ...chain(addDecayedWeights(weightDecay), ...momentumStages, scaleByLearningRate()),
    learningRate,
  };
}
