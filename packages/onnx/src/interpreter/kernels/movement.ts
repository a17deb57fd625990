// Operators that move elements without computing with them.
import { elementCount } from '@percept/core';
import { concatenated, stacked } from '../concatenate.js';
import {
  broadcastPositions,
  broadcastShape,
  forEachIndex,
  normalizeAxis,
  splitAt,
  stridedPositions,
  strides,
} from '../indexing.js';
import { malformed, unsupported } from '../interpreter-errors.js';
import type { Kernel } from '../kernel.js';
import { type PadMode, padded } from '../padding.js';
import { asTensor, fromNumbers, integers, pick, reshaped, scalar, type TensorValue } from '../value.js';

export const Transpose: Kernel = ([input], context) => {
  const tensor = asTensor(input);
  const order = context.ints('perm') ?? [...tensor.dims.keys()].reverse();
  const steps = strides(tensor.dims);
  const dims = order.map((axis) => tensor.dims[axis]!);
  return [
    pick(
      tensor,
      dims,
      stridedPositions(
        dims,
        order.map((axis) => steps[axis]!),
      ),
    ),
  ];
};

export const Expand: Kernel = ([input, shape]) => {
  const tensor = asTensor(input);
  const dims = broadcastShape(tensor.dims, integers(asTensor(shape, 'shape')));
  return [pick(tensor, dims, broadcastPositions(tensor.dims, dims))];
};

export const Tile: Kernel = ([input, repeatsInput, axisInput], context) => {
  const tensor = asTensor(input);
  const given = integers(asTensor(repeatsInput, 'repeats'));
  const repeats =
    context.opset < 6
      ? tensor.dims.map((_, axis) => (axis === scalar(asTensor(axisInput, 'axis')) ? given[0]! : 1))
      : given;
  const steps = strides(tensor.dims);
  const dims = tensor.dims.map((dim, axis) => dim * repeats[axis]!);
  const sources = new Int32Array(elementCount(dims));
  forEachIndex(dims, (index, at) => {
    sources[at] = index.reduce((sum, position, axis) => sum + (position % tensor.dims[axis]!) * steps[axis]!, 0);
  });
  return [pick(tensor, dims, sources)];
};

export const Concat: Kernel = (inputs, context) => {
  const tensors = inputs.map((input) => asTensor(input));
  const axis = normalizeAxis(context.int('axis', 1), tensors[0]!.dims.length);
  return [concatenated(tensors, axis)];
};

/** The part of a tensor along an axis. */
function along(tensor: TensorValue, axis: number, start: number, length: number): TensorValue {
  const steps = strides(tensor.dims);
  const dims = tensor.dims.with(axis, length);
  return pick(tensor, dims, stridedPositions(dims, steps, start * steps[axis]!));
}

function parts(tensor: TensorValue, axis: number, sizes: readonly number[]): TensorValue[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total !== tensor.dims[axis]) {
    throw malformed(`Expected parts that add up to ${tensor.dims[axis]} but received ${sizes.join(' + ')}`);
  }
  let start = 0;
  return sizes.map((size) => {
    const part = along(tensor, axis, start, size);
    start += size;
    return part;
  });
}

/** Sizes of parts that are all `size` long but the last, which may be shorter. */
function evenSizes(total: number, size: number): number[] {
  return Array.from({ length: Math.ceil(total / size) }, (_, at) => Math.min(size, total - at * size));
}

export const Split: Kernel = ([input, splitInput], context) => {
  const tensor = asTensor(input);
  const axis = normalizeAxis(context.int('axis', 0), tensor.dims.length);
  const given = splitInput === undefined ? context.ints('split') : integers(asTensor(splitInput, 'split'));
  const count = context.int('num_outputs', context.outputCount);
  const total = tensor.dims[axis]!;
  const size = Math.ceil(total / count);
  const even = Array.from({ length: count }, (_, at) => Math.max(0, Math.min(size, total - at * size)));
  return parts(tensor, axis, given ?? even);
};

export const SplitToSequence: Kernel = ([input, splitInput], context) => {
  const tensor = asTensor(input);
  const axis = normalizeAxis(context.int('axis', 0), tensor.dims.length);
  const split = splitInput === undefined ? undefined : asTensor(splitInput, 'split');
  const total = tensor.dims[axis]!;
  const sizes =
    split === undefined
      ? evenSizes(total, 1)
      : split.dims.length === 0
        ? evenSizes(total, scalar(split))
        : integers(split);
  const items = parts(tensor, axis, sizes);
  const squeeze = split === undefined && context.int('keepdims', 1) === 0;
  return [
    { kind: 'sequence', items: squeeze ? items.map((item) => reshaped(item, item.dims.toSpliced(axis, 1))) : items },
  ];
};

export const ConcatFromSequence: Kernel = ([input], context) => {
  if (input?.kind !== 'sequence') throw malformed('Expected a sequence of tensors to join');
  const tensors = input.items.map((item) => asTensor(item));
  const fresh = context.int('new_axis', 0) === 1;
  const axis = normalizeAxis(context.int('axis', 0), (tensors[0]?.dims.length ?? 0) + (fresh ? 1 : 0));
  return [fresh ? stacked(tensors, axis) : concatenated(tensors, axis)];
};

