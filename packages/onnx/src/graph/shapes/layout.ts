import type { Dimension } from '../../model.js';
import { axesOf, broadcast, frontAxis, plus, product, sameDim, times, unknownDims } from './dimensions.js';
import type { ShapeContext, ShapeRule } from './shape-rule.js';

/** An output of unknown sizes, whose rank is the length of an input that lists its sizes. */
function ofListedRank(context: ShapeContext, input: number): { dims: Dimension[] | undefined } {
  const rank = context.dims(input)?.[0];
  return { dims: typeof rank === 'number' ? unknownDims(rank) : undefined };
}

export const Reshape: ShapeRule = (context) => {
  const target = context.opset < 5 ? context.attributes.ints('shape', undefined) : context.contents(1);
  if (target === undefined) return [ofListedRank(context, 1)];
  const from = context.dims(0);
  const copyZero = context.attributes.int('allowzero', 0) === 0;
  const dims = target.map((size, axis) => (size === 0 && copyZero ? from?.[axis] : size));
  const rest = dims.filter((size) => size !== -1);
  if (rest.length < dims.length - 1) context.refuse(`at most one -1 in the new shape but received [${target}]`);
  if (rest.length < dims.length) {
    const missing = from && quotient(context, from, rest);
    return [{ dims: dims.map((size) => (size === -1 ? missing : size)) }];
  }
  const [before, after] = [from && numericProduct(from), numericProduct(dims)];
  if (before !== undefined && after !== undefined && before !== after) {
    context.refuse(`as many elements as the input's ${before} but the new shape [${dims}] has ${after}`);
  }
  return [{ dims }];
};

function numericProduct(dims: readonly Dimension[]): number | undefined {
  const count = product(dims);
  return typeof count === 'number' ? count : undefined;
}

/** The size that `rest` lacks to hold as many elements as `whole`; symbols on both sides cancel. */
function quotient(context: ShapeContext, whole: readonly Dimension[], rest: readonly Dimension[]): Dimension {
  const left = [...whole];
  let divisor = 1;
  for (const size of rest) {
    if (typeof size === 'number') {
      divisor *= size;
      continue;
    }
    const at = size === undefined ? -1 : left.indexOf(size);
    if (at < 0) return undefined;
    left.splice(at, 1);
  }
  const symbols = left.filter((size) => typeof size !== 'number');
  const count = numericProduct(left.filter((size) => typeof size === 'number'))!;
  if (symbols.length > 1 || divisor === 0) return undefined;
  if (symbols.length === 1) return count === divisor ? symbols[0] : undefined;
  if (count % divisor !== 0) context.refuse(`a multiple of ${divisor} elements but the input has ${count}`);
  return count / divisor;
}

export const Flatten: ShapeRule = (context) => {
  const dims = context.dims(0);
  if (dims === undefined) return [{ dims: unknownDims(2) }];
  const axis = context.attributes.int('axis', 1);
  if (axis < -dims.length || axis > dims.length) context.refuse(`an axis up to ${dims.length} but received ${axis}`);
  const split = axis < 0 ? axis + dims.length : axis;
  return [{ dims: [product(dims.slice(0, split)), product(dims.slice(split))] }];
};

export const Squeeze: ShapeRule = (context) => {
  const dims = context.dims(0);
  if (dims === undefined) return [undefined];
  const axes = axesOf(context, 1);
  if (axes === undefined) {
    if (context.has(1)) {
      const count = context.dims(1)?.[0];
      return [{ dims: typeof count === 'number' ? unknownDims(dims.length - count) : undefined }];
    }
    return [{ dims: dims.every((dim) => typeof dim === 'number') ? dims.filter((dim) => dim !== 1) : undefined }];
  }
  const gone = new Set(axes.map((axis) => frontAxis(context, axis, dims.length)));
  for (const axis of gone) {
    if (typeof dims[axis] === 'number' && dims[axis] !== 1)
      context.refuse(`size 1 on axis ${axis} but received ${dims[axis]}`);
  }
  return [{ dims: dims.filter((_, axis) => !gone.has(axis)) }];
};

export const Unsqueeze: ShapeRule = (context) => {
  const dims = context.dims(0);
  const axes = axesOf(context, 1);
  const count = axes?.length ?? context.dims(1)?.[0];
  if (dims === undefined || typeof count !== 'number') return [undefined];
  if (axes === undefined) return [{ dims: unknownDims(dims.length + count) }];
  const rank = dims.length + count;
  const added = new Set(axes.map((axis) => frontAxis(context, axis, rank)));
  if (added.size < count) context.refuse(`distinct axes but received [${axes}]`);
  const rest = [...dims];
  return [{ dims: Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : rest.shift())) }];
};

