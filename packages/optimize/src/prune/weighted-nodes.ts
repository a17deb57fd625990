import type { Tensor } from '@percept/core';
import type { Graph, Node } from '@percept/onnx';
import { attributes } from '@percept/onnx/graph';
import { constant, producersOf } from '../graph/graph-values.js';

/** A constant that a value is, turned or cast on the way, and where an axis of the value is found in it. */
export interface ConstantBehind {
  readonly name: string;
  readonly value: Tensor;
  /** Axis of the constant that an axis of the value comes from. */
  axisOf(axis: number): number;
}

const passing = new Set(['Transpose', 'Identity', 'Cast', 'CastLike']);

/** The constant behind a value; `undefined` where more is computed. */
export function constantBehind(
  graph: Graph,
  producers: ReadonlyMap<string, Node>,
  name: string,
): ConstantBehind | undefined {
  const value = constant(graph, name);
  if (value !== undefined) return { name, value, axisOf: (axis) => axis };
  const maker = producers.get(name);
  if (maker === undefined || maker.domain !== '' || !passing.has(maker.opType)) return undefined;
  const found = constantBehind(graph, producers, maker.inputs[0]!);
  if (found === undefined || maker.opType !== 'Transpose') return found;
  const perm = attributes(maker).ints('perm', [...found.value.dims.keys()].reverse());
  return { ...found, axisOf: (axis) => found.axisOf(perm[axis]!) };
}

/** A node with float32 weights, which stand in a constant of two axes or more. */
export interface WeightedNode {
  readonly node: Node;
  /** Its name, or its first output where it has none. */
  readonly layer: string;
  /** Name of the constant. */
  readonly weight: string;
  readonly value: Tensor<'float32'>;
  /** Axis of the constant along which the weights of one output are summed: input channels, of one group where there are several. */
  readonly inputAxis: number;
}

/** The nodes of a graph whose weights can be pruned, in its order; of nodes that share their weights the first. */
export function weightedNodes(graph: Graph): WeightedNode[] {
  const producers = producersOf(graph);
  const known = new Map<string, WeightedNode>();
  for (const node of graph.nodes) {
    const place = node.domain === '' ? places[node.opType]?.(node) : undefined;
    if (place === undefined) continue;
    for (const input of place.inputs) {
      const found = constantBehind(graph, producers, node.inputs[input] ?? '');
      const rank = found?.value.dims.length ?? 0;
      if (found === undefined || found.value.type !== 'float32' || rank < 2 || known.has(found.name)) continue;
      const axis = place.inputAxis(input);
      known.set(found.name, {
        node,
        layer: node.name || node.outputs[0]!,
        weight: found.name,
        value: found.value as Tensor<'float32'>,
        inputAxis: found.axisOf(axis < 0 ? axis + rank : axis),
      });
    }
  }
  return [...known.values()];
}

interface WeightPlace {
  readonly inputs: readonly number[];
  inputAxis(input: number): number;
}

const places: Readonly<Record<string, (node: Node) => WeightPlace>> = {
  Conv: () => ({ inputs: [1], inputAxis: () => 1 }),
  ConvTranspose: () => ({ inputs: [1], inputAxis: () => 0 }),
  Gemm(node) {
    const [transA, transB] = ['transA', 'transB'].map((name) => attributes(node).int(name, 0) !== 0);
    return { inputs: [1, 0], inputAxis: (input) => (input === 1 ? (transB ? 1 : 0) : transA ? 0 : 1) };
  },
  MatMul: () => ({ inputs: [1, 0], inputAxis: (input) => (input === 1 ? -2 : -1) }),
};
