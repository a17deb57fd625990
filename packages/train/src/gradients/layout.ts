// Operators that move elements without computing: their gradients move them back, and add up what was repeated.
import { attributes } from '@percept/onnx/graph';
import type { StepBuilder } from '../step-builder.js';
import { unsupported } from '../unsupported.js';
import { axisFromFront, constantIntegers } from './axes.js';
import type { Gradient, GradientContext } from './gradient.js';

/** dX is dY in the shape of X. */
export const Reshape: Gradient = ({ g, dY, inputDims }) => [g.reshape(dY, inputDims[0]!)];

/** dX is dY in the shape of X. */
export const Flatten: Gradient = (context) => Reshape(context);

/** dX is dY in the shape of X. */
export const Squeeze: Gradient = (context) => Reshape(context);

/** dX is dY in the shape of X. */
export const Unsqueeze: Gradient = (context) => Reshape(context);

/** dX is dY with its axes back in place. */
export const Transpose: Gradient = ({ g, node, dY, outputDims }) => {
  const reversed = outputDims.map((_, axis) => outputDims.length - 1 - axis);
  const perm = attributes(node).ints('perm', reversed);
  return [
    g.transpose(
      dY,
      perm.map((_, axis) => perm.indexOf(axis)),
    ),
  ];
};

/** dX is dY summed along the axes that were repeated. */
export const Expand: Gradient = ({ g, dY, inputDims, outputDims }) => [g.reduceTo(dY, outputDims, inputDims[0]!)];

/** dX is the sum of what its repetitions get. */
export const Tile: Gradient = (context) => {
  const { g, dY, inputDims } = context;
  const repeats = constantIntegers(context, 1, 'repeats')!;
  const apart = g.reshape(
    dY,
    inputDims[0]!.flatMap((size, axis) => [repeats[axis]!, size]),
  );
  return [
    g.reduceSum(
      apart,
      repeats.map((_, axis) => 2 * axis),
    ),
  ];
};

/** dX is dY with its blocks of channels back in place; mode DCR or CRD. */
export const DepthToSpace: Gradient = ({ g, node, dY, inputDims }) => {
  const [n, c, height, width] = inputDims[0] as [number, number, number, number];
  const size = attributes(node).int('blocksize', 1);
  const deep = attributes(node).string('mode', 'DCR') === 'DCR';
  // dY is [N, C / b², H, b, W, b]: the two b go in front of the channels, or behind them.
  const apart = g.reshape(dY, [n, c / size / size, height, size, width, size]);
  return [g.reshape(g.transpose(apart, deep ? [0, 3, 5, 1, 2, 4] : [0, 1, 3, 5, 2, 4]), [n, c, height, width])];
};

/** dX is dY with its channels back in the blocks that they came from. */
export const SpaceToDepth: Gradient = ({ g, node, dY }) => [
  g.node('DepthToSpace', [dY], { blocksize: attributes(node).int('blocksize', 1) }),
];

/** dX is the triangle of dY that was kept. */
export const Trilu: Gradient = ({ g, node, inputs, dY }) => [
  g.node('Trilu', [dY, ...inputs.slice(1)], { upper: attributes(node).int('upper', 1) }),
];

/** dX is the sum of dY over the elements behind, or in front: that of the reversed sum. */
export const CumSum: Gradient = ({ g, node, inputs, dY }) => {
  const [exclusive, reverse] = [attributes(node).int('exclusive', 0), attributes(node).int('reverse', 0)];
  return [g.node('CumSum', [dY, inputs[1]!], { exclusive, reverse: 1 - reverse })];
};

/** Every input gets its part of dY. */
export const Concat: Gradient = ({ g, node, inputs, inputDims, outputDims, dY }) => {
  const axis = axisFromFront(attributes(node).int('axis', 0), outputDims.length);
  if (inputs.length === 1) return [dY];
  const sizes = g.integers(inputDims.map((dims) => dims[axis]!));
  return g.multi('Split', [dY, sizes], { axis }, { outputs: inputs.length });
};

/** dX are the gradients of all parts, put together. */
export const Split: Gradient = ({ g, node, inputDims, dYs }) => {
  const axis = axisFromFront(attributes(node).int('axis', 0), inputDims[0]!.length);
  return [dYs.length === 1 ? dYs[0]! : g.node('Concat', dYs, { axis })];
};

/** dX is dY where it was taken from, 0 elsewhere. Steps of any size, backwards too. */
export const Slice: Gradient = (context) => {
  const { g, inputDims, outputDims } = context;
  const dims = inputDims[0]!;
  const starts = constantIntegers(context, 1, 'starts')!;
  const axes = constantIntegers(context, 3, 'axes') ?? starts.map((_, axis) => axis);
  const steps = constantIntegers(context, 4, 'steps') ?? starts.map(() => 1);
  let value = context.dY;
  const shape = [...outputDims];
  for (const [at, given] of axes.entries()) {
    const axis = axisFromFront(given, dims.length);
    const [size, count, step] = [dims[axis]!, shape[axis]!, steps[at]!];
    if (count === 0) throw unsupported(context.node, 'a slice of at least one element', 'an empty one');
    const last = step < 0 ? size - 1 : size;
    const from = starts[at]! < 0 ? starts[at]! + size : starts[at]!;
    const start = Math.min(Math.max(from, 0), last);
    if (step < 0) value = reverse(g, value, axis);
    const first = step < 0 ? start + step * (count - 1) : start;
    if (Math.abs(step) > 1 && count > 1) value = interleave(g, value, shape, axis, Math.abs(step));
    const span = (count - 1) * Math.abs(step) + 1;
    shape[axis] = size;
    value = padAxis(g, value, dims.length, axis, first, size - first - span);
  }
  return [value];
};

