import { parseOptions } from '@percept/core';
import * as z from 'zod';
import { describeOptions } from '../describe-options.js';
import { integerPower } from '../integer-power.js';
import type { Schedule } from './schedule.js';
import { elapsed, type UnitOption, unitSchema } from './schedule-unit.js';

/** Options of {@link multiStepLR}. */
export interface MultiStepLROptions extends UnitOption {
  /** When the rate changes, in units from the start, each at least 1. One that is given twice counts twice. */
  milestones: readonly number[];
  /** Factor on the learning rate at every change, above 0. Default 0.1. */
  gamma?: number;
}

const schema = z.strictObject({
  milestones: z.array(z.int().min(1)),
  gamma: z.number().gt(0).optional(),
  unit: unitSchema,
});

/**
 * Multiplies the learning rate by `gamma` at every milestone, as `torch.optim.lr_scheduler.MultiStepLR`.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function multiStepLR(options: MultiStepLROptions): Schedule {
  const { milestones, gamma = 0.1, unit = 'epochs' } = parseOptions(schema, options, 'multiStepLR() options');
  return {
    description: describeOptions('multiStepLR', { milestones, gamma, unit }),
    factor(position) {
      const now = elapsed(position, unit);
      return integerPower(gamma, milestones.filter((milestone) => milestone <= now).length);
    },
  };
}
