import { elementCount } from '@percept/core';
import { attributes } from '@percept/onnx/graph';
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
