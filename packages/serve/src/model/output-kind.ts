import type { Graph } from '@percept/onnx';

/** Nodes that change how a value is stored or shaped but not what it means. */
const transparent = new Set([
  'Identity',
  'Cast',
  'Reshape',
  'Flatten',
  'Squeeze',
  'QuantizeLinear',
  'DequantizeLinear',
]);

/**
 * Whether a graph's output holds probabilities already. It does when it is called `probabilities`, or when the node that
 * makes it, seen through casts, reshapes and (de)quantization, is a `Softmax`. Anything else is taken for logits. The
 * values themselves are never looked at: logits that happen to sum to one must not be treated differently.
 */
export function givesProbabilities(graph: Graph, output: string): boolean {
  if (output === 'probabilities') return true;
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  let node = producers.get(output);
  for (let steps = 0; node !== undefined && transparent.has(node.opType) && steps < graph.nodes.length; steps++) {
    node = producers.get(node.inputs[0] ?? '');
  }
  return node?.opType === 'Softmax';
}
