import { parseOptions } from '@percept/core';
import * as z from 'zod';
import { describeOptions } from '../describe-options.js';
import type { Schedule } from './schedule.js';
import { elapsed, type UnitOption, unitSchema } from './schedule-unit.js';

/** Options of {@link cosineAnnealingLR}. */
export interface CosineAnnealingLROptions extends UnitOption {
  /** Units from the full learning rate down to the lowest, at least 1; after them it rises again, as PyTorch's. */
  tMax: number;
  /** The lowest learning rate as a share of the full one, 0..1 (PyTorch's `eta_min` / `lr`). Default 0. */
  minFactor?: number;
}

const schema = z.strictObject({
  tMax: z.int().min(1),
  minFactor: z.number().min(0).max(1).optional(),
  unit: unitSchema,
});

/**
 * Half a period of a cosine (Loshchilov and Hutter, arXiv:1608.03983), as `torch.optim.lr_scheduler.CosineAnnealingLR`.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function cosineAnnealingLR(options: CosineAnnealingLROptions): Schedule {
  const { tMax, minFactor = 0, unit = 'epochs' } = parseOptions(schema, options, 'cosineAnnealingLR() options');
  return {
    description: describeOptions('cosineAnnealingLR', { tMax, minFactor, unit }),
    factor: (position) => annealed(1, minFactor, elapsed(position, unit) / tMax),
  };
}

/** From `start` to `end` along half a period of a cosine, `share` of which has passed. */
export function annealed(start: number, end: number, share: number): number {
  return end + ((start - end) / 2) * (1 + Math.cos(Math.PI * share));
}
