import { elementCount, type Tensor } from '@percept/core';
import type { Graph, Model, Node } from '../../model.js';
import type { RawTensor } from '../../model-tensors.js';
import { elementBits } from '../element-bits.js';
import { type InferenceOptions, inferTypes, type ModelTypes } from '../infer-types.js';
import { graphsWithin } from '../scope.js';
import { formatType } from '../shapes/value-type.js';
import { peakActivations } from './activation-memory.js';
import { multiplyAccumulates, numericDims } from './multiply-accumulates.js';

/** An input or output of a model. */
export interface DescribedValue {
  readonly name: string;
  /** `float32[N,3,224,224]`. */
  readonly type: string;
}

/** What one node is and costs. */
export interface DescribedNode {
  /** Its name, or its first output where it has none. */
  readonly name: string;
  /** `Conv`, `com.microsoft.FusedConv`. */
  readonly operator: string;
  /** Type of the first output: `float32[1,32,112,112]`. */
  readonly output: string;
  /** Multiply-accumulates; `undefined` where a size is not known. */
  readonly macs: number | undefined;
  /** Elements of the weights that it is the first to read. */
  readonly parameters: number;
}

/** How often an operator occurs, and what its nodes cost together. */
export interface DescribedOperator {
  readonly operator: string;
  readonly nodes: number;
  readonly macs: number;
  readonly parameters: number;
}

/** What {@link describe} says of a model. */
export interface ModelDescription {
  readonly name: string;
  readonly producer: string;
  readonly irVersion: number;
  /** Operator sets by domain; `ai.onnx` is the default one. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly inputs: readonly DescribedValue[];
  readonly outputs: readonly DescribedValue[];
  /** By operator, the most costly first. */
  readonly operators: readonly DescribedOperator[];
  /** In graph order, nodes of nested graphs and of functions of the model after the one that holds or calls them. */
  readonly nodes: readonly DescribedNode[];
  /**
   * Elements of the weights: all constants but those that say how to compute (integers that are shapes, axes or indices,
   * scales and zero points of quantization, bounds of Clip and their like).
   */
  readonly parameters: number;
  /** Bytes of all constants. */
  readonly constantBytes: number;
  /** Multiply-accumulates of all nodes together, those of nested graphs once; where `unknown` is not empty, at least so many. */
  readonly macs: number;
  /**
   * Names of nodes whose multiply-accumulates are not known: they depend on sizes that are not known (give `inputDims`),
   * or the operator is of another domain and none that is known here.
   */
  readonly unknown: readonly string[];
  /** Largest memory of activations at one time, in bytes; `undefined` when a size is not known. */
  readonly peakActivationBytes: number | undefined;
  /** Name of the node at which it is reached. */
  readonly peakNode: string | undefined;
}

/**
 * What a model is made of and costs: operators, parameters, multiply-accumulates, memory. For a model with dynamic sizes
 * give those to count for: `{ inputDims: { x: [1, 3, 224, 224] } }`. `formatDescription` writes it as text.
 *
 * One multiply-accumulate is two floating point operations. Activations are counted as `peakActivationBytes` says; what
 * a runtime shares between values, or needs beside them, is not known here.
 *
 * @throws PerceptError as `inferTypes`
 */
export function describe(model: Model, options: InferenceOptions = {}): ModelDescription {
  const types = inferTypes(model, options);
  const { graph } = model;
  const nodes: DescribedNode[] = [];
  const unknown: string[] = [];
  const counted = new Set<string>();
  const weights = weightSizes(graph);
  describeNodes(graph, types, (node, output, macs) => {
    const name = nodeName(node);
    if (macs === undefined) unknown.push(name);
    let parameters = 0;
    for (const input of node.inputs) {
      if (counted.has(input)) continue;
      parameters += weights.get(input) ?? 0;
      counted.add(input);
    }
    nodes.push({ name, operator: operatorName(node), output, macs, parameters });
  });
  const peak = peakActivations(graph, types);
  const constants = new Set(graph.initializers.keys());
  const typed = (name: string): DescribedValue => ({ name, type: formatType(types.values.get(name)) });
  return {
    name: graph.name,
    producer: [model.producerName, model.producerVersion].filter((text) => text !== '').join(' '),
    irVersion: model.irVersion,
    opsets: Object.fromEntries(Object.entries(model.opsets).map(([domain, opset]) => [domain || 'ai.onnx', opset])),
    inputs: graph.inputs.filter(({ name }) => !constants.has(name)).map(({ name }) => typed(name)),
    outputs: graph.outputs.map(({ name }) => typed(name)),
    operators: byOperator(nodes),
    nodes,
    parameters: [...weights.values()].reduce((sum, count) => sum + count, 0),
    constantBytes: constantBytes(graph),
    macs: nodes.reduce((sum, { macs = 0 }) => sum + macs, 0),
    unknown,
    peakActivationBytes: peak.bytes,
    peakNode: graph.nodes[peak.node] && nodeName(graph.nodes[peak.node]!),
  };
}

