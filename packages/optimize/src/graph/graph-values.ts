// Who makes and who reads the values of a graph. Every function looks at the graph as it stands when called; names read
// inside a subgraph (If, Loop, Scan bodies) count as read by the node that holds it.
import type { Tensor } from '@percept/core';
import type { Graph, Node } from '@percept/onnx';

/** The node that makes each value. */
export function producersOf(graph: Graph): Map<string, Node> {
  const producers = new Map<string, Node>();
  for (const node of graph.nodes) for (const output of node.outputs) if (output !== '') producers.set(output, node);
  return producers;
}

/** The nodes that read each value, once per reading input. */
export function readersOf(graph: Graph): Map<string, Node[]> {
  const readers = new Map<string, Node[]>();
  for (const node of graph.nodes) {
    for (const name of namesRead(node)) {
      const known = readers.get(name);
      if (known === undefined) readers.set(name, [node]);
      else known.push(node);
    }
  }
  return readers;
}

/** Names of the graph's outputs. */
export function outputNames(graph: Graph): Set<string> {
  return new Set(graph.outputs.map((output) => output.name));
}

/** The inputs that a caller must feed: an initializer listed among the inputs is a default, not a demand. */
export function requiredInputs(graph: Graph): Graph['inputs'] {
  return graph.inputs.filter((input) => !graph.initializers.has(input.name));
}

/** The float32 constant behind a name; `undefined` when it is none, or when a caller could override it as an input. */
export function floatConstant(graph: Graph, name: string | undefined): Tensor<'float32'> | undefined {
  const value = constant(graph, name);
  return value?.type === 'float32' ? (value as Tensor<'float32'>) : undefined;
}

/** The constant behind a name, of any type; `undefined` as for {@link floatConstant}. */
export function constant(graph: Graph, name: string | undefined): Tensor | undefined {
  if (name === undefined || name === '' || graph.inputs.some((input) => input.name === name)) return undefined;
  return graph.initializers.get(name);
}

/** Makes every reader of `from`, graph outputs aside, read `to`. */
export function redirectReaders(graph: Graph, from: string, to: string): void {
  for (const node of graph.nodes) {
    node.inputs = node.inputs.map((name) => (name === from ? to : name));
    for (const body of bodiesOf(node)) redirectReaders(body, from, to);
  }
}

/** Drops initializers and declared types that nothing refers to any more. */
export function dropUnreferenced(graph: Graph): void {
  const read = new Set([...outputNames(graph), ...graph.inputs.map((input) => input.name)]);
  for (const node of graph.nodes) for (const name of namesRead(node)) read.add(name);
  for (const name of [...graph.initializers.keys()]) if (!read.has(name)) graph.initializers.delete(name);
  const producers = producersOf(graph);
  graph.valueInfos = graph.valueInfos.filter((info) => producers.has(info.name) || graph.initializers.has(info.name));
}

/** Gives names that are not used anywhere in the graph. */
export class FreshNames {
  readonly #used: Set<string>;

  constructor(graph: Graph) {
    this.#used = new Set(namesIn(graph));
  }

  /** `hint` itself if it is free, otherwise `hint_2`, `hint_3`, …; never the same name twice. */
  take(hint: string): string {
    let name = hint;
    for (let suffix = 2; this.#used.has(name); suffix++) name = `${hint}_${suffix}`;
    this.#used.add(name);
    return name;
  }
}

function* namesIn(graph: Graph): Iterable<string> {
  yield* graph.initializers.keys();
  for (const info of [...graph.inputs, ...graph.outputs, ...graph.valueInfos]) yield info.name;
  for (const node of graph.nodes) {
    yield node.name;
    yield* node.inputs;
    yield* node.outputs;
    for (const body of bodiesOf(node)) yield* namesIn(body);
  }
}

function* namesRead(node: Node): Iterable<string> {
  for (const name of node.inputs) if (name !== '') yield name;
  for (const body of bodiesOf(node)) for (const inner of body.nodes) yield* namesRead(inner);
}

function bodiesOf(node: Node): Graph[] {
  return Object.values(node.attributes).flatMap((attribute) => (attribute.type === 'graph' ? [attribute.value] : []));
}
