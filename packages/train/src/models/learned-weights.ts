// Folding constants must stop at the weights: what a node makes of one, such as a scale reshaped to [C, 1, 1], would be
// trained in its place, under another name.
import type { Tensor } from '@percept/core';
import type { Graph, Model } from '@percept/onnx';
import { topologicalSort } from '@percept/onnx';
import { hasGradient, isLearned } from '../differentiability.js';
import { valuesThatReach } from '../trainable.js';

/**
 * Names of the initializers that are learned: a gradient flows to them from the output. One without dimensions counts as a
 * number of a formula.
 */
export function learnedWeights(graph: Graph): ReadonlySet<string> {
  const nodes = topologicalSort(graph);
  const reached = valuesThatReach(graph.outputs[0]!.name, nodes);
  const learned = new Set<string>();
  for (const node of nodes) {
    if (!node.outputs.some((name) => reached.has(name))) continue;
    for (const [index, name] of node.inputs.entries()) {
      const weight = graph.initializers.get(name);
      if (weight?.type !== 'float32' || weight.dims.length === 0 || !hasGradient(node, index)) continue;
      if (isLearned(node, weight.dims, false)) learned.add(name);
    }
  }
  return learned;
}

/** Changes a model while `weights` are inputs, of which nothing is known but type and dims; then they are initializers again. */
export function withOpenWeights(model: Model, weights: ReadonlySet<string>, change: (open: Model) => Model): Model {
  const own = [...model.graph.initializers].filter(([name]) => weights.has(name));
  const rest = [...model.graph.initializers].filter(([name]) => !weights.has(name));
  const infos = own.map(([name, { type, dims }]: [string, Tensor]) => ({ name, type, dims: [...dims], docString: '' }));
  const graph = { ...model.graph, inputs: [...model.graph.inputs, ...infos], initializers: new Map(rest) };
  const changed = change({ ...model, graph });
  const used = new Set(changed.graph.nodes.flatMap(({ inputs }) => inputs));
  changed.graph.inputs = changed.graph.inputs.filter(({ name }) => !weights.has(name));
  for (const [name, value] of own) if (used.has(name)) changed.graph.initializers.set(name, value);
  return changed;
}
