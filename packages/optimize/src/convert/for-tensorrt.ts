// TensorRT takes QDQ models with symmetric int8 alone: every zero point 0, weights per channel, biases in float (it
// quantizes them itself). Its developer guide, "Explicit quantization", says so; asymmetric or uint8 parameters are refused
// when the engine is built.
import { PerceptError, type Tensor, tensor } from '@percept/core';
import { cloneModel, type Graph, type Model, type Node } from '@percept/onnx';
import {
  constant,
  dropUnreferenced,
  FreshNames,
  outputNames,
  producersOf,
  redirectReaders,
} from '../graph/graph-values.js';
import { hoistConstants, isStandard } from '../graph/simplify.js';
import { roundHalfToEven } from '../quantize/quantization-parameters.js';
import { dequantized, type NodeQuantization, quantizationOf, shiftedToInt8 } from './tflite/quantized-values.js';

/** What {@link forTensorRT} did. */
export interface TensorRTModel {
  readonly model: Model;
  /** Activations whose range is now symmetric, and what became of their step: twice as wide where they had one sign. */
  readonly rescaled: readonly { readonly value: string; readonly from: number; readonly to: number }[];
  /** Relu nodes that were put in where the saturation of uint8 at 0 had stood for one. */
  readonly clamped: readonly string[];
  /** Biases that are float now. */
  readonly biases: number;
}

/**
 * The QDQ model in the form that TensorRT builds engines from: int8 with zero point 0 throughout, QuantizeLinear and
 * DequantizeLinear kept, weights int8 as they are (asymmetric ones are quantized anew), biases float32.
 *
 * An activation in `[a, b]` gets the step `max(|a|, |b|) / 127`. Where a uint8 value could not be negative because its
 * zero point is 0, and that saturation did the work of a Relu, the Relu is put back. A model with EPContext nodes, which
 * hold engines that are built already, comes back as it is. The given model is not changed.
 *
 * @throws PerceptError `OPTIMIZE_TENSORRT_UNSUPPORTED` for a model without QDQ nodes, of integer operators (QLinearConv,
 *   …), or with other integers than 8 bits (32 for biases)
 */
export function forTensorRT(model: Model): TensorRTModel {
  const result = cloneModel(model);
  const isEngine = ({ opType, domain }: Node) => opType === 'EPContext' && domain === 'com.microsoft';
  if (result.graph.nodes.some(isEngine)) return { model: result, rescaled: [], clamped: [], biases: 0 };
  hoistConstants(result.graph);
  return new Rewrite(result).run();
}

const nonNegative = ['Relu', 'Sigmoid', 'Softmax', 'HardSigmoid', 'Exp', 'Abs'];
/** Give nothing negative when they read nothing negative. */
const keepingSign = [
  ...['MaxPool', 'AveragePool', 'GlobalAveragePool', 'Reshape', 'Flatten', 'Transpose', 'Concat', 'Slice', 'Squeeze'],
  ...['Unsqueeze', 'Add', 'Mul', 'Identity', 'ReduceMean', 'Resize', 'Gather', 'Dropout'],
];
const largest = 127;

class Rewrite {
  readonly #model: Model;
  readonly #graph: Graph;
  readonly #names: FreshNames;
  readonly #producers: Map<string, Node>;
  readonly #rescaled: { value: string; from: number; to: number }[] = [];
  readonly #clamped: string[] = [];
  /** Values that cannot be negative: behind a QuantizeLinear whose zero point is its lowest integer. */
  readonly #signless = new Set<string>();
  /** What each QuantizeLinear said, by its output. */
  readonly #made = new Map<string, { step: number; zero: number; factor: number }>();
  #biases = 0;

  constructor(model: Model) {
    this.#model = model;
    this.#graph = model.graph;
    this.#names = new FreshNames(model.graph);
    this.#producers = producersOf(model.graph);
  }

