import { parseOptions } from '@percept/core';
import * as z from 'zod';
import { describeOptions } from '../describe-options.js';
import { annealed } from './cosine-annealing-lr.js';
import type { Schedule } from './schedule.js';
import { elapsed, type UnitOption, unitSchema } from './schedule-unit.js';

/** Options of {@link cosineAnnealingWarmRestarts}. */
export interface CosineAnnealingWarmRestartsOptions extends UnitOption {
  /** Units until the first restart, at least 1. */
  t0: number;
  /** How much longer each period is than the one before, an integer of at least 1. Default 1. */
  tMult?: number;
  /** The lowest learning rate as a share of the full one, 0..1 (PyTorch's `eta_min` / `lr`). Default 0. */
  minFactor?: number;
}

const schema = z.strictObject({
  t0: z.int().min(1),
  tMult: z.int().min(1).optional(),
  minFactor: z.number().min(0).max(1).optional(),
  unit: unitSchema,
});

/**
 * Down along a cosine, then at once up again (SGDR, arXiv:1608.03983), as
 * `torch.optim.lr_scheduler.CosineAnnealingWarmRestarts`.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function cosineAnnealingWarmRestarts(options: CosineAnnealingWarmRestartsOptions): Schedule {
  const parsed = parseOptions(schema, options, 'cosineAnnealingWarmRestarts() options');
  const { t0, tMult = 1, minFactor = 0, unit = 'epochs' } = parsed;
  return {
    description: describeOptions('cosineAnnealingWarmRestarts', { t0, tMult, minFactor, unit }),
    factor(position) {
      let [passed, period] = [elapsed(position, unit), t0];
      if (tMult === 1) passed %= t0;
      for (; passed >= period; period *= tMult) passed -= period;
      return annealed(1, minFactor, passed / period);
    },
  };
}
