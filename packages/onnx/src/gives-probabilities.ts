import type { Graph } from './model.js';

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
 * Whether an output holds probabilities: it is called so, or what makes it, seen through casts, reshapes and
 * (de)quantization, is one of `activations`. The values are never looked at: logits that happen to sum to one must not be
 * taken for something else.
 */
export function givesProbabilities(graph: Graph, output: string, activations: readonly string[]): boolean {
  if (output === 'probabilities') return true;
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  let node = producers.get(output);
  for (let steps = 0; node !== undefined && transparent.has(node.opType) && steps < graph.nodes.length; steps++) {
    node = producers.get(node.inputs[0] ?? '');
  }
  return node !== undefined && activations.includes(node.opType);
}
