// The gradient of a convolution with respect to its weights, as matrix products over patches of its input. A convolution
// with the gradient as kernel is 4 to 10 times slower.
import { tensor } from '@percept/core';
import type { StepBuilder } from '../step-builder.js';
import type { ConvolutionShape } from './convolution-shape.js';
import type { Lowering, Lowerings } from './lowering.js';
import { channelsFirst, rowsByColumn, taps } from './patches.js';

const ungrouped = ({ groups }: ConvolutionShape): boolean => groups === 1;
const positionsOf = ({ output }: ConvolutionShape): number => output[0] * output[1];

/** One batched matrix product per kernel position, `[C, L] x [L, O]` for every image and group, summed over images. */
const kernelTaps: Lowering = {
  fits: () => true,
  emit(g, shape, x, dY) {
    const { batch, channels, filters, groups, kernel } = shape;
    const positions = positionsOf(shape);
    const dYt = g.transpose(g.reshape(dY, [batch, groups, filters / groups, positions]), [0, 1, 3, 2]);
    const products = taps(g, shape, x).map((tap) => {
      const patch = g.reshape(tap, [batch, groups, channels / groups, positions]);
      const product = g.reduceSum(g.node('MatMul', [patch, dYt]), [0]);
      return g.reshape(product, [1, groups, channels / groups, filters / groups]);
    });
    const stacked = joined(g, products, 0);
    return g.reshape(g.transpose(stacked, [1, 3, 2, 0]), [filters, channels / groups, ...kernel]);
  },
};

/** All patches of an image side by side, one matrix product per image: for few channels. */
const image: Lowering = {
  fits: ungrouped,
  emit(g, shape, x, dY) {
    const { batch, channels, filters, kernel } = shape;
    const positions = positionsOf(shape);
    const kernelSize = kernel[0] * kernel[1];
    const patches = g.reshape(joined(g, taps(g, shape, x), 1), [batch, kernelSize * channels, positions]);
    const product = g.node('MatMul', [g.reshape(dY, [batch, filters, positions]), g.transpose(patches, [0, 2, 1])]);
    return positionsLast(g, shape, g.reduceSum(product, [0]));
  },
};

/** Channels first: one product of `[O, N L]` and the patches `[kh kw C, N L]` transposed. For small maps. */
const channel: Lowering = {
  fits: ungrouped,
  emit(g, shape, x, dY) {
    const { batch, channels, filters, inputSize } = shape;
    const length = batch * positionsOf(shape);
    const swapped = channelsFirst(g, x, batch, channels, inputSize[0] * inputSize[1]);
    const rows = taps(g, shape, g.reshape(swapped, [channels, batch, ...inputSize])).map((tap) =>
      g.reshape(tap, [channels, length]),
    );
    const dYt = channelsFirst(g, dY, batch, filters, positionsOf(shape));
    return positionsLast(g, shape, g.node('Gemm', [dYt, joined(g, rows, 0)], { transB: 1 }));
  },
};

/** Channels first, one product per kernel position. */
const channelTaps: Lowering = {
  fits: ungrouped,
  emit(g, shape, x, dY) {
    const { batch, channels, filters, kernel, inputSize } = shape;
    const length = batch * positionsOf(shape);
    const swapped = channelsFirst(g, x, batch, channels, inputSize[0] * inputSize[1]);
    const dYt = channelsFirst(g, dY, batch, filters, positionsOf(shape));
    const products = taps(g, shape, g.reshape(swapped, [channels, batch, ...inputSize])).map((tap) =>
      g.reshape(g.node('Gemm', [dYt, g.reshape(tap, [channels, length])], { transB: 1 }), [1, filters, channels]),
    );
    return g.reshape(g.transpose(joined(g, products, 0), [1, 2, 0]), [filters, channels, ...kernel]);
  },
};

/** One product per kernel column, `[O, N L]` and the rows that it meets transposed. */
const rows: Lowering = {
  // The numbers of the rows are constants of the graph.
  fits: (shape) => ungrouped(shape) && shape.channels * shape.kernel[0] * shape.batch * shape.output[0] <= 2 ** 21,
  emit(g, shape, x, dY) {
    const { batch, channels, filters, kernel } = shape;
    const dYt = channelsFirst(g, dY, batch, filters, positionsOf(shape));
    const products = rowsByColumn(g, shape, x).map((column) =>
      g.reshape(g.node('Gemm', [dYt, column], { transB: 1 }), [filters, channels, kernel[0], 1]),
    );
    return joined(g, products, 3);
  },
};

