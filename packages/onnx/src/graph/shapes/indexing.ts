import type { Dimension } from '../../model.js';
import { frontAxis, unknownDims } from './dimensions.js';
import type { ShapeRule } from './shape-rule.js';

export const Gather: ShapeRule = (context) => {
  const [data, indices] = [context.dims(0), context.dims(1)];
  if (data === undefined || indices === undefined) return [undefined];
  if (data.length === 0) context.refuse('data of at least one dimension');
  const axis = frontAxis(context, context.attributes.int('axis', 0), data.length);
  return [{ dims: [...data.slice(0, axis), ...indices, ...data.slice(axis + 1)] }];
};

export const GatherElements: ShapeRule = (context) => [{ dims: context.dims(1) }];

export const GatherND: ShapeRule = (context) => {
  const [data, indices] = [context.dims(0), context.dims(1)];
  const depth = indices?.at(-1);
  if (data === undefined || indices === undefined || typeof depth !== 'number') return [undefined];
  const batch = context.attributes.int('batch_dims', 0);
  if (batch + depth > data.length)
    context.refuse(`indices of depth up to ${data.length - batch} but received ${depth}`);
  return [{ dims: [...indices.slice(0, -1), ...data.slice(batch + depth)] }];
};

const likeData: ShapeRule = (context) => [{ dims: context.dims(0) }];
export const Scatter = likeData;
export const ScatterElements = likeData;
export const ScatterND = likeData;
export const TensorScatter = likeData;

export const OneHot: ShapeRule = (context) => {
  const dims = context.dims(0);
  if (dims === undefined) return [undefined];
  const pair = context.dims(2)?.[0];
  if (typeof pair === 'number' && pair !== 2) context.refuse(`two values, off and on, but received ${pair}`);
  const depth = context.contents(1)?.[0];
  const axis = frontAxis(context, context.attributes.int('axis', -1), dims.length + 1);
  return [{ dims: [...dims.slice(0, axis), depth, ...dims.slice(axis)] }];
};

export const NonZero: ShapeRule = (context) => [{ dims: [context.dims(0)?.length, undefined] }];

export const TopK: ShapeRule = (context) => {
  const dims = context.dims(0);
  if (dims === undefined) return [];
  const axis = frontAxis(context, context.attributes.int('axis', -1), dims.length);
  const k = context.opset < 10 ? context.attributes.int('k') : context.contents(1)?.[0];
  const size = dims[axis];
  if (typeof k === 'number' && typeof size === 'number' && k > size)
    context.refuse(`k up to ${size} but received ${k}`);
  const result = { dims: dims.with(axis, k) };
  return [result, result];
};

export const Unique: ShapeRule = (context) => {
  const dims = context.dims(0);
  const axis = context.attributes.int('axis', undefined);
  const values: Dimension[] | undefined =
    axis === undefined ? unknownDims(1) : dims?.with(frontAxis(context, axis, dims.length), undefined);
  const indices = { dims: unknownDims(1) };
  return [{ dims: values }, indices, indices, indices];
};

export const Compress: ShapeRule = (context) => {
  const dims = context.dims(0);
  const axis = context.attributes.int('axis', undefined);
  if (axis === undefined) return [{ dims: unknownDims(1) }];
  return [{ dims: dims?.with(frontAxis(context, axis, dims.length), undefined) }];
};

export const NonMaxSuppression: ShapeRule = () => [{ dims: [undefined, 3] }];
