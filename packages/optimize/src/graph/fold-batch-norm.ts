import { elementCount, type Tensor, tensor } from '@percept/core';
import { cloneModel, type Graph, type Model, type Node } from '@percept/onnx';
import { type ChannelLayout, floatAttribute, intAttribute, weightLayout } from './channel-layout.js';
import { dropUnreferenced, FreshNames, floatConstant, outputNames, producersOf, readersOf } from './graph-values.js';
import { dropPassThroughNodes, hoistConstants, isStandard } from './simplify.js';

/** What {@link foldBatchNorm} made. */
export interface FoldedModel {
  readonly model: Model;
  /** Names of the BatchNormalization nodes that are gone; the output's name where a node has none. */
  readonly folded: readonly string[];
}

/**
 * Folds every BatchNormalization (inference form) into the Conv, ConvTranspose or Gemm right before it:
 * `W' = W · γ/√(σ² + ε)` per output channel and `b' = (b − μ) · γ/√(σ² + ε) + β`, in double precision, rounded once to
 * float32. Identity and inference Dropout nodes are dropped and Constant nodes become initializers on the way.
 *
 * A normalization stays when its input has another reader or is itself a graph output, when it trains
 * (`training_mode`), or when a weight or statistic is no float32 constant. A weight that other nodes share is copied
 * first. Names of inputs and outputs, metadata and everything else stay; the given model is not changed; folding
 * twice changes nothing more.
 */
export function foldBatchNorm(model: Model): FoldedModel {
  const result = cloneModel(model);
  const { graph } = result;
  hoistConstants(graph);
  dropPassThroughNodes(result);
  const folded: string[] = [];
  const producers = producersOf(graph);
  const readers = readersOf(graph);
  const outputs = outputNames(graph);
  const names = new FreshNames(graph);
  for (const node of [...graph.nodes]) {
    const affine = channelAffine(graph, node);
    if (affine === undefined) continue;
    const from = node.inputs[0]!;
    const linear = producers.get(from);
    if (linear === undefined || outputs.has(from) || readers.get(from)!.length !== 1) continue;
    if (!absorb(graph, linear, affine, readers, names)) continue;
    const to = node.outputs[0]!;
    linear.outputs = [to];
    producers.set(to, linear);
    graph.nodes.splice(graph.nodes.indexOf(node), 1);
    folded.push(node.name === '' ? to : node.name);
  }
  dropUnreferenced(graph);
  return { model: result, folded };
}

const foldable = ['Conv', 'ConvTranspose', 'Gemm'];

/** `y = x · factor + offset`, per channel. */
interface ChannelAffine {
  readonly factor: Float64Array;
  readonly offset: Float64Array;
}

function channelAffine(graph: Graph, node: Node): ChannelAffine | undefined {
  if (!isStandard(node, 'BatchNormalization') || node.inputs.length !== 5) return undefined;
  if (intAttribute(node, 'training_mode', 0) !== 0 || intAttribute(node, 'spatial', 1) !== 1) return undefined;
  if (node.outputs.slice(1).some((output) => output !== '')) return undefined;
  const [gamma, beta, mean, variance] = node.inputs.slice(1).map((name) => floatConstant(graph, name)?.data);
  if (gamma === undefined || beta === undefined || mean === undefined || variance === undefined) return undefined;
  // The attribute is stored as float32, and so is its default.
  const epsilon = Math.fround(floatAttribute(node, 'epsilon', 1e-5));
  const factor = Float64Array.from(gamma, (value, channel) => value / Math.sqrt(variance[channel]! + epsilon));
  const offset = Float64Array.from(beta, (value, channel) => value - mean[channel]! * factor[channel]!);
  return factor.every(Number.isFinite) && offset.every(Number.isFinite) ? { factor, offset } : undefined;
}

function absorb(
  graph: Graph,
  linear: Node,
  affine: ChannelAffine,
  readers: Map<string, Node[]>,
  names: FreshNames,
): boolean {
  if (!foldable.some((opType) => isStandard(linear, opType))) return false;
  const weight = floatConstant(graph, linear.inputs[1]);
  const layout = weight && weightLayout(linear, weight);
  if (layout?.channels !== affine.factor.length) return false;
  const bias = perChannelBias(graph, linear, layout);
  if (bias === undefined) return false;

  const scaled = weight!.data.map((value, index) => value * affine.factor[layout.channelOf(index)]!);
  const shifted = bias.map((value, channel) => value * affine.factor[channel]! + affine.offset[channel]!);
  const own = (name: string | undefined, hint: string) =>
    name === undefined || name === '' || (readers.get(name)?.length ?? 1) > 1 || outputNames(graph).has(name)
      ? names.take(hint)
      : name;
  const weightName = own(linear.inputs[1], `${linear.inputs[1]}_folded`);
  const biasName = own(linear.inputs[2], `${weightName}_bias`);
  graph.initializers.set(weightName, tensor('float32', weight!.dims, scaled));
  graph.initializers.set(biasName, tensor('float32', [layout.channels], Float32Array.from(shifted)));
  linear.inputs = [linear.inputs[0]!, weightName, biasName];
  if (linear.opType === 'Gemm') delete linear.attributes.beta;
  return true;
}

/** The bias as it acts, one value per channel; `undefined` when it is no constant or differs from row to row. */
function perChannelBias(graph: Graph, linear: Node, layout: ChannelLayout): Float64Array | undefined {
  const name = linear.inputs[2] ?? '';
  if (name === '') return new Float64Array(layout.channels);
  const bias = floatConstant(graph, name);
  if (bias === undefined || !broadcastsOverRows(bias, layout.channels)) return undefined;
  const beta = linear.opType === 'Gemm' ? floatAttribute(linear, 'beta', 1) : 1;
  const { data } = bias;
  return Float64Array.from({ length: layout.channels }, (_, channel) => beta * data[data.length === 1 ? 0 : channel]!);
}

/** Whether a Gemm bias is a scalar or one value per column. */
export function broadcastsOverRows(bias: Tensor, columns: number): boolean {
  const count = elementCount(bias.dims);
  return count === 1 || (count === columns && (bias.dims.at(-1) ?? 0) === columns);
}
