import { type LongCallOptions, parseOptions, throwIfAborted } from '@percept/core';
import type { Model } from '@percept/onnx';
import { describe } from '@percept/onnx/graph';
import * as z from 'zod';
import { withBatch } from './channel-graph.js';
import type { ChannelCriterion } from './importance.js';
import {
  channelOptionsFields,
  type PruneChannelsOptions,
  type PruningRecord,
  pruneChannels,
} from './prune-channels.js';

/** One round of {@link pruneIteratively}. */
export interface PruningStep {
  /** Number of the round, from 1. */
  readonly step: number;
  /** Share of the given model's multiply-accumulates that is left. */
  readonly macs: number;
  /** What went in this round. */
  readonly record: PruningRecord;
  readonly signal: AbortSignal | undefined;
}

/** Options of {@link pruneIteratively}. */
export interface PruneIterativelyOptions extends Omit<PruneChannelsOptions, 'target' | 'criterion'>, LongCallOptions {
  readonly target: { readonly macs: number };
  /** Rounds, at least 1; each takes the same share of what is left. */
  readonly steps: number;
  /** Trains the model after each round and gives it back: by `Trainer`, with or without distillation. */
  readonly finetune: (model: Model, step: PruningStep) => Promise<Model> | Model;
  /** As in `pruneChannels`, or a function that finds it anew for the model of each round, such as Taylor's. Default `l1`. */
  readonly criterion?: ChannelCriterion | ((model: Model) => Promise<ChannelCriterion> | ChannelCriterion);
}

/** What {@link pruneIteratively} made. */
export interface IterativelyPrunedModel {
  readonly model: Model;
  readonly steps: readonly PruningStep[];
}

const schema = z.strictObject({
  ...channelOptionsFields,
  target: z.strictObject({ macs: z.number().gt(0).max(1) }),
  steps: z.int().min(1),
  finetune: z.custom<PruneIterativelyOptions['finetune']>((value) => typeof value === 'function', 'a function'),
  criterion: z
    .union([
      channelOptionsFields.criterion,
      z.custom<(model: Model) => ChannelCriterion>((value) => typeof value === 'function', 'a function'),
    ])
    .default('l1'),
  signal: z.custom<AbortSignal>().optional(),
  onProgress: z.custom<LongCallOptions['onProgress']>().optional(),
});

/**
 * Structured pruning and training in turns: {@link pruneChannels} towards the target in equal shares, each followed by
 * `finetune`, so that importance is judged on weights that have recovered. `maxRatio` holds for all rounds together.
 *
 * @throws PerceptError as {@link pruneChannels}; `ABORTED`; what `finetune` throws
 */
export async function pruneIteratively(
  model: Model,
  options: PruneIterativelyOptions,
): Promise<IterativelyPrunedModel> {
  const parsed = parseOptions(schema, options, 'pruneIteratively() options');
  const { target, steps, finetune, criterion, maxRatio, signal, onProgress, ...rest } = parsed;
  const macsOf = (current: Model): number =>
    describe(current, { inputDims: withBatch(current.graph, rest.inputDims, 1) }).macs;
  const all = macsOf(model);
  const done: PruningStep[] = [];
  let current = model;
  for (let step = 1; step <= steps; step++) {
    throwIfAborted(signal);
    const share = Math.min(1, (target.macs ** (step / steps) * all) / macsOf(current));
    const { model: pruned, record } = pruneChannels(current, {
      ...rest,
      target: { macs: share },
      criterion: typeof criterion === 'function' ? await criterion(current) : criterion,
      maxRatio: 1 - (1 - maxRatio) ** (1 / steps),
    });
    const round: PruningStep = { step, macs: record.macs.after / all, record, signal };
    current = await finetune(pruned, round);
    done.push(round);
    onProgress?.({ stage: 'prune', done: step, total: steps, unit: 'rounds' });
  }
  return { model: current, steps: done };
}
