import type { JudgedTrial, Report } from './trial.js';

/** What the verdict on a running trial may depend on. */
export interface PruningCase {
  /** Number of the trial, from 0. */
  readonly trial: number;
  /** Seed of the search. */
  readonly seed: number;
  /** What the trial has reported, at least once; less is better. */
  readonly reports: readonly Report[];
  /** The trials `0 … trial - window`, in order, all ended. */
  readonly history: readonly JudgedTrial[];
}

/** Ends trials that are not worth their rest; a pure function of what it is handed. */
export interface Pruner {
  /** Name and options; a search is only resumed with the same. */
  readonly description: string;
  shouldPrune(pruningCase: PruningCase): boolean;
}
