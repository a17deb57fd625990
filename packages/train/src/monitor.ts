// Which epochs are better than others.
import { PerceptError } from '@percept/core';
import { type BestEpoch, type EpochRecord, figuresOf } from './epoch-record.js';

/** What epochs are judged by. */
export interface Monitor {
  /**
   * Name of a figure of the epochs: `validationLoss`, `validationAccuracy`, `trainLoss` …, or one that a callback gives.
   * Default: `validationLoss`, without validation `trainLoss`.
   */
  monitor?: string;
  /** Whether small or large values are good. Default: `min` for names that end in `loss` or `error`, else `max`. */
  mode?: 'min' | 'max';
}

/** When a training ends before its last epoch because it does not get better. */
export interface EarlyStopping extends Monitor {
  /** Judged epochs without improvement after which the training ends, at least 1. Default 3. */
  patience?: number;
  /** Least change that counts as an improvement, at least 0. Default 0. */
  minDelta?: number;
  /** Whether the result is the best epoch's model rather than the last one's. Default false. */
  restoreBest?: boolean;
}

/** A {@link Monitor} with its defaults. */
export type SettledMonitor = Required<Monitor>;

/** Settles the defaults. */
export function settleMonitor({ monitor, mode }: Monitor, validates: boolean): SettledMonitor {
  const name = monitor ?? (validates ? 'validationLoss' : 'trainLoss');
  return { monitor: name, mode: mode ?? (/(loss|error)$/i.test(name) ? 'min' : 'max') };
}

/**
 * The figure of an epoch that it is judged by; `undefined` where the epoch was not judged.
 *
 * @throws PerceptError `INVALID_ARGUMENT` when `judged` and the epoch has no such figure
 */
export function monitoredValue(record: EpochRecord, { monitor }: SettledMonitor, judged: boolean): number | undefined {
  const figures = figuresOf(record);
  const value = figures[monitor];
  if (value === undefined && judged) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected a figure to judge epochs by among ${Object.keys(figures).join(', ')} but received ${JSON.stringify(monitor)}. Name one of them, or give validation data or a callback that gives it`,
    );
  }
  return value;
}

/** Whether `value` is better than `other` by more than `minDelta`. NaN is never better, and everything is better than NaN. */
function isBetter(value: number, other: number, mode: Monitor['mode'], minDelta = 0): boolean {
  if (Number.isNaN(other)) return !Number.isNaN(value);
  return mode === 'min' ? value < other - minDelta : value > other + minDelta;
}

/** The best `keep` epochs when one more is judged, the best first; of equal ones the earlier comes first. */
export function rankEpochs(
  best: readonly BestEpoch[],
  next: BestEpoch,
  keep: number,
  mode: Monitor['mode'],
): BestEpoch[] {
  const at = best.findIndex(({ value }) => isBetter(next.value, value, mode));
  const position = at < 0 ? best.length : at;
  return [...best.slice(0, position), next, ...best.slice(position)].slice(0, keep);
}

/** How many judged epochs have passed since the last improvement: a function of the history, so resuming changes nothing. */
export function epochsWithoutImprovement(
  history: readonly EpochRecord[],
  monitor: SettledMonitor,
  minDelta: number,
): number {
  let best = Number.NaN;
  let since = 0;
  for (const record of history) {
    const value = monitoredValue(record, monitor, false);
    if (value === undefined) continue;
    if (isBetter(value, best, monitor.mode, minDelta)) {
      best = value;
      since = 0;
    } else {
      since++;
    }
  }
  return since;
}
