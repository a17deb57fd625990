// Decides what becomes int8, without touching the graph. The rules follow what onnxruntime fuses on its CPU and wasm
// providers: a float operator between DequantizeLinear and QuantizeLinear becomes one integer kernel. Whatever it would
// not fuse stays float, because a lone pair of conversions costs more than it saves.
import type { Tensor } from '@percept/core';
import type { Graph, Node } from '@percept/onnx';
import { attributes, type ValueTypes } from '@percept/onnx/graph';
import { floatAttribute, intAttribute, weightLayout } from '../graph/channel-layout.js';
import { broadcastsOverRows } from '../graph/fold-batch-norm.js';
import { constant, floatConstant, outputNames, producersOf, readersOf, requiredInputs } from '../graph/graph-values.js';
import { isStandard } from '../graph/simplify.js';
import type { Range } from './calibration/clip-range.js';
import type { Overrides } from './overrides.js';

/** What is to be quantized in a graph. */
export interface QuantizationPlan {
  /** Conv, Gemm and MatMul nodes whose weight becomes integer. */
  readonly weighted: ReadonlySet<Node>;
  /** Other nodes that will compute on integers. */
  readonly carried: ReadonlySet<Node>;
  /** Relu and Clip nodes that the saturation of the value before them makes superfluous. */
  readonly absorbed: ReadonlySet<Node>;
  /** Relu and Clip nodes that stay between a quantized node and the quantization of its result. */
  readonly fused: ReadonlySet<Node>;
  /** New name of values whose Relu or Clip is absorbed: its output's. */
  readonly renamed: ReadonlyMap<string, string>;
  /** Quantized values (by their new name), and the value whose range each one uses. */
  readonly ranges: ReadonlyMap<string, string>;
  /** Ranges that are not measured but known, by the value that has them. */
  readonly known: ReadonlyMap<string, Range>;
  /** Conv, ConvTranspose, Gemm and MatMul nodes that stay float, and why. */
  readonly float: readonly FloatNode[];
}

/** What a plan depends on beside the graph. */
export interface PlanOptions {
  /** Types of values, as far as they are known. */
  readonly types: ValueTypes;
  readonly overrides: Overrides;
  /** Whether quantizing a value whose range ends at 0 clamps it there: not with a zero point in the middle. */
  readonly saturatesAtZero: boolean;
}

/** A weighted node that stays float. */
export interface FloatNode {
  /** Its name, or its output's where it has none. */
  readonly name: string;
  readonly opType: string;
  readonly reason: string;
}

/** Outputs have the scale of the first input: the operator only moves values. Clamping before or after is the same. */
const moving = [
  ...['MaxPool', 'Flatten', 'Reshape', 'Transpose', 'Squeeze', 'Unsqueeze', 'Slice', 'Resize', 'Split', 'Gather'],
  ...['DepthToSpace', 'Expand', 'Tile'],
];
/** Outputs have a range of their own. */
const mixing = ['Add', 'Mul', 'Concat', 'GlobalAveragePool', 'AveragePool', 'LeakyRelu', 'Sigmoid'];
/** Written as sum and product of rescaled integers, see quantize-graph.ts; need a zero point at the end of the type. */
const gating = ['HardSigmoid', 'HardSwish'];
const clamping = ['Relu', 'Clip'];
/** Not quantized themselves, but their output is known to be float32 when their input is. */
const typePreserving = [
  ...clamping,
  ...['BatchNormalization', 'Dropout', 'Elu', 'GlobalMaxPool', 'HardSigmoid', 'HardSwish', 'Identity', 'Pad'],
  ...['ReduceMean', 'ReduceSum', 'Softmax', 'Sub', 'Div', 'Tanh'],
];
/** Float nodes so cheap that it pays to hand them results of integer kernels and to quantize what they make. */
const transparent = [...clamping, 'Pad'];

/** Plans static quantization of a graph whose constants are initializers. */
export function planQuantization(graph: Graph, options: PlanOptions): QuantizationPlan {
  const { weighted, float } = chooseWeighted(graph, options);
  const carried = chooseCarried(graph, weighted, options);
  const clamps = options.saturatesAtZero
    ? { ...absorbClamps(graph, weighted, carried, options.overrides), fused: new Set<Node>() }
    : fuseClamps(graph, weighted, carried);
  const ranges = chooseRanges(graph, weighted, carried, clamps);
  const known = new Map<string, Range>();
  for (const node of carried) if (node.opType === 'HardSigmoid') known.set(node.outputs[0]!, [0, 1]);
  return { weighted, carried, ...clamps, ranges, known, float };
}

/**
 * Values that a plan for any scheme and with any overrides may want the range of: what weighted nodes, carried ones and
 * clamps read and make.
 */
