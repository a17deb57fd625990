import { parseOptions } from '@percept/core';
import * as z from 'zod';
import { chainedLR } from './chained-lr.js';
import { linearLR } from './linear-lr.js';
import type { Schedule } from './schedule.js';
import { type UnitOption, unitSchema } from './schedule-unit.js';
import { sequentialLR } from './sequential-lr.js';

/** Options of {@link warmUp}. */
export interface WarmUpOptions extends UnitOption {
  /** Units until the full rate, at least 1. */
  length: number;
  /** Factor at the start, 0 < x ≤ 1. Default 1/3. */
  startFactor?: number;
  /** Whether the schedule runs from the start, only lowered at first, instead of beginning after the warm-up. Default false. */
  overlap?: boolean;
}

const schema = z.strictObject({
  length: z.int().min(1),
  startFactor: z.number().gt(0).max(1).optional(),
  overlap: z.boolean().optional(),
  unit: unitSchema,
});

/**
 * Raises the rate straight to that of a schedule (Goyal et al., arXiv:1706.02677): `linearLR`, and then the schedule from its
 * own beginning, or both at once.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function warmUp(schedule: Schedule, options: WarmUpOptions): Schedule {
  const parsed = parseOptions(schema, options, 'warmUp() options');
  const { length, startFactor = 1 / 3, overlap = false, unit = 'epochs' } = parsed;
  const rise = linearLR({ startFactor, totalIters: length, unit });
  return overlap ? chainedLR([rise, schedule]) : sequentialLR([rise, schedule], { milestones: [length], unit });
}
