// Finds the nodes of a QDQ model that compute on integers: those between DequantizeLinear and QuantizeLinear for which
// TFLite has an int8 kernel that rounds once, as the ONNX model says. Every other node computes in float, with DEQUANTIZE
// before and QUANTIZE behind, which gives the same numbers; the record names it.
import type { Tensor } from '@percept/core';
import type { Graph, Node } from '@percept/onnx';
import { floatAttribute, intAttribute } from '../../graph/channel-layout.js';
import { constant, floatConstant, outputNames, producersOf, readersOf } from '../../graph/graph-values.js';
import { isStandard } from '../../graph/simplify.js';
import type { Quantization } from './graph.js';
import { type NodeQuantization, quantizationOf, sameQuantization } from './quantized-values.js';
import type { Activation } from './schema.js';

/** A node that computes on int8, and what belongs to it. */
export interface QuantizedUnit {
  /** The clamp behind it, which becomes part of it. */
  readonly activation: Activation;
  readonly activationNode: Node | undefined;
  /** The QuantizeLinear whose integers it gives. */
  readonly quantize: Node;
  readonly output: Quantization;
  /** An Add reads the integers of its first operand at this many times the step that they were made with. */
  readonly rescaling?: number;
}

/** Units by their node, and why weighted and moving nodes beside them compute in float. */
export interface QuantizedUnits {
  readonly units: ReadonlyMap<Node, QuantizedUnit>;
  readonly float: ReadonlyMap<Node, string>;
}

/** Operators with constant weights. */
const weighted = ['Conv', 'Gemm', 'MatMul'];
/** Integers are moved, so input and output must have one scale. */
const moving = ['MaxPool', 'Reshape', 'Flatten', 'Transpose', 'Squeeze', 'Unsqueeze', 'Slice', 'Pad', 'Identity'];
/** Only how the value is read changes. */
const rereading = ['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Transpose', 'Identity'];
/** The kernel rescales from the inputs' scales to the output's. */
const rescaling = ['Add', 'Sub', 'Mul', 'GlobalAveragePool', 'ReduceMean', 'Relu', 'LeakyRelu', 'Concat'];
const inputCounts: Readonly<Record<string, number>> = { Add: 2, Sub: 2, Mul: 2 };

/** Finds the units of a graph whose constants are initializers. */
export function findQuantizedUnits(graph: Graph): QuantizedUnits {
  return new UnitFinder(graph).find();
}

