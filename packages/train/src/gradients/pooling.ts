import { elementCount, tensor } from '@percept/core';
import { attributes } from '@percept/onnx/graph';
import { type SlidingWindow, slidingWindow } from '../sliding-window.js';
import type { StepBuilder } from '../step-builder.js';
import { unsupported } from '../unsupported.js';
import type { Gradient, GradientContext } from './gradient.js';
import { forOneAxisToo } from './spatial-axes.js';

/** The mean's gradient, spread evenly over the map. */
export const GlobalAveragePool: Gradient = ({ g, dY, inputDims }) => {
  const dims = inputDims[0]!;
  const share = g.node('Mul', [dY, g.scalar(1 / elementCount(dims.slice(2)))]);
  return [g.node('Expand', [share, g.integers(dims)])];
};

/**
 * The gradient of each window is spread evenly over the elements that its mean was taken of; with `count_include_pad`
 * padding counts among them.
 */
export const AveragePool: Gradient = (context) => forOneAxisToo(averagePool2d)(context);

const averagePool2d: Gradient = ({ g, node, inputDims, dY }) => {
  const dims = inputDims[0]!;
  const window = slidingWindow(node, dims, []);
  const { kernel, strides, dilations, before, after, output } = window;
  const padded = attributes(node).int('count_include_pad', 0) === 1;
  const counts = [0, 1].map((axis) => {
    const size = dims[axis + 2]!;
    const [low, high] = padded ? [-before[axis]!, size + after[axis]!] : [0, size];
    return Array.from({ length: output[axis]! }, (_, at) => {
      const first = at * strides[axis]! - before[axis]!;
      const taps = Array.from({ length: kernel[axis]! }, (_, tap) => first + tap * dilations[axis]!);
      return taps.filter((position) => position >= low && position < high).length;
    });
  }) as [number[], number[]];
  const shares = counts[0].flatMap((rows) => counts[1].map((columns) => 1 / Math.max(1, rows * columns)));
  const share = g.node('Mul', [dY, g.constant(tensor('float32', [1, 1, ...output], shares), 'shares')]);
  const channels = dims[1]!;
  const ones = new Float32Array(channels * kernel[0] * kernel[1]).fill(1);
  return [scatter(g, share, g.constant(tensor('float32', [channels, 1, ...kernel], ones), 'ones'), dims, window)];
};

/** dY goes to the largest element of the map; equal ones share it evenly. */
export const GlobalMaxPool: Gradient = ({ g, inputs, inputDims, output, dY }) => {
  const axes = [...inputDims[0]!.keys()].slice(2);
  const mask = g.mask(g.node('Equal', [inputs[0]!, output]));
  return [g.node('Mul', [mask, g.node('Div', [dY, g.reduceSum(mask, axes, true)])])];
};

/**
 * The gradient of each window goes to its largest element. Equal largest elements share it evenly: a subgradient that
 * does not depend on the order of evaluation (PyTorch gives all to the first).
 *
 * The largest are found by comparison, not by MaxPool's Indices output, which the GPU providers lack.
 */
export const MaxPool: Gradient = (context) => forOneAxisToo(maxPool2d)(context);

const maxPool2d: Gradient = (context) => {
  const { node, inputDims } = context;
  if ((node.outputs[1] ?? '') !== '') throw unsupported(node, 'no Indices output', 'one');
  const window = slidingWindow(node, inputDims[0]!, []);
  return [tiles(window) ? gradientOfTiles(context, window) : gradientOfWindows(context, window)];
};

/** Whether the windows stand side by side from the first element on, without padding. */
function tiles({ kernel, strides, dilations, before, after }: SlidingWindow): boolean {
  return [0, 1].every(
    (axis) =>
      kernel[axis] === strides[axis] &&
      before[axis] === 0 &&
      after[axis] === 0 &&
      (dilations[axis] === 1 || kernel[axis] === 1),
  );
}

