import { type Tensor, tensor } from '@percept/core';
import type { Graph, Node } from '@percept/onnx';
import { floatAttribute, weightLayout } from '../graph/channel-layout.js';
import {
  constant,
  dropUnreferenced,
  FreshNames,
  floatConstant,
  outputNames,
  producersOf,
  readersOf,
} from '../graph/graph-values.js';
import type { Range } from './calibration/clip-range.js';
import type { Overrides } from './overrides.js';
import {
  type ActivationFormat,
  type ActivationType,
  activationParameters,
  int8Scales,
  type LinearParameters,
  quantizeActivations,
  quantizeBias,
  quantizeInt8,
  scalesThatHoldBias,
  wholeTensor,
} from './quantization-parameters.js';
import { activationInputs, type QuantizationPlan } from './quantization-plan.js';
import type { QuantizationScheme } from './quantization-scheme.js';

/** What {@link quantizeGraph} carries out, and with which numbers. */
export interface QuantizationWork {
  readonly plan: QuantizationPlan;
  /** A range for every source in `plan.ranges`. */
  readonly measured: ReadonlyMap<string, Range>;
  readonly scheme: QuantizationScheme;
  readonly overrides: Overrides;
  /** Domain of QuantizeLinear and DequantizeLinear: `com.microsoft` for 16 bits before opset 21. */
  readonly domain: '' | 'com.microsoft';
}

/**
 * Carries a plan out on the graph it was made for: every quantized value gets one QuantizeLinear and one
 * DequantizeLinear, every weighted node an int8 weight and int32 bias of its own (sharing them between nodes keeps
 * onnxruntime from fusing).
 */
export function quantizeGraph(graph: Graph, work: QuantizationWork): void {
  new Rewrite(graph, work).run();
}

/** Names of a stored scale and zero point, and what they hold. */
interface StoredParameters extends LinearParameters {
  readonly type: ActivationType;
  readonly scaleName: string;
  readonly zeroPointName: string;
}

class Rewrite {
  readonly #graph: Graph;
  readonly #plan: QuantizationPlan;
  readonly #work: QuantizationWork;
  readonly #names: FreshNames;
  readonly #nodes: Node[] = [];
  readonly #stored = new Map<string, StoredParameters>();
  /** The quantized form of each quantized value. */
  readonly #quantized = new Map<string, string>();
  /** The dequantized form of each quantized value. */
  readonly #dequantized = new Map<string, string>();
  /** Values made by quantized nodes: every reader takes their dequantized form, or the node would not fuse. */
  readonly #madeQuantized = new Set<string>();

  constructor(graph: Graph, work: QuantizationWork) {
    this.#graph = graph;
    this.#plan = work.plan;
    this.#work = work;
    this.#names = new FreshNames(graph);
  }

