import { elementCount, tensor } from '@percept/core';
import { attributes } from '@percept/onnx/graph';
import { signOf } from '../sign-of.js';
import type { StepBuilder } from '../step-builder.js';
import { axisFromFront } from './axes.js';
import type { Gradient } from './gradient.js';

/**
 * Gradients with respect to X, scale and B of batch normalization over batch statistics (Ioffe and Szegedy 2015):
 * with d = x - mean and s = 1 / sqrt(variance + epsilon),
 * dX = scale s (dY - mean(dY) - d s^2 mean(dY d)). Running statistics get none.
 */
export const BatchNormalization: Gradient = (context) => {
  const { g, inputs, inputDims, dY, needed, saved } = context;
  if (saved.centered === undefined) return byRunningStatistics(context);
  const dims = inputDims[0]!;
  const channels = dims[1]!;
  const axes = [0, ...Array.from({ length: dims.length - 2 }, (_, axis) => axis + 2)];
  const count = g.scalar(elementCount(dims) / channels);
  const { centered, inverseDeviation } = saved as { centered: string; inverseDeviation: string };

  const meanDY = g.node('ReduceMean', [dY], { axes, keepdims: 0 });
  const meanDYd = g.node('ReduceMean', [g.node('Mul', [dY, centered])], { axes, keepdims: 0 });
  const dX = () => {
    const wide = [1, channels, ...dims.slice(2).map(() => 1)];
    const factor = g.node('Mul', [inputs[1]!, inverseDeviation]);
    const variance = g.node('Mul', [inverseDeviation, inverseDeviation]);
    const slope = g.node('Neg', [g.node('Mul', [factor, g.node('Mul', [variance, meanDYd])])]);
    const offset = g.node('Neg', [g.node('Mul', [factor, meanDY])]);
    const direct = g.node('Mul', [dY, g.reshape(factor, wide)]);
    return g.node('Add', [direct, g.affine(centered, slope, offset, channels)]);
  };
  return [
    needed[0] ? dX() : undefined,
    needed[1] ? g.node('Mul', [g.node('Mul', [meanDYd, inverseDeviation]), count]) : undefined,
    needed[2] ? g.node('Mul', [meanDY, count]) : undefined,
  ];
};

/** The same where the running statistics normalize: they are constants, and the operator is a line per channel. */
const byRunningStatistics: Gradient = ({ g, node, inputs, inputDims, dY, needed }) => {
  const dims = inputDims[0]!;
  const [x, scale, , mean, variance] = inputs as [string, string, string, string, string];
  const axes = [...dims.keys()].filter((axis) => axis !== 1);
  const epsilon = g.scalar(attributes(node).float('epsilon', 1e-5));
  const inverseDeviation = g.node('Reciprocal', [g.node('Sqrt', [g.node('Add', [variance, epsilon])])]);
  const total = g.reduceSum(dY, axes);
  const dX = (): string => {
    const slope = g.reshape(g.node('Mul', [scale, inverseDeviation]), [dims[1]!, ...dims.slice(2).map(() => 1)]);
    return g.node('Mul', [dY, slope]);
  };
  const dScale = (): string => {
    const moment = g.reduceSum(g.node('Mul', [dY, x]), axes);
    return g.node('Mul', [g.node('Sub', [moment, g.node('Mul', [mean, total])]), inverseDeviation]);
  };
  return [needed[0] ? dX() : undefined, needed[1] ? dScale() : undefined, needed[2] ? total : undefined];
};

/** Gradients with respect to X, scale and B of layer normalization (Ba et al. 2016). */
export const LayerNormalization: Gradient = ({ g, node, inputs, inputDims, needed, dY, saved }) => {
  const dims = inputDims[0]!;
  const first = axisFromFront(attributes(node).int('axis', -1), dims.length);
  const axes = Array.from({ length: dims.length - first }, (_, axis) => first + axis);
  const { normalized, inverseDeviation } = saved as { normalized: string; inverseDeviation: string };
  return [
    needed[0]
      ? throughNormalization(g, { gradient: g.node('Mul', [dY, inputs[1]!]), normalized, inverseDeviation, axes })
      : undefined,
    needed[1] ? g.reduceTo(g.node('Mul', [dY, normalized]), dims, inputDims[1]!) : undefined,
    needed[2] ? g.reduceTo(dY, dims, inputDims[2]!) : undefined,
  ];
};

