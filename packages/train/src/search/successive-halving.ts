import { parseOptions } from '@percept/core';
import * as z from 'zod';
import type { Pruner } from './pruner.js';
import type { JudgedTrial, Report } from './trial.js';

/** Options of {@link successiveHalvingPruner}; the defaults are those of Optuna, but for `minResource`. */
export interface SuccessiveHalvingOptions {
  /** Step of the first judgement, at least 1. Default 1. */
  minResource?: number;
  /** One trial in so many goes on, for so many times the steps; at least 2. Default 4. */
  reductionFactor?: number;
  /** Judgements left out at the beginning, at least 0. Default 0. */
  earlyStoppingRate?: number;
  /** Earlier trials that must have come to a judgement before a trial may pass it; those before them end. Default 0. */
  bootstrapTrials?: number;
}

const schema = z.strictObject({
  minResource: z.int().min(1).default(1),
  reductionFactor: z.int().min(2).default(4),
  earlyStoppingRate: z.int().min(0).default(0),
  bootstrapTrials: z.int().min(0).default(0),
});

/**
 * Asynchronous successive halving (ASHA; Li et al., "A System for Massively Parallel Hyperparameter Tuning", MLSys 2020)
 * in the form without pauses, as `optuna.pruners.SuccessiveHalvingPruner`: at the steps `minResource *
 * reductionFactor^(earlyStoppingRate + k)`, k = 0, 1, …, a trial goes on if it is in the best `1 / reductionFactor` of
 * the trials that came there before it.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function successiveHalvingPruner(options: SuccessiveHalvingOptions = {}): Pruner {
  const checked = parseOptions(schema, options, 'successiveHalvingPruner() options');
  const { minResource, reductionFactor, earlyStoppingRate, bootstrapTrials } = checked;
  return {
    description: `successiveHalvingPruner(minResource=${minResource}, reductionFactor=${reductionFactor}, earlyStoppingRate=${earlyStoppingRate}, bootstrapTrials=${bootstrapTrials})`,
    shouldPrune: ({ reports, history }) => fallsBehind(reports, history, checked),
  };
}

/** Whether a trial does not pass one of the judgements that it has come to. */
export function fallsBehind(
  reports: readonly Report[],
  history: readonly JudgedTrial[],
  { minResource, reductionFactor, earlyStoppingRate, bootstrapTrials }: Required<SuccessiveHalvingOptions>,
): boolean {
  // Judgements passed before are passed again: they look at the same earlier trials and the same reports.
  let rivals = history;
  for (let step = minResource * reductionFactor ** earlyStoppingRate; ; step *= reductionFactor) {
    const value = valueFrom(reports, step);
    if (value === undefined) return false;
    if (Number.isNaN(value)) return true;
    rivals = rivals.filter((rival) => !Number.isNaN(valueFrom(rival.reports, step) ?? Number.NaN));
    if (rivals.length + 1 <= bootstrapTrials) return true;
    const better = rivals.filter((rival) => valueFrom(rival.reports, step)! < value).length;
    const passing = Math.max(1, Math.floor((rivals.length + 1) / reductionFactor));
    if (better >= passing) return true;
  }
}

/** What was reported first at or after a step. */
function valueFrom(reports: readonly Report[], step: number): number | undefined {
  return reports.find((report) => report.step >= step)?.value;
}
