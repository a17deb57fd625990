// Decides what becomes int8, without touching the graph. The rules follow what onnxruntime fuses on its CPU and wasm
// providers: a float operator between DequantizeLinear and QuantizeLinear becomes one integer kernel. Whatever it would
// not fuse stays float, because a lone pair of conversions costs more than it saves.
import type { Tensor } from '@percept/core';
import type { Graph, Node } from '@percept/onnx';
import { floatAttribute, intAttribute, weightLayout } from '../graph/channel-layout.js';
import { broadcastsOverRows } from '../graph/fold-batch-norm.js';
import { constant, floatConstant, outputNames, producersOf, readersOf, requiredInputs } from '../graph/graph-values.js';
import { isStandard } from '../graph/simplify.js';

/** What is to be quantized in a graph. */
export interface QuantizationPlan {
  /** Conv, Gemm and MatMul nodes whose weight becomes int8. */
  readonly weighted: ReadonlySet<Node>;
  /** Other nodes that will compute on uint8. */
  readonly carried: ReadonlySet<Node>;
  /** Relu and Clip nodes that the saturation of the value before them makes superfluous. */
  readonly absorbed: ReadonlySet<Node>;
  /** New name of values whose Relu or Clip is absorbed: its output's. */
  readonly renamed: ReadonlyMap<string, string>;
  /** Quantized values (by their new name), and the value whose range each one uses. */
  readonly ranges: ReadonlyMap<string, string>;
  /** Conv, ConvTranspose, Gemm and MatMul nodes that stay float, and why. */
  readonly float: readonly FloatNode[];
}

/** A weighted node that stays float. */
export interface FloatNode {
  /** Its name, or its output's where it has none. */
  readonly name: string;
  readonly opType: string;
  readonly reason: string;
}

/** Outputs have the scale of the first input: the operator only moves values. Clamping before or after is the same. */
const moving = ['MaxPool', 'Flatten', 'Reshape', 'Transpose', 'Squeeze', 'Unsqueeze', 'Slice'];
/** Outputs have a range of their own. */
const mixing = ['Add', 'Mul', 'Concat', 'GlobalAveragePool', 'AveragePool', 'LeakyRelu', 'Sigmoid'];
const clamping = ['Relu', 'Clip'];
/** Not quantized themselves, but their output is known to be float32 when their input is. */
const typePreserving = [
  ...clamping,
  ...['BatchNormalization', 'Dropout', 'Elu', 'GlobalMaxPool', 'HardSigmoid', 'HardSwish', 'Identity', 'Pad'],
  ...['ReduceMean', 'ReduceSum', 'Softmax', 'Sub', 'Div', 'Tanh'],
];

/** Plans static quantization of a graph whose constants are initializers. */
export function planQuantization(graph: Graph): QuantizationPlan {
  const { weighted, float } = chooseWeighted(graph);
  const carried = chooseCarried(graph, weighted);
  const { absorbed, renamed, clamped } = absorbClamps(graph, weighted, carried);
  const ranges = chooseRanges(graph, weighted, carried, renamed, clamped);
  return { weighted, carried, absorbed, renamed, ranges, float };
}

/** Whether the node's output has the scale of its first input. */
function movesValues(node: Node): boolean {
  return moving.some((opType) => isStandard(node, opType));
}

/** The inputs of a quantized node that carry activations (or, in Add, Mul and Concat, constants used like them). */
export function activationInputs(node: Node): string[] {
  return ['Add', 'Mul', 'Concat'].includes(node.opType) ? node.inputs : node.inputs.slice(0, 1);
}

function chooseWeighted(graph: Graph): { weighted: Set<Node>; float: FloatNode[] } {
  const weighted = new Set<Node>();
  const float: FloatNode[] = [];
  for (const node of graph.nodes) {
    const reason = whyFloat(graph, node);
    if (reason === undefined) weighted.add(node);
    else if (reason !== '') float.push({ name: node.name || node.outputs[0]!, opType: node.opType, reason });
  }
  return { weighted, float };
}

/** `undefined` when the node can be quantized, `''` when it has no weights at all. */
function whyFloat(graph: Graph, node: Node): string | undefined {
  if (isStandard(node, 'ConvTranspose')) return 'onnxruntime has no integer kernel for it';
  if (!['Conv', 'Gemm', 'MatMul'].some((opType) => isStandard(node, opType))) return '';
  const weight = floatConstant(graph, node.inputs[1]);
  if (weight === undefined) return 'its weight is no float32 constant';
  if (constant(graph, node.inputs[0]) !== undefined) return 'its input is a constant';
  if (weightLayout(node, weight) === undefined) return `a weight of rank ${weight.dims.length} is not supported`;
  if (!weight.data.every(Number.isFinite)) return 'its weight holds non-finite numbers';
  const bias = node.opType === 'MatMul' ? '' : (node.inputs[2] ?? '');
  if (bias !== '' && !isUsableBias(floatConstant(graph, bias), weightLayout(node, weight)!.channels)) {
    return 'its bias is no float32 constant with one value per channel';
  }
  if (node.opType !== 'Gemm') return undefined;
  const plain =
    intAttribute(node, 'transA', 0) === 0 &&
    floatAttribute(node, 'alpha', 1) === 1 &&
    (bias === '' || floatAttribute(node, 'beta', 1) === 1);
  return plain ? undefined : 'only Gemm with transA 0, alpha 1 and beta 1 is supported';
}

