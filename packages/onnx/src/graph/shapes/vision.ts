import type { Dimension } from '../../model.js';
import { frontAxis, sameDim, unknownDims } from './dimensions.js';
import type { ShapeContext, ShapeRule } from './shape-rule.js';

export const Resize: ShapeRule = (context) => {
  const dims = context.dims(0);
  if (dims === undefined) return [undefined];
  const scalesAt = context.opset < 11 ? 1 : 2;
  const axes = context.attributes
    .ints(
      'axes',
      dims.map((_, axis) => axis),
    )
    .map((axis) => frontAxis(context, axis, dims.length));
  const result: Dimension[] = [...dims];
  const scales = context.constant(scalesAt)?.data;
  // Up to opset 12 scales that are not used are empty rather than left out.
  const isScaled = context.has(scalesAt) && vectorLength(context, scalesAt) !== 0;
  if (context.opset >= 11 && context.has(3)) {
    if (scales !== undefined && isScaled) context.refuse('either scales or sizes but received both');
    const sizes = context.contents(3);
    checkCount(context, 3, 'sizes', axes.length);
    const resized = keepAspectRatio(
      context,
      axes.map((axis) => dims[axis]),
      sizes ?? unknownDims(axes.length),
    );
    for (const [index, axis] of axes.entries()) result[axis] = resized[index];
    return [{ dims: result }];
  }
  if (!isScaled) context.refuse('either scales or sizes but received neither');
  checkCount(context, scalesAt, 'scales', axes.length);
  for (const [index, axis] of axes.entries()) {
    const scale = scales?.[index];
    result[axis] = scaled(dims[axis], typeof scale === 'number' ? scale : undefined);
  }
  return [{ dims: result }];
};

/** Elements of an input that is a vector, where that is known. */
function vectorLength(context: ShapeContext, input: number): Dimension {
  const dims = context.dims(input);
  if (dims !== undefined && dims.length !== 1) context.refuse(`a vector for input ${input} but received [${dims}]`);
  return dims?.[0];
}

function checkCount(context: ShapeContext, input: number, what: string, axes: number): void {
  const count = vectorLength(context, input);
  if (typeof count === 'number' && count !== axes)
    context.refuse(`${axes} ${what}, one per axis, but received ${count}`);
}

function scaled(dim: Dimension, scale: number | undefined): Dimension {
  if (scale === 1) return dim;
  // In single precision, as runtimes multiply.
  return typeof dim === 'number' && scale !== undefined ? Math.floor(Math.fround(dim * Math.fround(scale))) : undefined;
}

function keepAspectRatio(
  context: ShapeContext,
  from: readonly Dimension[],
  sizes: readonly Dimension[],
): readonly Dimension[] {
  const policy = context.attributes.string('keep_aspect_ratio_policy', 'stretch');
  if (policy === 'stretch') return sizes;
  const ratios = sizes.map((size, index) => {
    const before = from[index];
    return typeof size === 'number' && typeof before === 'number' ? size / before : Number.NaN;
  });
  const ratio = policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios);
  return from.map((dim) =>
    typeof dim === 'number' && !Number.isNaN(ratio) ? Math.floor(dim * ratio + 0.5) : undefined,
  );
}

export const Upsample: ShapeRule = (context) => {
  const dims = context.dims(0);
  const scales = context.opset < 9 ? context.attributes.floats('scales', undefined) : context.constant(1)?.data;
  return [
    {
      dims: dims?.map((dim, axis) => {
        const scale = scales?.[axis];
        return scaled(dim, typeof scale === 'number' ? scale : undefined);
      }),
    },
  ];
};

export const GridSample: ShapeRule = (context) => {
  const [x, grid] = [context.dims(0), context.dims(1)];
  if (x === undefined || grid === undefined) return [undefined];
  if (x.length !== grid.length) context.refuse(`a grid of rank ${x.length} but received rank ${grid.length}`);
  sameDim(context, 'the coordinates of the grid and the axes of space', grid.at(-1), x.length - 2);
  sameDim(context, 'the batches', x[0], grid[0]);
  return [{ dims: [x[0], x[1], ...grid.slice(1, -1)] }];
};

export const AffineGrid: ShapeRule = (context) => {
  const size = context.contents(1);
  const rank = size?.length ?? context.dims(1)?.[0];
  if (typeof rank !== 'number') return [undefined];
  const [n, , ...spatial] = size ?? unknownDims(rank);
  return [{ dims: [n, ...spatial, rank - 2] }];
};

export const ImageDecoder: ShapeRule = () => [{ dims: unknownDims(3) }];
