import { type LongCallOptions, PerceptError, parseOptions } from '@percept/core';
import type { Storage } from '@percept/storage';
import * as z from 'zod';
import { withMethod } from '../with-method.js';
import { type FlatSpace, flattenSpace } from './flat-space.js';
import type { Pruner } from './pruner.js';
import type { Sampler } from './sampler.js';
import type { SearchSpace } from './space.js';
import { tpeSampler } from './tpe-sampler.js';

/** Options of `search()`. */
export interface SearchOptions<Space> extends LongCallOptions {
  /** What is searched; the objective's parameters have its type. */
  space: Space;
  /** Whether less or more is better. Default `minimize`. */
  direction?: 'minimize' | 'maximize';
  /** Default {@link tpeSampler}. */
  sampler?: Sampler;
  /** Default: no trial is ended early. */
  pruner?: Pruner;
  /** Trials in all, those of earlier calls included, at least 1. Default: as many as `seconds` or the grid allow. */
  trials?: number;
  /** No trial begins later than this, in seconds from the call; those that run are finished. Default: no limit. */
  seconds?: number;
  /** Trials that run at once, 1 … `window`; has no influence on what they are. Default 1. */
  parallel?: number;
  /**
   * Trial i is suggested, and judged, by the results of the trials 0 … i - window, at least 1. Larger lets more run at
   * once, smaller learns sooner. Default 4.
   */
  window?: number;
  /** Seed of every draw. Default 0. */
  seed?: number;
  /** Keeps every trial as it goes; the same call goes on after a crash. Together with `key`. */
  storage?: Storage;
  /** Where the storage keeps them: `searches/flowers`. */
  key?: string;
}

/** Checked options of `search()`. */
export interface CheckedSearch {
  readonly space: SearchSpace;
  readonly flat: FlatSpace;
  readonly direction: 'minimize' | 'maximize';
  readonly sampler: Sampler;
  readonly pruner: Pruner | undefined;
  /** `Infinity` when only time ends the search. */
  readonly trials: number;
  readonly seconds: number;
  readonly parallel: number;
  readonly window: number;
  readonly seed: number;
  readonly stored: { readonly storage: Storage; readonly key: string } | undefined;
}

const schema = z.strictObject({
  space: z.looseObject({}),
  direction: z.enum(['minimize', 'maximize']).default('minimize'),
  sampler: withMethod<Sampler>('suggest', 'a sampler').optional(),
  pruner: withMethod<Pruner>('shouldPrune', 'a pruner').optional(),
  trials: z.int().min(1).optional(),
  seconds: z.number().gt(0).optional(),
  parallel: z.int().min(1).default(1),
  window: z.int().min(1).default(4),
  seed: z.int().default(0),
  storage: withMethod<Storage>('write', 'a Storage').optional(),
  key: z.string().min(1).optional(),
  signal: z.custom<AbortSignal>((value) => value instanceof AbortSignal, 'an AbortSignal').optional(),
  onProgress: z.custom((value) => typeof value === 'function', 'a function').optional(),
});

/** Checks the options of `search()` and fills in the defaults. */
export function checkSearchOptions(options: SearchOptions<SearchSpace>): CheckedSearch {
  const checked = parseOptions(schema, options, 'search() options');
  const { direction, pruner, parallel, window, seed, storage, key } = checked;
  const sampler = checked.sampler ?? tpeSampler();
  const flat = flattenSpace(options.space);
  const trials = Math.min(
    checked.trials ?? Number.POSITIVE_INFINITY,
    sampler.trials?.(flat) ?? Number.POSITIVE_INFINITY,
  );
  if (trials === Number.POSITIVE_INFINITY && checked.seconds === undefined) {
    throw new PerceptError('INVALID_ARGUMENT', 'Expected trials or seconds for search() options but received neither');
  }
  if (parallel > window) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected parallel of at most ${window} (window) for search() options but received ${parallel}; a larger window lets more trials run at once, and gives other trials`,
    );
  }
  if ((storage === undefined) !== (key === undefined)) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected storage and key together for search() options but received ${storage ? 'only storage' : 'only key'}`,
    );
  }
  return {
    space: options.space,
    flat,
    direction,
    sampler,
    pruner,
    trials,
    seconds: checked.seconds ?? Number.POSITIVE_INFINITY,
    parallel,
    window,
    seed,
    stored: storage && key !== undefined ? { storage, key } : undefined,
  };
}
