import * as z from 'zod';
import type { SchedulePosition } from './schedule.js';

/**
 * What a schedule counts in: `'epochs'` changes the rate between epochs (PyTorch's `scheduler.step()` once an epoch), `'steps'`
 * with every batch; with `'continuousEpochs'` lengths are epochs but the rate changes with every batch (PyTorch's
 * `scheduler.step(epoch + i / iterations)`).
 */
export type ScheduleUnit = 'epochs' | 'steps' | 'continuousEpochs';

/** The option that most schedules have. */
export interface UnitOption {
  /** What lengths are counted in. Default `'epochs'`. */
  unit?: ScheduleUnit;
}

export const unitSchema = z.enum(['epochs', 'steps', 'continuousEpochs']).optional();

/** Units that have passed; a whole number but for continuous epochs. */
export function elapsed({ epoch, step, stepsPerEpoch }: SchedulePosition, unit: ScheduleUnit): number {
  if (unit === 'steps') return epoch * stepsPerEpoch + step;
  return unit === 'epochs' ? epoch : epoch + step / stepsPerEpoch;
}

/** The same moment as seen by a schedule that began `units`, a whole number of them, later. */
export function since(position: SchedulePosition, units: number, unit: ScheduleUnit): SchedulePosition {
  const { epoch, step, stepsPerEpoch, history = [] } = position;
  if (unit !== 'steps') return { epoch: epoch - units, step, stepsPerEpoch, history: history.slice(units) };
  const steps = epoch * stepsPerEpoch + step - units;
  return {
    epoch: Math.floor(steps / stepsPerEpoch),
    step: steps % stepsPerEpoch,
    stepsPerEpoch,
    // An epoch that it began in the middle of is not one of its own.
    history: history.slice(Math.ceil(units / stepsPerEpoch)),
  };
}
