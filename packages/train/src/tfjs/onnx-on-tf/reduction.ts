import type { TensorFlow, TfTensor } from '../tensor-flow-module.js';
import { integersOf, type OperatorCall, type TfOperator } from './operator.js';

type Reduce = (tf: TensorFlow, x: TfTensor, axes: readonly number[], keep: boolean) => TfTensor;

/** A reduction with its axes as an input or, before operator set 18 (ReduceSum: 13), as an attribute. No axes: all. */
const reduction =
  (f: Reduce): TfOperator =>
  (call) => {
    const { tf, inputs, attributes } = call;
    const x = inputs[0]!;
    return f(tf, x, axesOf(call, x.shape.length), attributes.int('keepdims', 1) === 1);
  };

function axesOf(call: OperatorCall, rank: number): readonly number[] {
  const axes = integersOf(call, 1) ?? call.attributes.ints('axes', []);
  return axes.length === 0 ? Array.from({ length: rank }, (_, axis) => axis) : axes;
}

export const ReduceMax = reduction((tf, x, axes, keep) => tf.max(x, axes, keep));
export const ReduceMean = reduction((tf, x, axes, keep) => tf.mean(x, axes, keep));
export const ReduceMin = reduction((tf, x, axes, keep) => tf.min(x, axes, keep));
export const ReduceSum = reduction((tf, x, axes, keep) => tf.sum(x, axes, keep));
export const ReduceSumSquare = reduction((tf, x, axes, keep) => tf.sum(tf.square(x), axes, keep));

export const ArgMax: TfOperator = ({ tf, inputs, attributes }) => {
  const x = inputs[0]!;
  const axis = attributes.int('axis', 0);
  const found = tf.argMax(x, axis < 0 ? axis + x.shape.length : axis);
  if (attributes.int('keepdims', 1) === 0) return found;
  return tf.reshape(found, x.shape.with(axis, 1));
};

/** Along any axis; TensorFlow.js has it for the last one only. */
export const LogSoftmax: TfOperator = ({ tf, inputs, attributes }) => {
  const axes = [attributes.int('axis', -1)];
  const shifted = tf.sub(inputs[0]!, tf.max(inputs[0]!, axes, true));
  return tf.sub(shifted, tf.log(tf.sum(tf.exp(shifted), axes, true)));
};

export const Softmax: TfOperator = ({ tf, inputs, attributes }) => {
  const axes = [attributes.int('axis', -1)];
  const powers = tf.exp(tf.sub(inputs[0]!, tf.max(inputs[0]!, axes, true)));
  return tf.div(powers, tf.sum(powers, axes, true));
};