/** Puts `step - 1` zeros between the elements along an axis. */
function interleave(g: StepBuilder, value: string, dims: readonly number[], axis: number, step: number): string {
  const count = dims[axis]!;
  const rank = dims.length + 1;
  const apart = g.reshape(value, [...dims.slice(0, axis + 1), 1, ...dims.slice(axis + 1)]);
  const padded = padAxis(g, apart, rank, axis + 1, 0, step - 1);
  const joined = g.reshape(padded, [...dims.slice(0, axis), count * step, ...dims.slice(axis + 1)]);
  return cut(g, joined, axis, 0, (count - 1) * step + 1);
}

/** Constant padding passes the inside on; reflected, repeated and wrapped elements get the gradients of their copies too. */
export const Pad: Gradient = (context) => {
  const { node, inputDims } = context;
  const dims = inputDims[0]!;
  const mode = attributes(node).string('mode', 'constant');
  if (!['constant', 'reflect', 'edge', 'wrap'].includes(mode)) {
    throw unsupported(node, 'mode constant, reflect, edge or wrap', mode);
  }
  const pads = constantIntegers(context, 1, 'pads')!;
  const axes = constantIntegers(context, 3, 'axes') ?? dims.map((_, axis) => axis);
  let value = context.dY;
  for (const [at, given] of axes.entries()) {
    const axis = axisFromFront(given, dims.length);
    const [before, after] = [pads[at]!, pads[at + axes.length]!];
    value = padGradient(context, value, mode, axis, before, after);
  }
  return [value];
};

function padGradient(
  { g, node, inputDims }: GradientContext,
  value: string,
  mode: string,
  axis: number,
  before: number,
  after: number,
): string {
  if (before === 0 && after === 0) return value;
  const rank = inputDims[0]!.length;
  const size = inputDims[0]![axis]!;
  const inside = cut(
    g,
    value,
    axis,
    Math.max(before, 0),
    Math.max(before, 0) + size - Math.max(-before, 0) - Math.max(-after, 0),
  );
  const whole = padAxis(g, inside, rank, axis, Math.max(-before, 0), Math.max(-after, 0));
  if (mode === 'constant') return whole;
  if (before < 0 || after < 0) throw unsupported(node, `pads of at least 0 in mode ${mode}`, `${before} and ${after}`);
  const parts = [whole];
  const total = before + size + after;
  if (mode === 'edge') {
    if (before > 0)
      parts.push(padAxis(g, g.reduceSum(cut(g, value, axis, 0, before), [axis], true), rank, axis, 0, size - 1));
    if (after > 0)
      parts.push(
        padAxis(g, g.reduceSum(cut(g, value, axis, total - after, total), [axis], true), rank, axis, size - 1, 0),
      );
  } else if (mode === 'wrap') {
    if (before > size || after > size) throw unsupported(node, `wrapped pads up to ${size}`, `${before} and ${after}`);
    if (before > 0) parts.push(padAxis(g, cut(g, value, axis, 0, before), rank, axis, size - before, 0));
    if (after > 0) parts.push(padAxis(g, cut(g, value, axis, total - after, total), rank, axis, 0, size - after));
  } else {
    if (before >= size || after >= size)
      throw unsupported(node, `reflected pads below ${size}`, `${before} and ${after}`);
    const first = () => reverse(g, cut(g, value, axis, 0, before), axis);
    const last = () => reverse(g, cut(g, value, axis, total - after, total), axis);
    if (before > 0) parts.push(padAxis(g, first(), rank, axis, 1, size - 1 - before));
    if (after > 0) parts.push(padAxis(g, last(), rank, axis, size - 1 - after, 1));
  }
  return g.node('Sum', parts);
}

function cut(g: StepBuilder, value: string, axis: number, start: number, end: number): string {
  return g.slice(value, { starts: [start], ends: [end], axes: [axis], steps: [1] });
}

function reverse(g: StepBuilder, value: string, axis: number): string {
  return g.slice(value, { starts: [-1], ends: [-Number.MAX_SAFE_INTEGER], axes: [axis], steps: [-1] });
}

function padAxis(g: StepBuilder, value: string, rank: number, axis: number, before: number, after: number): string {
  const along = (size: number): number[] => Array.from({ length: rank }, (_, at) => (at === axis ? size : 0));
  return g.pad(value, along(before), along(after));
}