export const Transpose: ShapeRule = (context) => {
  const dims = context.dims(0);
  if (dims === undefined) return [undefined];
  const perm = context.attributes.ints(
    'perm',
    dims.map((_, axis) => dims.length - 1 - axis),
  );
  if (perm.length !== dims.length) context.refuse(`a permutation of ${dims.length} axes but received [${perm}]`);
  return [{ dims: perm.map((axis) => dims[frontAxis(context, axis, dims.length)]) }];
};

export const Concat: ShapeRule = (context) => {
  const shapes = Array.from({ length: context.inputCount }, (_, index) => context.dims(index));
  const known = shapes.filter((shape) => shape !== undefined);
  const first = known[0];
  if (first === undefined) return [undefined];
  const axis = frontAxis(context, context.attributes.int('axis', 1), first.length);
  let dims: Dimension[] = known.length < shapes.length ? unknownDims(first.length) : [...first];
  if (known.length === shapes.length) dims[axis] = 0;
  for (const shape of known) {
    if (shape.length !== first.length)
      context.refuse(`inputs of one rank but received ${first.length} and ${shape.length}`);
    dims = dims.map((dim, at) => {
      if (at !== axis) return sameDim(context, `axis ${at}`, dim, shape[at]);
      if (dim === 0 || shape[at] === 0) return dim === 0 ? shape[at] : dim;
      return typeof dim === 'number' && typeof shape[at] === 'number' ? dim + shape[at] : undefined;
    });
  }
  return [{ dims }];
};

export const Split: ShapeRule = (context) => {
  const dims = context.dims(0);
  if (dims === undefined) return [];
  const axis = frontAxis(context, context.attributes.int('axis', 0), dims.length);
  const given = context.attributes.ints('split', undefined) ?? context.integers(1);
  if (given !== undefined && given.length !== context.outputCount) {
    context.refuse(`${given.length} outputs for as many parts but received ${context.outputCount}`);
  }
  const count = context.attributes.int('num_outputs', undefined);
  if (context.opset >= 18 && count === undefined && !context.has(1)) context.refuse('num_outputs or an input split');
  if (count !== undefined && count !== context.outputCount)
    context.refuse(`${count} outputs but received ${context.outputCount}`);
  const total = dims[axis];
  const sizes = given ?? (context.has(1) ? undefined : equalParts(total, context.outputCount));
  if (given !== undefined && typeof total === 'number' && total !== given.reduce((sum, size) => sum + size, 0)) {
    context.refuse(`parts that sum to ${total} but received [${given}]`);
  }
  return Array.from({ length: context.outputCount }, (_, index) => ({ dims: dims.with(axis, sizes?.[index]) }));
};

function equalParts(total: Dimension, count: number): Dimension[] | undefined {
  if (count === 1) return [total];
  if (typeof total !== 'number') return undefined;
  const size = Math.ceil(total / count);
  return Array.from({ length: count }, (_, index) => Math.max(0, Math.min(size, total - size * index)));
}

export const Slice: ShapeRule = (context) => {
  const dims = context.dims(0);
  if (dims === undefined) return [undefined];
  const byAttribute = context.opset < 10;
  const list = (name: string, input: number) =>
    byAttribute ? context.attributes.ints(name, undefined) : context.integers(input);
  const starts = list('starts', 1);
  const ends = list('ends', 2);
  const count = starts?.length ?? ends?.length ?? context.dims(1)?.[0];
  if (typeof count !== 'number') return [{ dims: unknownDims(dims.length) }];
  const hasAxes = byAttribute ? context.attributes.has('axes') : context.has(3);
  const axes = list('axes', 3) ?? (hasAxes ? undefined : Array.from({ length: count }, (_, axis) => axis));
  if (axes === undefined) return [{ dims: unknownDims(dims.length) }];
  const steps = list('steps', 4) ?? (!byAttribute && context.has(4) ? undefined : axes.map(() => 1));
  const result = [...dims];
  for (const [index, given] of axes.entries()) {
    const axis = frontAxis(context, given, dims.length);
    if (steps?.[index] === 0) context.refuse('steps other than 0');
    result[axis] = sliced(dims[axis], starts?.[index], ends?.[index], steps?.[index]);
  }
  return [{ dims: result }];
};

