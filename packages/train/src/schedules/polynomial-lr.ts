import { parseOptions } from '@percept/core';
import * as z from 'zod';
import { describeOptions } from '../describe-options.js';
import type { Schedule } from './schedule.js';
import { elapsed, type UnitOption, unitSchema } from './schedule-unit.js';

/** Options of {@link polynomialLR}. */
export interface PolynomialLROptions extends UnitOption {
  /** Units until the learning rate is 0, at least 1. Default 5. */
  totalIters?: number;
  /** Power of the share that is left, above 0; 1 is a straight line. Default 1. */
  power?: number;
}

const schema = z.strictObject({
  totalIters: z.int().min(1).optional(),
  power: z.number().gt(0).optional(),
  unit: unitSchema,
});

/**
 * (1 - t / totalIters)^power, as `torch.optim.lr_scheduler.PolynomialLR`.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function polynomialLR(options: PolynomialLROptions = {}): Schedule {
  const { totalIters = 5, power = 1, unit = 'epochs' } = parseOptions(schema, options, 'polynomialLR() options');
  return {
    description: describeOptions('polynomialLR', { totalIters, power, unit }),
    factor: (position) => (1 - Math.min(elapsed(position, unit) / totalIters, 1)) ** power,
  };
}
