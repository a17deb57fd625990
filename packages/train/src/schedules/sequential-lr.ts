import { PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod';
import type { Schedule } from './schedule.js';
import { elapsed, since, type UnitOption, unitSchema } from './schedule-unit.js';

/** Options of {@link sequentialLR}. */
export interface SequentialLROptions extends UnitOption {
  /** When each schedule but the first begins, in units from the start, rising. */
  milestones: readonly number[];
}

const schema = z.strictObject({ milestones: z.array(z.int().min(1)), unit: unitSchema });

/**
 * One schedule after another, each from its own beginning, as `torch.optim.lr_scheduler.SequentialLR`.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for milestones that do not rise, or another number of them than schedules less one
 */
export function sequentialLR(schedules: readonly Schedule[], options: SequentialLROptions): Schedule {
  const { milestones, unit = 'epochs' } = parseOptions(schema, options, 'sequentialLR() options');
  const rising = milestones.every((milestone, index) => index === 0 || milestone > milestones[index - 1]!);
  if (schedules.length !== milestones.length + 1 || !rising) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected ${schedules.length - 1} rising milestones for ${schedules.length} schedules of sequentialLR() but received [${milestones.join(', ')}]`,
    );
  }
  const parts = schedules.map(({ description }) => description).join(', ');
  return {
    description: `sequentialLR([${parts}], milestones=[${milestones.join(', ')}], unit=${unit})`,
    factor(position) {
      const begun = milestones.filter((milestone) => milestone <= elapsed(position, unit));
      return schedules[begun.length]!.factor(begun.length === 0 ? position : since(position, begun.at(-1)!, unit));
    },
  };
}
