import { parseOptions } from '@percept/core';
import * as z from 'zod';
import { describeOptions } from '../describe-options.js';
import { integerPower } from '../integer-power.js';
import type { Schedule } from './schedule.js';
import { elapsed, type UnitOption, unitSchema } from './schedule-unit.js';

/** Options of {@link stepLR}. */
export interface StepLROptions extends UnitOption {
  /** Units between two changes, at least 1. */
  stepSize: number;
  /** Factor on the learning rate at every change, above 0. Default 0.1. */
  gamma?: number;
}

const schema = z.strictObject({ stepSize: z.int().min(1), gamma: z.number().gt(0).optional(), unit: unitSchema });

/**
 * Multiplies the learning rate by `gamma` every `stepSize` epochs, as `torch.optim.lr_scheduler.StepLR`.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function stepLR(options: StepLROptions): Schedule {
  const { stepSize, gamma = 0.1, unit = 'epochs' } = parseOptions(schema, options, 'stepLR() options');
  return {
    description: describeOptions('stepLR', { stepSize, gamma, unit }),
    factor: (position) => integerPower(gamma, Math.floor(elapsed(position, unit) / stepSize)),
  };
}
