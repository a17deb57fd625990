import { type Tensor, tensor } from '@percept/core';
import type { Graph, Node } from '@percept/onnx';
import { weightLayout } from '../graph/channel-layout.js';
import {
  constant,
  dropUnreferenced,
  FreshNames,
  floatConstant,
  outputNames,
  producersOf,
} from '../graph/graph-values.js';
import type { Range } from './calibrate.js';
import {
  int8Scales,
  quantizeBias,
  quantizeInt8,
  quantizeUint8,
  scalesThatHoldBias,
  type Uint8Parameters,
  uint8Parameters,
  type WeightBits,
} from './quantization-parameters.js';
import { activationInputs, type QuantizationPlan } from './quantization-plan.js';

/**
 * Carries a plan out on the graph it was made for: every quantized value gets one QuantizeLinear and one
 * DequantizeLinear, every weighted node an int8 weight and int32 bias of its own (sharing them between nodes keeps
 * onnxruntime from fusing). `measured` holds a range for every source in `plan.ranges`.
 */
export function quantizeGraph(
  graph: Graph,
  plan: QuantizationPlan,
  measured: ReadonlyMap<string, Range>,
  weightBits: WeightBits,
): void {
  new Rewrite(graph, plan, measured, weightBits).run();
}

/** Names of a stored scale and zero point, and what they hold. */
interface StoredParameters extends Uint8Parameters {
  readonly scaleName: string;
  readonly zeroPointName: string;
}

class Rewrite {
  readonly #graph: Graph;
  readonly #plan: QuantizationPlan;
  readonly #measured: ReadonlyMap<string, Range>;
  readonly #weightBits: WeightBits;
  readonly #names: FreshNames;
  readonly #nodes: Node[] = [];
  readonly #stored = new Map<string, StoredParameters>();
  /** The dequantized form of each quantized value. */
  readonly #dequantized = new Map<string, string>();
  /** Values made by quantized nodes: every reader takes their dequantized form, or the node would not fuse. */
  readonly #madeQuantized = new Set<string>();

  constructor(graph: Graph, plan: QuantizationPlan, measured: ReadonlyMap<string, Range>, weightBits: WeightBits) {
    this.#graph = graph;
    this.#plan = plan;
    this.#measured = measured;
    this.#weightBits = weightBits;
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
      else this.#readDequantized(node);
      this.#nodes.push(node);
      for (const [index, name] of node.outputs.entries()) {
        if (!this.#plan.ranges.has(name)) continue;
        const quantized = this.#plan.weighted.has(node) || this.#plan.carried.has(node);
        if (quantized) this.#madeQuantized.add(name);
        if (quantized && outputs.has(name)) {
          // The caller's output keeps its name and is what everyone else sees: the dequantized value.
          node.outputs[index] = this.#names.take(`${name}_float`);
          this.#convert(node.outputs[index], name, name);
        } else this.#convert(name, name);
      }
    }
    graph.nodes = this.#nodes;
    dropUnreferenced(graph);
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
    this.#dequantized.set(value, dequantized);
  }

  #parametersOf(value: string): StoredParameters {
    const source = this.#plan.ranges.get(value)!;
    const known = this.#stored.get(source);
    if (known !== undefined) return known;
    const stored = this.#store(source, uint8Parameters(...this.#measured.get(source)!));
    this.#stored.set(source, stored);
    return stored;
  }

  #store(hint: string, parameters: Uint8Parameters): StoredParameters {
    return {
      ...parameters,
      scaleName: this.#constant(`${hint}_scale`, tensor('float32', [], [parameters.scale])),
      zeroPointName: this.#constant(`${hint}_zero_point`, tensor('uint8', [], [parameters.zeroPoint])),
    };
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
    const value = floatConstant(this.#graph, name)!;
    const range = value.data.reduce<Range>(([low, high], x) => [Math.min(low, x), Math.max(high, x)], [0, 0]);
    const { scaleName, zeroPointName, ...parameters } = this.#store(name, uint8Parameters(...range));
    const quantized = this.#constant(
      `${name}_quantized`,
      tensor('uint8', value.dims, quantizeUint8(value.data, parameters)),
    );
    return this.#add(
      'DequantizeLinear',
      [quantized, scaleName, zeroPointName],
      this.#names.take(`${name}_dequantized`),
    );
  }

  #quantizeWeights(node: Node): void {
    const [input, weightName, biasName] = node.inputs as [string, string, string?];
    const weight = floatConstant(this.#graph, weightName)!;
    const layout = weightLayout(node, weight)!;
    const inputScale = this.#parametersOf(input).scale;
    const bias = biasName ? broadcast(floatConstant(this.#graph, biasName)!, layout.channels) : undefined;
    const ideal = int8Scales(weight.data, layout, this.#weightBits);
    const scales = bias === undefined ? ideal : scalesThatHoldBias(ideal, inputScale, bias);

    const axis = layout.axis!;
    const quantized = tensor('int8', weight.dims, quantizeInt8(weight.data, scales, layout, this.#weightBits));
    node.inputs = [this.#dequantized.get(input)!, this.#dequantizedConstant(weightName, quantized, scales, axis)];
    if (bias === undefined) return;
    const stored = quantizeBias(bias, inputScale, scales);
    const values = tensor('int32', [layout.channels], stored.values);
    node.inputs.push(this.#dequantizedConstant(biasName!, values, stored.scales, 0));
  }

  #dequantizedConstant(hint: string, values: Tensor<'int8' | 'int32'>, scales: Float32Array, axis: number): string {
    const quantized = this.#constant(`${hint}_quantized`, values);
    const scaleName = this.#constant(`${hint}_scale`, tensor('float32', [scales.length], scales));
    const zeroPointName = this.#constant(`${hint}_zero_point`, tensor(values.type, [scales.length]));
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
      domain: '',
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
