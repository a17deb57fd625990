// Pooling over sliding windows and over whole planes, and the inverse of max pooling.
import { elementCount } from '@percept/core';
import { strides as stridesOf } from '../indexing.js';
import type { Kernel } from '../kernel.js';
import { asTensor, fromNumbers, int64, integers, numbers, type TensorValue } from '../value.js';
import { beyondPadding, windowAttributes, windowAxes, windowCounts, windowPositions } from '../windows.js';

/** Calls `reduce` for every window: the flat positions of its taps in the plane, and where the plane begins. */
function poolWindows(
  x: TensorValue,
  context: Parameters<Kernel>[1],
  reduce: (taps: Int32Array, plane: number, at: number) => void,
): number[] {
  const spatial = x.dims.slice(2);
  const axes = windowAxes(spatial, windowAttributes(context, spatial.length), context.int('ceil_mode', 0) === 1);
  const { outputs, taps } = windowCounts(axes);
  const positions = windowPositions(axes);
  const size = elementCount(spatial);
  const count = elementCount(outputs);
  for (let plane = 0; plane < x.dims[0]! * x.dims[1]!; plane++) {
    for (let at = 0; at < count; at++) {
      reduce(positions.subarray(at * taps, (at + 1) * taps), plane * size, plane * count + at);
    }
  }
  return [...x.dims.slice(0, 2), ...outputs];
}

export const MaxPool: Kernel = ([input], context) => {
  const x = asTensor(input);
  const values = numbers(x);
  const out: number[] = [];
  const indices: number[] = [];
  const dims = poolWindows(x, context, (taps, plane) => {
    let best = Number.NEGATIVE_INFINITY;
    let index = -1;
    for (const position of taps) {
      if (position < 0) continue;
      const value = values[plane + position]!;
      // The first of equals wins; a NaN wins over every number.
      if (index < 0 || value > best || (Number.isNaN(value) && !Number.isNaN(best)))
        [best, index] = [value, plane + position];
    }
    out.push(best);
    indices.push(index);
  });
  const ordered = context.int('storage_order', 0) === 1 ? indices.map((at) => columnMajor(at, x.dims)) : indices;
  return [fromNumbers(x.type, dims, out), context.wants(1) ? int64(dims, ordered) : undefined];
};

/** The position in a tensor whose planes are stored column by column. */
function columnMajor(at: number, dims: readonly number[]): number {
  const spatial = dims.slice(2);
  const size = elementCount(spatial);
  const steps = stridesOf(spatial);
  let rest = at % size;
  let position = 0;
  let step = 1;
  for (const [axis, own] of steps.entries()) {
    position += Math.floor(rest / own) * step;
    rest %= own;
    step *= spatial[axis]!;
  }
  return at - (at % size) + position;
}

export const AveragePool: Kernel = ([input], context) => {
  const x = asTensor(input);
  const values = numbers(x);
  const padsCount = context.int('count_include_pad', 0) === 1;
  const out: number[] = [];
  const dims = poolWindows(x, context, (taps, plane) => {
    let sum = 0;
    let count = 0;
    for (const position of taps) {
      if (position >= 0) sum += values[plane + position]!;
      if (position >= 0 || (padsCount && position !== beyondPadding)) count++;
    }
    out.push(sum / count);
  });
  return [fromNumbers(x.type, dims, out)];
};

export const LpPool: Kernel = ([input], context) => {
  const x = asTensor(input);
  const values = numbers(x);
  const p = context.int('p', 2);
  const out: number[] = [];
  const dims = poolWindows(x, context, (taps, plane) => {
    let sum = 0;
    for (const position of taps) if (position >= 0) sum += Math.abs(values[plane + position]!) ** p;
    out.push(sum ** (1 / p));
  });
  return [fromNumbers(x.type, dims, out)];
};

/** A kernel that makes one value of each plane. */
function globalPool(reduce: (plane: Float64Array, context: Parameters<Kernel>[1]) => number): Kernel {
  return ([input], context) => {
    const x = asTensor(input);
    const size = elementCount(x.dims.slice(2));
    const values = numbers(x);
    const planes = x.dims[0]! * x.dims[1]!;
    const out = Float64Array.from({ length: planes }, (_, plane) =>
      reduce(values.subarray(plane * size, (plane + 1) * size), context),
    );
    return [fromNumbers(x.type, [x.dims[0]!, x.dims[1]!, ...x.dims.slice(2).map(() => 1)], out)];
  };
}

export const GlobalAveragePool: Kernel = globalPool(
  (plane) => plane.reduce((sum, value) => sum + value, 0) / plane.length,
);

export const GlobalMaxPool: Kernel = globalPool((plane) =>
  plane.reduce((best, value) => Math.max(best, value), Number.NEGATIVE_INFINITY),
);

export const GlobalLpPool: Kernel = globalPool((plane, context) => {
  const p = context.int('p', 2);
  return plane.reduce((sum, value) => sum + Math.abs(value) ** p, 0) ** (1 / p);
});

export const MaxUnpool: Kernel = ([input, positions, outputShape], context) => {
  const x = asTensor(input);
  const spatial = x.dims.slice(2);
  const { kernelShape, strides, pads } = windowAttributes(context, spatial.length);
  const inferred = [
    ...x.dims.slice(0, 2),
    ...spatial.map(
      (size, axis) => (size - 1) * strides[axis]! - pads[axis]! - pads[axis + spatial.length]! + kernelShape[axis]!,
    ),
  ];
  const dims = outputShape === undefined ? inferred : integers(asTensor(outputShape));
  // Indices count in the tensor that was pooled; a larger output keeps each element at its own coordinates.
  const from = stridesOf(inferred);
  const to = stridesOf(dims);
  const out = new Float64Array(elementCount(dims));
  const values = numbers(x);
  for (const [at, index] of integers(asTensor(positions)).entries()) {
    let rest = index;
    let position = 0;
    for (const [axis, step] of from.entries()) {
      position += Math.floor(rest / step) * to[axis]!;
      rest %= step;
    }
    out[position] = values[at]!;
  }
  return [fromNumbers(x.type, dims, out)];
};
