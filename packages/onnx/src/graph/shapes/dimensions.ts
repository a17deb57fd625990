// Arithmetic of dimensions that may be numbers, symbols or unknown.
import { PerceptError } from '@percept/core';
import type { Dimension } from '../../model.js';
import type { ShapeContext } from './shape-rule.js';

/** An axis counted from the front; refuses one that is out of range. */
export function frontAxis(context: ShapeContext, axis: number, rank: number): number {
  if (axis < -rank || axis >= rank) context.refuse(`an axis from ${-rank} to ${rank - 1} but received ${axis}`);
  return axis < 0 ? axis + rank : axis;
}

/** The product of dimensions: a number, the one symbol among ones, or unknown. */
export function product(dims: readonly Dimension[]): Dimension {
  let count = 1;
  let symbol: Dimension;
  let open = 0;
  for (const dim of dims) {
    if (typeof dim === 'number') count *= dim;
    else {
      open++;
      symbol = dim;
    }
  }
  if (open === 0 || count === 0) return count;
  return open === 1 && count === 1 ? symbol : undefined;
}

/** Shapes with more dimensions are not believed. */
const highestRank = 1024;

/** As many unknown dimensions; refuses a number that no shape has. */
export function unknownDims(rank: number): Dimension[] {
  if (!Number.isInteger(rank) || rank < 0 || rank > highestRank) {
    throw new PerceptError(
      'ONNX_SHAPE_INVALID',
      `Expected a rank from 0 to ${highestRank} but received ${rank}. Check the sizes that the model computes`,
    );
  }
  return new Array<Dimension>(rank).fill(undefined);
}

/** The shape that shapes broadcast to (multidirectional, as numpy's); unknown where one of them is. */
export function broadcast(
  context: ShapeContext,
  shapes: readonly (readonly Dimension[] | undefined)[],
): Dimension[] | undefined {
  const known = shapes.filter((shape) => shape !== undefined);
  if (known.length < shapes.length || known.length === 0) return undefined;
  const rank = Math.max(...known.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) =>
    broadcastDim(
      context,
      known.map((shape) => {
        const at = axis - (rank - shape.length);
        return at < 0 ? 1 : shape[at];
      }),
    ),
  );
}

function broadcastDim(context: ShapeContext, dims: readonly Dimension[]): Dimension {
  const others = [...new Set(dims)].filter((dim) => dim !== 1);
  const numbers = others.filter((dim) => typeof dim === 'number');
  if (numbers.length > 1) context.refuse(`sizes that broadcast but received ${numbers.join(' and ')}`);
  if (numbers.length === 1) return numbers[0];
  if (others.length === 0) return 1;
  return others.length === 1 ? others[0] : undefined;
}

/** One dimension where two must be equal: the one that says more. Refuses two different numbers. */
export function sameDim(context: ShapeContext, what: string, first: Dimension, second: Dimension): Dimension {
  if (typeof first === 'number' && typeof second === 'number') {
    if (first !== second) context.refuse(`equal sizes for ${what} but received ${first} and ${second}`);
    return first;
  }
  if (typeof first === 'number') return first;
  return typeof second === 'number' ? second : (first ?? second);
}

/** A sum with a number: the dimension itself for 0, unknown for symbols otherwise. */
export function plus(dim: Dimension, amount: number | undefined): Dimension {
  if (amount === 0) return dim;
  return typeof dim === 'number' && amount !== undefined ? dim + amount : undefined;
}

/** A product with a number: the dimension itself for 1, unknown for symbols otherwise. */
export function times(dim: Dimension, factor: number | undefined): Dimension {
  if (factor === 1) return dim;
  return typeof dim === 'number' && factor !== undefined ? dim * factor : undefined;
}

/** An attribute `axes`, or the input that took its place in later versions; `undefined` where neither is known. */
export function axesOf(context: ShapeContext, input: number): readonly number[] | undefined {
  return context.attributes.ints('axes', undefined) ?? context.integers(input);
}