class UnitFinder {
  readonly #graph: Graph;
  readonly #producers: ReadonlyMap<string, Node>;
  readonly #readers: ReadonlyMap<string, Node[]>;
  readonly #outputs: ReadonlySet<string>;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#producers = producersOf(graph);
    this.#readers = readersOf(graph);
    this.#outputs = outputNames(graph);
  }

  find(): QuantizedUnits {
    const units = new Map<Node, QuantizedUnit>();
    const float = new Map<Node, string>();
    for (const node of this.#graph.nodes) {
      if (['QuantizeLinear', 'DequantizeLinear'].includes(node.opType) || !this.#reads(node, 0)) continue;
      const unit = this.#unit(node);
      if (typeof unit === 'string') {
        // Changing how a value is read computes nothing.
        if (!rereading.some((opType) => isStandard(node, opType))) float.set(node, unit);
      } else units.set(node, unit);
    }
    return { units, float };
  }

  /** Whether an input comes from a DequantizeLinear of 8 bits that is no constant. */
  #reads(node: Node, index: number): boolean {
    const from = this.#dequantize(node.inputs[index]);
    return from !== undefined && constant(this.#graph, from.inputs[0]) === undefined;
  }

  #dequantize(name: string | undefined): Node | undefined {
    const node = this.#producers.get(name ?? '');
    return node !== undefined && isStandard(node, 'DequantizeLinear') ? node : undefined;
  }

  #unit(node: Node): QuantizedUnit | string {
    const kind = (opTypes: readonly string[]) => opTypes.some((opType) => isStandard(node, opType));
    const isClip = isStandard(node, 'Clip') && this.#clampOf(node) === 'RELU6';
    const isPool = isStandard(node, 'AveragePool');
    if (!kind([...weighted, ...moving, ...rescaling]) && !isClip && !isPool)
      return 'TFLite has no int8 kernel for it that rounds as it does';
    if (node.outputs.slice(1).some((output) => output !== '')) return 'it has several outputs';
    const end = this.#end(node, kind([...weighted, 'Add', 'Mul', 'Sub']));
    if (end === undefined) return 'its result is not quantized';
    if (kind(weighted)) return this.#weightsFit(node) ?? end;
    const factor = isStandard(node, 'Add') ? this.#rescaling(node) : undefined;
    if (factor !== undefined) return { ...end, rescaling: factor };
    const count = kind(['Concat']) ? node.inputs.length : (inputCounts[node.opType] ?? 1);
    for (let index = 0; index < count; index++) {
      if (this.#eightBits(node.inputs[index]) === undefined) return `its input ${index} is not quantized to 8 bits`;
    }
    if ((kind(moving) || isPool) && !sameQuantization(this.#eightBits(node.inputs[0])!.quantization, end.output))
      return 'its input and output have different scales';
    return end;
  }

  /** The clamp and the QuantizeLinear behind a node, when nothing else sees what lies between. */
  #end(node: Node, mayClamp: boolean): QuantizedUnit | undefined {
    let from = node;
    let activation: Activation = 'NONE';
    let next = this.#soleReader(from);
    if (next !== undefined && mayClamp && ['Relu', 'Clip'].some((opType) => isStandard(next!, opType))) {
      const clamp = this.#clampOf(next);
      if (clamp === undefined) return undefined;
      activation = clamp;
      from = next;
      next = this.#soleReader(from);
    }
    if (next === undefined || !isStandard(next, 'QuantizeLinear')) return undefined;
    const quantized = quantizationOf(this.#graph, next, undefined);
    if (quantized === undefined || quantized.type === 'int32' || quantized.quantization.scales.length > 1)
      return undefined;
    return {
      activation,
      activationNode: from === node ? undefined : from,
      quantize: next,
      output: quantized.quantization,
    };
  }

  #soleReader(node: Node): Node | undefined {
    const name = node.outputs[0]!;
    const readers = this.#readers.get(name) ?? [];
    return readers.length === 1 && !this.#outputs.has(name) ? readers[0] : undefined;
  }

  #clampOf(node: Node): Activation | undefined {
    return clampOf(node, (name) => floatConstant(this.#graph, name)?.data[0]);
  }

  #eightBits(name: string | undefined): NodeQuantization | undefined {
    const node = this.#dequantize(name);
    if (node === undefined) return undefined;
    const found = quantizationOf(this.#graph, node, constant(this.#graph, node.inputs[0]));
    if (found === undefined || found.type === 'int32' || found.quantization.scales.length > 1) return undefined;
    // Integers read with other parameters than they were made with have no kernel.
    const made = this.#producers.get(node.inputs[0]!);
    if (made === undefined || !isStandard(made, 'QuantizeLinear')) return found;
    const source = quantizationOf(this.#graph, made, undefined);
    return source !== undefined && sameQuantization(source.quantization, found.quantization) ? found : undefined;
  }

  /** `α·x + β` in the form of a clamp by saturation: the integers of x read at α times their step, and a number β. */
  #rescaling(node: Node): number | undefined {
    const read = this.#dequantize(node.inputs[0]);
    const made = read && this.#producers.get(read.inputs[0]!);
    if (read === undefined || made === undefined || !isStandard(made, 'QuantizeLinear')) return undefined;
    const [to, from] = [read, made].map((pair) => quantizationOf(this.#graph, pair, undefined));
    if (to === undefined || from === undefined || to.type !== from.type) return undefined;
    const [after, before] = [to.quantization, from.quantization];
    if (after.scales.length > 1 || before.scales.length > 1 || after.zeroPoints[0] !== before.zeroPoints[0])
      return undefined;
    const offset = constant(this.#graph, this.#dequantize(node.inputs[1])?.inputs[0] ?? node.inputs[1]);
    const factor = after.scales[0]! / before.scales[0]!;
    return offset?.data.length === 1 && factor !== 1 ? factor : undefined;
  }

  #weightsFit(node: Node): string | undefined {
    if (this.#eightBits(node.inputs[0]) === undefined) return 'its input is not quantized to 8 bits';
    const from = this.#dequantize(node.inputs[1]);
    const values: Tensor | undefined = constant(this.#graph, from?.inputs[0]);
    const weight = from && values && quantizationOf(this.#graph, from, values);
    if (values === undefined || weight === undefined || weight.type === 'int32')
      return 'its weight is no int8 constant';
    if (weight.quantization.zeroPoints.some((zero) => zero !== 0)) return 'its weight is not symmetric';
    const rank = values.dims.length;
    const transposed = intAttribute(node, 'transB', 0) === 1;
    const channelAxis = node.opType === 'Conv' || transposed ? 0 : 1;
    const { scales, axis } = weight.quantization;
    if (scales.length > 1 && (axis < 0 ? axis + rank : axis) !== channelAxis) return 'its scales count another axis';
    if (node.opType !== 'Conv' && rank !== 2) return 'its weight is no matrix';
    if (
      node.opType === 'Gemm' &&
      (intAttribute(node, 'transA', 0) === 1 ||
        floatAttribute(node, 'alpha', 1) !== 1 ||
        floatAttribute(node, 'beta', 1) !== 1)
    )
      return 'it has transA, alpha or beta';
    const bias = node.inputs[2] ?? '';
    if (bias === '' || floatConstant(this.#graph, bias) !== undefined) return undefined;
    const biasFrom = this.#dequantize(bias);
    const isConstant = constant(this.#graph, biasFrom?.inputs[0]) !== undefined;
    return isConstant ? undefined : 'its bias is no constant';
  }
}

/** Which clamp of TFLite a Relu or Clip is. */
export function clampOf(node: Node, numberOf: (name: string) => number | undefined): Activation | undefined {
  if (isStandard(node, 'Relu')) return 'RELU';
  const limit = (index: number, open: number) => {
    const name = node.inputs[index] ?? '';
    return name === '' ? open : numberOf(name);
  };
  const low = limit(1, Number.NEGATIVE_INFINITY);
  const high = limit(2, Number.POSITIVE_INFINITY);
  if (low === 0 && high !== undefined && high >= 3.4e38) return 'RELU';
  if (low === 0 && high === 6) return 'RELU6';
  return low === -1 && high === 1 ? 'RELU_N1_TO_1' : undefined;
}
