import { type Tensor, tensor } from '@percept/core';
import { cloneModel, type Graph, type Model } from '@percept/onnx';
import { weightLayout } from '../../graph/channel-layout.js';
import { foldBatchNorm } from '../../graph/fold-batch-norm.js';
import { constant, floatConstant } from '../../graph/graph-values.js';
import { isStandard } from '../../graph/simplify.js';
import { equalizablePairs, type LayerPair } from './equalizable-pairs.js';

/** Options of {@link equalizeLayers}. */
export interface EqualizeLayersOptions {
  /**
   * Takes the upper limit of a Clip from 0 away first (ReLU6 becomes ReLU), which no factor could pass: the model computes
   * something else where the limit was reached. Default false.
   */
  readonly unboundClips?: boolean;
}

/** What {@link equalizeLayers} made. */
export interface EqualizedModel {
  readonly model: Model;
  /** Names of the layers of each pair that was equalized. */
  readonly pairs: readonly (readonly [first: string, second: string])[];
  /** Clips that lost their upper limit. */
  readonly unbounded: readonly string[];
}

/** Rounds over all pairs: a layer in the middle belongs to two of them. */
const rounds = 20;
/** Largest factor of a round from 1 at which the ranges count as equal. */
const converged = 1e-3;

/**
 * Cross-layer equalization (Nagel et al. 2019, arXiv:1906.04721): scales channel `i` of a layer by `1 / sᵢ` and the next
 * layer's weights for it by `sᵢ`, with `sᵢ = √(r₁ᵢ · r₂ᵢ) / r₂ᵢ` of the largest magnitudes of both, so that no channel wastes
 * the range that it shares with others in a scale per tensor. BatchNormalization is folded first. Between the layers may
 * be Relu, LeakyRelu, pooling, Identity and Dropout. Without `unboundClips` the model computes the same, up to rounding; the
 * one given is not changed.
 */
export function equalizeLayers(model: Model, { unboundClips = false }: EqualizeLayersOptions = {}): EqualizedModel {
  const result = cloneModel(foldBatchNorm(model).model);
  const unbounded = unboundClips ? removeUpperLimits(result.graph) : [];
  const pairs = equalizablePairs(result.graph);
  for (let round = 0; round < rounds; round++) {
    const furthest = Math.max(0, ...pairs.map((pair) => equalize(result.graph, pair)));
    if (furthest < converged) break;
  }
  const nameOf = ({ name, outputs }: LayerPair['first']): string => name || outputs[0]!;
  return { model: result, pairs: pairs.map(({ first, second }) => [nameOf(first), nameOf(second)]), unbounded };
}

/** Turns Clip from 0 to something into Relu. */
function removeUpperLimits(graph: Graph): string[] {
  const removed: string[] = [];
  for (const node of graph.nodes) {
    if (!isStandard(node, 'Clip') || constant(graph, node.inputs[1])?.data[0] !== 0 || (node.inputs[2] ?? '') === '')
      continue;
    node.opType = 'Relu';
    node.inputs = [node.inputs[0]!];
    removed.push(node.name || node.outputs[0]!);
  }
  return removed;
}

/** Equalizes a pair once; gives how far the factors were from 1. */
function equalize(graph: Graph, { first, second, reads }: LayerPair): number {
  const [weight, next] = [first, second].map((node) => floatConstant(graph, node.inputs[1])!) as [
    Tensor<'float32'>,
    Tensor<'float32'>,
  ];
  const makes = weightLayout(first, weight)!;
  const before = largestOf(weight, makes.channels, (index) => makes.channelOf(index));
  const after = largestOf(next, reads.channels, (index) => reads.channelOf(index));
  const factors = before.map((range, channel) => {
    const other = after[channel]!;
    // A channel that is zero on one side has no range to share.
    return range === 0 || other === 0 ? 1 : Math.sqrt(range / other);
  });
  replace(graph, first.inputs[1]!, weight, (value, index) => value / factors[makes.channelOf(index)]!);
  replace(graph, second.inputs[1]!, next, (value, index) => value * factors[reads.channelOf(index)]!);
  const bias = floatConstant(graph, first.inputs[2]);
  if (bias !== undefined) {
    const wide = tensor(
      'float32',
      [makes.channels],
      Float32Array.from({ length: makes.channels }, (_, at) => bias.data[bias.data.length === 1 ? 0 : at]!),
    );
    replace(graph, first.inputs[2]!, wide, (value, channel) => value / factors[channel]!);
  }
  return Math.max(...factors.map((factor) => Math.abs(factor - 1)));
}

function largestOf({ data }: Tensor<'float32'>, channels: number, channelOf: (index: number) => number): number[] {
  const largest = new Array<number>(channels).fill(0);
  for (const [index, value] of data.entries()) {
    const channel = channelOf(index);
    largest[channel] = Math.max(largest[channel]!, Math.abs(value));
  }
  return largest;
}

function replace(
  graph: Graph,
  name: string,
  { dims, data }: Tensor<'float32'>,
  change: (value: number, index: number) => number,
): void {
  graph.initializers.set(name, tensor('float32', dims, data.map(change)));
}
