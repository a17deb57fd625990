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
  RNN: recurrent(1),
  GRU: recurrent(3),
  LSTM: recurrent(4),
};

/** Multiply-accumulates of a node: 0 for operators that multiply nothing up, `undefined` where sizes are not known. */
export function multiplyAccumulates(shapes: NodeShapes): number | undefined {
  const rule = Object.hasOwn(rules, shapes.node.opType) ? rules[shapes.node.opType] : undefined;
  return rule === undefined ? 0 : rule(shapes);
}

/** A shape as numbers, where all sizes are known. */
export function numericDims(dims: readonly Dimension[] | undefined): readonly number[] | undefined {
  return dims?.every((dim) => typeof dim === 'number') ? dims : undefined;
}
