// Shapes: asking for them and giving others to the same elements.
import { elementCount } from '@percept/core';
import { normalizeAxis } from '../indexing.js';
import { malformed } from '../interpreter-errors.js';
import type { Kernel, KernelContext } from '../kernel.js';
import { asTensor, int64, integers, reshaped, type Value } from '../value.js';

export const Identity: Kernel = ([input]) => [input];

export const Shape: Kernel = ([input], context) => {
  const { dims } = asTensor(input);
  const part = dims.slice(context.int('start', 0), context.int('end'));
  return [int64([part.length], part)];
};

export const Size: Kernel = ([input]) => [int64([], [elementCount(asTensor(input).dims)])];

export const Reshape: Kernel = ([input, shape], context) => {
  const tensor = asTensor(input);
  const wanted = shape === undefined ? context.ints('shape', []) : integers(asTensor(shape, 'shape'));
  const allowZero = context.int('allowzero', 0) === 1;
  const dims = wanted.map((dim, axis) => (dim === 0 && !allowZero ? (tensor.dims[axis] ?? 0) : dim));
  const open = dims.indexOf(-1);
  if (open >= 0) {
    const known = elementCount(dims.toSpliced(open, 1));
    dims[open] = known === 0 ? 0 : elementCount(tensor.dims) / known;
  }
  if (!dims.every((dim) => Number.isInteger(dim) && dim >= 0)) {
    throw malformed(`Expected a shape of ${elementCount(tensor.dims)} elements but received [${wanted.join(', ')}]`);
  }
  return [reshaped(tensor, dims)];
};

export const Flatten: Kernel = ([input], context) => {
  const tensor = asTensor(input);
  const given = context.int('axis', 1);
  const axis = given < 0 ? given + tensor.dims.length : given;
  return [reshaped(tensor, [elementCount(tensor.dims.slice(0, axis)), elementCount(tensor.dims.slice(axis))])];
};

function givenAxes(axesInput: Value | undefined, context: KernelContext): readonly number[] | undefined {
  return axesInput === undefined ? context.ints('axes') : integers(asTensor(axesInput, 'axes'));
}

export const Squeeze: Kernel = ([input, axesInput], context) => {
  const tensor = asTensor(input);
  const axes = givenAxes(axesInput, context)?.map((axis) => normalizeAxis(axis, tensor.dims.length));
  const dims = tensor.dims.filter((dim, axis) => (axes === undefined ? dim !== 1 : !axes.includes(axis)));
  return [reshaped(tensor, dims)];
};

export const Unsqueeze: Kernel = ([input, axesInput], context) => {
  const tensor = asTensor(input);
  const given = givenAxes(axesInput, context) ?? [];
  const rank = tensor.dims.length + given.length;
  const axes = new Set(given.map((axis) => normalizeAxis(axis, rank)));
  const rest = tensor.dims.values();
  const dims = Array.from({ length: rank }, (_, axis) => (axes.has(axis) ? 1 : (rest.next().value ?? 1)));
  return [reshaped(tensor, dims)];
};
