// Shapes and flat positions in row-major order.
import { elementCount } from '@percept/core';
import { malformed } from './interpreter-errors.js';

/** Elements to step over for the next index of each axis. */
export function strides(dims: readonly number[]): number[] {
  const steps = new Array<number>(dims.length).fill(1);
  for (let axis = dims.length - 2; axis >= 0; axis--) steps[axis] = steps[axis + 1]! * dims[axis + 1]!;
  return steps;
}

/** An axis in `[-rank, rank)` as one in `[0, rank)`. */
export function normalizeAxis(axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw malformed(`Expected an axis in [${-rank}, ${rank}) but received ${axis}`);
  }
  return axis < 0 ? axis + rank : axis;
}

/** The common shape of several by the rules of NumPy: sizes are equal or 1, counted from the last axis. */
export function broadcastShape(...shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(0, ...shapes.map(({ length }) => length));
  return Array.from({ length: rank }, (_, axis) => {
    let size = 1;
    for (const shape of shapes) {
      const own = shape[axis - rank + shape.length] ?? 1;
      if (own === 1 || own === size) continue;
      if (size !== 1) throw malformed(`Expected shapes that broadcast but received [${shapes.join('] and [')}]`);
      size = own;
    }
    return size;
  });
}

/** For every element of `to`, in order, the flat position in a tensor of shape `from` that is broadcast to it. */
export function broadcastPositions(from: readonly number[], to: readonly number[]): Int32Array {
  const own = strides(from);
  const steps = to.map((_, axis) => {
    const inner = axis - to.length + from.length;
    return inner < 0 || from[inner] === 1 ? 0 : own[inner]!;
  });
  return stridedPositions(to, steps);
}

/** For every index of `dims`, in order: `start` plus the sum of index times step over the axes. */
export function stridedPositions(dims: readonly number[], steps: readonly number[], start = 0): Int32Array {
  const positions = new Int32Array(elementCount(dims));
  const index = new Array<number>(dims.length).fill(0);
  let position = start;
  for (let at = 0; at < positions.length; at++) {
    positions[at] = position;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      position += steps[axis]!;
      if (++index[axis]! < dims[axis]!) break;
      position -= steps[axis]! * dims[axis]!;
      index[axis] = 0;
    }
  }
  return positions;
}

/** Calls `visit` with every index of a shape in row-major order. The array is reused: copy what is to be kept. */
export function forEachIndex(dims: readonly number[], visit: (index: readonly number[], at: number) => void): void {
  const count = elementCount(dims);
  const index = new Array<number>(dims.length).fill(0);
  for (let at = 0; at < count; at++) {
    visit(index, at);
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      if (++index[axis]! < dims[axis]!) break;
      index[axis] = 0;
    }
  }
}

/** Splits a shape at an axis: elements before it, along it, after it. */
export function splitAt(dims: readonly number[], axis: number): { outer: number; size: number; inner: number } {
  return { outer: elementCount(dims.slice(0, axis)), size: dims[axis]!, inner: elementCount(dims.slice(axis + 1)) };
}