export function measurableValues(graph: Graph, types: ValueTypes): string[] {
  const values = new Set<string>();
  const isFloat = (name: string) => {
    const type = types.get(name);
    return (
      name !== '' && constant(graph, name) === undefined && type?.kind === 'tensor' && type.elementType === 'float32'
    );
  };
  for (const node of graph.nodes) {
    const measured = [...weighting, ...moving, ...mixing, ...gating, ...clamping].some((opType) =>
      isStandard(node, opType),
    );
    if (measured) for (const name of [...activationInputs(node), ...node.outputs]) if (isFloat(name)) values.add(name);
  }
  return [...values];
}

/** Whether the node's output has the scale of its first input. */
function movesValues(node: Node): boolean {
  return moving.some((opType) => isStandard(node, opType));
}

/** The inputs of a quantized node that carry activations (or, in Add, Mul and Concat, constants used like them). */
export function activationInputs(node: Node): string[] {
  return ['Add', 'Mul', 'Concat'].includes(node.opType) ? node.inputs : node.inputs.slice(0, 1);
}

const weighting = ['Conv', 'Gemm', 'MatMul'];

function chooseWeighted(graph: Graph, { overrides }: PlanOptions): { weighted: Set<Node>; float: FloatNode[] } {
  const weighted = new Set<Node>();
  const float: FloatNode[] = [];
  for (const node of graph.nodes) {
    const reason = whyFloat(graph, node) ?? whyKeptFloat(graph, node, overrides);
    if (reason === undefined) weighted.add(node);
    else if (reason !== '') float.push({ name: node.name || node.outputs[0]!, opType: node.opType, reason });
  }
  return { weighted, float };
}

/** The reason that an override gives; `undefined` without one. */
function whyKeptFloat(graph: Graph, node: Node, overrides: Overrides): string | undefined {
  if (overrides.keepsNodeFloat(node)) return 'an override keeps it float';
  const values = node.opType === 'Conv' ? [node.inputs[0]!, node.outputs[0]!] : [node.inputs[0]!];
  const value = [...values, ...clampedValues(graph, node)].find((name) => overrides.keepsValueFloat(name));
  return value === undefined ? undefined : `an override keeps ${value} float`;
}

/** What a Conv's result is called after the clamp that may be absorbed into it. */
function clampedValues(graph: Graph, node: Node): string[] {
  if (node.opType !== 'Conv') return [];
  return graph.nodes
    .filter((reader) => reader.inputs[0] === node.outputs[0] && clampsAroundZero(graph, reader))
    .map((reader) => reader.outputs[0]!);
}

