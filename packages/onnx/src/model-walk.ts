import { graphsWithin, subgraphsOf } from './graph/scope.js';
import type { Graph, Model, Node } from './model.js';

/** Every graph of a model: its own, those of its training, those in the bodies of its functions, and all nested ones. */
export function* graphsOf(model: Model): Generator<Graph> {
  yield* graphsWithin(model.graph);
  for (const { initialization, algorithm } of model.trainingInfo ?? []) {
    if (initialization) yield* graphsWithin(initialization);
    if (algorithm) yield* graphsWithin(algorithm);
  }
  for (const { nodes } of model.functions ?? []) {
    for (const node of nodes) for (const graph of subgraphsOf(node)) yield* graphsWithin(graph);
  }
}

/** Every node of a model, those of functions and nested graphs too. */
export function* nodesOf(model: Model): Generator<Node> {
  for (const graph of graphsOf(model)) yield* graph.nodes;
  for (const { nodes } of model.functions ?? []) yield* nodes;
}
