import { parseOptions } from '@percept/core';
import * as z from 'zod';
import { describeOptions } from '../describe-options.js';
import type { Schedule } from './schedule.js';
import { elapsed, type UnitOption, unitSchema } from './schedule-unit.js';

/** Options of {@link linearLR}. */
export interface LinearLROptions extends UnitOption {
  /** Factor at the start, 0 < x ≤ 1. Default 1/3. */
  startFactor?: number;
  /** Factor at the end and after it, 0..1. Default 1. */
  endFactor?: number;
  /** Units from start to end, at least 1. Default 5. */
  totalIters?: number;
}

const schema = z.strictObject({
  startFactor: z.number().gt(0).max(1).optional(),
  endFactor: z.number().min(0).max(1).optional(),
  totalIters: z.int().min(1).optional(),
  unit: unitSchema,
});

/**
 * From one factor straight to another, as `torch.optim.lr_scheduler.LinearLR`.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function linearLR(options: LinearLROptions = {}): Schedule {
  const parsed = parseOptions(schema, options, 'linearLR() options');
  const { startFactor = 1 / 3, endFactor = 1, totalIters = 5, unit = 'epochs' } = parsed;
  return {
    description: describeOptions('linearLR', { startFactor, endFactor, totalIters, unit }),
    factor(position) {
      const share = Math.min(elapsed(position, unit) / totalIters, 1);
      return startFactor + (endFactor - startFactor) * share;
    },
  };
}