  run(): TensorRTModel {
    const graph = this.#graph;
    this.#check();
    const nodes: Node[] = [];
    for (const node of graph.nodes) {
      if (isStandard(node, 'QuantizeLinear')) nodes.push(...this.#quantize(node));
      else if (!isStandard(node, 'DequantizeLinear') || this.#dequantize(node)) nodes.push(node);
    }
    graph.nodes = nodes;
    dropUnreferenced(graph);
    return { model: this.#model, rescaled: this.#rescaled, clamped: this.#clamped, biases: this.#biases };
  }

  #check(): void {
    const integer = this.#graph.nodes.find(({ opType }) => /^QLinear|Integer$|^DynamicQuantize/.test(opType));
    const hasPairs = this.#graph.nodes.some((node) => isStandard(node, 'QuantizeLinear'));
    if (integer === undefined && hasPairs) return;
    throw new PerceptError(
      'OPTIMIZE_TENSORRT_UNSUPPORTED',
      `Expected a model in QDQ form but received ${integer === undefined ? 'a float model' : `one with ${integer.opType}`}. Quantize the float model with quantizeStatic()`,
    );
  }

  #parameters(node: Node): NodeQuantization {
    const found = quantizationOf(this.#graph, node, constant(this.#graph, node.inputs[0]));
    if (found !== undefined) return found;
    throw new PerceptError(
      'OPTIMIZE_TENSORRT_UNSUPPORTED',
      `Expected 8-bit integers (32 bits for biases) with constant parameters per tensor or channel for ${node.opType} ${node.name || node.outputs[0]} but received others. Quantize the float model with quantizeStatic()`,
      { details: { node: node.name, opType: node.opType } },
    );
  }

  #quantize(node: Node): Node[] {
    const { quantization } = this.#parameters(node);
    const [step, zero] = [quantization.scales[0]!, quantization.zeroPoints[0]!];
    // In int8 terms the integers are −128..127.
    const [low, high] = [(-128 - zero) * step, (127 - zero) * step];
    const symmetric = zero === 0 ? step : Math.fround(Math.max(-low, high) / largest);
    this.#made.set(node.outputs[0]!, { step, zero, factor: symmetric / step });
    if (symmetric !== step) this.#rescaled.push({ value: node.inputs[0]!, from: step, to: symmetric });
    node.inputs = [node.inputs[0]!, ...this.#store(node.outputs[0]!, [symmetric], [])];
    delete node.attributes.axis;
    if (low < 0) return [node];
    this.#signless.add(node.outputs[0]!);
    if (this.#cannotBeNegative(node.inputs[0]!)) return [node];
    const clamp = this.#names.take(`${node.inputs[0]}_clamped`);
    const relu: Node = {
      ...blank(),
      name: this.#names.take(`${clamp}_Relu`),
      opType: 'Relu',
      inputs: [node.inputs[0]!],
      outputs: [clamp],
    };
    this.#clamped.push(relu.name);
    node.inputs[0] = clamp;
    return [relu, node];
  }

  #cannotBeNegative(name: string): boolean {
    const node = this.#producers.get(name);
    // What a caller feeds is the caller's: pixels are not negative.
    if (node === undefined) return this.#graph.inputs.some((input) => input.name === name);
    if (isStandard(node, 'DequantizeLinear')) return this.#signless.has(node.inputs[0]!);
    if (nonNegative.some((opType) => isStandard(node, opType))) return true;
    if (isStandard(node, 'Clip')) return Number(constant(this.#graph, node.inputs[1])?.data[0] ?? -1) >= 0;
    if (!keepingSign.some((opType) => isStandard(node, opType))) return false;
    const operands = ['Add', 'Mul', 'Concat'].includes(node.opType) ? node.inputs : node.inputs.slice(0, 1);
    return operands.every((operand) => {
      const value = constant(this.#graph, operand);
      return value === undefined
        ? this.#cannotBeNegative(operand)
        : Array.from(value.data as Iterable<number>).every((x) => x >= 0);
    });
  }

  /** Whether the node stays. */
  #dequantize(node: Node): boolean {
    const values = constant(this.#graph, node.inputs[0]);
    const { type, quantization } = this.#parameters(node);
    if (values === undefined) {
      this.#dequantizeActivation(node, quantization.scales[0]!, quantization.zeroPoints[0]!);
      return true;
    }
    if (type === 'int32') {
      this.#biases++;
      this.#replaceByConstant(node, dequantized(values, quantization));
      return false;
    }
    const integers = shiftedToInt8(values);
    if (quantization.zeroPoints.every((zero) => zero === 0)) this.#storeWeight(node, integers, quantization.scales);
    else {
      const float = dequantized(integers, quantization);
      const { scales, channelOf } = symmetricScales(
        float,
        quantization.scales.length > 1 ? quantization.axis : undefined,
      );
      const anew = Int8Array.from(float.data, (value, at) => roundHalfToEven(value / scales[channelOf(at)]!));
      this.#storeWeight(node, tensor('int8', float.dims, anew), scales);
    }
    return true;
  }

  #dequantizeActivation(node: Node, step: number, zero: number): void {
    const made = this.#made.get(node.inputs[0]!);
    if (made === undefined || made.zero !== zero) {
      throw new PerceptError(
        'OPTIMIZE_TENSORRT_UNSUPPORTED',
        `Expected DequantizeLinear ${node.name || node.outputs[0]} to read the integers of a QuantizeLinear with its zero point but received others. Quantize the float model with quantizeStatic()`,
        { details: { node: node.name } },
      );
    }
    // Integers may be read at another step than they were made with, which multiplies them.
    node.inputs = [node.inputs[0]!, ...this.#store(node.outputs[0]!, [Math.fround(step * made.factor)], [])];
    delete node.attributes.axis;
  }

  #storeWeight(node: Node, values: Tensor, scales: readonly number[]): void {
    const name = this.#names.take(`${node.inputs[0]}_symmetric`);
    this.#graph.initializers.set(name, values);
    node.inputs = [name, ...this.#store(name, scales, scales.length === 1 ? [] : [scales.length])];
  }

  #store(hint: string, scales: readonly number[], dims: readonly number[]): [string, string] {
    const scale = this.#names.take(`${hint}_scale`);
    const zero = this.#names.take(`${hint}_zero_point`);
    this.#graph.initializers.set(scale, tensor('float32', dims, [...scales]));
    this.#graph.initializers.set(zero, tensor('int8', dims));
    return [scale, zero];
  }

  #replaceByConstant(node: Node, value: Tensor): void {
    const output = node.outputs[0]!;
    if (outputNames(this.#graph).has(output)) {
      throw new PerceptError(
        'OPTIMIZE_TENSORRT_UNSUPPORTED',
        `Expected outputs that are computed but received the constant ${output}. Take it out of the outputs`,
      );
    }
    const name = this.#names.take(`${output}_float`);
    this.#graph.initializers.set(name, value);
    redirectReaders(this.#graph, output, name);
  }
}

function symmetricScales(value: Tensor<'float32'>, axis: number | undefined) {
  const at = axis === undefined ? 0 : axis < 0 ? axis + value.dims.length : axis;
  const inner = value.dims.slice(at + 1).reduce((product, dim) => product * dim, 1);
  const channels = axis === undefined ? 1 : value.dims[at]!;
  const channelOf = (index: number) => (axis === undefined ? 0 : Math.floor(index / inner) % channels);
  const most = new Float64Array(channels);
  value.data.forEach((x, index) => {
    most[channelOf(index)] = Math.max(most[channelOf(index)]!, Math.abs(x));
  });
  return { scales: Array.from(most, (magnitude) => Math.fround(magnitude / largest) || 1), channelOf };
}

function blank(): Node {
  return { name: '', opType: '', domain: '', inputs: [], outputs: [], attributes: {}, docString: '' };
}
