import type { Random } from '@percept/core';
import type { FlatValues } from './flat-space.js';

/** A figure of merit on the way: a validation loss after an epoch. */
export interface Report {
  /** How much has been spent: epochs, steps; a whole number from 0, growing within a trial. */
  readonly step: number;
  /** NaN where the objective reported what is not finite; every pruner takes that for the worst. */
  readonly value: number;
}

/** How a trial ended. */
export type TrialState = 'complete' | 'pruned' | 'failed';

/** A trial that has ended. */
export interface Trial<Params = Record<string, unknown>> {
  /** From 0, in the order of suggestion. */
  readonly number: number;
  /** Parameters as the space nests them. */
  readonly params: Params;
  /** The same by path: `optimizer.sgd.momentum`; those of branches not taken are absent. */
  readonly values: FlatValues;
  readonly state: TrialState;
  /** What the objective returned; only of complete trials. */
  readonly value?: number;
  /** What the objective reported, in order. */
  readonly reports: readonly Report[];
  /** Seconds that the objective took. */
  readonly seconds: number;
  /** Message of what the objective threw; only of failed trials. */
  readonly error?: string;
}

/** What an objective is handed. */
export interface RunningTrial<Params = Record<string, unknown>> {
  /** From 0. */
  readonly number: number;
  readonly params: Params;
  /** Aborted when the search is; an objective that goes on regardless makes the search wait for it. */
  readonly signal: AbortSignal;
  /** A generator of the trial's own, the same whenever this trial runs. */
  readonly random: Random;
  /**
   * Tells how good the trial is so far; stored, and shown to pruners.
   *
   * @throws PerceptError `INVALID_ARGUMENT` when `step` is no whole number above the last one
   */
  report(step: number, value: number): void;
  /**
   * Whether the trial is not worth its rest, judged by its reports. Once it has said `true` the trial counts as pruned,
   * whatever the objective then returns or throws: end it.
   */
  shouldPrune(): boolean;
}

/** Gives a figure of merit for parameters. What it throws, or a value that is not finite, makes the trial a failed one. */
export type Objective<Params = Record<string, unknown>> = (trial: RunningTrial<Params>) => number | Promise<number>;

/** What samplers and pruners learn from: a trial as a score, of which less is better whatever the direction. */
export interface JudgedTrial {
  readonly number: number;
  readonly values: FlatValues;
  readonly state: TrialState;
  /** Only of complete trials. */
  readonly score?: number;
  /** As in {@link Trial.reports}, less is better. */
  readonly reports: readonly Report[];
}

/** Turns a trial's values so that less is better. */
export function judged(trial: Trial, direction: 'minimize' | 'maximize'): JudgedTrial {
  const sign = direction === 'minimize' ? 1 : -1;
  const { number, values, state, value } = trial;
  const reports = trial.reports.map((report) => ({ step: report.step, value: sign * report.value }));
  return { number, values, state, reports, ...(value !== undefined && { score: sign * value }) };
}