  run(): void {
    const graph = this.#graph;
    const outputs = outputNames(graph);
    const made = producersOf(graph);
    for (const name of this.#plan.ranges.keys()) if (!made.has(name)) this.#convert(name, name);
    for (const node of graph.nodes) {
      if (this.#plan.absorbed.has(node)) continue;
      this.#rename(node);
      if (this.#plan.weighted.has(node)) this.#quantizeWeights(node);
      else if (this.#plan.carried.has(node) && node.opType === 'HardSigmoid') this.#rescaleSigmoid(node);
      else if (this.#plan.carried.has(node) && node.opType === 'HardSwish') this.#gate(node);
      else this.#readDequantized(node);
      this.#nodes.push(node);
      for (const [index, name] of node.outputs.entries()) {
        if (!this.#plan.ranges.has(name)) continue;
        const quantized = [this.#plan.weighted, this.#plan.carried, this.#plan.fused].some((nodes) => nodes.has(node));
        if (quantized) this.#madeQuantized.add(name);
        if (quantized && outputs.has(name)) {
          // The caller's output keeps its name and is what everyone else sees: the dequantized value.
          node.outputs[index] = this.#names.take(`${name}_float`);
          this.#convert(node.outputs[index], name, name);
        } else this.#convert(name, name);
      }
    }
    graph.nodes = this.#nodes;
    this.#dropUnread();
    dropUnreferenced(graph);
  }

  /** Where only the integers of a value are read, runtimes would compute its dequantized form for nobody. */
  #dropUnread(): void {
    const outputs = outputNames(this.#graph);
    const readers = readersOf(this.#graph);
    this.#graph.nodes = this.#graph.nodes.filter(
      (node) =>
        node.opType !== 'DequantizeLinear' || node.outputs.some((name) => outputs.has(name) || readers.has(name)),
    );
  }

  #rename(node: Node): void {
    const { renamed } = this.#plan;
    node.inputs = node.inputs.map((name) => renamed.get(name) ?? name);
    node.outputs = node.outputs.map((name) => renamed.get(name) ?? name);
  }

  /** Puts QuantizeLinear and DequantizeLinear behind a value. */
  #convert(float: string, value: string, dequantized = this.#names.take(`${value}_dequantized`)): void {
    const { scaleName, zeroPointName } = this.#parametersOf(value);
    const quantized = this.#names.take(`${value}_quantized`);
    this.#add('QuantizeLinear', [float, scaleName, zeroPointName], quantized);
    this.#add('DequantizeLinear', [quantized, scaleName, zeroPointName], dequantized);
    this.#quantized.set(value, quantized);
    this.#dequantized.set(value, dequantized);
  }

  #parametersOf(value: string): StoredParameters {
    const source = this.#plan.ranges.get(value)!;
    const known = this.#stored.get(source);
    if (known !== undefined) return known;
    const format = this.#work.overrides.activation(source, this.#work.scheme.activations);
    const range = this.#plan.known.get(source) ?? format.range ?? this.#work.measured.get(source)!;
    const stored = this.#store(source, format.type, activationParameters(...range, format));
    this.#stored.set(source, stored);
    return stored;
  }

  #store(hint: string, type: ActivationType, parameters: LinearParameters): StoredParameters {
    return {
      ...parameters,
      type,
      scaleName: this.#constant(`${hint}_scale`, tensor('float32', [], [parameters.scale])),
      zeroPointName: this.#constant(`${hint}_zero_point`, tensor(type, [], [parameters.zeroPoint])),
    };
  }

  /**
   * HardSigmoid as `Q(α·x + β)` between 0 and 1, whose saturation is the clamp: the integers of x are read with α times
   * their scale, so that one QLinearAdd is all that is left.
   */
  #rescaleSigmoid(node: Node): void {
    const [alpha, beta] = [floatAttribute(node, 'alpha', 0.2), floatAttribute(node, 'beta', 0.5)];
    node.inputs = this.#affine(node.inputs[0]!, alpha, beta);
    node.opType = 'Add';
    node.attributes = {};
  }

  /** HardSwish, `x · HardSigmoid(x)`: the sigmoid as {@link #rescaleSigmoid}, the product as QLinearMul. */
  #gate(node: Node): void {
    const value = node.inputs[0]!;
    const sum = this.#names.take(`${node.outputs[0]}_gate`);
    this.#nodes.push({
      ...node,
      name: this.#names.take(`${sum}_Add`),
      opType: 'Add',
      attributes: {},
      outputs: [sum],
      inputs: this.#affine(value, 1 / 6, 0.5),
    });
    const { type } = this.#parametersOf(value);
    const { scaleName, zeroPointName } = this.#store(sum, type, activationParameters(0, 1, { type, symmetric: false }));
    const quantized = this.#names.take(`${sum}_quantized`);
    this.#add('QuantizeLinear', [sum, scaleName, zeroPointName], quantized);
    const dequantized = this.#names.take(`${sum}_dequantized`);
    this.#add('DequantizeLinear', [quantized, scaleName, zeroPointName], dequantized);
    node.opType = 'Mul';
    node.inputs = [this.#dequantized.get(value)!, dequantized];
    node.attributes = {};
  }