function describeNodes(
  graph: Graph,
  types: ModelTypes,
  add: (node: Node, output: string, macs: number | undefined) => void,
  outer: ReadonlyMap<string, ReturnType<ModelTypes['values']['get']>> = new Map(),
): void {
  const known = new Map([...outer, ...types.of(graph)]);
  const dims = (name: string) => {
    const type = known.get(name);
    return type?.kind === 'tensor' ? numericDims(type.dims) : undefined;
  };
  for (const node of graph.nodes) {
    const shapes = { node, inputs: node.inputs.map(dims), outputs: node.outputs.map(dims) };
    const body = types.called(node);
    add(node, formatType(known.get(node.outputs[0] ?? '')), body === undefined ? multiplyAccumulates(shapes) : 0);
    for (const attribute of Object.values(node.attributes)) {
      if (attribute.type === 'graph') describeNodes(attribute.value, types, add, known);
    }
    if (body !== undefined) describeNodes(body, types, add);
  }
}

function nodeName({ name, outputs, opType }: Node): string {
  return name === '' ? (outputs[0] ?? opType) : name;
}

function operatorName({ domain, opType }: Node): string {
  return domain === '' ? opType : `${domain}.${opType}`;
}

function byOperator(nodes: readonly DescribedNode[]): DescribedOperator[] {
  const found = new Map<string, { operator: string; nodes: number; macs: number; parameters: number }>();
  for (const { operator, macs = 0, parameters } of nodes) {
    const entry = found.get(operator) ?? { operator, nodes: 0, macs: 0, parameters: 0 };
    found.set(operator, entry);
    entry.nodes++;
    entry.macs += macs;
    entry.parameters += parameters;
  }
  return [...found.values()].sort((a, b) => b.macs - a.macs || b.parameters - a.parameters || b.nodes - a.nodes);
}

/** Inputs that say how to compute, rather than hold what was learned, by operator. */
const settingInputs: Readonly<Record<string, readonly number[]>> = {
  Clip: [1, 2],
  Dropout: [1, 2],
  OneHot: [1, 2],
  Pad: [2],
  Resize: [1, 2],
  Upsample: [1],
  DequantizeLinear: [1, 2],
  QuantizeLinear: [1, 2],
  QLinearConv: [1, 2, 4, 5, 6, 7],
  QLinearMatMul: [1, 2, 4, 5, 6, 7],
  ConvInteger: [2, 3],
  MatMulInteger: [2, 3],
};

/** Elements of the weights of a graph and the graphs nested in it, by name. */
function weightSizes(graph: Graph): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const inner of graphsWithin(graph)) {
    const settings = new Set<string>();
    for (const node of inner.nodes) {
      for (const at of settingInputs[node.opType] ?? []) settings.add(node.inputs[at] ?? '');
    }
    const add = (name: string, { type, dims }: Tensor | RawTensor): void => {
      if (settings.has(name) || type === 'int64' || type === 'bool' || type === 'string') return;
      sizes.set(name, elementCount(dims));
    };
    for (const [name, constant] of inner.initializers) add(name, constant);
    for (const [name, constant] of inner.rawInitializers ?? []) add(name, constant);
    for (const [name, { values }] of inner.sparseInitializers ?? []) add(name, values);
    for (const node of inner.nodes) {
      const value = node.opType === 'Constant' ? node.attributes.value : undefined;
      if (value?.type === 'tensor' || value?.type === 'rawTensor') add(node.outputs[0]!, value.value);
    }
  }
  return sizes;
}

function constantBytes(graph: Graph): number {
  let bytes = 0;
  const add = ({ type, dims }: Tensor | RawTensor): void => {
    bytes += Math.ceil((elementCount(dims) * (elementBits(type) ?? 0)) / 8);
  };
  for (const inner of graphsWithin(graph)) {
    for (const constant of inner.initializers.values()) add(constant);
    for (const constant of inner.rawInitializers?.values() ?? []) add(constant);
    for (const { values, indices } of inner.sparseInitializers?.values() ?? []) {
      add(values);
      add(indices);
    }
    for (const { attributes } of inner.nodes) {
      for (const attribute of Object.values(attributes)) {
        if (attribute.type === 'tensor' || attribute.type === 'rawTensor') add(attribute.value);
      }
    }
  }
  return bytes;
}