export const Slice: Kernel = ([input, startsInput, endsInput, axesInput, stepsInput], context) => {
  const tensor = asTensor(input);
  const rank = tensor.dims.length;
  const list = (value: typeof startsInput, name: string) =>
    value === undefined ? context.ints(name) : integers(asTensor(value, name));
  const starts = list(startsInput, 'starts') ?? [];
  const ends = list(endsInput, 'ends') ?? [];
  const axes = list(axesInput, 'axes') ?? [...starts.keys()];
  const steps = list(stepsInput, 'steps') ?? starts.map(() => 1);

  const own = strides(tensor.dims);
  const dims = [...tensor.dims];
  const walk = [...own];
  let first = 0;
  for (const [at, given] of axes.entries()) {
    const axis = normalizeAxis(given, rank);
    const [size, step] = [tensor.dims[axis]!, steps[at]!];
    if (step === 0) throw malformed('Expected steps other than 0');
    const clamp = (value: number) => {
      const position = value < 0 ? value + size : value;
      return step > 0 ? Math.min(Math.max(position, 0), size) : Math.min(Math.max(position, -1), size - 1);
    };
    const [start, end] = [clamp(starts[at]!), clamp(ends[at]!)];
    dims[axis] = Math.max(0, Math.ceil((end - start) / step));
    walk[axis] = own[axis]! * step;
    first += start * own[axis]!;
  }
  return [pick(tensor, dims, stridedPositions(dims, walk, first))];
};

export const Pad: Kernel = ([input, padsInput, valueInput, axesInput], context) => {
  const tensor = asTensor(input);
  const rank = tensor.dims.length;
  const given =
    padsInput === undefined
      ? context.ints(context.opset < 2 ? 'paddings' : 'pads', [])
      : integers(asTensor(padsInput, 'pads'));
  const axes =
    axesInput === undefined
      ? [...tensor.dims.keys()]
      : integers(asTensor(axesInput, 'axes')).map((axis) => normalizeAxis(axis, rank));
  const before = new Array<number>(rank).fill(0);
  const after = new Array<number>(rank).fill(0);
  for (const [at, axis] of axes.entries()) {
    before[axis] = given[at]!;
    after[axis] = given[at + axes.length]!;
  }
  const value = context.float('value');
  const fill =
    valueInput === undefined
      ? value === undefined
        ? undefined
        : fromNumbers(tensor.type, [1], [value])
      : asTensor(valueInput, 'constant_value');
  const mode = context.string('mode', 'constant');
  if (!['constant', 'reflect', 'edge', 'wrap'].includes(mode))
    throw unsupported(`Expected a known mode but received ${mode}`);
  return [padded(tensor, before, after, { mode: mode as PadMode, ...(fill === undefined ? {} : { fill }) })];
};

export const ReverseSequence: Kernel = ([input, lengthsInput], context) => {
  const tensor = asTensor(input);
  const lengths = integers(asTensor(lengthsInput, 'sequence_lens'));
  const timeAxis = context.int('time_axis', 0);
  const batchAxis = context.int('batch_axis', 1);
  const step = strides(tensor.dims)[timeAxis]!;
  const sources = new Int32Array(elementCount(tensor.dims));
  forEachIndex(tensor.dims, (index, at) => {
    const length = lengths[index[batchAxis]!]!;
    const time = index[timeAxis]!;
    sources[at] = time < length ? at + (length - 1 - 2 * time) * step : at;
  });
  return [pick(tensor, tensor.dims, sources)];
};

export const DepthToSpace: Kernel = ([input], context) => {
  const tensor = asTensor(input);
  const block = context.int('blocksize', 1);
  const [n, c, h, w] = tensor.dims as [number, number, number, number];
  const depth = c / block ** 2;
  const columnFirst = context.string('mode', 'DCR') === 'CRD';
  // [N, C', b, b, H, W] or [N, b, b, C', H, W] becomes [N, C', H, b, W, b].
  const split = columnFirst ? [n, depth, block, block, h, w] : [n, block, block, depth, h, w];
  const order = columnFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2];
  return [rearranged(tensor, split, order, [n, depth, h * block, w * block])];
};

export const SpaceToDepth: Kernel = ([input], context) => {
  const tensor = asTensor(input);
  const block = context.int('blocksize', 1);
  const [n, c, h, w] = tensor.dims as [number, number, number, number];
  const split = [n, c, h / block, block, w / block, block];
  const order = context.string('mode', 'DCR') === 'CRD' ? [0, 1, 3, 5, 2, 4] : [0, 3, 5, 1, 2, 4];
  return [rearranged(tensor, split, order, [n, c * block ** 2, h / block, w / block])];
};

function rearranged(tensor: TensorValue, split: readonly number[], order: readonly number[], dims: readonly number[]) {
  const steps = strides(split);
  return pick(
    tensor,
    dims,
    stridedPositions(
      order.map((axis) => split[axis]!),
      order.map((axis) => steps[axis]!),
    ),
  );
}

export const Trilu: Kernel = ([input, kInput], context) => {
  const tensor = asTensor(input);
  const k = kInput === undefined ? 0 : scalar(asTensor(kInput, 'k'));
  const upper = context.int('upper', 1) === 1;
  const columns = tensor.dims[tensor.dims.length - 1]!;
  const { size: rows } = splitAt(tensor.dims, tensor.dims.length - 2);
  const sources = Int32Array.from({ length: elementCount(tensor.dims) }, (_, at) => {
    const [row, column] = [Math.floor(at / columns) % rows, at % columns];
    const kept = upper ? column - row >= k : column - row <= k;
    return kept ? at : -1;
  });
  return [pick(tensor, tensor.dims, sources)];
};
