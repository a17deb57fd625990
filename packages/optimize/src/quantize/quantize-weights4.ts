import { PerceptError, parseOptions, tensor } from '@percept/core';
import { cloneModel, type Graph, type Model, type Node } from '@percept/onnx';
import * as z from 'zod';
import { dropUnreferenced, FreshNames } from '../graph/graph-values.js';
import { hoistConstants, isStandard } from '../graph/simplify.js';
import { linearNode } from './linear-node.js';
import { type FloatNode, whyFloat } from './quantization-plan.js';

/** Options of {@link quantizeWeights4}. */
export interface QuantizeWeights4Options {
  /** Weights of one output that share a scale, along the input: a power of two from 16. Default 32. */
  readonly blockSize?: 16 | 32 | 64 | 128 | 256;
  /** Whether 0 is always the middle of the sixteen levels; otherwise each block has a zero point. Default false. */
  readonly symmetric?: boolean;
  /**
   * What the runtime may compute in: 1 float32, 2 float16, 3 bfloat16, 4 int8 (fast on CPUs, activations are quantized in
   * blocks). Default: the runtime's choice.
   */
  readonly accuracyLevel?: 1 | 2 | 3 | 4;
  /** Names of nodes (unnamed: of their outputs) that keep their weights, or patterns for them. */
  readonly keep?: readonly (string | RegExp)[];
}

/** What {@link quantizeWeights4} made. */
export interface Weights4Model {
  readonly model: Model;
  /** Names of the nodes whose weights have 4 bits now. */
  readonly quantized: readonly string[];
  /** Conv, ConvTranspose, Gemm and MatMul nodes that stayed as they were, and why. */
  readonly float: readonly FloatNode[];
}

const schema = z.strictObject({
  blockSize: z.literal([16, 32, 64, 128, 256]).default(32),
  symmetric: z.boolean().default(false),
  accuracyLevel: z.literal([1, 2, 3, 4]).optional(),
  keep: z.array(z.union([z.string(), z.instanceof(RegExp)])).default([]),
});
type Settings = z.infer<typeof schema>;

/**
 * Weight-only quantization to 4 bits, rounded to nearest in blocks: MatMul and Gemm with constant weights become
 * `MatMulNBits` of onnxruntime's com.microsoft domain; activations stay float. For networks whose time or size is in their
 * linear layers, such as vision transformers. There is no such kernel for convolutions: they stay float and are listed.
 *
 * The numbers are those of `MatMulNBitsQuantizer` of onnxruntime (RTN, QOperator format). The model given is not changed.
 *
 * @throws PerceptError `OPTIMIZE_NOTHING_TO_QUANTIZE` without such a node; `INVALID_ARGUMENT`
 */
export function quantizeWeights4(model: Model, options: QuantizeWeights4Options = {}): Weights4Model {
  const settings = parseOptions(schema, options, 'quantizeWeights4() options');
  const result = cloneModel(model);
  const { graph } = result;
  hoistConstants(graph);
  const names = new FreshNames(graph);
  const quantized: string[] = [];
  const float: FloatNode[] = [];
  graph.nodes = graph.nodes.flatMap((node) => {
    const name = node.name || node.outputs[0]!;
    const reason = reasonAgainst(graph, node, name, settings);
    if (reason === undefined) {
      quantized.push(name);
      return packed(graph, node, settings, names);
    }
    if (reason !== '') float.push({ name, opType: node.opType, reason });
    return [node];
  });
  if (quantized.length === 0) {
    throw new PerceptError(
      'OPTIMIZE_NOTHING_TO_QUANTIZE',
      `Expected at least one MatMul or Gemm with constant float32 weights but received none in graph ${graph.name}`,
      { details: { float } },
    );
  }
  result.opsets['com.microsoft'] ??= 1;
  dropUnreferenced(graph);
  return { model: result, quantized, float };
}

function reasonAgainst(graph: Graph, node: Node, name: string, { keep }: Settings): string | undefined {
  if (isStandard(node, 'Conv') || isStandard(node, 'ConvTranspose')) return 'there are 4-bit kernels for MatMul alone';
  const reason = whyFloat(graph, node);
  if (reason !== undefined) return reason;
  const kept = keep.some((match) => (typeof match === 'string' ? match === name : name.search(match) >= 0));
  return kept ? 'it is to be kept' : undefined;
}

