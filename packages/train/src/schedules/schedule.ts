import type { EpochRecord } from '../epoch-record.js';

/** Where a training stands when a step begins. */
export interface SchedulePosition {
  /** Epoch, from 0. */
  readonly epoch: number;
  /** Step within the epoch, from 0. */
  readonly step: number;
  /** Steps in an epoch. */
  readonly stepsPerEpoch: number;
  /** Figures of the epochs that are finished, for schedules that follow them. A checkpoint holds them. */
  readonly history?: readonly EpochRecord[];
  /** Whether epochs are validated. Default true. */
  readonly validates?: boolean;
}

/**
 * The learning rate as a pure function of the position in the training: it remembers nothing, so a training that is resumed
 * anywhere goes on with the same rates.
 */
export interface Schedule {
  /** Name and options, for checkpoints and trackers. */
  readonly description: string;
  /** Factor on the optimizer's learning rate. */
  factor(position: SchedulePosition): number;
}
