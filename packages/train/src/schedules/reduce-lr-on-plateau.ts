import { PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod';
import { describeOptions } from '../describe-options.js';
import { type EpochRecord, figuresOf } from '../epoch-record.js';
import { settleMonitor } from '../monitor.js';
import type { Schedule } from './schedule.js';

/** Options of {@link reduceLROnPlateau}. */
export interface ReduceLROnPlateauOptions {
  /**
   * The figure to watch: `validationLoss`, `validationAccuracy`, `trainLoss`, `trainAccuracy`, or one that a callback gives.
   * Epochs without it, such as those that are not validated, count for nothing. Default `validationLoss`, in trainings
   * without validation `trainLoss`.
   */
  metric?: string;
  /** Whether lower or higher is better. Default: `'min'` for names that end in `loss` or `error`, else `'max'`. */
  mode?: 'min' | 'max';
  /** Factor on the learning rate at every change, 0 < x < 1. Default 0.1. */
  factor?: number;
  /** Epochs with the figure, but without progress, that are borne, at least 0. Default 10. */
  patience?: number;
  /** How much better counts as progress, at least 0. Default 0.0001. */
  threshold?: number;
  /** Whether `threshold` is a share of the best figure or a difference. Default `'rel'`. */
  thresholdMode?: 'rel' | 'abs';
  /** Epochs with the figure after a change in which nothing is counted, at least 0. Default 0. */
  cooldown?: number;
  /** The lowest learning rate as a share of the full one, 0..1 (PyTorch's `min_lr` / `lr`). Default 0. */
  minFactor?: number;
}

const schema = z.strictObject({
  metric: z.string().min(1).optional(),
  mode: z.enum(['min', 'max']).optional(),
  factor: z.number().gt(0).lt(1).optional(),
  patience: z.int().min(0).optional(),
  threshold: z.number().min(0).optional(),
  thresholdMode: z.enum(['rel', 'abs']).optional(),
  cooldown: z.int().min(0).optional(),
  minFactor: z.number().min(0).max(1).optional(),
});

/**
 * Lowers the learning rate when a figure stops getting better, as `torch.optim.lr_scheduler.ReduceLROnPlateau` that is told
 * the figure after every epoch that has it. The rate follows from the whole history each time, so resuming is exact.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range, and in training when epochs were judged and none has the
 *   figure
 */
export function reduceLROnPlateau(options: ReduceLROnPlateauOptions = {}): Schedule {
  const parsed = parseOptions(schema, options, 'reduceLROnPlateau() options');
  const { metric, factor = 0.1, patience = 10, cooldown = 0, minFactor = 0 } = parsed;
  const { threshold = 1e-4, thresholdMode = 'rel' } = parsed;
  const monitor = { ...(metric && { monitor: metric }), ...(parsed.mode && { mode: parsed.mode }) };
  const { mode } = settleMonitor(monitor, true);
  const sign = mode === 'min' ? -1 : 1;
  const isBetter = (value: number, best: number | undefined): boolean => {
    if (best === undefined) return !Number.isNaN(value);
    const target = thresholdMode === 'rel' ? best * (1 + sign * threshold) : best + sign * threshold;
    return mode === 'min' ? value < target : value > target;
  };
  return {
    description: describeOptions('reduceLROnPlateau', {
      metric: metric ?? 'the loss',
      mode,
      factor,
      patience,
      threshold,
      thresholdMode,
      cooldown,
      minFactor,
    }),
    factor({ history = [], validates = true }) {
      const figure = settleMonitor(monitor, validates).monitor;
      let [current, bad, cooling] = [1, 0, 0];
      let best: number | undefined;
      for (const value of valuesOf(history, figure, validates)) {
        if (isBetter(value, best)) [best, bad] = [value, 0];
        else bad++;
        if (cooling > 0) [cooling, bad] = [cooling - 1, 0];
        if (bad <= patience) continue;
        const lowered = Math.max(current * factor, minFactor);
        // A change too small to matter is left out, as PyTorch does (its `eps`).
        if (current - lowered > 1e-8) current = lowered;
        [bad, cooling] = [0, cooldown];
      }
      return current;
    },
  };
}

/** The figure of every epoch that has it. */
function valuesOf(history: readonly EpochRecord[], metric: string, validates: boolean): number[] {
  const values = history.flatMap((record) => figuresOf(record)[metric] ?? []);
  // Before the first validation nobody knows what figures there will be.
  const judged = validates ? history.find(({ validationLoss }) => validationLoss !== undefined) : history[0];
  if (values.length > 0 || judged === undefined) return values;
  throw new PerceptError(
    'INVALID_ARGUMENT',
    `Expected ${metric} among the figures of epochs for reduceLROnPlateau() but epoch ${judged.epoch} has ${Object.keys(figuresOf(judged)).join(', ')}. Watch one of them, or give validation data or a callback that gives ${metric}`,
  );
}
