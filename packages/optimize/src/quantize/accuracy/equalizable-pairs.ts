import type { Graph, Node } from '@percept/onnx';
import { weightLayout } from '../../graph/channel-layout.js';
import { floatConstant, outputNames, producersOf, readersOf } from '../../graph/graph-values.js';
import { isStandard } from '../../graph/simplify.js';
import { type InputChannels, inputChannels } from './input-channels.js';

/** Two layers with nothing between them that a positive factor per channel could not pass. */
export interface LayerPair {
  readonly first: Node;
  readonly second: Node;
  /** The values between them, from the first one's output to the second one's input. */
  readonly between: readonly string[];
  /** How the second one's weight reads the channels. */
  readonly reads: InputChannels;
}

/** `f(s · x) = s · f(x)` for every s > 0, channel by channel. */
const homogeneous = [
  'Relu',
  'LeakyRelu',
  'MaxPool',
  'AveragePool',
  'GlobalAveragePool',
  'GlobalMaxPool',
  'Identity',
  'Dropout',
];

/**
 * Pairs of Conv and Gemm layers of which the second is the only one that reads the first, in the order of the graph. Their
 * weights must be constants of their own.
 */
export function equalizablePairs(graph: Graph): LayerPair[] {
  const producers = producersOf(graph);
  const readers = readersOf(graph);
  const outputs = outputNames(graph);
  const isOwn = (name: string | undefined): boolean =>
    name === undefined || name === '' || (floatConstant(graph, name) !== undefined && readers.get(name)?.length === 1);
  const isLayer = (node: Node): boolean =>
    (isStandard(node, 'Conv') || isStandard(node, 'Gemm')) && floatConstant(graph, node.inputs[1]) !== undefined;

  const pairs: LayerPair[] = [];
  for (const second of graph.nodes) {
    if (!isLayer(second) || !isOwn(second.inputs[1])) continue;
    const between = [second.inputs[0]!];
    let first = producers.get(between[0]!);
    while (first !== undefined && homogeneous.some((opType) => isStandard(first!, opType))) {
      between.unshift(first.inputs[0]!);
      first = producers.get(between[0]!);
    }
    if (first === undefined || !isLayer(first) || !isOwn(first.inputs[1]) || !isOwn(first.inputs[2])) continue;
    if (between.some((name) => outputs.has(name) || readers.get(name)?.length !== 1)) continue;
    const reads = inputChannels(second, floatConstant(graph, second.inputs[1])!);
    const makes = weightLayout(first, floatConstant(graph, first.inputs[1])!);
    if (reads !== undefined && makes?.channels === reads.channels) pairs.push({ first, second, between, reads });
  }
  return pairs;
}