/** `undefined` when the node can be quantized, `''` when it has no weights at all. */
export function whyFloat(graph: Graph, node: Node): string | undefined {
  if (isStandard(node, 'ConvTranspose')) return 'onnxruntime has no integer kernel for it';
  if (!weighting.some((opType) => isStandard(node, opType))) return '';
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

function chooseCarried(graph: Graph, weighted: ReadonlySet<Node>, options: PlanOptions): Set<Node> {
  const isFloat = floatValues(graph, weighted, options.types);
  const wholes = geluNodes(graph);
  const mayBe = (node: Node) => !weighted.has(node) && !wholes.has(node) && isFloat(node);
  const carriable = new Set(graph.nodes.filter((node) => mayBe(node) && canBeCarried(graph, node, options)));
  // What no weighted node comes after stays float, since int8 saves nothing there and would blur the scores. So does what
  // reaches one only through float nodes: it would be converted twice.
  const beforeWeights = new Set<string>();
  for (const node of graph.nodes.toReversed()) {
    const leads =
      weighted.has(node) ||
      ((carriable.has(node) || transparent.some((opType) => isStandard(node, opType))) &&
        node.outputs.some((output) => beforeWeights.has(output)));
    if (leads) for (const input of node.inputs) beforeWeights.add(input);
  }
  return new Set([...carriable].filter((node) => node.outputs.some((output) => beforeWeights.has(output))));
}

/**
 * Nodes of a GELU that is written as `x/2 · (1 + erf(x/√2))`, in either order of its products: runtimes make one float
 * kernel of them, unless some compute on integers.
 */
function geluNodes(graph: Graph): Set<Node> {
  const producers = producersOf(graph);
  const readers = readersOf(graph);
  const read = (node: Node, opType: string) =>
    (readers.get(node.outputs[0]!) ?? []).filter((reader) => isStandard(reader, opType));
  const scales = (node: Node | undefined): node is Node =>
    node !== undefined &&
    isStandard(node, 'Mul') &&
    node.inputs.some((name) => constant(graph, name)?.data.length === 1);
  const found = new Set<Node>();
  for (const erf of graph.nodes) {
    if (!isStandard(erf, 'Erf')) continue;
    const products = read(erf, 'Add').flatMap((sum) => {
      found.add(sum);
      return read(sum, 'Mul');
    });
    for (const product of products) {
      found.add(product);
      const around = [...product.inputs.map((name) => producers.get(name)), ...read(product, 'Mul')];
      for (const node of around) if (scales(node)) found.add(node);
    }
  }
  return found;
}

/** Tells nodes that compute on float32 from those that do arithmetic on shapes. */
function floatValues(graph: Graph, weighted: ReadonlySet<Node>, types: ValueTypes): (node: Node) => boolean {
  const known = new Set<string>();
  for (const [name, type] of types) if (type.kind === 'tensor' && type.elementType === 'float32') known.add(name);
  for (const input of requiredInputs(graph)) if (input.type === 'float32') known.add(input.name);
  const float = new Set<Node>();
  for (const node of graph.nodes) {
    // Operators of these kinds take operands of one type, so one float32 operand tells for all.
    if (!weighted.has(node) && !activationInputs(node).some((input) => known.has(input))) continue;
    float.add(node);
    const preserves = [...moving, ...mixing, ...typePreserving].some((opType) => isStandard(node, opType));
    if (weighted.has(node) || preserves) known.add(node.outputs[0]!);
  }
  return (node) => float.has(node);
}

/** Whether runtimes fuse the operator between conversions into an integer kernel, or run it on integers as it is. */
function canBeCarried(graph: Graph, node: Node, { overrides, saturatesAtZero }: PlanOptions): boolean {
  const kinds = saturatesAtZero ? [...moving, ...mixing, ...gating] : [...moving, ...mixing];
  if (!kinds.some((opType) => isStandard(node, opType))) return false;
  if (node.opType !== 'Split' && node.outputs.slice(1).some((output) => output !== '')) return false;
  if ([...activationInputs(node), ...node.outputs].some((name) => overrides.keepsValueFloat(name))) return false;
  const { opType } = node;
  if (movesValues(node) && constant(graph, node.inputs[0]) !== undefined) return false;
  if (opType === 'HardSigmoid')
    return floatAttribute(node, 'alpha', 0.2) > 0 && floatAttribute(node, 'beta', 0.5) !== 0;
  if (opType === 'Resize') return attributes(node).string('mode', 'nearest') === 'nearest';
  return true;
}

/**
 * Finds Relu and Clip nodes that do nothing on quantized values: the clamped value's range lies within the limits, so
 * saturating to it clamps as well. The value may pass through moving operators before it is clamped.
 */
function absorbClamps(
  graph: Graph,
  weighted: ReadonlySet<Node>,
  carried: ReadonlySet<Node>,
  overrides: Overrides,
): Omit<Clamps, 'fused'> {
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
    const passes = (by: Node | undefined) =>
      by !== undefined && carried.has(by) && movesValues(by) && by.opType !== 'Split';
    while (soleReader(value) && passes(producer)) {
      value = producer!.inputs[0]!;
      producer = producers.get(value);
    }
    if (!soleReader(value) || producer === undefined || renamed.has(value)) continue;
    if (overrides.keepsValueFloat(node.outputs[0]!) || producer.opType === 'HardSigmoid') continue;
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

/** What becomes of Relu and Clip nodes. */
interface Clamps extends Pick<QuantizationPlan, 'absorbed' | 'fused' | 'renamed'> {
  /** The clamped value whose range a value takes that is clamped only after having been moved. */
  readonly clamped: ReadonlyMap<string, string>;
}

/** Finds Relu and Clip nodes whose result is to be quantized in place of what they read. */
function fuseClamps(graph: Graph, weighted: ReadonlySet<Node>, carried: ReadonlySet<Node>): Clamps {
  const producers = producersOf(graph);
  const readers = readersOf(graph);
  const outputs = outputNames(graph);
  const fused = new Set<Node>();
  for (const node of graph.nodes) {
    const value = node.inputs[0]!;
    const producer = clampsAroundZero(graph, node) ? producers.get(value) : undefined;
    if (producer === undefined || outputs.has(value) || readers.get(value)?.length !== 1) continue;
    const quantized =
      (carried.has(producer) && !movesValues(producer)) ||
      (weighted.has(producer) && (producer.opType === 'Conv' || feedsQuantized(node, readers, weighted, carried)));
    if (quantized) fused.add(node);
  }
  return { absorbed: new Set(), fused, renamed: new Map(), clamped: new Map() };
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
  { renamed, clamped, fused }: Clamps,
): Map<string, string> {
  const now = (name: string) => renamed.get(name) ?? name;
  const ranges = new Map<string, string>();
  const add = (name: string, source: string = clamped.get(name) ?? now(name)) => {
    if (!ranges.has(now(name))) ranges.set(now(name), source);
  };
  const clampedNext = new Set([...fused].map((node) => node.inputs[0]!));
  for (const node of graph.nodes) {
    if (fused.has(node)) add(node.outputs[0]!);
    if (!weighted.has(node) && !carried.has(node)) continue;
    for (const input of activationInputs(node)) {
      if (constant(graph, input) === undefined) add(input);
    }
    // A Gemm or MatMul may leave its result float; it is quantized only where a quantized node reads it, see above.
    if (weighted.has(node) && node.opType !== 'Conv') continue;
    for (const output of node.outputs) {
      if (output === '' || clampedNext.has(output)) continue;
      add(output, movesValues(node) ? ranges.get(now(node.inputs[0]!)) : undefined);
    }
  }
  return ranges;
}