function packed(graph: Graph, node: Node, settings: Settings, names: FreshNames): Node[] {
  const { blockSize, symmetric, accuracyLevel } = settings;
  const { input, weightName, weight, bias } = linearNode(graph, node);
  const [inputs, outputs] = weight.dims as [number, number];
  const { values, scales, zeroPoints, blocks } = roundToNearest(weight.data, inputs, outputs, blockSize, symmetric);
  const constant = (hint: string, value: Parameters<typeof graph.initializers.set>[1]) => {
    const name = names.take(`${weightName}_${hint}`);
    graph.initializers.set(name, value);
    return name;
  };
  const operands = [
    input,
    constant('Q4', tensor('uint8', [outputs, blocks, blockSize / 2], values)),
    constant('scales', tensor('float32', [outputs, blocks], scales)),
  ];
  if (!symmetric) operands.push(constant('zero_points', tensor('uint8', [outputs, Math.ceil(blocks / 2)], zeroPoints)));
  const sum = bias === undefined ? node.outputs[0]! : names.take(`${node.outputs[0]}_product`);
  const whole = { K: inputs, N: outputs, bits: 4, block_size: blockSize };
  const attributes: Node['attributes'] = {};
  for (const [name, value] of Object.entries(whole)) attributes[name] = { type: 'int', value };
  if (accuracyLevel !== undefined) attributes.accuracy_level = { type: 'int', value: accuracyLevel };
  const product: Node = {
    ...node,
    opType: 'MatMulNBits',
    domain: 'com.microsoft',
    inputs: operands,
    outputs: [sum],
    attributes,
  };
  if (bias === undefined) return [product];
  const name = names.take(`${node.name || node.outputs[0]}_bias`);
  return [product, { ...node, name, opType: 'Add', domain: '', inputs: [sum, bias], attributes: {} }];
}

/**
 * Quantizes the columns of a matrix `[K, N]` in blocks along K: two numbers of 4 bits in a byte, the first in the lower
 * half; symmetric scales are signed, so that the largest magnitude becomes −8, which has no positive counterpart.
 */
function roundToNearest(
  weight: Float32Array,
  inputs: number,
  outputs: number,
  blockSize: number,
  symmetric: boolean,
): { values: Uint8Array; scales: Float32Array; zeroPoints: Uint8Array; blocks: number } {
  const blocks = Math.ceil(inputs / blockSize);
  const values = new Uint8Array((outputs * blocks * blockSize) / 2);
  const scales = new Float32Array(outputs * blocks);
  const zeroPoints = new Uint8Array(outputs * Math.ceil(blocks / 2));
  for (let output = 0; output < outputs; output++) {
    // The half byte that an uneven number of blocks leaves over holds the middle.
    if (blocks % 2 === 1) zeroPoints[(output + 1) * Math.ceil(blocks / 2) - 1] = 8 << 4;
    for (let block = 0; block < blocks; block++) {
      const from = block * blockSize;
      const to = Math.min(inputs, from + blockSize);
      let [low, high] = [0, 0];
      for (let row = from; row < to; row++) {
        low = Math.min(low, weight[row * outputs + output]!);
        high = Math.max(high, weight[row * outputs + output]!);
      }
      const extreme = Math.abs(high) > Math.abs(low) ? high : low;
      const scale = Math.fround(symmetric ? extreme / -8 : (high - low) / 15);
      const zero = symmetric || scale === 0 ? (symmetric ? 8 : 0) : roundAway(-low / scale);
      const reciprocal = scale === 0 ? 0 : Math.fround(1 / scale);
      scales[output * blocks + block] = scale;
      zeroPoints[output * Math.ceil(blocks / 2) + (block >> 1)]! |= zero << (4 * (block % 2));
      for (let row = from; row < to; row++) {
        const value = weight[row * outputs + output]!;
        const level = Math.min(15, Math.max(0, roundAway(Math.fround(Math.fround(value * reciprocal) + zero))));
        const at = (output * blocks + block) * blockSize + (row - from);
        values[at >> 1]! |= level << (4 * (at % 2));
      }
    }
  }
  return { values, scales, zeroPoints, blocks };
}

/** Rounds to the nearest integer, halves upwards (C's roundf for what is not negative). */
function roundAway(value: number): number {
  return Math.floor(value + 0.5);
}
