// Reading and writing elements by indices.
import { elementCount } from '@percept/core';
import { isComplex } from '../element-type.js';
import { maximum, minimum, zip } from '../elementwise.js';
import { forEachIndex, normalizeAxis, splitAt, strides } from '../indexing.js';
import { malformed, unsupported } from '../interpreter-errors.js';
import type { Kernel, KernelContext } from '../kernel.js';
import { asTensor, int64, integers, numbers, pick, reshaped, scalar, type TensorValue, tensorValue } from '../value.js';

/** An index in `[-size, size)` as one in `[0, size)`. */
function within(index: number, size: number): number {
  if (index < -size || index >= size) throw malformed(`Expected an index in [${-size}, ${size}) but received ${index}`);
  return index < 0 ? index + size : index;
}

export const Gather: Kernel = ([input, indicesInput], context) => {
  const [tensor, indices] = [asTensor(input), asTensor(indicesInput, 'indices')];
  const axis = normalizeAxis(context.int('axis', 0), tensor.dims.length);
  const { outer, size, inner } = splitAt(tensor.dims, axis);
  const chosen = integers(indices).map((index) => within(index, size));
  const sources = new Int32Array(outer * chosen.length * inner);
  let at = 0;
  for (let block = 0; block < outer; block++) {
    for (const index of chosen) {
      for (let element = 0; element < inner; element++) sources[at++] = (block * size + index) * inner + element;
    }
  }
  return [pick(tensor, tensor.dims.toSpliced(axis, 1, ...indices.dims), sources)];
};

/** For each element of `indices`, the flat position in a tensor of shape `dims` that it means along an axis. */
function elementPositions(indices: TensorValue, dims: readonly number[], axis: number): Int32Array {
  const steps = strides(dims);
  const chosen = integers(indices);
  const positions = new Int32Array(chosen.length);
  forEachIndex(indices.dims, (index, at) => {
    let position = within(chosen[at]!, dims[axis]!) * steps[axis]!;
    for (const [own, step] of steps.entries()) if (own !== axis) position += index[own]! * step;
    positions[at] = position;
  });
  return positions;
}

export const GatherElements: Kernel = ([input, indicesInput], context) => {
  const [tensor, indices] = [asTensor(input), asTensor(indicesInput, 'indices')];
  const axis = normalizeAxis(context.int('axis', 0), tensor.dims.length);
  return [pick(tensor, indices.dims, elementPositions(indices, tensor.dims, axis))];
};

/** For each index tuple (the last axis of `indices`), the flat position of the first element it means. */
function tuplePositions(indices: TensorValue, dims: readonly number[], batchDims: number) {
  const width = indices.dims[indices.dims.length - 1]!;
  const steps = strides(dims);
  const flat = integers(indices);
  const batchSize = elementCount(dims.slice(0, batchDims));
  const batchStep = elementCount(dims.slice(batchDims));
  const tuples = elementCount(indices.dims.slice(0, -1));
  const starts = Array.from({ length: tuples }, (_, tuple) => {
    let position = Math.floor((tuple * batchSize) / tuples) * batchStep;
    for (let at = 0; at < width; at++) {
      const axis = batchDims + at;
      position += within(flat[tuple * width + at]!, dims[axis]!) * steps[axis]!;
    }
    return position;
  });
  return { starts, block: dims.slice(batchDims + width) };
}

export const GatherND: Kernel = ([input, indicesInput], context) => {
  const [tensor, indices] = [asTensor(input), asTensor(indicesInput, 'indices')];
  const { starts, block } = tuplePositions(indices, tensor.dims, context.int('batch_dims', 0));
  const size = elementCount(block);
  const sources = starts.flatMap((start) => Array.from({ length: size }, (_, at) => start + at));
  return [pick(tensor, [...indices.dims.slice(0, -1), ...block], sources)];
};

/** Writes updates one after another to positions of a copy, as the attribute `reduction` says. */
function scattered(
  tensor: TensorValue,
  positions: ArrayLike<number>,
  updates: TensorValue,
  context: KernelContext,
): TensorValue {
  const reduction = context.string('reduction', 'none');
  const combine = reductions[reduction];
  if (reduction !== 'none' && combine === undefined)
    throw unsupported(`Expected a known reduction but received ${reduction}`);
  if (isComplex(tensor.type)) throw unsupported('Expected real elements but received complex ones');
  const data = tensor.data.slice() as Float64Array;
  const from = updates.data as Float64Array;
  const one = (array: Float64Array, at: number) => tensorValue(tensor.type, [], array.slice(at, at + 1));
  for (let at = 0; at < positions.length; at++) {
    const position = positions[at]!;
    const value = combine === undefined ? from[at]! : zip(one(data, position), one(from, at), combine).data[0];
    data[position] = value as number;
  }
  return tensorValue(tensor.type, tensor.dims, data);
}

