import { parseOptions } from '@percept/core';
import * as z from 'zod';

/** Where a training stands when a step begins. */
export interface SchedulePosition {
  /** Epoch, from 0. */
  readonly epoch: number;
  /** Step within the epoch, from 0. */
  readonly step: number;
  /** Steps in an epoch. */
  readonly stepsPerEpoch: number;
}

/** The learning rate as a pure function of the position in the training. */
export interface Schedule {
  /** Name and options, for checkpoints and trackers. */
  readonly description: string;
  /** Factor on the optimizer's learning rate. */
  factor(position: SchedulePosition): number;
}

/** The optimizer's learning rate throughout. */
export function constantLR(): Schedule {
  return { description: 'constantLR', factor: () => 1 };
}

/** Options of {@link stepLR}. */
export interface StepLROptions {
  /** Epochs between two changes, at least 1. */
  stepSize: number;
  /** Factor on the learning rate at every change, above 0. Default 0.1. */
  gamma?: number;
}

const schema = z.strictObject({ stepSize: z.int().min(1), gamma: z.number().gt(0).optional() });

/**
 * Multiplies the learning rate by `gamma` every `stepSize` epochs, as `torch.optim.lr_scheduler.StepLR`.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function stepLR(options: StepLROptions): Schedule {
  const { stepSize, gamma = 0.1 } = parseOptions(schema, options, 'stepLR() options');
  return {
    description: `stepLR(stepSize=${stepSize}, gamma=${gamma})`,
    factor({ epoch }) {
      let factor = 1;
      for (let passed = stepSize; passed <= epoch; passed += stepSize) factor *= gamma;
      return factor;
    },
  };
}
