import { elementCount, tensor } from '@percept/core';
import { attributes } from '@percept/onnx/graph';
import { signOf } from '../sign-of.js';
import { axisFromFront, reducedAxes } from './axes.js';
import type { Gradient, GradientContext } from './gradient.js';

/** dX is dY along the axes that were summed. */
export const ReduceSum: Gradient = (context) => [spread(context, context.dY)];

/** dX is dY along the axes that were averaged, by their number of elements. */
export const ReduceMean: Gradient = (context) => {
  const { g, dY, inputDims, outputDims } = context;
  const share = elementCount(outputDims) / elementCount(inputDims[0]!);
  return [spread(context, g.node('Mul', [dY, g.scalar(share)]))];
};

/** dY goes to the largest element; equal ones share it evenly, as in torch.amax. */
export const ReduceMax: Gradient = (context) => {
  const { g, inputs, output, dY } = context;
  const axes = reducedAxes(context);
  const mask = g.mask(g.node('Equal', [inputs[0]!, kept(context, output)]));
  const count = g.reduceSum(mask, axes, true);
  return [g.node('Mul', [mask, g.node('Div', [kept(context, dY), count])])];
};

/** dY goes to the smallest element; equal ones share it evenly. */
export const ReduceMin: Gradient = (context) => ReduceMax(context);

/** dX = dY sign(X). */
export const ReduceL1: Gradient = (context) => {
  const { g, inputs, dY } = context;
  return [g.node('Mul', [kept(context, dY), signOf(g, inputs[0]!)])];
};

/** dX = dY X / Y; 0 where Y is 0, as PyTorch. */
export const ReduceL2: Gradient = (context) => {
  const { g, inputs, output, dY } = context;
  // X is 0 wherever Y is.
  const length = g.node('Max', [kept(context, output), g.scalar(1e-38)]);
  return [g.node('Mul', [g.node('Div', [kept(context, dY), length]), inputs[0]!])];
};

/** dX = dY / sum(X). */
export const ReduceLogSum: Gradient = (context) => {
  const { g, output, dY } = context;
  return [spread(context, g.node('Div', [dY, g.node('Exp', [output])]))];
};

/** dX = dY exp(X - Y). */
export const ReduceLogSumExp: Gradient = (context) => {
  const { g, inputs, output, dY } = context;
  return [g.node('Mul', [kept(context, dY), g.node('Exp', [g.node('Sub', [inputs[0]!, kept(context, output)])])])];
};

/** dX = 2 dY X. */
export const ReduceSumSquare: Gradient = (context) => {
  const { g, inputs, dY } = context;
  return [g.node('Mul', [kept(context, g.node('Mul', [dY, g.scalar(2)])), inputs[0]!])];
};

/** dX = dY times the product of all other elements: right where elements are 0, too. One axis at a time. */
export const ReduceProd: Gradient = (context) => {
  const { g, inputs, inputDims, dY } = context;
  const dims = inputDims[0]!;
  const axes = reducedAxes(context);
  // The reduced axes are moved behind the others and joined to one.
  const rest = [...dims.keys()].filter((axis) => !axes.includes(axis));
  const order = [...rest, ...axes];
  const length = elementCount(axes.map((axis) => dims[axis]!));
  const flat = g.reshape(g.transpose(inputs[0]!, order), [elementCount(dims) / Math.max(1, length), length]);
  // What is multiplied for element i: the row with a 1 in place of the element i.
  const wide = g.node('Expand', [g.reshape(flat, [-1, 1, length]), g.integers([1, length, 1])]);
  const diagonal = g.constant(
    tensor(
      'float32',
      [1, length, length],
      Float32Array.from({ length: length * length }, (_, at) => (at % (length + 1) === 0 ? 1 : 0)),
    ),
    'diagonal',
  );
  const others = g.node('Add', [g.node('Mul', [wide, g.node('Sub', [g.scalar(1), diagonal])]), diagonal]);
  const products = g.node('ReduceProd', [others], { axes: [2], keepdims: 0 });
  const moved = g.reshape(
    products,
    order.map((axis) => dims[axis]!),
  );
  const back = g.transpose(
    moved,
    order.map((_, axis) => order.indexOf(axis)),
  );
  return [g.node('Mul', [kept(context, dY), back])];
};

/** dX = Y (dY - sum(dY Y)), the sum along the axis of the softmax. */
export const Softmax: Gradient = ({ g, node, output, outputDims, dY }) => {
  const axis = axisFromFront(attributes(node).int('axis', -1), outputDims.length);
  const sum = g.reduceSum(g.node('Mul', [dY, output]), [axis], true);
  return [g.node('Mul', [output, g.node('Sub', [dY, sum])])];
};

/** dX = dY - exp(Y) sum(dY), the sum along the axis of the softmax. */
export const LogSoftmax: Gradient = ({ g, node, output, outputDims, dY }) => {
  const axis = axisFromFront(attributes(node).int('axis', -1), outputDims.length);
  const sum = g.reduceSum(dY, [axis], true);
  return [g.node('Sub', [dY, g.node('Mul', [g.node('Exp', [output]), sum])])];
};

/** A value of the output's shape with the reduced axes kept as 1. */
function kept(context: GradientContext, value: string): string {
  const axes = reducedAxes(context);
  const dims = context.inputDims[0]!.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  return context.g.reshape(value, dims);
}

function spread(context: GradientContext, value: string): string {
  return context.g.node('Expand', [kept(context, value), context.g.integers(context.inputDims[0]!)]);
}
