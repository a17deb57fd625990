import { parseOptions } from '@percept/core';
import { type AdamOptions, adamSchema } from './adam.js';
import { chain } from './chain.js';
import { learningRateFactorOf, weightDecayOf } from './parameter-groups.js';
import type { Optimizer } from './transformation.js';
import { addDecayedWeights, scaleByAdam, scaleByLearningRate } from './transformations.js';

/** Options of {@link adamw}: those of `adam`, the weight decay being decoupled and by default 0.01. */
export type AdamwOptions = AdamOptions;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, arXiv:1711.05101) as `torch.optim.AdamW`.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function adamw(options: AdamwOptions = {}): Optimizer {
  const parsed = parseOptions(adamSchema, options, 'adamw() options');
  const { learningRate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = parsed;
  const { amsgrad = false, weightDecay = 0.01 } = parsed;
  return {
    ...chain(
      scaleByAdam({ beta1, beta2, epsilon, amsgrad }),
      addDecayedWeights(weightDecayOf(weightDecay, parsed)),
      scaleByLearningRate(learningRateFactorOf(parsed)),
    ),
    learningRate,
  };
}