  /** Names of the terms `α·x` and β, the first read off the integers of x. */
  #affine(value: string, alpha: number, beta: number): [string, string] {
    const { scale, type, zeroPointName } = this.#parametersOf(value);
    const scaled = this.#constant(`${value}_rescaled_scale`, tensor('float32', [], [scale * alpha]));
    const rescaled = this.#names.take(`${value}_rescaled`);
    this.#add('DequantizeLinear', [this.#quantized.get(value)!, scaled, zeroPointName], rescaled);
    const term = this.#dequantizedValues(`${value}_shift`, tensor('float32', [], [beta]), { type, symmetric: false });
    return [rescaled, term];
  }

  #readDequantized(node: Node): void {
    const carried = this.#plan.carried.has(node);
    const operands = carried ? activationInputs(node).length : 0;
    node.inputs = node.inputs.map((name, index) => {
      if (index < operands && constant(this.#graph, name) !== undefined) return this.#quantizedConstant(name);
      return index < operands || this.#madeQuantized.has(name) ? (this.#dequantized.get(name) ?? name) : name;
    });
  }

  #quantizedConstant(name: string): string {
    return this.#dequantizedValues(name, floatConstant(this.#graph, name)!, this.#work.scheme.activations);
  }

  /** A constant as integers, quantized like activations, and the name of what DequantizeLinear makes of them. */
  #dequantizedValues(hint: string, value: Tensor<'float32'>, format: ActivationFormat): string {
    const range = value.data.reduce<Range>(([low, high], x) => [Math.min(low, x), Math.max(high, x)], [0, 0]);
    const { type } = format;
    const { scaleName, zeroPointName, ...parameters } = this.#store(hint, type, activationParameters(...range, format));
    const integers = tensor(type, value.dims, quantizeActivations(value.data, parameters, type));
    const quantized = this.#constant(`${hint}_quantized`, integers);
    const output = this.#names.take(`${hint}_dequantized`);
    return this.#add('DequantizeLinear', [quantized, scaleName, zeroPointName], output);
  }

  #quantizeWeights(node: Node): void {
    const [input, weightName, biasName] = node.inputs as [string, string, string?];
    const { bits, perChannel } = this.#work.overrides.weight(node, this.#work.scheme.weights);
    const weight = floatConstant(this.#graph, weightName)!;
    const channels = weightLayout(node, weight)!;
    const layout = perChannel ? channels : wholeTensor;
    const inputScale = this.#parametersOf(input).scale;
    const bias = biasName ? broadcast(floatConstant(this.#graph, biasName)!, channels.channels) : undefined;
    const integerBias = bias !== undefined && this.#work.scheme.integerBias;
    const ideal = int8Scales(weight.data, layout, bits);
    const scales = integerBias ? scalesThatHoldBias(ideal, inputScale, bias) : ideal;

    const quantized = tensor('int8', weight.dims, quantizeInt8(weight.data, scales, layout, bits));
    node.inputs = [
      this.#dequantized.get(input)!,
      this.#dequantizedConstant(weightName, quantized, scales, layout.axis),
    ];
    if (bias === undefined) return;
    if (!integerBias) {
      node.inputs.push(biasName!);
      return;
    }
    const stored = quantizeBias(bias, inputScale, scales);
    const values = tensor('int32', [channels.channels], stored.values);
    node.inputs.push(this.#dequantizedConstant(biasName!, values, stored.scales, perChannel ? 0 : undefined));
  }

  /** Integers with one scale along an axis, or one for all when there is no axis. */
  #dequantizedConstant(
    hint: string,
    values: Tensor<'int8' | 'int32'>,
    scales: Float32Array,
    axis: number | undefined,
  ): string {
    const dims = axis === undefined ? [] : [scales.length];
    const quantized = this.#constant(`${hint}_quantized`, values);
    const scaleName = this.#constant(`${hint}_scale`, tensor('float32', dims, scales));
    const zeroPointName = this.#constant(`${hint}_zero_point`, tensor(values.type, dims));
    const output = this.#names.take(`${hint}_dequantized`);
    return this.#add('DequantizeLinear', [quantized, scaleName, zeroPointName], output, axis);
  }

  #constant(hint: string, value: Tensor): string {
    const name = this.#names.take(hint);
    this.#graph.initializers.set(name, value);
    return name;
  }

  #add(opType: string, inputs: string[], output: string, axis?: number): string {
    this.#nodes.push({
      name: this.#names.take(`${inputs[0]!.replace(/_quantized$/, '')}_${opType}`),
      opType,
      domain: this.#work.domain,
      inputs,
      outputs: [output],
      attributes: axis === undefined ? {} : { axis: { type: 'int', value: axis } },
      docString: '',
    });
    return output;
  }
}

/** One value per channel of a bias that may be given as a scalar or with leading dimensions of 1. */
function broadcast(bias: Tensor<'float32'>, channels: number): Float32Array {
  return bias.data.length === channels ? bias.data : new Float32Array(channels).fill(bias.data[0]!);
}
