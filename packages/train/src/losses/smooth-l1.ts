import { parseOptions } from '@percept/core';
import * as z from 'zod';
import { describeOptions } from '../describe-options.js';
import { emitHuber } from './huber.js';
import { l1 } from './l1.js';
import type { Loss } from './loss.js';
import { type Reduction, reductionSchema } from './reduction.js';
import { regressionLoss } from './regression-loss.js';

/** Options of {@link smoothL1}. */
export interface SmoothL1Options {
  /** Where the square gives way to the straight line, at least 0; at 0 it is the L1 loss. Default 1. */
  beta?: number;
  /** Over all scores. Default `'mean'`. */
  reduction?: Reduction;
}

const schema = z.strictObject({ beta: z.number().min(0).optional(), reduction: reductionSchema });

/**
 * d² / (2 beta) up to `beta`, then |d| - beta / 2, as `torch.nn.SmoothL1Loss` (Girshick, arXiv:1504.08083). Targets:
 * float32 in the shape of the scores.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function smoothL1(options: SmoothL1Options = {}): Loss {
  const { beta = 1, reduction = 'mean' } = parseOptions(schema, options, 'smoothL1() options');
  const description = describeOptions('smoothL1', { beta, reduction });
  if (beta === 0) return { ...l1({ reduction }), description };
  return regressionLoss(description, reduction, (g, difference) => {
    const { value, gradient } = emitHuber(g, difference, beta);
    const scale = g.scalar(1 / beta);
    return { value: g.node('Mul', [value, scale]), gradient: g.node('Mul', [gradient, scale]) };
  });
}
