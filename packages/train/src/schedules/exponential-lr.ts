import { parseOptions } from '@percept/core';
import * as z from 'zod';
import { describeOptions } from '../describe-options.js';
import type { Schedule } from './schedule.js';
import { elapsed, type UnitOption, unitSchema } from './schedule-unit.js';

/** Options of {@link exponentialLR}. */
export interface ExponentialLROptions extends UnitOption {
  /** Factor on the learning rate in every unit, above 0. */
  gamma: number;
}

const schema = z.strictObject({ gamma: z.number().gt(0), unit: unitSchema });

/**
 * Multiplies the learning rate by `gamma` in every epoch, as `torch.optim.lr_scheduler.ExponentialLR`.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function exponentialLR(options: ExponentialLROptions): Schedule {
  const { gamma, unit = 'epochs' } = parseOptions(schema, options, 'exponentialLR() options');
  return {
    description: describeOptions('exponentialLR', { gamma, unit }),
    factor: (position) => gamma ** elapsed(position, unit),
  };
}
