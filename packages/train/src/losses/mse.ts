import { parseOptions } from '@percept/core';
import * as z from 'zod';
import { describeOptions } from '../describe-options.js';
import type { Loss } from './loss.js';
import { type Reduction, reductionSchema } from './reduction.js';
import { regressionLoss } from './regression-loss.js';

/** Options of {@link mse} and `l1`. */
export interface RegressionOptions {
  /** Over all scores. Default `'mean'`. */
  reduction?: Reduction;
}

export const regressionSchema = z.strictObject({ reduction: reductionSchema });

/**
 * Squared error, as `torch.nn.MSELoss`. Targets: float32 in the shape of the scores.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for unknown options
 */
export function mse(options: RegressionOptions = {}): Loss {
  const { reduction = 'mean' } = parseOptions(regressionSchema, options, 'mse() options');
  return regressionLoss(describeOptions('mse', { reduction }), reduction, (g, difference) => ({
    value: g.node('Mul', [difference, difference]),
    gradient: g.node('Mul', [difference, g.scalar(2)]),
  }));
}
