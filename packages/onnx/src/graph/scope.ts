// Which names mean what, through nested graphs. A nested graph (If, Loop, Scan body) sees the values of the graphs around
// it; a name that it defines itself hides an outer one of the same name. The standard forbids such hiding, files have it.
import type { Graph, Node } from '../model.js';
import { renameParameters } from './quantization-notes.js';

/** The graphs that a node holds in its attributes. */
export function subgraphsOf(node: Node): Graph[] {
  const graphs: Graph[] = [];
  for (const attribute of Object.values(node.attributes)) {
    if (attribute.type === 'graph') graphs.push(attribute.value);
    else if (attribute.type === 'graphs') graphs.push(...attribute.value);
  }
  return graphs;
}

/** The constants of a graph by name, in each of the forms in which it may hold them. */
export function constantMaps(graph: Graph): Map<string, unknown>[] {
  const { initializers, rawInitializers, sparseInitializers } = graph;
  return [initializers, rawInitializers, sparseInitializers].filter((map) => map !== undefined);
}

/** Names of the constants of a graph, however they are stored. */
export function constantNames(graph: Graph): string[] {
  return constantMaps(graph).flatMap((constants) => [...constants.keys()]);
}

/** Names that a graph gives meaning to: its inputs, its constants and what its nodes make. */
export function definedValues(graph: Graph): Set<string> {
  const names = new Set(constantNames(graph));
  for (const input of graph.inputs) names.add(input.name);
  for (const node of graph.nodes) for (const output of node.outputs) if (output !== '') names.add(output);
  return names;
}

/** Names that a node reads: its inputs, and what its nested graphs take from outside. */
export function valuesRead(node: Node): Set<string> {
  const names = new Set<string>();
  for (const input of node.inputs) if (input !== '') names.add(input);
  for (const graph of subgraphsOf(node)) for (const name of capturedValues(graph)) names.add(name);
  return names;
}

/** Names that a nested graph takes from the graphs around it. */
export function capturedValues(graph: Graph): Set<string> {
  const own = definedValues(graph);
  const captured = new Set<string>();
  for (const node of graph.nodes) for (const name of valuesRead(node)) if (!own.has(name)) captured.add(name);
  for (const { name } of graph.outputs) if (name !== '' && !own.has(name)) captured.add(name);
  return captured;
}

/** Every name of a value or node in a graph and in the graphs nested in it. */
export function* namesIn(graph: Graph): Generator<string> {
  yield* constantNames(graph);
  for (const info of [...graph.inputs, ...graph.outputs, ...graph.valueInfos]) yield info.name;
  for (const node of graph.nodes) {
    yield node.name;
    yield* node.inputs;
    yield* node.outputs;
    for (const inner of subgraphsOf(node)) yield* namesIn(inner);
  }
}

/** A graph and all graphs nested in it, outermost first. */
export function* graphsWithin(graph: Graph): Generator<Graph> {
  yield graph;
  for (const node of graph.nodes) for (const inner of subgraphsOf(node)) yield* graphsWithin(inner);
}

/**
 * Makes a node read other values: `names` says what to read in place of what. In nested graphs, names that they define
 * themselves are left alone, and such a name steps aside (to `freshName` of it) where it would hide a new one.
 */
export function substituteReads(
  node: Node,
  names: ReadonlyMap<string, string>,
  freshName: (hint: string) => string,
): void {
  node.inputs = node.inputs.map((name) => names.get(name) ?? name);
  for (const graph of subgraphsOf(node)) substituteCaptures(graph, names, freshName);
}

function substituteCaptures(
  graph: Graph,
  names: ReadonlyMap<string, string>,
  freshName: (hint: string) => string,
): void {
  const captured = capturedValues(graph);
  const relevant = new Map([...names].filter(([from]) => captured.has(from)));
  if (relevant.size === 0) return;
  const own = definedValues(graph);
  const aside = new Map([...relevant.values()].filter((to) => own.has(to)).map((to) => [to, freshName(to)]));
  if (aside.size > 0) renameDefined(graph, aside, freshName);
  for (const node of graph.nodes) substituteReads(node, relevant, freshName);
  for (const output of graph.outputs) {
    // A nested graph's outputs count by position, so that their names are free to change.
    const to = relevant.get(output.name);
    if (to !== undefined) output.name = to;
  }
}

/** Renames values that a graph defines, wherever it or a graph nested in it refers to them. */
export function renameDefined(
  graph: Graph,
  names: ReadonlyMap<string, string>,
  freshName: (hint: string) => string,
): void {
  const renamed = (name: string): string => names.get(name) ?? name;
  for (const info of [...graph.inputs, ...graph.outputs, ...graph.valueInfos]) info.name = renamed(info.name);
  for (const constants of constantMaps(graph)) renameKeys(constants, names);
  for (const annotation of graph.quantizationAnnotations ?? []) {
    annotation.tensorName = renamed(annotation.tensorName);
  }
  renameParameters(graph, names);
  for (const node of graph.nodes) {
    node.outputs = node.outputs.map(renamed);
    substituteReads(node, names, freshName);
  }
}

function renameKeys(map: Map<string, unknown>, names: ReadonlyMap<string, string>): void {
  const entries = [...map];
  if (!entries.some(([name]) => names.has(name))) return;
  map.clear();
  for (const [name, value] of entries) map.set(names.get(name) ?? name, value);
}
