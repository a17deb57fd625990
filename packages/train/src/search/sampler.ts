import type { Random } from '@percept/core';
import type { FlatSpace, FlatValues } from './flat-space.js';
import type { JudgedTrial } from './trial.js';

/** What a suggestion may depend on. */
export interface Suggestion {
  readonly space: FlatSpace;
  /** Number of the trial, from 0. */
  readonly trial: number;
  /** Seed of the search. */
  readonly seed: number;
  /** A generator of this trial's own. */
  readonly random: Random;
  /** The trials `0 … trial - window`, in order, all ended. */
  readonly history: readonly JudgedTrial[];
  /** Values of the trials between `history` and this one, in order, whether they have ended or not. */
  readonly pending: readonly FlatValues[];
}

/** Chooses the parameters of trials; a pure function of what it is handed. */
export interface Sampler {
  /** Name and options; a search is only resumed with the same. */
  readonly description: string;
  /** How many trials there are to be had; absent: any number. */
  trials?(space: FlatSpace): number;
  /** The parameters of a trial. */
  suggest(suggestion: Suggestion): FlatValues;
}
