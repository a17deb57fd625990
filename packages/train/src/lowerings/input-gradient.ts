// The gradient of a convolution with respect to its input: a convolution with the flipped kernel, a transposed one, or a
// matrix product.
import type { StepBuilder } from '../step-builder.js';
import type { ConvolutionShape } from './convolution-shape.js';
import type { Lowering, Lowerings } from './lowering.js';

const reachOf = ({ dilations, kernel }: ConvolutionShape): number[] =>
  [0, 1].map((axis) => dilations[axis]! * (kernel[axis]! - 1));

const isPointwise = ({ kernel, strides, before, after }: ConvolutionShape): boolean =>
  [...kernel, ...strides].every((size) => size === 1) && [...before, ...after].every((size) => size === 0);

/** A convolution of the gradient with the kernel reversed and its channels exchanged; at stride 1. */
const flipped: Lowering = {
  fits: (shape) =>
    shape.strides.every((stride) => stride === 1) &&
    reachOf(shape).every((size, axis) => shape.before[axis]! <= size && shape.after[axis]! <= size),
  emit(g, shape, w, dY) {
    const { dilations, groups, before, after } = shape;
    const reach = reachOf(shape);
    const pads = [
      ...reach.map((size, axis) => size - before[axis]!),
      ...reach.map((size, axis) => size - after[axis]!),
    ];
    return g.node('Conv', [dY, flippedKernel(g, shape, w)], { dilations, group: groups, pads });
  },
};

/** The transposed convolution with the same attributes. */
const transposed: Lowering = {
  fits: () => true,
  emit(g, shape, w, dY) {
    const { strides, dilations, groups, before, after, inputSize, output } = shape;
    // Rows and columns behind the last window got no gradient: output_padding brings them back as zeros.
    const reached = reachOf(shape).map(
      (size, axis) => (output[axis]! - 1) * strides[axis]! + size + 1 - before[axis]! - after[axis]!,
    );
    return g.node('ConvTranspose', [dY, w], {
      ...{ strides, dilations, group: groups, pads: [...before, ...after] },
      output_padding: reached.map((size, axis) => inputSize[axis]! - size),
    });
  },
};

/** Of a 1×1 convolution: the product of the weights transposed and the gradient of each image. */
const product: Lowering = {
  fits: (shape) => shape.groups === 1 && isPointwise(shape),
  emit(g, { batch, channels, filters, inputSize }, w, dY) {
    const weights = g.transpose(g.reshape(w, [filters, channels]), [1, 0]);
    const columns = g.reshape(dY, [batch, filters, inputSize[0] * inputSize[1]]);
    return g.reshape(g.node('MatMul', [weights, columns]), [batch, channels, ...inputSize]);
  },
};

/** The lowerings of the gradient with respect to the input. */
export const inputGradients: Lowerings = { flipped, transposed, product };

/** The lowering to take where none was chosen: by shape alone, so that the same model gives the same bits on every run. */
export function defaultInputGradient(shape: ConvolutionShape): string {
  const { groups, filters, channels, inputSize } = shape;
  if (!flipped.fits(shape)) return 'transposed';
  if (product.fits(shape)) return filters > channels && inputSize[0] * inputSize[1] >= 1024 ? 'product' : 'flipped';
  // With more filters than channels the transposed convolution is the faster of the two (up to 1.2 times), except by group.
  return groups > 1 || filters <= channels ? 'flipped' : 'transposed';
}

/** W `[O, C/G, kh, kw]` as the weights of the convolution backwards: `[C, O/G, kh, kw]`, both kernel axes reversed. */
function flippedKernel(g: StepBuilder, { channels, filters, groups, kernel }: ConvolutionShape, w: string): string {
  const kernelSize = kernel[0] * kernel[1];
  const last = -Number.MAX_SAFE_INTEGER;
  const reversed = (value: string): string =>
    kernelSize === 1 ? value : g.slice(value, { starts: [-1], ends: [last], axes: [2], steps: [-1] });
  const grouped = [groups, channels / groups, kernelSize, filters / groups];
  // The filters go last before anything is reversed, so that whole rows move.
  const filtersLast =
    groups === 1
      ? g.reshape(g.transpose(g.reshape(w, [filters, channels * kernelSize]), [1, 0]), grouped)
      : g.transpose(g.reshape(w, [groups, filters / groups, channels / groups, kernelSize]), [0, 2, 3, 1]);
  const back = g.transpose(reversed(filtersLast), [0, 1, 3, 2]);
  return g.reshape(back, [channels, filters / groups, ...kernel]);
}
