import { parseOptions } from '@percept/core';
import * as z from 'zod';
import { chain } from './chain.js';
import { learningRateFactorOf, type ParameterOptions, parameterFields, weightDecayOf } from './parameter-groups.js';
import type { Optimizer } from './transformation.js';
import { addDecayedWeights, scaleByLearningRate, trace } from './transformations.js';

/** Options of {@link sgd}. */
export interface SgdOptions extends ParameterOptions {
  /** Step size, above 0. */
  learningRate: number;
  /** Share of the last update that goes on, 0 ≤ x < 1. Default 0. */
  momentum?: number;
  /** Share of every gradient but the first that is left out of the momentum, 0 ≤ x ≤ 1. Default 0. */
  dampening?: number;
  /** Looks one step ahead (needs momentum, and no dampening). Default false. */
  nesterov?: boolean;
  /** Coefficient of the L2 penalty, added to the gradient. Default 0. */
  weightDecay?: number;
}

const schema = z
  .strictObject({
    learningRate: z.number().gt(0),
    momentum: z.number().min(0).lt(1).optional(),
    dampening: z.number().min(0).max(1).optional(),
    nesterov: z.boolean().optional(),
    weightDecay: z.number().min(0).optional(),
    ...parameterFields,
  })
  .refine(({ nesterov = false, dampening = 0 }) => !nesterov || dampening === 0, {
    path: ['dampening'],
    message: 'no dampening beside nesterov',
  });

/**
 * Stochastic gradient descent with momentum, as `torch.optim.SGD`.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function sgd(options: SgdOptions): Optimizer {
  const parsed = parseOptions(schema, options, 'sgd() options');
  const { learningRate, momentum = 0, dampening = 0, nesterov = false, weightDecay = 0 } = parsed;
  const momentumStages = momentum === 0 ? [] : [trace({ momentum, nesterov, dampening })];
  return {
    ...chain(
      addDecayedWeights(weightDecayOf(weightDecay, parsed)),
      ...momentumStages,
      scaleByLearningRate(learningRateFactorOf(parsed)),
    ),
    learningRate,
  };
}