const depthwise = ({ groups, channels, filters }: ConvolutionShape): boolean =>
  groups === channels && filters === channels;

/**
 * Of a depthwise convolution: for each kernel row the product of all columns of the input with all columns of the gradient,
 * `[Wp, OW]` for every channel, of which a constant matrix of 0 and 1 picks and adds the diagonals that belong to a kernel column.
 */
const diagonals: Lowering = {
  fits: depthwise,
  emit(g, shape, x, dY) {
    const { batch, channels, kernel, strides, dilations, before, after, output, inputSize } = shape;
    const width = inputSize[1] + before[1] + after[1];
    const padded = g.transpose(g.pad(x, [0, 0, ...before], [0, 0, ...after]), [1, 0, 2, 3]);
    const dYt = g.reshape(channelsFirst(g, dY, batch, channels, positionsOf(shape)), [
      channels,
      batch * output[0],
      output[1],
    ]);
    const picks = new Float32Array(width * output[1] * kernel[1]);
    for (let column = 0; column < kernel[1]; column++) {
      for (let to = 0; to < output[1]; to++) {
        const from = to * strides[1] + column * dilations[1];
        picks[(from * output[1] + to) * kernel[1] + column] = 1;
      }
    }
    const diagonal = g.constant(tensor('float32', [width * output[1], kernel[1]], picks), 'diagonals');
    const products = Array.from({ length: kernel[0] }, (_, row) => {
      const starts = [row * dilations[0]];
      const ends = [starts[0]! + (output[0] - 1) * strides[0] + 1];
      const met = g.slice(padded, { starts, ends, axes: [2], steps: [strides[0]] });
      const columns = g.transpose(g.reshape(met, [channels, batch * output[0], width]), [0, 2, 1]);
      const all = g.reshape(g.node('MatMul', [columns, dYt]), [channels, width * output[1]]);
      return g.reshape(g.node('MatMul', [all, diagonal]), [channels, 1, 1, kernel[1]]);
    });
    return joined(g, products, 2);
  },
};

/** Of a depthwise convolution: the sum of the product of the input at a kernel position with the gradient. */
const products: Lowering = {
  fits: depthwise,
  emit(g, shape, x, dY) {
    const sums = taps(g, shape, x).map((tap) =>
      g.reshape(g.reduceSum(g.node('Mul', [tap, dY]), [0, 2, 3]), [shape.channels, 1]),
    );
    return g.reshape(joined(g, sums, 1), [shape.channels, 1, ...shape.kernel]);
  },
};

/** The lowerings of the gradient with respect to the weights. */
export const weightGradients: Lowerings = { taps: kernelTaps, image, channel, channelTaps, rows, diagonals, products };

/** The lowering to take where none was chosen: by shape alone, so that the same model gives the same bits on every run. */
export function defaultWeightGradient(shape: ConvolutionShape): string {
  const { kernel, strides, channels, before, after, inputSize } = shape;
  if (depthwise(shape)) {
    const narrow = inputSize[1] + before[1] + after[1] <= 32;
    return narrow || strides[0] > 1 ? 'diagonals' : 'taps';
  }
  if (!ungrouped(shape)) return 'taps';
  if (channels <= 4) return 'image';
  if (kernel[0] * kernel[1] === 1) return positionsOf(shape) >= 512 ? 'image' : 'channel';
  if (positionsOf(shape) < 64) return 'channel';
  return rows.fits(shape) ? 'rows' : 'channelTaps';
}

function joined(g: StepBuilder, parts: readonly string[], axis: number): string {
  return parts.length === 1 ? parts[0]! : g.node('Concat', parts, { axis });
}

/** `[O, kh kw C]` as `[O, C, kh, kw]`. */
function positionsLast(g: StepBuilder, { channels, filters, kernel }: ConvolutionShape, value: string): string {
  const kernelSize = kernel[0] * kernel[1];
  const dims = [filters, channels, ...kernel];
  if (kernelSize === 1) return g.reshape(value, dims);
  return g.reshape(g.transpose(g.reshape(value, [filters, kernelSize, channels]), [0, 2, 1]), dims);
}