/** Gradients with respect to X, scale and B of group normalization (Wu and He 2018). */
export const GroupNormalization: Gradient = ({ g, node, inputs, inputDims, needed, dY, saved }) => {
  const dims = inputDims[0]!;
  const channels = dims[1]!;
  const scales = inputDims[1]![0]!;
  const { normalized, inverseDeviation } = saved as { normalized: string; inverseDeviation: string };
  const groups = node.opType === 'InstanceNormalization' ? channels : attributes(node).int('num_groups', 1);
  const wide = [1, channels, ...dims.slice(2).map(() => 1)];
  const axes = [0, ...dims.keys()].filter((axis, at) => at === 0 || axis > 1);
  const grouped = [dims[0]!, groups, elementCount(dims) / dims[0]! / groups];
  // Up to operator set 20 there was one scale per group, each for as many channels.
  const perScale = (value: string): string =>
    scales === channels ? value : g.reduceSum(g.reshape(value, [scales, channels / scales]), [1]);
  const dX = () => {
    const scale = g.reshape(g.repeatEach(inputs[1]!, scales, channels / scales), wide);
    const gradient = g.reshape(g.node('Mul', [dY, scale]), grouped);
    return g.reshape(
      throughNormalization(g, {
        gradient,
        normalized: g.reshape(normalized, grouped),
        inverseDeviation,
        axes: [2],
      }),
      dims,
    );
  };
  return [
    needed[0] ? dX() : undefined,
    needed[1] ? perScale(g.reduceSum(g.node('Mul', [dY, normalized]), axes)) : undefined,
    needed[2] ? perScale(g.reduceSum(dY, axes)) : undefined,
  ];
};

/** Gradients with respect to X, scale and B of instance normalization (Ulyanov et al. 2016). */
export const InstanceNormalization: Gradient = (context) => GroupNormalization(context);

/**
 * Y = X / ||X|| along an axis, of order 1 or 2: dX = (dY - S sum(dY Y)) / ||X||, where S, the gradient of the norm, is
 * sign(X) or Y.
 */
export const LpNormalization: Gradient = ({ g, node, inputs, inputDims, output, dY }) => {
  const [x] = inputs as [string];
  const axes = [axisFromFront(attributes(node).int('axis', -1), inputDims[0]!.length)];
  const first = attributes(node).int('p', 2) === 1;
  const length = g.node(first ? 'ReduceL1' : 'ReduceL2', [x], { axes, keepdims: 1 });
  const along = g.reduceSum(g.node('Mul', [dY, output]), axes, true);
  const slope = g.node('Mul', [first ? signOf(g, x) : output, along]);
  // Where all is 0 the gradient is 0, too.
  return [g.node('Div', [g.node('Sub', [dY, slope]), g.node('Max', [length, g.scalar(1e-12)])])];
};

/**
 * Y = X S^-beta with S = bias + alpha / size sum(X^2) over `size` neighbouring channels (Krizhevsky et al. 2012):
 * dX = dY S^-beta - 2 alpha beta / size X sum(dY X S^(-beta - 1)). The sums are products with a matrix of channels.
 */
export const LRN: Gradient = ({ g, node, inputs, inputDims, dY }) => {
  const dims = inputDims[0]!;
  const [batch, channels] = dims as [number, number];
  const read = attributes(node);
  const size = read.int('size', 1);
  const [alpha, beta, bias] = [read.float('alpha', 1e-4), read.float('beta', 0.75), read.float('bias', 1)];
  const band = new Float32Array(channels * channels);
  for (let row = 0; row < channels; row++) {
    const first = Math.max(0, row - Math.floor((size - 1) / 2));
    const last = Math.min(channels - 1, row + Math.ceil((size - 1) / 2));
    band.fill(1, row * channels + first, row * channels + last + 1);
  }
  const neighbours = g.constant(tensor('float32', [channels, channels], band), 'neighbours');
  const flat = (value: string): string => g.reshape(value, [batch, channels, elementCount(dims) / batch / channels]);
  const [x, dOut] = [flat(inputs[0]!), flat(dY)];
  const sum = g.node('MatMul', [neighbours, g.node('Mul', [x, x])]);
  const scale = g.node('Add', [g.node('Mul', [sum, g.scalar(alpha / size)]), g.scalar(bias)]);
  const direct = g.node('Mul', [dOut, g.node('Pow', [scale, g.scalar(-beta)])]);
  const inner = g.node('Mul', [g.node('Div', [direct, scale]), x]);
  const gathered = g.node('MatMul', [g.transpose(neighbours, [1, 0]), inner]);
  const indirect = g.node('Mul', [g.node('Mul', [x, gathered]), g.scalar((2 * alpha * beta) / size)]);
  return [g.reshape(g.node('Sub', [direct, indirect]), dims)];
};

/** With n = (x - mean) s over some axes: dx = s (dn - mean(dn) - n mean(dn n)). */
function throughNormalization(
  g: StepBuilder,
  {
    gradient,
    normalized,
    inverseDeviation,
    axes,
  }: { gradient: string; normalized: string; inverseDeviation: string; axes: readonly number[] },
): string {
  const mean = (value: string): string => g.node('ReduceMean', [value], { axes, keepdims: 1 });
  const along = g.node('Mul', [normalized, mean(g.node('Mul', [gradient, normalized]))]);
  const rest = g.node('Sub', [g.node('Sub', [gradient, mean(gradient)]), along]);
  return g.node('Mul', [rest, inverseDeviation]);
}
