// Multiply-accumulate operations by operator: those of products and convolutions. What works element by element (additions,
// activations, normalizations, pooling) counts 0, as in the figures that papers give.
import { elementCount } from '@percept/core';
import type { Dimension, Node } from '../../model.js';
import { attributes } from '../attributes.js';

/** Shapes around one node; `undefined` where a size is not known. */
export interface NodeShapes {
  readonly node: Node;
  readonly inputs: readonly (readonly number[] | undefined)[];
  readonly outputs: readonly (readonly number[] | undefined)[];
}

type MacRule = (shapes: NodeShapes) => number | undefined;

/** Every output element is a sum over a window of the input channels of its group; `weight` is `[O, I/g, …]`. */
const convolution =
  (weight: number): MacRule =>
  ({ inputs, outputs: [output] }) => {
    const kernel = inputs[weight];
    return output && kernel && elementCount(output) * elementCount(kernel.slice(1));
  };

/** Every input element is spread over a window of the output channels of its group; the weight is `[I, O/g, …]`. */
const transposed: MacRule = ({ inputs: [input, kernel] }) =>
  input && kernel && elementCount(input) * elementCount(kernel.slice(1));

const matrixProduct: MacRule = ({ inputs: [left], outputs: [output] }) =>
  left && output && elementCount(output) * (left.at(-1) ?? 1);

const gemm =
  (right: number): MacRule =>
  ({ node, inputs, outputs: [output] }) => {
    const a = inputs[0];
    const b = inputs[right];
    if (a === undefined || b === undefined || output === undefined) return undefined;
    return elementCount(output) * a[attributes(node).int('transA', 0) === 0 ? 1 : 0]!;
  };

/** A sum over all indices at once: the product of the sizes of all letters. Exact for two operands. */
const einsum: MacRule = ({ node, inputs, outputs: [output] }) => {
  const equation = attributes(node).string('equation').replaceAll(' ', '');
  const [left = '', right = ''] = equation.split('->');
  if (output === undefined || equation.includes('...')) return undefined;
  const sizes = new Map<string, number>();
  for (const [index, term] of left.split(',').entries()) {
    const dims = inputs[index];
    if (dims === undefined) return undefined;
    for (const [at, letter] of [...term].entries()) sizes.set(letter, Math.max(dims[at]!, sizes.get(letter) ?? 1));
  }
  if (inputs.length < 2 && right.length > 0) return 0;
  return [...sizes.values()].reduce((product, size) => product * size, 1);
};

/** Per step and direction, every gate is a row of `[hidden, input + hidden]` products. */
const recurrent =
  (gates: number): MacRule =>
  ({ node, inputs: [x, weight] }) => {
    const hidden = attributes(node).int('hidden_size', undefined) ?? (weight && weight[1]! / gates);
    if (x === undefined || weight === undefined || hidden === undefined) return undefined;
    const [sequence, batch, input] = x as [number, number, number];
    return sequence * batch * weight[0]! * gates * hidden * (input + hidden);
  };

/** As {@link matrixProduct}, with the left operand turned where `transA` says so. */
const fusedMatrixProduct: MacRule = ({ node, inputs: [left], outputs: [output] }) =>
  left && output && elementCount(output) * (left.at(attributes(node).int('transA', 0) === 0 ? -1 : -2) ?? 1);

/** Every row of queries meets every key, past ones included, and every value: `[…, length, size]`, heads or not. */
const attention =
  (pastKey: number): MacRule =>
  ({ node, inputs, outputs: [output] }) => {
    const [query, key] = inputs;
    const hasPast = (node.inputs[pastKey] ?? '') !== '';
    const past = hasPast ? inputs[pastKey]?.at(-2) : 0;
    // Contrib operators also take keys and values packed into the query, with five dimensions.
    if (query === undefined || output === undefined || key === undefined || key.length > 4) return undefined;
    const length = key.at(-2);
    if (length === undefined || past === undefined || query.length > 4) return undefined;
    return (length + past) * (elementCount(query) + elementCount(output));
  };

/** The projection of the input `[N, S, I]` to queries, keys and values, and the attention among them. */
const projectedAttention: MacRule = ({ node, inputs: [input, weight], outputs: [output] }) => {
  if (input === undefined || weight === undefined || output === undefined || (node.inputs[4] ?? '') !== '')
    return undefined;
  const [batch, length] = input as [number, number];
  const [all, values] = [weight.at(-1)!, output.at(-1)!];
  return batch * length * (elementCount(weight) + length * ((all - values) / 2 + values));
};

/** Every output element is a sum over its channel's last steps; the weight is `[C, 1, K]`. */
const causalConvolution: MacRule = ({ inputs: [input, kernel] }) =>
  input && kernel && elementCount(input) * kernel.at(-1)!;

const notCounted: MacRule = () => undefined;

const rules: Readonly<Record<string, MacRule>> = {
  Conv: convolution(1),
  ConvInteger: convolution(1),
  DeformConv: convolution(1),
  FusedConv: convolution(1),
  QLinearConv: convolution(3),
  ConvTranspose: transposed,
  MatMul: matrixProduct,
  MatMulInteger: matrixProduct,
  MatMulIntegerToFloat: matrixProduct,
  DynamicQuantizeMatMul: matrixProduct,
  QLinearMatMul: matrixProduct,
  Gemm: gemm(1),
  FusedGemm: gemm(1),
  QGemm: gemm(3),
  Einsum: einsum,
  Attention: attention(4),
  CausalConvWithState: causalConvolution,
  FlexAttention: attention(-1),
  LinearAttention: notCounted,
  RNN: recurrent(1),
  GRU: recurrent(3),
  LSTM: recurrent(4),
};

/** com.microsoft, where it says something else under a name of ONNX or has names of its own. */
const microsoftRules: Readonly<Record<string, MacRule>> = {
  Attention: projectedAttention,
  FusedMatMul: fusedMatrixProduct,
  MatMulNBits: matrixProduct,
  MultiHeadAttention: attention(6),
};

/** Names of contrib operators that multiply up. The others work element by element. */
const multiplying = /MatMul|Gemm|Conv|Attention|MoE|LSTM|Mlp/;

/**
 * Multiply-accumulates of a node: 0 for operators that multiply nothing up, `undefined` where sizes are not known or the
 * operator is not.
 */
export function multiplyAccumulates(shapes: NodeShapes): number | undefined {
  const { domain, opType } = shapes.node;
  const isMicrosoft = domain === 'com.microsoft';
  if (isMicrosoft && Object.hasOwn(microsoftRules, opType)) return microsoftRules[opType]!(shapes);
  if (!isMicrosoft && domain !== '' && !domain.startsWith('ai.onnx')) return undefined;
  if (Object.hasOwn(rules, opType)) return rules[opType]!(shapes);
  return isMicrosoft && multiplying.test(opType) ? undefined : 0;
}

/** A shape as numbers, where all sizes are known. */
export function numericDims(dims: readonly Dimension[] | undefined): readonly number[] | undefined {
  return dims?.every((dim) => typeof dim === 'number') ? dims : undefined;
}
