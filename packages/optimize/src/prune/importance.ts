import { elementCount, keyedRandom, PerceptError, type Tensor } from '@percept/core';
import type { Graph, Node } from '@percept/onnx';
import type { ChannelGraph, WeightedLayer } from './channel-graph.js';
import type { ChannelGroup } from './channel-groups.js';

/** Gradients of weights by the name of the initializer, in its shape: what `weightGradients` gives. */
export type WeightGradients = ReadonlyMap<string, Float32Array>;

/**
 * By what the least important channels are found:
 * - `l1`, `l2`: the norm of a channel's weights (Li et al. 2017, arXiv:1608.08710; `torch.nn.utils.prune.ln_structured`),
 *   divided by the mean norm of its group so that layers compare, averaged over the layers that lose the channel together;
 * - `batchNorm`: |γ| of its BatchNormalization (network slimming, Liu et al. 2017, arXiv:1708.06519), averaged over those
 *   layers. The factors must not be folded into the weights yet;
 * - `taylor`: what the loss changes by to first order when the channel goes, Σ |w · ∂L/∂w| over its weights in all layers
 *   that lose it (after Molchanov et al. 2019, arXiv:1906.10771), with the gradients that it holds; needs a model that can
 *   be trained. Where multiply-accumulates are the target, it counts per multiply-accumulate saved;
 * - `random`: by chance, keyed by the seed; the yardstick for the others.
 */
export type ChannelCriterion = 'l1' | 'l2' | 'batchNorm' | 'random' | { readonly taylor: WeightGradients };

/** What scores are computed of. */
export interface ImportanceContext {
  readonly graph: Graph;
  readonly channels: ChannelGraph;
  readonly criterion: ChannelCriterion;
  readonly seed: number;
}

/**
 * The importance of every unit of a group, in its order: the higher, the more it is missed. `undefined` where the criterion
 * says nothing of the group.
 *
 * @throws PerceptError `OPTIMIZE_NOT_FINITE` when weights or gradients are NaN or infinite
 */
export function unitImportance(group: ChannelGroup, context: ImportanceContext): number[] | undefined {
  const { criterion, seed } = context;
  if (criterion === 'random') return group.units.map((unit) => keyedRandom('prune', seed, unit).float());
  const parts = group.layers.flatMap((layer) => {
    const scores = criterion === 'batchNorm' ? scaleScores(layer, context) : weightScores(layer, context);
    return scores === undefined ? [] : [sums(group, scores, criterion === 'l2')];
  });
  if (parts.length === 0) return undefined;
  const relative = criterion === 'l1' || criterion === 'l2';
  const summed = group.units.map((_, at) =>
    parts.reduce((sum, part) => sum + (relative ? part[at]! / (mean(part) || 1) : part[at]!), 0),
  );
  return typeof criterion === 'object' ? summed : summed.map((value) => value / parts.length);
}

/** What each channel of a layer counts, by channel. */
interface ChannelScores {
  readonly name: string;
  readonly channels: readonly number[];
  readonly values: Float64Array;
  readonly unitOf: (channel: number) => number;
}

/** Absolute values (l1, Taylor) or squares (l2) of the weights of each channel, summed. */
function weightScores(
  layer: WeightedLayer,
  { graph, channels, criterion }: ImportanceContext,
): ChannelScores | undefined {
  const weight = graph.initializers.get(layer.weight) as Tensor<'float32'>;
  const values = new Float64Array(layer.channels.length);
  const gradient = typeof criterion === 'object' ? criterion.taylor.get(layer.weight) : undefined;
  if (typeof criterion === 'object' && gradient?.length !== weight.data.length) return undefined;
  const inner = elementCount(weight.dims.slice(layer.axis + 1));
  for (let index = 0; index < weight.data.length; index++) {
    const element = weight.data[index]!;
    const at = Math.floor(index / inner) % values.length;
    if (criterion === 'l2') values[at]! += element * element;
    else values[at]! += Math.abs(gradient === undefined ? element : element * gradient[index]!);
  }
  return { name: layer.weight, channels: layer.channels, values, unitOf: (channel) => channels.units.unitOf(channel) };
}

/** |γ| of the BatchNormalization right after a layer, maybe behind others that pass the channels on. */
function scaleScores({ node }: WeightedLayer, { graph, channels }: ImportanceContext): ChannelScores | undefined {
  const follower: Node | undefined = graph.nodes.find(
    (other) => other.opType === 'BatchNormalization' && other.inputs[0] === node.outputs[0],
  );
  const name = follower?.inputs[1];
  const own = name === undefined ? undefined : channels.values.get(name)?.[0];
  const scale = name === undefined ? undefined : graph.initializers.get(name);
  if (name === undefined || own === undefined || scale?.type !== 'float32') return undefined;
  const values = Float64Array.from(scale.data as Float32Array, Math.abs);
  return { name, channels: own, values, unitOf: (channel) => channels.units.unitOf(channel) };
}

/** By unit of the group: its channels' scores together, the root of it for the Euclidean norm. */
function sums(group: ChannelGroup, { name, channels, values, unitOf }: ChannelScores, root: boolean): number[] {
  const byUnit = new Map<number, number>(group.units.map((unit) => [unit, 0]));
  for (const [at, channel] of channels.entries()) {
    const unit = unitOf(channel);
    const before = byUnit.get(unit);
    if (before !== undefined) byUnit.set(unit, before + values[at]!);
  }
  return group.units.map((unit) => {
    const sum = byUnit.get(unit)!;
    if (!Number.isFinite(sum)) throw notFinite(name);
    return root ? Math.sqrt(sum) : sum;
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The error for weights that cannot be compared. */
export function notFinite(weight: string): PerceptError {
  return new PerceptError(
    'OPTIMIZE_NOT_FINITE',
    `Expected finite weights and gradients to prune by but received NaN or infinity in ${weight}. Look for where the training went astray`,
    { details: { value: weight } },
  );
}
