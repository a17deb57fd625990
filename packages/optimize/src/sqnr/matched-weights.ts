import type { Graph, Node } from '@percept/onnx';
import { constantOf } from '@percept/onnx/graph';
import { floatConstant, producersOf } from '../graph/graph-values.js';
import { isStandard } from '../graph/simplify.js';

/** A float weight, and its dequantized form in the quantized graph. */
export interface MatchedWeight {
  /** Name in the float graph. */
  readonly name: string;
  /** The first node of the float graph that reads it. */
  readonly node?: Node | undefined;
  /** Name of the dequantized weight in the quantized graph. */
  readonly after: string;
}

/**
 * The float32 constants that the quantized graph has as integers, in the order in which it dequantizes them: by name
 * (`<name>_quantized`, as ours and onnxruntime's tool call them), or by the place at which the node of the same name
 * reads them.
 */
export function matchedWeights(float: Graph, quantized: Graph): MatchedWeight[] {
  const floatNodes = nodesByName(float);
  const readers = readersByValue(quantized);
  const made = producersOf(float);
  const sizeOf = (name: string): string | undefined => {
    const producer = made.get(name);
    const constant = floatConstant(float, name) ?? (producer && constantOf(producer));
    return constant?.type === 'float32' ? constant.dims.join() : undefined;
  };
  const constants = new Set([
    ...quantized.initializers.keys(),
    ...(quantized.rawInitializers?.keys() ?? []),
    ...quantized.nodes.filter((node) => isStandard(node, 'Constant')).map((node) => node.outputs[0]!),
  ]);
  const found: MatchedWeight[] = [];
  for (const node of quantized.nodes) {
    if (!isStandard(node, 'DequantizeLinear') || !constants.has(node.inputs[0]!)) continue;
    const after = node.outputs[0]!;
    const byPlace = (readers.get(after) ?? []).flatMap(({ reader, at }) => {
      const twin = floatNodes.get(reader.name) ?? floatNodes.get(reader.outputs[0]!);
      return twin?.opType === reader.opType ? (twin.inputs[at] ?? []) : [];
    });
    const name = [node.inputs[0]!.replace(/_quantized$/, ''), ...byPlace].find((name) => sizeOf(name) !== undefined);
    if (name === undefined || found.some((weight) => weight.after === after)) continue;
    found.push({ name, node: float.nodes.find((reader) => reader.inputs.includes(name)), after });
  }
  return found;
}

function nodesByName(graph: Graph): Map<string, Node> {
  const nodes = new Map<string, Node>();
  for (const node of graph.nodes) {
    for (const output of node.outputs) nodes.set(output, node);
  }
  for (const node of graph.nodes) if (node.name !== '') nodes.set(node.name, node);
  return nodes;
}

function readersByValue(graph: Graph): Map<string, { readonly reader: Node; readonly at: number }[]> {
  const readers = new Map<string, { reader: Node; at: number }[]>();
  for (const reader of graph.nodes) {
    for (const [at, name] of reader.inputs.entries()) {
      const known = readers.get(name) ?? [];
      known.push({ reader, at });
      readers.set(name, known);
    }
  }
  return readers;
}
