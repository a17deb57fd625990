import type { TensorFlow, TfTensor } from '../tensor-flow-module.js';
import type { TfOperator } from './operator.js';
import { unsupportedOperator } from './unsupported-operator.js';

const unary =
  (f: (tf: TensorFlow, x: TfTensor) => TfTensor): TfOperator =>
  ({ tf, inputs }) =>
    f(tf, inputs[0]!);

const binary =
  (f: (tf: TensorFlow, a: TfTensor, b: TfTensor) => TfTensor): TfOperator =>
  ({ tf, inputs }) =>
    f(tf, inputs[0]!, inputs[1]!);

/** Operators of any number of inputs, taken two by two. */
const variadic =
  (f: (tf: TensorFlow, a: TfTensor, b: TfTensor) => TfTensor): TfOperator =>
  ({ tf, inputs }) =>
    inputs.map((input) => input!).reduce((a, b) => f(tf, a, b));

export const Abs = unary((tf, x) => tf.abs(x));
export const Exp = unary((tf, x) => tf.exp(x));
export const Identity = unary((tf, x) => tf.clone(x));
export const Log = unary((tf, x) => tf.log(x));
export const Neg = unary((tf, x) => tf.neg(x));
export const Relu = unary((tf, x) => tf.relu(x));
export const Sigmoid = unary((tf, x) => tf.sigmoid(x));
export const Sqrt = unary((tf, x) => tf.sqrt(x));
export const Tanh = unary((tf, x) => tf.tanh(x));

export const Add = binary((tf, a, b) => tf.add(a, b));
export const Div = binary((tf, a, b) => tf.div(a, b));
export const Equal = binary((tf, a, b) => tf.equal(a, b));
export const Greater = binary((tf, a, b) => tf.greater(a, b));
export const Less = binary((tf, a, b) => tf.less(a, b));
export const Mul = binary((tf, a, b) => tf.mul(a, b));
export const Pow = binary((tf, a, b) => tf.pow(a, b));
export const Sub = binary((tf, a, b) => tf.sub(a, b));

export const Max = variadic((tf, a, b) => tf.maximum(a, b));
export const Min = variadic((tf, a, b) => tf.minimum(a, b));
export const Sum = variadic((tf, a, b) => tf.add(a, b));

export const Clip: TfOperator = ({ tf, inputs: [x, low, high] }) => {
  const above = low === undefined ? x! : tf.maximum(x!, low);
  return high === undefined ? above : tf.minimum(above, high);
};

export const Where: TfOperator = ({ tf, inputs: [condition, a, b] }) => tf.where(condition!, a!, b!);

/** ONNX numbers of element types, and what stands for them here. */
const castable: Readonly<Record<number, 'float32' | 'int32' | 'bool'>> = {
  1: 'float32',
  6: 'int32',
  7: 'int32',
  9: 'bool',
};

export const Cast: TfOperator = ({ tf, node, inputs, attributes }) => {
  const to = attributes.int('to');
  const type = castable[to];
  return type === undefined ? unsupportedOperator(node, `the element type ${to}`) : tf.cast(inputs[0]!, type);
};
