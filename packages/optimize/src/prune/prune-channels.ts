import { PerceptError, parseOptions } from '@percept/core';
import type { Dimension, Model } from '@percept/onnx';
import { describe } from '@percept/onnx/graph';
import * as z from 'zod';
import { macsOfModel } from './channel-budget.js';
import { channelGraph, withBatch } from './channel-graph.js';
import { type ChannelGroup, channelGroups, type StayingChannels } from './channel-groups.js';
import { type ScoredGroup, scoresPerMac, unitsByMacs, unitsByRatio } from './choose-units.js';
import { type ChannelCriterion, unitImportance } from './importance.js';
import { type LayerPatterns, layerPatternsSchema, meansLayer } from './name-patterns.js';
import { prepareForPruning } from './prepare-for-pruning.js';
import { removeChannels } from './remove-channels.js';

/** How much goes. */
export type PruningTarget =
  /** Share of the multiply-accumulates that is left, 0 < x ≤ 1: the least important channels of the whole model go. */
  | { readonly macs: number }
  /** Share of the channels that each group loses, 0 ≤ x < 1, and of some groups by the names of their layers. */
  | {
      readonly ratio: number;
      readonly layers?: readonly { readonly pattern: string | RegExp; readonly ratio: number }[];
    };

/** Options of {@link pruneChannels}. */
export interface PruneChannelsOptions {
  readonly target: PruningTarget;
  /** By what the least important channels are found. Default `l1`. */
  readonly criterion?: ChannelCriterion;
  /**
   * What the number of channels that a group has left is a multiple of (or it keeps all): 8 and 16 suit the blocks that
   * kernels work in. At least 1. Default 8.
   */
  readonly roundTo?: number;
  /** Largest share of a group that goes, 0 < x < 1, so that no layer becomes a bottleneck. Default 0.9. */
  readonly maxRatio?: number;
  /** Layers that keep their output channels, by name of the node or of its weights. Default: none. */
  readonly exclude?: LayerPatterns;
  /** Sizes of inputs by name, where the model leaves more than the batch open. */
  readonly inputDims?: Readonly<Record<string, readonly Dimension[]>>;
  /** Keys the choice of the criterion `random`. Default 0. */
  readonly seed?: number;
}

/** Layers that lose the same channels, before and after. */
export interface PrunedGroup {
  /** Names of the layers whose output channels these are. */
  readonly layers: readonly string[];
  /** Channels of the group in the layer where it has most. */
  readonly before: number;
  readonly after: number;
}

/** What {@link pruneChannels} did. */
export interface PruningRecord {
  readonly groups: readonly PrunedGroup[];
  /** What could not go, and why. */
  readonly staying: readonly StayingChannels[];
  /** Multiply-accumulates for one image. */
  readonly macs: { readonly before: number; readonly after: number };
  readonly parameters: { readonly before: number; readonly after: number };
}

/** What {@link pruneChannels} made. */
export interface PrunedModel {
  readonly model: Model;
  readonly record: PruningRecord;
}

const share = z.number().min(0).lt(1);
const targetSchema = z.union([
  z.strictObject({ macs: z.number().gt(0).max(1) }),
  z.strictObject({
    ratio: share,
    layers: z
      .array(z.strictObject({ pattern: z.union([z.string().min(1), z.instanceof(RegExp)]), ratio: share }))
      .optional(),
  }),
]);
export const channelOptionsFields = {
  criterion: z
    .union([
      z.enum(['l1', 'l2', 'batchNorm', 'random']),
      z.strictObject({ taylor: z.custom<ReadonlyMap<string, Float32Array>>((value) => value instanceof Map, 'a Map') }),
    ])
    .default('l1'),
  roundTo: z.int().min(1).default(8),
  maxRatio: z.number().gt(0).lt(1).default(0.9),
  exclude: layerPatternsSchema.default([]),
  inputDims: z.record(z.string(), z.array(z.union([z.int().min(1), z.string(), z.undefined()]))).default({}),
  seed: z.int().default(0),
};
const schema = z.strictObject({ target: targetSchema, ...channelOptionsFields });

