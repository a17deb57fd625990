// The gradients of 3-D convolutions, by convolutions again.
import { attributes } from '@percept/onnx/graph';
import { slidingWindow } from '../sliding-window.js';
import type { StepBuilder } from '../step-builder.js';
import type { Gradient } from './gradient.js';
import { alongAxis } from './spatial-axes.js';

/** Where the windows of a 3-D convolution lie: depth, height, width. */
interface Windows {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly groups: number;
}

/** Gradients of a Conv of `[N, C, D, H, W]` with respect to X, W and B: any strides, pads, dilations and groups. */
export const convolution3d: Gradient = ({ g, node, inputs, inputDims, outputDims, dY, needed }) => {
  const [x, w] = inputs as [string, string];
  const [xDims, wDims] = inputDims as [readonly number[], readonly number[]];
  const axes = [0, 1, 2].map((axis) =>
    slidingWindow(alongAxis(node, axis, 3), [1, 1, 1, xDims[axis + 2]!], [1, wDims[axis + 2]!]),
  );
  const windows: Windows = {
    strides: axes.map(({ strides }) => strides[1]),
    dilations: axes.map(({ dilations }) => dilations[1]),
    before: axes.map(({ before }) => before[1]),
    after: axes.map(({ after }) => after[1]),
    groups: attributes(node).int('group', 1),
  };
  return [
    needed[0] ? inputGradient(g, windows, { w, dY, xDims, wDims, outputDims }) : undefined,
    needed[1] ? weightGradient(g, windows, { x, dY, xDims, wDims, outputDims }) : undefined,
    needed[2] ? g.reduceSum(dY, [0, 2, 3, 4]) : undefined,
  ];
};

type Sizes = Record<'xDims' | 'wDims' | 'outputDims', readonly number[]>;

/** The transposed convolution of dY; elements behind the last window get 0. */
function inputGradient(
  g: StepBuilder,
  { strides, dilations, before, groups }: Windows,
  { w, dY, xDims, wDims, outputDims }: Sizes & { w: string; dY: string },
): string {
  const behind = [0, 1, 2].map((axis) => {
    const reached = (outputDims[axis + 2]! - 1) * strides[axis]! + dilations[axis]! * (wDims[axis + 2]! - 1) + 1;
    return reached - before[axis]! - xDims[axis + 2]!;
  });
  return g.node('ConvTranspose', [dY, w], {
    ...{ strides, dilations, group: groups },
    pads: [...before, ...behind.map((size) => Math.max(0, size))],
    output_padding: behind.map((size) => Math.max(0, -size)),
  });
}

/** The convolution of X with dY as kernel, images and channels exchanged, strides and dilations too; group by group. */
function weightGradient(
  g: StepBuilder,
  { strides, dilations, before, after, groups }: Windows,
  { x, dY, xDims, wDims }: Sizes & { x: string; dY: string },
): string {
  const part = (value: string, channels: number, group: number): string => {
    const [start, end] = [(group * channels) / groups, ((group + 1) * channels) / groups];
    const own = groups === 1 ? value : g.slice(value, { starts: [start], ends: [end], axes: [1], steps: [1] });
    return g.transpose(own, [1, 0, 2, 3, 4]);
  };
  const parts = Array.from({ length: groups }, (_, group) => {
    const product = g.node('Conv', [part(x, xDims[1]!, group), part(dY, wDims[0]!, group)], {
      ...{ strides: dilations, dilations: strides, pads: [...before, ...after] },
    });
    // Rows behind the last window make the kernel look larger.
    const ends = wDims.slice(2);
    return g.transpose(
      g.slice(product, { starts: [0, 0, 0], ends, axes: [2, 3, 4], steps: [1, 1, 1] }),
      [1, 0, 2, 3, 4],
    );
  });
  return groups === 1 ? parts[0]! : g.node('Concat', parts, { axis: 0 });
}
