// What autoTrain tells of what it tried.
import type { EpochRecord } from '../epoch-record.js';
import { type LearningCurveSpec, learningCurves } from '../learning-curves.js';
import type { SearchResult } from '../search/search.js';
import {
  type HistoryPlotSpec,
  historyPlot,
  type ImportancePlotSpec,
  importancePlot,
  type ParallelPlotSpec,
  parallelCoordinates,
} from '../search/search-plots.js';
import type { Trial } from '../search/trial.js';
import type { AutoTrainPlan } from './plan.js';
import type { Recipe } from './recipe.js';

/** One line of the table of trials. */
export interface LeaderboardRow {
  /** From 1; the most accurate after the most rounds first. */
  readonly rank: number;
  readonly trial: number;
  readonly state: Trial['state'];
  /** Share of right answers on the validation images after the last round that it had, 0..1; NaN where it had none. */
  readonly accuracy: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly model: string;
  readonly augmentation: string;
  readonly batchSize: number;
  readonly optimizer: 'sgd' | 'adamw';
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly schedule: string;
  readonly labelSmoothing: number;
  /** Why a failed trial failed. */
  readonly error?: string;
}

/** What was tried, and what came of it. */
export interface AutoTrainReport {
  /** A few sentences. */
  readonly summary: string;
  /** Every trial: a table for `textTable` of `@percept/report`, or `console.table`. */
  readonly leaderboard: readonly LeaderboardRow[];
  /** How long trials were; hand it in again for the same trials. */
  readonly plan: AutoTrainPlan;
  /** Models that were too slow for the budget. */
  readonly leftOut: readonly string[];
  readonly search: SearchResult<Recipe>;
  /** For `plotFromSpec` of `@percept/report`. */
  readonly plots: {
    readonly history: HistoryPlotSpec;
    readonly importance: ImportancePlotSpec;
    readonly parallelCoordinates: ParallelPlotSpec;
    /** Of the training of the best; empty where there was no time for one. */
    readonly learningCurves: readonly LearningCurveSpec[];
  };
  /** Epochs of the training of the best. */
  readonly history: readonly EpochRecord[];
  /** Seconds in all, of this call. */
  readonly seconds: number;
}

/** What a report is made of. */
export interface Findings {
  readonly search: SearchResult<Recipe>;
  readonly plan: AutoTrainPlan;
  readonly leftOut: readonly string[];
  readonly history: readonly EpochRecord[];
  readonly seconds: number;
  readonly parts: { readonly train: number; readonly validation: number };
  readonly outcome: {
    readonly from: 'trial' | 'training';
    readonly accuracy: number;
    /** How the training of the best diverged. */
    readonly diverged: string | undefined;
  };
}

/** Writes the report. */
export function makeReport(findings: Findings): AutoTrainReport {
  const { search, plan, leftOut, history, seconds } = findings;
  return {
    summary: summarize(findings),
    leaderboard: rank(search.trials),
    plan,
    leftOut,
    search,
    plots: {
      history: historyPlot(search),
      importance: importancePlot(search),
      parallelCoordinates: parallelCoordinates(search),
      learningCurves: learningCurves(history),
    },
    history,
    seconds,
  };
}

function rank(trials: readonly Trial<Recipe>[]): LeaderboardRow[] {
  const rows = trials.map(({ number, state, params, reports, seconds, error }) => ({
    trial: number,
    state,
    accuracy: reports.at(-1)?.value ?? Number.NaN,
    rounds: reports.at(-1)?.step ?? 0,
    seconds,
    model: params.model,
    augmentation: params.augmentation,
    batchSize: params.batchSize,
    optimizer: params.optimizer.type,
    learningRate: params.optimizer.learningRate,
    weightDecay: params.optimizer.weightDecay,
    schedule: params.schedule,
    labelSmoothing: params.labelSmoothing,
    ...(error === undefined ? {} : { error }),
  }));
  const places = { complete: 0, pruned: 1, failed: 2 };
  return rows
    .sort(
      (a, b) =>
        places[a.state] - places[b.state] || b.rounds - a.rounds || b.accuracy - a.accuracy || a.trial - b.trial,
    )
    .map((row, at) => ({ rank: at + 1, ...row }));
}

function summarize(findings: Findings): string {
  const { search, plan, leftOut, parts, outcome, seconds, history } = findings;
  const { trials, best } = search;
  const count = (state: Trial['state']): number => trials.filter((trial) => trial.state === state).length;
  const models = Object.entries(plan.imagesPerRound).map(([name, images]) => `${name} (${images} images)`);
  const { model, optimizer, augmentation } = best.params;
  const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
  return [
    `${trials.length} trials in up to ${plan.rounds} rounds with ${models.join(', ')}: ${count('complete')} ran to their end, ${count('pruned')} were ended early, ${count('failed')} failed.`,
    ...(leftOut.length === 0 ? [] : [`Too slow for the budget: ${leftOut.join(', ')}.`]),
    `Learnt from ${parts.train} images, judged by ${parts.validation}.`,
    `The best was trial ${best.number} with ${percent(best.value)}: ${model}, ${optimizer.type} at ${optimizer.learningRate.toPrecision(2)}, augmentation ${augmentation}.`,
    outcome.from === 'training'
      ? `Trained again for ${history.length} epochs it has ${percent(outcome.accuracy)}.`
      : `Its model is the result${whyTrial(findings)}.`,
    `${Math.round(seconds)} seconds.`,
  ].join(' ');
}

function whyTrial({ history, outcome: { diverged } }: Findings): string {
  if (diverged !== undefined) return `; its longer training diverged: ${diverged}`;
  return history.length === 0 ? '' : `; ${history.length} epochs of training gave no better one`;
}
