import type { Dimension } from '../../model.js';
import { axesOf, frontAxis, unknownDims } from './dimensions.js';
import type { ShapeRule } from './shape-rule.js';

const reduced: ShapeRule = (context) => {
  const dims = context.dims(0);
  if (dims === undefined) return [undefined];
  const keep = context.attributes.int('keepdims', 1) !== 0;
  const given = context.attributes.has('axes') || context.has(1);
  const axes = axesOf(context, 1);
  if (given && axes === undefined) {
    const count = context.dims(1)?.[0];
    if (keep) return [{ dims: unknownDims(dims.length) }];
    return [{ dims: typeof count === 'number' && count > 0 ? unknownDims(dims.length - count) : undefined }];
  }
  if (!given || axes?.length === 0) {
    if (context.attributes.int('noop_with_empty_axes', 0) !== 0) return [{ dims }];
    return [{ dims: keep ? dims.map(() => 1) : [] }];
  }
  return [{ dims: without(dims, new Set(axes!.map((axis) => frontAxis(context, axis, dims.length))), keep) }];
};

function without(dims: readonly Dimension[], axes: ReadonlySet<number>, keep: boolean): Dimension[] {
  return keep ? dims.map((dim, axis) => (axes.has(axis) ? 1 : dim)) : dims.filter((_, axis) => !axes.has(axis));
}

export const ReduceL1 = reduced;
export const ReduceL2 = reduced;
export const ReduceLogSum = reduced;
export const ReduceLogSumExp = reduced;
export const ReduceMax = reduced;
export const ReduceMean = reduced;
export const ReduceMin = reduced;
export const ReduceProd = reduced;
export const ReduceSum = reduced;
export const ReduceSumSquare = reduced;

const argument: ShapeRule = (context) => {
  const dims = context.dims(0);
  if (dims === undefined) return [undefined];
  const axis = frontAxis(context, context.attributes.int('axis', 0), dims.length);
  return [{ dims: without(dims, new Set([axis]), context.attributes.int('keepdims', 1) !== 0) }];
};

export const ArgMax = argument;
export const ArgMin = argument;
