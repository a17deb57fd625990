import { parseOptions } from '@percept/core';
import { describeOptions } from '../describe-options.js';
import { signOf } from '../sign-of.js';
import type { Loss } from './loss.js';
import { type RegressionOptions, regressionSchema } from './mse.js';
import { regressionLoss } from './regression-loss.js';

/**
 * Absolute error, as `torch.nn.L1Loss`; its gradient at 0 is 0. Targets: float32 in the shape of the scores.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for unknown options
 */
export function l1(options: RegressionOptions = {}): Loss {
  const { reduction = 'mean' } = parseOptions(regressionSchema, options, 'l1() options');
  return regressionLoss(describeOptions('l1', { reduction }), reduction, (g, difference) => ({
    value: g.node('Abs', [difference]),
    gradient: signOf(g, difference),
  }));
}
