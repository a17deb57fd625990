import { elementCount } from '@percept/core';
import type { Gradient } from './gradient.js';

/**
 * Gradients with respect to X, scale and B of batch normalization over batch statistics (Ioffe and Szegedy 2015):
 * with d = x - mean and s = 1 / sqrt(variance + epsilon),
 * dX = scale s (dY - mean(dY) - d s^2 mean(dY d)). Running statistics get none.
 */
export const BatchNormalization: Gradient = ({ g, inputs, inputDims, dY, needed, saved }) => {
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
