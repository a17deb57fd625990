import { parseOptions } from '@percept/core';
import * as z from 'zod';
import { describeOptions } from '../describe-options.js';
import type { StepBuilder } from '../step-builder.js';
import type { EmittedLoss, Loss } from './loss.js';
import { type Reduction, reductionSchema } from './reduction.js';
import { regressionLoss } from './regression-loss.js';

/** Options of {@link huber}. */
export interface HuberOptions {
  /** Where the square gives way to the straight line, above 0. Default 1. */
  delta?: number;
  /** Over all scores. Default `'mean'`. */
  reduction?: Reduction;
}

const schema = z.strictObject({ delta: z.number().gt(0).optional(), reduction: reductionSchema });

/**
 * d² / 2 up to `delta`, then delta (|d| - delta / 2), as `torch.nn.HuberLoss` (Huber 1964). Targets: float32 in the shape
 * of the scores.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function huber(options: HuberOptions = {}): Loss {
  const { delta = 1, reduction = 'mean' } = parseOptions(schema, options, 'huber() options');
  return regressionLoss(describeOptions('huber', { delta, reduction }), reduction, (g, difference) =>
    emitHuber(g, difference, delta),
  );
}

/** With c = d held within ±delta: value c d - c² / 2 on both sides of the bend, gradient c. */
export function emitHuber(g: StepBuilder, difference: string, delta: number): EmittedLoss {
  const held = g.node('Clip', [difference, g.scalar(-delta), g.scalar(delta)]);
  const rest = g.node('Sub', [difference, g.node('Mul', [held, g.scalar(0.5)])]);
  return { value: g.node('Mul', [held, rest]), gradient: held };
}