const reductions: Readonly<Record<string, Parameters<typeof zip>[2] | undefined>> = {
  add: { number: (a, b) => a + b, big: (a, b) => a + b },
  mul: { number: (a, b) => a * b, big: (a, b) => a * b, exact32: true },
  max: maximum,
  min: minimum,
};

export const ScatterElements: Kernel = ([input, indicesInput, updatesInput], context) => {
  const [tensor, indices] = [asTensor(input), asTensor(indicesInput, 'indices')];
  const axis = normalizeAxis(context.int('axis', 0), tensor.dims.length);
  return [scattered(tensor, elementPositions(indices, tensor.dims, axis), asTensor(updatesInput, 'updates'), context)];
};

/** The first name of ScatterElements, until version 11. */
export const Scatter: Kernel = ScatterElements;

export const ScatterND: Kernel = ([input, indicesInput, updatesInput], context) => {
  const [tensor, indices] = [asTensor(input), asTensor(indicesInput, 'indices')];
  const { starts, block } = tuplePositions(indices, tensor.dims, 0);
  const size = elementCount(block);
  const positions = starts.flatMap((start) => Array.from({ length: size }, (_, at) => start + at));
  return [scattered(tensor, positions, asTensor(updatesInput, 'updates'), context)];
};

export const TensorScatter: Kernel = ([pastInput, updateInput, indicesInput], context) => {
  const [past, update] = [asTensor(pastInput), asTensor(updateInput, 'update')];
  const axis = normalizeAxis(context.int('axis', -2), past.dims.length);
  const first = indicesInput === undefined ? undefined : integers(asTensor(indicesInput, 'write_indices'));
  const circular = context.string('mode', 'linear') === 'circular';
  const steps = strides(past.dims);
  const size = past.dims[axis]!;
  const data = past.data.slice() as Float64Array;
  const from = update.data as Float64Array;
  forEachIndex(update.dims, (index, at) => {
    const sequence = (first?.[index[0]!] ?? 0) + index[axis]!;
    const place = circular ? ((sequence % size) + size) % size : within(sequence, size);
    let position = place * steps[axis]!;
    for (const [own, step] of steps.entries()) if (own !== axis) position += index[own]! * step;
    data[position] = from[at]!;
  });
  return [tensorValue(past.type, past.dims, data)];
};

export const Compress: Kernel = ([input, conditionInput], context) => {
  const given = asTensor(input);
  const axisGiven = context.int('axis');
  const tensor = axisGiven === undefined ? reshaped(given, [elementCount(given.dims)]) : given;
  const axis = normalizeAxis(axisGiven ?? 0, tensor.dims.length);
  const condition = numbers(asTensor(conditionInput, 'condition'));
  const { outer, size, inner } = splitAt(tensor.dims, axis);
  const kept = Array.from({ length: size }, (_, at) => at).filter((at) => condition[at] === 1);
  const sources = Array.from({ length: outer }, (_, block) =>
    kept.flatMap((index) => Array.from({ length: inner }, (_, at) => (block * size + index) * inner + at)),
  ).flat();
  return [pick(tensor, tensor.dims.with(axis, kept.length), sources)];
};

export const NonZero: Kernel = ([input]) => {
  const tensor = asTensor(input);
  const found: number[][] = [];
  const present = tensor.type === 'string' ? (tensor.data as string[]).map((text) => text !== '') : numbers(tensor);
  forEachIndex(tensor.dims, (index, at) => {
    if (present[at]) found.push([...index]);
  });
  const rank = tensor.dims.length;
  return [
    int64([rank, found.length], Array.from({ length: rank }, (_, axis) => found.map((index) => index[axis]!)).flat()),
  ];
};

export const OneHot: Kernel = ([indicesInput, depthInput, valuesInput], context) => {
  const [indices, values] = [asTensor(indicesInput, 'indices'), asTensor(valuesInput, 'values')];
  const depth = scalar(asTensor(depthInput, 'depth'));
  const axis = normalizeAxis(context.int('axis', -1), indices.dims.length + 1);
  const dims = indices.dims.toSpliced(axis, 0, depth);
  const { inner } = splitAt(dims, axis);
  const chosen = integers(indices);
  const sources = Int32Array.from({ length: elementCount(dims) }, (_, at) => {
    const place = Math.floor(at / inner) % depth;
    const index = chosen[Math.floor(at / (inner * depth)) * inner + (at % inner)]!;
    return (index < 0 ? index + depth : index) === place ? 1 : 0;
  });
  return [pick(values, dims, sources)];
};
