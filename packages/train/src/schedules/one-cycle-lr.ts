import { parseOptions } from '@percept/core';
import * as z from 'zod';
import { describeOptions } from '../describe-options.js';
import { annealed } from './cosine-annealing-lr.js';
import type { Schedule } from './schedule.js';
import { elapsed } from './schedule-unit.js';

/** Options of {@link oneCycleLR}: its length is given in one of two ways. */
export interface OneCycleLROptions {
  /** Length of the cycle in epochs, at least 1. */
  epochs?: number;
  /** Length of the cycle in steps, at least 2. */
  totalSteps?: number;
  /** Share of the cycle in which the rate rises, 0..1. Default 0.3. */
  pctStart?: number;
  /** Form of the rise and the fall. Default `'cos'`. */
  annealStrategy?: 'cos' | 'linear';
  /** The first rate is the optimizer's divided by this, at least 1. Default 25. */
  divFactor?: number;
  /** The last rate is the first divided by this, at least 1. Default 10000. */
  finalDivFactor?: number;
  /** Falls to the first rate as fast as it rose, and only then to the last one. Default false. */
  threePhase?: boolean;
}

const schema = z
  .strictObject({
    epochs: z.int().min(1).optional(),
    totalSteps: z.int().min(2).optional(),
    pctStart: z.number().min(0).max(1).optional(),
    annealStrategy: z.enum(['cos', 'linear']).optional(),
    divFactor: z.number().min(1).optional(),
    finalDivFactor: z.number().min(1).optional(),
    threePhase: z.boolean().optional(),
  })
  .refine(({ epochs, totalSteps }) => (epochs === undefined) !== (totalSteps === undefined), {
    message: 'either epochs or totalSteps',
  });

/**
 * Up and down once with every batch (Smith and Topin, arXiv:1708.07120), as `torch.optim.lr_scheduler.OneCycleLR` without its
 * cycle of the momentum. The optimizer's learning rate is the peak (PyTorch's `max_lr`); after the cycle the rate stays at
 * its last value.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function oneCycleLR(options: OneCycleLROptions): Schedule {
  const parsed = parseOptions(schema, options, 'oneCycleLR() options');
  const { pctStart = 0.3, annealStrategy = 'cos', divFactor = 25, finalDivFactor = 1e4, threePhase = false } = parsed;
  const { epochs, totalSteps } = parsed;
  const first = 1 / divFactor;
  const last = first / finalDivFactor;
  const between = annealStrategy === 'cos' ? annealed : straight;
  return {
    description: describeOptions('oneCycleLR', {
      epochs,
      totalSteps,
      pctStart,
      annealStrategy,
      divFactor,
      finalDivFactor,
      threePhase,
    }),
    factor(position) {
      const total = totalSteps ?? epochs! * position.stepsPerEpoch;
      const now = Math.min(elapsed(position, 'steps'), total - 1);
      const rise = { end: pctStart * total - 1, from: first, to: 1 };
      const phases = threePhase
        ? [rise, { end: 2 * pctStart * total - 2, from: 1, to: first }, { end: total - 1, from: first, to: last }]
        : [rise, { end: total - 1, from: 1, to: last }];
      const current = phases.findIndex(({ end }, index) => now <= end || index === phases.length - 1);
      const { end, from, to } = phases[current]!;
      const start = phases[current - 1]?.end ?? 0;
      return between(from, to, end === start ? 1 : (now - start) / (end - start));
    },
  };
}

function straight(start: number, end: number, share: number): number {
  return start + (end - start) * share;
}
