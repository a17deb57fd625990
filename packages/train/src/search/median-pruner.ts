import { parseOptions } from '@percept/core';
import * as z from 'zod';
import type { Pruner } from './pruner.js';
import type { Report } from './trial.js';

/** Options of {@link medianPruner}; the defaults are those of Optuna. */
export interface MedianPrunerOptions {
  /** Complete trials before any is pruned, at least 0. Default 5. */
  startupTrials?: number;
  /** Steps below this one are never judged. Default 0. */
  warmupSteps?: number;
  /** Steps between two judgements, counted from `warmupSteps`, at least 1. Default 1. */
  intervalSteps?: number;
  /** Complete trials that must have reported at the same step, at least 1. Default 1. */
  minTrials?: number;
}

const schema = z.strictObject({
  startupTrials: z.int().min(0).default(5),
  warmupSteps: z.int().min(0).default(0),
  intervalSteps: z.int().min(1).default(1),
  minTrials: z.int().min(1).default(1),
});

/**
 * Ends a trial whose best report is worse than the median of the complete trials' reports at the same step (Golovin et
 * al., "Google Vizier", KDD 2017), as `optuna.pruners.MedianPruner`; one that never reported a finite number, too.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function medianPruner(options: MedianPrunerOptions = {}): Pruner {
  const { startupTrials, warmupSteps, intervalSteps, minTrials } = parseOptions(
    schema,
    options,
    'medianPruner() options',
  );
  return {
    description: `medianPruner(startupTrials=${startupTrials}, warmupSteps=${warmupSteps}, intervalSteps=${intervalSteps}, minTrials=${minTrials})`,
    shouldPrune({ reports, history }) {
      const complete = history.filter(({ state }) => state === 'complete');
      if (complete.length === 0 || complete.length < startupTrials) return false;
      if (!opensInterval(reports, warmupSteps, intervalSteps)) return false;
      const best = Math.min(...finite(reports.map(({ value }) => value)));
      if (best === Number.POSITIVE_INFINITY) return true;
      const { step } = reports.at(-1)!;
      const others = complete.flatMap((trial) => trial.reports.filter((report) => report.step === step));
      const values = finite(others.map(({ value }) => value));
      return others.length >= minTrials && values.length > 0 && best > median(values);
    },
  };
}

/** Whether the last report is the first one at or after a step that is to be judged. */
function opensInterval(reports: readonly Report[], warmupSteps: number, intervalSteps: number): boolean {
  const { step } = reports.at(-1)!;
  if (step < warmupSteps) return false;
  const opening = Math.floor((step - warmupSteps) / intervalSteps) * intervalSteps + warmupSteps;
  return (reports.at(-2)?.step ?? -1) < opening;
}

function finite(values: readonly number[]): number[] {
  return values.filter((value) => !Number.isNaN(value));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}
