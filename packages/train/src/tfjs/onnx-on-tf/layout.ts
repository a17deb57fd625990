import { integersOf, type OperatorCall, type TfOperator } from './operator.js';
import { unsupportedOperator } from './unsupported-operator.js';

export const MatMul: TfOperator = ({ tf, inputs }) => tf.matMul(inputs[0]!, inputs[1]!);

export const Reshape: TfOperator = (call) => {
  const x = call.inputs[0]!;
  const wanted = constantIntegers(call, 1);
  return call.tf.reshape(
    x,
    wanted.map((size, axis) => (size === 0 ? x.shape[axis]! : size)),
  );
};

export const Transpose: TfOperator = ({ tf, inputs, attributes }) => {
  const x = inputs[0]!;
  return tf.transpose(x, attributes.ints('perm', undefined) ?? [...x.shape.keys()].reverse());
};

/** Broadcasts both ways: a size of 1 in the wanted shape leaves the value's own. */
export const Expand: TfOperator = (call) => {
  const x = call.inputs[0]!;
  const wanted = constantIntegers(call, 1);
  const missing = Math.max(0, wanted.length - x.shape.length);
  const own = [...wanted.slice(0, missing).fill(1), ...x.shape];
  const extra = own.length - wanted.length;
  const shape = own.map((size, axis) => (size === 1 ? (wanted[axis - extra] ?? 1) : size));
  return call.tf.broadcastTo(call.tf.reshape(x, own), shape);
};

export const Concat: TfOperator = ({ tf, inputs, attributes }) => {
  const axis = attributes.int('axis');
  const values = inputs.map((input) => input!);
  return tf.concat(values, axis < 0 ? axis + values[0]!.shape.length : axis);
};

/** With steps above 0. */
export const Slice: TfOperator = (call) => {
  const x = call.inputs[0]!;
  const starts = constantIntegers(call, 1);
  const ends = constantIntegers(call, 2);
  const axes = integersOf(call, 3) ?? [...starts.keys()];
  const steps = integersOf(call, 4) ?? starts.map(() => 1);
  const begin = x.shape.map(() => 0);
  const end = [...x.shape];
  const strides = x.shape.map(() => 1);
  for (const [index, given] of axes.entries()) {
    const axis = given < 0 ? given + x.shape.length : given;
    const size = x.shape[axis]!;
    const within = (at: number): number => Math.min(size, Math.max(0, at < 0 ? at + size : at));
    if (steps[index]! < 1) unsupportedOperator(call.node, `steps of ${steps[index]}`);
    begin[axis] = within(starts[index]!);
    end[axis] = within(ends[index]!);
    strides[axis] = steps[index]!;
  }
  return call.tf.stridedSlice(x, begin, end, strides);
};

function constantIntegers(call: OperatorCall, index: number): number[] {
  return integersOf(call, index) ?? unsupportedOperator(call.node, `sizes that are no constants (input ${index})`);
}