/** Every element lies in at most one window, so maximum and gradient are enlarged and compared in place. */
function gradientOfTiles(context: GradientContext, { kernel, output }: SlidingWindow): string {
  const { g, inputs, inputDims, output: y, dY } = context;
  const [n, c, height, width] = inputDims[0] as [number, number, number, number];
  const covered = [Math.min(output[0] * kernel[0], height), Math.min(output[1] * kernel[1], width)] as const;
  const cut = (value: string, from: readonly number[]): string =>
    from[0] === covered[0] && from[1] === covered[1]
      ? value
      : g.slice(value, { starts: [0, 0], ends: covered, axes: [2, 3], steps: [1, 1] });
  const enlarge = (value: string): string => {
    const scales = g.constant(tensor('float32', [4], [1, 1, kernel[0], kernel[1]]), 'scales');
    const attributes = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
    return cut(g.node('Resize', [value, '', scales], attributes), [output[0] * kernel[0], output[1] * kernel[1]]);
  };
  const x = cut(inputs[0]!, [height, width]);
  const mask = g.mask(g.node('Equal', [x, enlarge(y)]));
  const whole = g.pad(
    mask,
    [0, 0, 0, 0],
    [0, 0, output[0] * kernel[0] - covered[0], output[1] * kernel[1] - covered[1]],
  );
  const share = g.node('AveragePool', [whole], { kernel_shape: kernel, strides: kernel });
  const count = g.node('Mul', [share, g.scalar(kernel[0] * kernel[1])]);
  const dX = g.node('Mul', [mask, enlarge(g.node('Div', [dY, count]))]);
  return g.reshape(g.pad(dX, [0, 0, 0, 0], [0, 0, height - covered[0], width - covered[1]]), [n, c, height, width]);
}

/** One comparison per kernel position; a transposed convolution with 0/1 weights adds the shares where they belong. */
function gradientOfWindows(context: GradientContext, window: SlidingWindow): string {
  const { g, inputs, inputDims, output: y, dY } = context;
  const { kernel, strides, dilations, before, output } = window;
  const [n, c, height, width] = inputDims[0] as [number, number, number, number];
  const size = [height, width];
  // What the windows touch: with ceil_mode more than the padding, with a stride that does not divide less.
  const reached = [0, 1].map(
    (axis) => (output[axis]! - 1) * strides[axis]! + dilations[axis]! * (kernel[axis]! - 1) + 1,
  );
  const after = [0, 1].map((axis) => Math.max(0, reached[axis]! - size[axis]! - before[axis]!));
  const padded = g.pad(inputs[0]!, [0, 0, ...before], [0, 0, ...after], Number.NEGATIVE_INFINITY);

  const masks: string[] = [];
  const kernelSize = kernel[0] * kernel[1];
  for (let row = 0; row < kernel[0]; row++) {
    for (let column = 0; column < kernel[1]; column++) {
      const starts = [row * dilations[0], column * dilations[1]];
      const ends = starts.map((start, axis) => start + (output[axis]! - 1) * strides[axis]! + 1);
      const tap = g.slice(padded, { starts, ends, axes: [2, 3], steps: strides });
      const mask = g.mask(g.node('Equal', [tap, y]));
      masks.push(g.reshape(mask, [n, c, 1, ...output]));
    }
  }
  const all = g.node('Concat', masks, { axis: 2 });
  const count = g.reduceSum(all, [2], true);
  const share = g.node('Div', [g.reshape(dY, [n, c, 1, ...output]), count]);
  const shares = g.reshape(g.node('Mul', [all, share]), [n, c * kernelSize, ...output]);
  return scatter(g, shares, scatterWeights(g, c, kernel), inputDims[0]!, window);
}

/** Adds up what the windows give to the input by a transposed convolution, which leaves out what lies in the padding. */
function scatter(
  g: StepBuilder,
  shares: string,
  weights: string,
  dims: readonly number[],
  { kernel, strides, dilations, before, output }: SlidingWindow,
): string {
  const size = dims.slice(2);
  const reached = [0, 1].map(
    (axis) => (output[axis]! - 1) * strides[axis]! + dilations[axis]! * (kernel[axis]! - 1) + 1,
  );
  const scattered = g.node('ConvTranspose', [shares, weights], { strides, dilations, group: dims[1]! });
  const inside = g.slice(scattered, {
    starts: before,
    ends: size.map((length, axis) => before[axis]! + length),
    axes: [2, 3],
    steps: [1, 1],
  });
  const behind = size.map((length, axis) => Math.max(0, length + before[axis]! - reached[axis]!));
  return g.pad(inside, [0, 0, 0, 0], [0, 0, ...behind]);
}

/** `[C kh kw, 1, kh, kw]`: the input channel of each kernel position writes to that position. */
function scatterWeights(g: StepBuilder, channels: number, kernel: readonly [number, number]): string {
  const kernelSize = kernel[0] * kernel[1];
  const weights = new Float32Array(channels * kernelSize * kernelSize);
  for (let at = 0; at < channels * kernelSize; at++) weights[at * kernelSize + (at % kernelSize)] = 1;
  return g.constant(tensor('float32', [channels * kernelSize, 1, ...kernel], weights), 'scatter');
}
