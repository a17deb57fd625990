import { PerceptError, parseOptions, type Tensor, tensor } from '@percept/core';
import type { Graph, Model, Node } from '@percept/onnx';
import * as z from 'zod';
import { dropUnreferenced, FreshNames, floatConstant } from '../graph/graph-values.js';
import { isStandard } from '../graph/simplify.js';
import { linearNode } from './linear-node.js';
import { prepareModel } from './prepare-model.js';
import {
  activationParameters,
  int8Scales,
  quantizeActivations,
  quantizeInt8,
  type WeightBits,
  wholeTensor,
} from './quantization-parameters.js';
import { type FloatNode, whyFloat } from './quantization-plan.js';

/** Options of {@link quantizeDynamic}. */
export interface QuantizeDynamicOptions {
  /**
   * What is quantized. Default MatMul and Gemm. `ConvInteger` has no fast kernel in onnxruntime: a convolution quantized
   * so is smaller, and slower than in float.
   */
  readonly operators?: readonly ('MatMul' | 'Gemm' | 'Conv')[];
  /** Bits of int8 weights, as in `quantizeStatic`: 7 (default) is exact on every CPU. Weights of Conv are uint8. */
  readonly weightBits?: WeightBits;
  /** A scale for each output of a MatMul or Gemm (default), or one for the whole weight. */
  readonly perChannel?: boolean;
  /** Names of nodes (unnamed: of their outputs) that stay float, or patterns for them. */
  readonly keep?: readonly (string | RegExp)[];
}

/** What {@link quantizeDynamic} made. */
export interface DynamicallyQuantizedModel {
  readonly model: Model;
  /** Names of the nodes that compute on integers now. */
  readonly quantized: readonly string[];
  /** Conv, ConvTranspose, Gemm and MatMul nodes that stayed float, and why. */
  readonly float: readonly FloatNode[];
}

const schema = z.strictObject({
  operators: z.array(z.enum(['MatMul', 'Gemm', 'Conv'])).default(['MatMul', 'Gemm']),
  weightBits: z.literal([7, 8]).default(7),
  perChannel: z.boolean().default(true),
  keep: z.array(z.union([z.string(), z.instanceof(RegExp)])).default([]),
});
type Settings = z.infer<typeof schema>;

/**
 * Dynamic quantization: weights become integers beforehand, activations each time the model runs, by the extremes that
 * they have then (`DynamicQuantizeLinear`). Needs no calibration images. Linear layers become `MatMulInteger`, which
 * onnxruntime fuses with the arithmetic around it; what is between the layers stays float.
 *
 * Weights are symmetric int8, for Conv asymmetric uint8 (the only type of onnxruntime's `ConvInteger`); the numbers are
 * those of `onnxruntime.quantization.quantize_dynamic`. The model given is not changed.
 *
 * @throws PerceptError `OPTIMIZE_UNSUPPORTED_MODEL`, `OPTIMIZE_ALREADY_QUANTIZED`; `OPTIMIZE_NOTHING_TO_QUANTIZE`;
 *   `INVALID_ARGUMENT`
 */
export function quantizeDynamic(model: Model, options: QuantizeDynamicOptions = {}): DynamicallyQuantizedModel {
  const settings = parseOptions(schema, options, 'quantizeDynamic() options');
  const result = prepareModel(model);
  const { graph } = result;
  const rewrite = new DynamicRewrite(graph, settings);
  const quantized: string[] = [];
  const float: FloatNode[] = [];
  for (const node of graph.nodes) {
    const name = node.name || node.outputs[0]!;
    const reason = whyFloat(graph, node) ?? reasonAgainst(node, name, settings);
    if (reason === undefined) quantized.push(name);
    else if (reason !== '') float.push({ name, opType: node.opType, reason });
    if (reason !== undefined) rewrite.nodes.push(node);
    else if (isStandard(node, 'Conv')) rewrite.conv(node);
    else rewrite.linear(node);
  }
  if (quantized.length === 0) {
    throw new PerceptError(
      'OPTIMIZE_NOTHING_TO_QUANTIZE',
      `Expected at least one ${settings.operators.join(', ')} with constant float32 weights but received none in graph ${graph.name}`,
      { details: { float } },
    );
  }
  graph.nodes = rewrite.nodes;
  dropUnreferenced(graph);
  return { model: result, quantized, float };
}

function reasonAgainst(node: Node, name: string, { operators, keep }: Settings): string | undefined {
  if (!operators.some((opType) => isStandard(node, opType))) return `${node.opType} is not among the operators`;
  const kept = keep.some((match) => (typeof match === 'string' ? match === name : name.search(match) >= 0));
  return kept ? 'it is to be kept' : undefined;
}

