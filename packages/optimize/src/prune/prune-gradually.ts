import { type LongCallOptions, parseOptions, throwIfAborted } from '@percept/core';
import type { Model } from '@percept/onnx';
import * as z from 'zod';
import { type LayerPatterns, layerPatternsSchema } from './name-patterns.js';
import { pruneMagnitude } from './prune-magnitude.js';
import { layerSparsities, type SparseModel } from './sparse-model.js';
import type { SparsitySchedule } from './sparsity-schedules.js';
import { applyMasks, type WeightMasks, withInitializers } from './weight-masks.js';

/** What is known of one round of {@link pruneGradually}. */
export interface SparseRound {
  /** Number of the round, from 0. */
  readonly round: number;
  readonly sparsity: number;
  /** Where the zeros are, for `keepZeros`. */
  readonly masks: WeightMasks;
  readonly signal: AbortSignal | undefined;
}

/** Options of {@link pruneGradually}. */
export interface PruneGraduallyOptions extends LongCallOptions {
  /** Sparsity of round 0, 1, …. */
  readonly schedule: SparsitySchedule;
  /** How often to prune, at least 1. */
  readonly rounds: number;
  /**
   * Trains the model after each round and gives it back, with its weights under the same names: `Trainer` with
   * `keepZeros(optimizer, masks)`. Zeros that it did not keep are set again.
   */
  readonly finetune: (model: Model, round: SparseRound) => Promise<Model> | Model;
  /** As in `pruneMagnitude`. Default `global`. */
  readonly scope?: 'global' | 'local';
  readonly include?: LayerPatterns;
  readonly exclude?: LayerPatterns;
}

const schema = z.strictObject({
  schedule: z.custom<SparsitySchedule>(
    (value) => typeof (value as SparsitySchedule | undefined)?.at === 'function',
    'a sparsity schedule',
  ),
  rounds: z.int().min(1),
  finetune: z.custom<PruneGraduallyOptions['finetune']>((value) => typeof value === 'function', 'a function'),
  scope: z.enum(['global', 'local']).optional(),
  include: layerPatternsSchema.optional(),
  exclude: layerPatternsSchema.optional(),
  signal: z.custom<AbortSignal>().optional(),
  onProgress: z.custom<LongCallOptions['onProgress']>().optional(),
});

/**
 * Prunes by magnitude and trains in turns, sparser from round to round (Han et al. 2015, arXiv:1506.02626; schedules of
 * Zhu & Gupta 2017): what is pruned at first is what is missed least, and the rest learns to do without.
 *
 * @throws PerceptError as {@link pruneMagnitude}; `ABORTED`; what `finetune` throws
 */
export async function pruneGradually(model: Model, options: PruneGraduallyOptions): Promise<SparseModel> {
  const parsed = parseOptions(schema, options, 'pruneGradually() options');
  const { schedule, rounds, finetune, signal, onProgress, ...choice } = parsed;
  let current = withInitializers(model);
  let masks: WeightMasks = new Map();
  for (let round = 0; round < rounds; round++) {
    throwIfAborted(signal);
    const sparsity = schedule.at(round);
    const pruned = pruneMagnitude(current, { ...withoutUndefined(choice), sparsity });
    masks = pruned.masks;
    current = applyMasks(await finetune(pruned.model, { round, sparsity, masks, signal }), masks);
    onProgress?.({ stage: 'prune', done: round + 1, total: rounds, unit: 'rounds' });
  }
  return { model: current, masks, layers: layerSparsities(current) };
}

function withoutUndefined<T extends object>(options: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}