/** How many elements a slice has; the size itself where the slice is the whole of it. */
export function sliced(
  size: Dimension,
  start: number | undefined,
  end: number | undefined,
  step: number | undefined,
): Dimension {
  if (start === undefined || end === undefined || step === undefined) return undefined;
  if (typeof size !== 'number') {
    if (start === 0 && step === 1 && end >= 2 ** 31 - 1) return size;
    const sameSide = start >= 0 === end >= 0;
    return sameSide && (start < 0 || end <= start) && step > 0 ? (end <= start ? 0 : undefined) : undefined;
  }
  const [from, to] = sliceRange(size, start, end, step);
  return Math.max(0, Math.ceil((to - from) / step));
}

/** The first index of a slice and the one after its last, within the size (numpy's rules). */
export function sliceRange(size: number, start: number, end: number, step: number): [from: number, to: number] {
  const clamp = (index: number): number => {
    const front = index < 0 ? index + size : index;
    return step > 0 ? Math.min(Math.max(front, 0), size) : Math.min(Math.max(front, -1), size - 1);
  };
  return [clamp(start), clamp(end)];
}

export const Pad: ShapeRule = (context) => {
  const dims = context.dims(0);
  if (dims === undefined) return [undefined];
  const { attributes } = context;
  const pads = attributes.ints('pads', undefined) ?? attributes.ints('paddings', undefined) ?? context.integers(1);
  const axes = context.integers(3) ?? (context.has(3) ? undefined : dims.map((_, axis) => axis));
  if (pads === undefined || axes === undefined) return [{ dims: unknownDims(dims.length) }];
  if (pads.length !== 2 * axes.length) context.refuse(`${2 * axes.length} pads but received ${pads.length}`);
  const result = [...dims];
  for (const [index, axis] of axes.entries()) {
    const at = frontAxis(context, axis, dims.length);
    result[at] = plus(dims[at], pads[index]! + pads[index + axes.length]!);
  }
  return [{ dims: result }];
};

export const Tile: ShapeRule = (context) => {
  const dims = context.dims(0);
  const repeats = context.opset < 6 ? undefined : context.integers(1);
  if (dims === undefined) return [undefined];
  if (repeats !== undefined && repeats.length !== dims.length)
    context.refuse(`${dims.length} repeats but received [${repeats}]`);
  return [{ dims: dims.map((dim, axis) => times(dim, repeats?.[axis])) }];
};

export const Expand: ShapeRule = (context) => {
  const target = context.contents(1);
  if (target !== undefined) return [{ dims: broadcast(context, [context.dims(0), target]) }];
  const shape = context.dims(1);
  if (shape !== undefined && shape.length !== 1) context.refuse(`a shape of rank 1 but received rank ${shape.length}`);
  const rank = shape?.[0];
  const dims = context.dims(0);
  if (typeof rank !== 'number' || dims === undefined) return [undefined];
  // A size other than 1 stays; a 1 may grow, and so may a symbol that turns out to be 1.
  const kept = dims.map((dim) => (typeof dim === 'number' && dim !== 1 ? dim : undefined));
  return [{ dims: [...unknownDims(Math.max(0, rank - dims.length)), ...kept] }];
};

export const DepthToSpace: ShapeRule = (context) => {
  const dims = context.dims(0);
  if (dims === undefined) return [undefined];
  if (dims.length !== 4) context.refuse(`an input [N, C, H, W] but received rank ${dims.length}`);
  const block = context.attributes.int('blocksize');
  const [n, c, h, w] = dims;
  if (typeof c === 'number' && c % block ** 2 !== 0)
    context.refuse(`a multiple of ${block ** 2} channels but received ${c}`);
  return [{ dims: [n, typeof c === 'number' ? c / block ** 2 : undefined, times(h, block), times(w, block)] }];
};

export const SpaceToDepth: ShapeRule = (context) => {
  const dims = context.dims(0);
  if (dims === undefined) return [undefined];
  if (dims.length !== 4) context.refuse(`an input [N, C, H, W] but received rank ${dims.length}`);
  const block = context.attributes.int('blocksize');
  const [n, c, ...spatial] = dims;
  const divided = spatial.map((size) => (typeof size === 'number' ? Math.floor(size / block) : undefined));
  return [{ dims: [n, times(c, block ** 2), ...divided] }];
};

export const CenterCropPad: ShapeRule = (context) => {
  const dims = context.dims(0);
  if (dims === undefined) return [undefined];
  const axes = context.attributes.ints(
    'axes',
    dims.map((_, axis) => axis),
  );
  const sizes = context.contents(1);
  const result: Dimension[] = [...dims];
  for (const [index, axis] of axes.entries()) result[frontAxis(context, axis, dims.length)] = sizes?.[index];
  return [{ dims: result }];
};

export const Trilu: ShapeRule = (context) => [{ dims: context.dims(0) }];
export const ReverseSequence: ShapeRule = Trilu;