/** A value quantized while the model runs: names of its integers, scale and zero point. */
type Dynamic = readonly [integers: string, scale: string, zeroPoint: string];

class DynamicRewrite {
  readonly nodes: Node[] = [];
  readonly #graph: Graph;
  readonly #settings: Settings;
  readonly #names: FreshNames;
  readonly #dynamic = new Map<string, Dynamic>();

  constructor(graph: Graph, settings: Settings) {
    this.#graph = graph;
    this.#settings = settings;
    this.#names = new FreshNames(graph);
  }

  linear(node: Node): void {
    const { weightBits, perChannel } = this.#settings;
    const { input, weightName, weight, bias } = linearNode(this.#graph, node);
    const columns = weight.dims[1]!;
    const layout = perChannel
      ? { channels: columns, axis: 1, channelOf: (index: number) => index % columns }
      : wholeTensor;
    const scales = int8Scales(weight.data, layout, weightBits);
    const dims = perChannel ? [columns] : [];
    const integers = this.#constant(
      `${weightName}_quantized`,
      tensor('int8', weight.dims, quantizeInt8(weight.data, scales, layout, weightBits)),
    );
    const scale = this.#constant(`${weightName}_scale`, tensor('float32', dims, scales));
    const zeroPoint = this.#constant(`${weightName}_zero_point`, tensor('int8', dims));
    this.#product(node, 'MatMulInteger', {}, input, [integers, scale, zeroPoint], bias);
  }

  conv(node: Node): void {
    const [input, weightName, bias = ''] = node.inputs as [string, string, string?];
    const weight = floatConstant(this.#graph, weightName)!;
    const range = weight.data.reduce<[number, number]>(
      ([low, high], x) => [Math.min(low, x), Math.max(high, x)],
      [0, 0],
    );
    const parameters = activationParameters(...range, { type: 'uint8', symmetric: false });
    const integers = tensor('uint8', weight.dims, quantizeActivations(weight.data, parameters, 'uint8'));
    const stored: Dynamic = [
      this.#constant(`${weightName}_quantized`, integers),
      this.#constant(`${weightName}_scale`, tensor('float32', [], [parameters.scale])),
      this.#constant(`${weightName}_zero_point`, tensor('uint8', [], [parameters.zeroPoint])),
    ];
    this.#product(node, 'ConvInteger', node.attributes, input, stored, this.#channelBias(bias, weight.dims.length));
  }

  /** A bias `[C]` as `[1, C, 1, …]`; `undefined` without one. */
  #channelBias(bias: string, rank: number): string | undefined {
    if (bias === '') return undefined;
    const { data } = floatConstant(this.#graph, bias)!;
    const dims = [1, data.length, ...new Array<number>(rank - 2).fill(1)];
    return this.#constant(`${bias}_reshaped`, tensor('float32', dims, data));
  }

  #product(
    node: Node,
    opType: string,
    attributes: Node['attributes'],
    input: string,
    [weight, weightScale, weightZero]: Dynamic,
    bias: string | undefined,
  ): void {
    const [integers, scale, zeroPoint] = this.#quantized(input);
    const name = node.name || node.outputs[0]!;
    const make = (made: string, inputs: string[], hint: string, more: Node['attributes'] = {}, output?: string) => {
      const result = output ?? this.#names.take(`${node.outputs[0]}_${hint}`);
      const label = this.#names.take(`${name}_${hint}`);
      this.nodes.push({ ...node, name: label, opType: made, domain: '', inputs, outputs: [result], attributes: more });
      return result;
    };
    const scales = make('Mul', [scale, weightScale], 'scales');
    const sums = make(opType, [integers, weight, zeroPoint, weightZero], 'sums', attributes);
    const cast = make('Cast', [sums], 'cast', { to: { type: 'int', value: 1 } });
    const output = node.outputs[0]!;
    const scaled = make('Mul', [cast, scales], 'scaled', {}, bias === undefined ? output : undefined);
    if (bias !== undefined) make('Add', [scaled, bias], 'bias', {}, output);
  }

  #quantized(value: string): Dynamic {
    const known = this.#dynamic.get(value);
    if (known !== undefined) return known;
    const outputs = ['quantized', 'scale', 'zero_point'].map((hint) => this.#names.take(`${value}_${hint}`));
    this.nodes.push({
      name: this.#names.take(`${value}_DynamicQuantizeLinear`),
      opType: 'DynamicQuantizeLinear',
      domain: '',
      inputs: [value],
      outputs,
      attributes: {},
      docString: '',
    });
    const made = outputs as unknown as Dynamic;
    this.#dynamic.set(value, made);
    return made;
  }

  #constant(hint: string, value: Tensor): string {
    const name = this.#names.take(hint);
    this.#graph.initializers.set(name, value);
    return name;
  }
}
