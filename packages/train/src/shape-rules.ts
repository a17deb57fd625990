// Output shapes of the operators that can be trained: one function per operator, named as the operator.
import type { Tensor } from '@percept/core';
import { elementCount } from '@percept/core';
import type { Node } from '@percept/onnx';
import { intAttribute } from './attributes.js';
import { slidingWindow } from './sliding-window.js';
import { unsupported } from './unsupported.js';

/** What a shape rule sees. */
interface ShapeContext {
  readonly node: Node;
  /** Shapes of the inputs; `[]` stands for one that is left out, too. */
  readonly inputs: readonly (readonly number[])[];
  /** The value of an input, where it is a constant. */
  constant(index: number): Tensor | undefined;
}

/** Gives the shape of a node's first output. */
export type ShapeRule = (context: ShapeContext) => readonly number[];

const same: ShapeRule = ({ inputs }) => inputs[0]!;

const Conv: ShapeRule = ({ node, inputs }) => {
  const [x, w] = [inputs[0]!, inputs[1]!];
  const group = intAttribute(node, 'group', 1);
  const { output } = slidingWindow(node, x, w.slice(2));
  if (w.length !== 4 || x[1] !== w[1]! * group || w[0]! % group !== 0) {
    throw unsupported(node, `weights for ${x[1]} channels in ${group} groups`, `[${w.join(', ')}]`);
  }
  return [x[0]!, w[0]!, ...output];
};

const MaxPool: ShapeRule = ({ node, inputs }) => {
  const [n, c] = inputs[0]!;
  return [n!, c!, ...slidingWindow(node, inputs[0]!, []).output];
};

const GlobalAveragePool: ShapeRule = ({ inputs }) => inputs[0]!.map((dim, axis) => (axis < 2 ? dim : 1));

const Gemm: ShapeRule = ({ node, inputs }) => {
  const [a, b] = [inputs[0]!, inputs[1]!];
  const transA = intAttribute(node, 'transA', 0) === 1;
  const transB = intAttribute(node, 'transB', 0) === 1;
  if (a.length !== 2 || b.length !== 2 || a[transA ? 0 : 1] !== b[transB ? 1 : 0]) {
    throw unsupported(node, 'matrices that can be multiplied', `[${a.join(', ')}] and [${b.join(', ')}]`);
  }
  return [a[transA ? 1 : 0]!, b[transB ? 0 : 1]!];
};

const MatMul: ShapeRule = ({ node, inputs }) => {
  const [a, b] = [inputs[0]!, inputs[1]!];
  if (a.length < 2 || b.length < 2 || a.at(-1) !== b.at(-2)) {
    throw unsupported(node, 'matrices that can be multiplied', `[${a.join(', ')}] and [${b.join(', ')}]`);
  }
  return [...broadcast(node, a.slice(0, -2), b.slice(0, -2)), a.at(-2)!, b.at(-1)!];
};

const Add: ShapeRule = ({ node, inputs }) => broadcast(node, inputs[0]!, inputs[1]!);

const Flatten: ShapeRule = ({ node, inputs }) => {
  const dims = inputs[0]!;
  const axis = intAttribute(node, 'axis', 1);
  const at = axis < 0 ? dims.length + axis : axis;
  return [elementCount(dims.slice(0, at)), elementCount(dims.slice(at))];
};

const Reshape: ShapeRule = ({ node, inputs, constant }) => {
  const shape = constant(1);
  if (shape?.type !== 'int64') throw unsupported(node, 'a constant shape', 'one that is computed');
  const allowZero = intAttribute(node, 'allowzero', 0) === 1;
  const asked = Array.from(shape.data as BigInt64Array, Number);
  const dims = asked.map((dim, axis) => (dim === 0 && !allowZero ? inputs[0]![axis]! : dim));
  const known = elementCount(dims.filter((dim) => dim !== -1));
  const result = dims.map((dim) => (dim === -1 ? elementCount(inputs[0]!) / known : dim));
  if (elementCount(result) !== elementCount(inputs[0]!) || !result.every(Number.isInteger)) {
    throw unsupported(
      node,
      `a shape of ${elementCount(inputs[0]!)} elements that leaves the batch size open (0 or -1)`,
      `[${asked.join(', ')}]`,
    );
  }
  return result;
};

/** The rule of every operator that can stand in a trained model. */
export const shapeRules: Readonly<Record<string, ShapeRule>> = {
  Conv,
  BatchNormalization: same,
  Relu: same,
  Identity: same,
  MaxPool,
  GlobalAveragePool,
  Gemm,
  MatMul,
  Add,
  Flatten,
  Reshape,
};

/** Inputs that an operator cannot do without, where they are more than one. */
export const requiredInputs: Readonly<Record<string, number>> = {
  Conv: 2,
  BatchNormalization: 5,
  Gemm: 2,
  MatMul: 2,
  Add: 2,
  Reshape: 2,
};

function broadcast(node: Node, a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw unsupported(node, 'shapes that broadcast', `[${a.join(', ')}] and [${b.join(', ')}]`);
    }
    return left === 1 ? right : left;
  });
}