function isUsableBias(bias: Tensor<'float32'> | undefined, channels: number): boolean {
  return bias !== undefined && broadcastsOverRows(bias, channels) && bias.data.every(Number.isFinite);
}

function chooseCarried(graph: Graph, weighted: ReadonlySet<Node>): Set<Node> {
  // What lies behind the last weighted node stays float: int8 saves nothing there and would blur the scores.
  const beforeWeights = new Set<string>();
  for (const node of graph.nodes.toReversed()) {
    if (weighted.has(node) || node.outputs.some((output) => beforeWeights.has(output))) {
      for (const input of node.inputs) beforeWeights.add(input);
    }
  }
  const known = new Set(
    requiredInputs(graph)
      .filter((input) => input.type === 'float32')
      .map((input) => input.name),
  );
  const carried = new Set<Node>();
  for (const node of graph.nodes) {
    // Operators of these kinds take operands of one type, so one float32 operand tells for all.
    const isFloat = weighted.has(node) || activationInputs(node).some((input) => known.has(input));
    const carries = [...moving, ...mixing].some((opType) => isStandard(node, opType));
    if (!isFloat) continue;
    if (weighted.has(node) || carries || typePreserving.some((opType) => isStandard(node, opType))) {
      known.add(node.outputs[0]!);
    }
    if (carries && beforeWeights.has(node.outputs[0]!) && usesOnlyFirstOutput(node)) carried.add(node);
  }
  return carried;
}

function usesOnlyFirstOutput(node: Node): boolean {
  return node.outputs.slice(1).every((output) => output === '');
}

/**
 * Finds Relu and Clip nodes that do nothing on quantized values: the clamped value's range lies within the limits, so
 * saturating to it clamps as well. The value may pass through moving operators before it is clamped.
 */
function absorbClamps(graph: Graph, weighted: ReadonlySet<Node>, carried: ReadonlySet<Node>) {
  const producers = producersOf(graph);
  const readers = readersOf(graph);
  const outputs = outputNames(graph);
  const absorbed = new Set<Node>();
  const renamed = new Map<string, string>();
  const clamped = new Map<string, string>();
  const soleReader = (name: string) => !outputs.has(name) && readers.get(name)?.length === 1;
  for (const node of graph.nodes) {
    if (!clampsAroundZero(graph, node)) continue;
    let value = node.inputs[0]!;
    let producer = producers.get(value);
    while (soleReader(value) && producer !== undefined && carried.has(producer) && movesValues(producer)) {
      value = producer.inputs[0]!;
      producer = producers.get(value);
    }
    if (!soleReader(value) || producer === undefined || renamed.has(value)) continue;
    const ranged = carried.has(producer)
      ? !movesValues(producer)
      : weighted.has(producer) && (producer.opType === 'Conv' || feedsQuantized(node, readers, weighted, carried));
    if (!ranged) continue;
    absorbed.add(node);
    renamed.set(node.inputs[0]!, node.outputs[0]!);
    if (value !== node.inputs[0]) clamped.set(value, node.outputs[0]!);
  }
  return { absorbed, renamed, clamped };
}

function feedsQuantized(
  node: Node,
  readers: ReadonlyMap<string, Node[]>,
  weighted: ReadonlySet<Node>,
  carried: ReadonlySet<Node>,
): boolean {
  return (readers.get(node.outputs[0]!) ?? []).some((reader) => weighted.has(reader) || carried.has(reader));
}

function clampsAroundZero(graph: Graph, node: Node): boolean {
  if (isStandard(node, 'Relu')) return true;
  if (!isStandard(node, 'Clip')) return false;
  const limit = (index: number, fallback: number) => {
    const name = node.inputs[index] ?? '';
    return name === '' ? fallback : (floatConstant(graph, name)?.data[0] ?? Number.NaN);
  };
  return limit(1, Number.NEGATIVE_INFINITY) <= 0 && limit(2, Number.POSITIVE_INFINITY) >= 0;
}

function chooseRanges(
  graph: Graph,
  weighted: ReadonlySet<Node>,
  carried: ReadonlySet<Node>,
  renamed: ReadonlyMap<string, string>,
  clamped: ReadonlyMap<string, string>,
): Map<string, string> {
  const now = (name: string) => renamed.get(name) ?? name;
  const ranges = new Map<string, string>();
  const add = (name: string, source: string = clamped.get(name) ?? now(name)) => {
    if (!ranges.has(now(name))) ranges.set(now(name), source);
  };
  for (const node of graph.nodes) {
    if (!weighted.has(node) && !carried.has(node)) continue;
    for (const input of activationInputs(node)) {
      if (constant(graph, input) === undefined) add(input);
    }
    // A Gemm or MatMul may leave its result float; it is quantized only where a quantized node reads it, see above.
    if (weighted.has(node) && node.opType !== 'Conv') continue;
    add(node.outputs[0]!, movesValues(node) ? ranges.get(now(node.inputs[0]!)) : undefined);
  }
  return ranges;
}
