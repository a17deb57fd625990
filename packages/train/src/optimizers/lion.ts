import { parseOptions } from '@percept/core';
import * as z from 'zod';
import { chain } from './chain.js';
import { learningRateFactorOf, type ParameterOptions, parameterFields, weightDecayOf } from './parameter-groups.js';
import type { Optimizer } from './transformation.js';
import { addDecayedWeights, scaleByLearningRate, scaleByLion } from './transformations.js';

/** Options of {@link lion}. */
export interface LionOptions extends ParameterOptions {
  /** Step size, above 0: a third to a tenth of what suits AdamW. Default 0.0001. */
  learningRate?: number;
  /** Share of the momentum in the update, 0 ≤ x < 1. Default 0.9. */
  beta1?: number;
  /** Decay of the momentum, 0 ≤ x < 1. Default 0.99. */
  beta2?: number;
  /** Decoupled weight decay: three to ten times what suits AdamW. Default 0. */
  weightDecay?: number;
}

const schema = z.strictObject({
  learningRate: z.number().gt(0).optional(),
  beta1: z.number().min(0).lt(1).optional(),
  beta2: z.number().min(0).lt(1).optional(),
  weightDecay: z.number().min(0).optional(),
  ...parameterFields,
});

/**
 * Lion (Chen et al., arXiv:2302.06675), with timm's defaults.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function lion(options: LionOptions = {}): Optimizer {
  const parsed = parseOptions(schema, options, 'lion() options');
  const { learningRate = 0.0001, beta1 = 0.9, beta2 = 0.99, weightDecay = 0 } = parsed;
  return {
    ...chain(
      scaleByLion({ beta1, beta2 }),
      addDecayedWeights(weightDecayOf(weightDecay, parsed)),
      scaleByLearningRate(learningRateFactorOf(parsed)),
    ),
    learningRate,
  };
}