/**
 * Structured pruning: takes whole channels out of a model, so that it becomes smaller and faster on any hardware.
 *
 * Which channels hang together is found in the graph itself (after DepGraph, Fang et al. 2023, arXiv:2301.12900):
 * residual additions, concatenations, depthwise and grouped convolutions (whole groups; of two groups the same places),
 * normalizations, biases and constants per channel, squeeze and excitation, Flatten before Gemm, channels that are padded,
 * sliced and split, hidden widths of perceptrons, and the width of attention heads. Inputs and outputs of the model keep
 * their channels; so does what is normalized over (LayerNormalization, Softmax), and what operators read that pruning
 * does not know. `record.staying` names each such layer and the reason.
 *
 * The result computes what the given model does with the weights of the removed channels set to zero. It must be trained
 * again to be as good: {@link pruneIteratively} does both in turns. The given model is not changed.
 *
 * @throws PerceptError `OPTIMIZE_NOTHING_TO_PRUNE` when no channel can go (`details.staying` says why);
 *   `OPTIMIZE_TARGET_UNREACHABLE`; `OPTIMIZE_NOT_FINITE` for NaN or infinite weights; `OPTIMIZE_UNKNOWN_SIZES` when
 *   multiply-accumulates are the target and sizes that they depend on are open; `INVALID_ARGUMENT`; as `inferTypes`
 */
export function pruneChannels(model: Model, options: PruneChannelsOptions): PrunedModel {
  const parsed = parseOptions(schema, options, 'pruneChannels() options');
  const { target, criterion, roundTo, maxRatio, exclude, inputDims, seed } = parsed;
  const prepared = prepareForPruning(model);
  const channels = channelGraph(prepared, inputDims);
  for (const layer of channels.layers) {
    if (!meansLayer(exclude, layer.name, layer.weight)) continue;
    for (const channel of layer.channels) channels.units.keep(channel, 'excluded');
  }
  const { groups, staying } = channelGroups(channels);
  const unjudged: StayingChannels[] = [];
  const scored = groups.flatMap((group): ScoredGroup[] => {
    const scores = unitImportance(group, { graph: prepared.graph, channels, criterion, seed });
    if (scores !== undefined) return [{ group, scores }];
    const reason = criterion === 'batchNorm' ? 'no BatchNormalization follows' : 'no gradients are given';
    unjudged.push(
      ...group.layers.map(({ name }) => ({ layer: name, channels: channelsOf(group, group.units), reason })),
    );
    return [];
  });
  const all = [...staying, ...unjudged];
  if (scored.length === 0) throw nothingToPrune(all);
  const rounding = { roundTo, maxRatio };
  const macs = macsOfModel(prepared, channels, inputDims);
  if ('macs' in target && macs.unknown.length > 0) throw unknownSizes(macs.unknown);
  const removed =
    'macs' in target
      ? unitsByMacs(typeof criterion === 'object' ? scoresPerMac(scored, macs, channels) : scored, target.macs, {
          macs,
          channels,
          rounding,
        })
      : unitsByRatio(scored, (group) => ratioOf(target, group), rounding);
  const result = removeChannels(prepared, channels, removed);
  const after = describe(result, { inputDims: withBatch(result.graph, inputDims, 1) });
  return {
    model: result,
    record: {
      groups: groups.map((group) => ({
        layers: group.layers.map(({ name }) => name),
        before: channelsOf(group, group.units),
        after: channelsOf(
          group,
          group.units.filter((unit) => !removed.has(unit)),
        ),
      })),
      staying: all,
      macs: { before: macs.all, after: after.macs },
      parameters: { before: describe(prepared).parameters, after: after.parameters },
    },
  };
}

function channelsOf({ channelsPerUnit }: ChannelGroup, units: readonly number[]): number {
  return units.length * channelsPerUnit;
}

/** The ratio of the first pattern that means a layer of the group. */
function ratioOf({ ratio, layers = [] }: z.infer<(typeof targetSchema)['options'][1]>, group: ChannelGroup): number {
  const own = layers.find(({ pattern }) =>
    group.layers.some(({ name, weight }) => meansLayer([pattern], name, weight)),
  );
  return own?.ratio ?? ratio;
}

function nothingToPrune(staying: readonly StayingChannels[]): PerceptError {
  const reasons = [...new Set(staying.map(({ reason }) => reason))].join('; ');
  return new PerceptError(
    'OPTIMIZE_NOTHING_TO_PRUNE',
    `Expected a model with channels that can be removed but received one where all have to stay (${reasons || 'it has no Conv, Gemm or MatMul with constant weights'}). Export it with its weights in the file and without quantization, and exclude fewer layers`,
    { details: { staying } },
  );
}

function unknownSizes(nodes: readonly string[]): PerceptError {
  return new PerceptError(
    'OPTIMIZE_UNKNOWN_SIZES',
    `Expected known sizes to count multiply-accumulates but received a model that leaves those of ${nodes.slice(0, 3).join(', ')} open. Give the option inputDims`,
    { details: { nodes } },
  );
}
