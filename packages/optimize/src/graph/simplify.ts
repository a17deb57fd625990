import { type Tensor, tensor } from '@percept/core';
import type { Attribute, Graph, Model, Node } from '@percept/onnx';
import { constant, outputNames, producersOf, readersOf, redirectReaders } from './graph-values.js';

/** Turns Constant nodes into initializers, so that later passes have one kind of constant to look at. */
export function hoistConstants(graph: Graph): void {
  const outputs = outputNames(graph);
  graph.nodes = graph.nodes.filter((node) => {
    const name = node.outputs[0]!;
    const value = isStandard(node, 'Constant') && !outputs.has(name) ? constantValue(node) : undefined;
    if (value !== undefined) graph.initializers.set(name, value);
    return value === undefined;
  });
}

/** Takes out Identity, and Dropout as it behaves at inference. What a graph output needs to keep its name stays. */
export function dropPassThroughNodes(model: Model): void {
  const { graph } = model;
  for (const node of [...graph.nodes]) {
    if (!isStandard(node, 'Identity') && !isInferenceDropout(node, model)) continue;
    if (bypass(graph, node)) graph.nodes.splice(graph.nodes.indexOf(node), 1);
  }
}

/** Whether the node is this operator of the standard ONNX domain. */
export function isStandard(node: Node, opType: string): boolean {
  return node.opType === opType && (node.domain === '' || node.domain === 'ai.onnx');
}

function bypass(graph: Graph, node: Node): boolean {
  const from = node.inputs[0]!;
  const to = node.outputs[0]!;
  const outputs = outputNames(graph);
  if (!outputs.has(to)) {
    redirectReaders(graph, to, from);
    return true;
  }
  const producer = producersOf(graph).get(from);
  if (producer === undefined || outputs.has(from)) return false;
  producer.outputs = producer.outputs.map((name) => (name === from ? to : name));
  redirectReaders(graph, from, to);
  return true;
}

function isInferenceDropout(node: Node, model: Model): boolean {
  // Before opset 7 Dropout trains unless told otherwise.
  if (!isStandard(node, 'Dropout') || (model.opsets[''] ?? 0) < 7) return false;
  const mask = node.outputs[1] ?? '';
  if (mask !== '' && (outputNames(model.graph).has(mask) || readersOf(model.graph).has(mask))) return false;
  const mode = node.inputs[2] ?? '';
  return mode === '' || constant(model.graph, mode)?.data[0] === 0;
}

function constantValue(node: Node): Tensor | undefined {
  const [name, attribute] = (Object.entries(node.attributes)[0] ?? []) as [string?, Attribute?];
  if (attribute === undefined || name === undefined) return undefined;
  switch (attribute.type) {
    case 'tensor':
      return attribute.value;
    case 'float':
      return tensor('float32', [], [attribute.value]);
    case 'floats':
      return tensor('float32', [attribute.value.length], attribute.value);
    case 'int':
      return tensor('int64', [], [BigInt(attribute.value)]);
    case 'ints':
      return tensor('int64', [attribute.value.length], attribute.value.map(BigInt));
    default:
      return undefined;
  }
}
