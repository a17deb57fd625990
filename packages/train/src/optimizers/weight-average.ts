// Averages of the weights over the training. They are state of the optimizer like any other, so a checkpoint holds them and
// a resumed training goes on with the same bits.
import { PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod';
import { describeOptions } from '../describe-options.js';
import type { Optimizer } from './transformation.js';

const slot = 'averageWeights';

/** Options of {@link emaWeights}. */
export interface EmaOptions {
  /** Share of the average that stays in every step, 0 ≤ x < 1. Default 0.999. */
  decay?: number;
  /** Begins with a smaller share, (1 + t) / (10 + t) in step t, until that reaches `decay`. Default false. */
  warmUp?: boolean;
}

const emaSchema = z.strictObject({ decay: z.number().min(0).lt(1).optional(), warmUp: z.boolean().optional() });

/**
 * Keeps an exponential moving average of the weights beside those that are trained, as PyTorch's `AveragedModel` with
 * `get_ema_multi_avg_fn(decay)`; it begins with the first weights, as timm's `ModelEmaV3`. The trained model has the averaged
 * weights. Running statistics are averages already and stay as they are.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function emaWeights(optimizer: Optimizer, options: EmaOptions = {}): Optimizer {
  const { decay = 0.999, warmUp = false } = parseOptions(emaSchema, options, 'emaWeights() options');
  return averaged(optimizer, describeOptions('emaWeights', { decay, warmUp }), (step) => {
    return 1 - (warmUp ? Math.min(decay, (1 + step) / (10 + step)) : decay);
  });
}

/** Options of {@link swaWeights}. */
export interface SwaOptions {
  /** Number of the step, from 1 over the whole training, whose weights are the first in the average. */
  start: number;
  /** Steps between two weights in the average, at least 1; the steps of an epoch are usual. Default 1. */
  every?: number;
}

const swaSchema = z.strictObject({ start: z.int().min(1), every: z.int().min(1).optional() });

/**
 * Keeps the plain mean of the weights from a step on (Izmailov et al., arXiv:1803.05407), as PyTorch's `AveragedModel`. The
 * trained model has the averaged weights, and running statistics that are computed anew for them by one more pass over the
 * data, as `torch.optim.swa_utils.update_bn` does (with nothing dropped). Validation and the models of the
 * best epochs come before that and have those of the last step.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function swaWeights(optimizer: Optimizer, options: SwaOptions): Optimizer {
  const { start, every = 1 } = parseOptions(swaSchema, options, 'swaWeights() options');
  const mean = averaged(optimizer, describeOptions('swaWeights', { start, every }), (step) => {
    if (step <= start) return 1;
    const since = step - start;
    return since % every === 0 ? 1 / (since / every + 1) : 0;
  });
  return { ...mean, collectsStatistics: true };
}

/** average' = average + weight(step) (weights' - average). */
function averaged(optimizer: Optimizer, description: string, weight: (step: number) => number): Optimizer {
  if (optimizer.average !== undefined) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected an optimizer that keeps no average of the weights yet but received ${optimizer.description}. Average once`,
    );
  }
  return {
    ...optimizer,
    description: `${optimizer.description} | ${description}`,
    state: [...optimizer.state, slot],
    initial: { ...optimizer.initial, [slot]: 'parameter' },
    scalars: { ...optimizer.scalars, averageShare: weight },
    average: slot,
    emit(context) {
      const { g, parameter, state, scalars } = context;
      const { update, state: next } = optimizer.emit(context);
      const average = state[slot]!;
      const moved = g.node('Sub', [g.node('Sub', [parameter, update]), average]);
      const averageNext = g.node('Add', [average, g.node('Mul', [moved, scalars.averageShare!])]);
      return { update, state: { ...next, [slot]: averageNext } };
    },
  };
}
