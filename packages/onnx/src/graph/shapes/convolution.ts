import type { Dimension } from '../../model.js';
import { sameDim, times, unknownDims } from './dimensions.js';
import type { ShapeContext, ShapeRule } from './shape-rule.js';

interface Window {
  readonly kernel: readonly Dimension[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** All begins, then all ends. */
  readonly pads: readonly number[];
  readonly autoPad: string;
  readonly ceil: boolean;
}

function windowOf(context: ShapeContext, kernel: readonly Dimension[]): Window {
  const { attributes } = context;
  const ones = kernel.map(() => 1);
  const window: Window = {
    kernel,
    strides: attributes.ints('strides', ones),
    dilations: attributes.ints('dilations', ones),
    pads: attributes.ints('pads', [...ones, ...ones].fill(0)),
    autoPad: attributes.string('auto_pad', 'NOTSET'),
    ceil: attributes.int('ceil_mode', 0) !== 0,
  };
  const { length } = kernel;
  if (window.strides.length !== length || window.dilations.length !== length || window.pads.length !== 2 * length) {
    context.refuse(`strides, dilations and pads for ${length} spatial dimensions`);
  }
  return window;
}

/** Sizes after a window has slid over each spatial dimension. */
function slide(context: ShapeContext, spatial: readonly Dimension[], window: Window): Dimension[] {
  return spatial.map((size, axis) => {
    const [kernel, stride, dilation] = [window.kernel[axis], window.strides[axis]!, window.dilations[axis]!];
    if (window.autoPad.startsWith('SAME')) {
      return typeof size === 'number' ? Math.ceil(size / stride) : stride === 1 ? size : undefined;
    }
    if (typeof kernel !== 'number') return undefined;
    const extent = dilation * (kernel - 1) + 1;
    const begin = window.autoPad === 'VALID' ? 0 : window.pads[axis]!;
    const padding = window.autoPad === 'VALID' ? 0 : begin + window.pads[axis + spatial.length]!;
    if (typeof size !== 'number') return stride === 1 && padding === extent - 1 ? size : undefined;
    const room = size + padding - extent;
    if (room < 0)
      context.refuse(`an input of at least ${extent - padding} for a window of ${extent} but received ${size}`);
    if (!window.ceil) return Math.floor(room / stride) + 1;
    const count = Math.ceil(room / stride) + 1;
    // A window that would begin in the padding after the end is left out.
    return (count - 1) * stride >= size + begin ? count - 1 : count;
  });
}

function convolved(context: ShapeContext, input: number, weight: number): Dimension[] | undefined {
  const x = context.dims(input);
  const w = context.dims(weight);
  if (x === undefined || x.length < 3) {
    if (x !== undefined) context.refuse(`an input [N, C, …] but received rank ${x.length}`);
    return undefined;
  }
  if (w === undefined) return [x[0], ...unknownDims(x.length - 1)];
  if (w.length !== x.length) context.refuse(`a weight of rank ${x.length} but received rank ${w.length}`);
  sameDim(context, 'the input channels', x[1], times(w[1], context.attributes.int('group', 1)));
  const kernel = context.attributes.ints('kernel_shape', w.slice(2));
  return [x[0], w[0], ...slide(context, x.slice(2), windowOf(context, kernel))];
}

export const Conv: ShapeRule = (context) => [{ dims: convolved(context, 0, 1) }];
export const ConvInteger: ShapeRule = Conv;
export const DeformConv: ShapeRule = Conv;
export const QLinearConv: ShapeRule = (context) => [
  { dims: convolved(context, 0, 3), elementType: context.elementType(7) },
];

export const ConvTranspose: ShapeRule = (context) => {
  const x = context.dims(0);
  const w = context.dims(1);
  if (x === undefined) return [undefined];
  if (w === undefined) return [{ dims: [x[0], ...unknownDims(x.length - 1)] }];
  if (w.length !== x.length || x.length < 3)
    context.refuse(`a weight of rank ${x.length} but received rank ${w.length}`);
  sameDim(context, 'the input channels', x[1], w[0]);
  const { attributes } = context;
  const kernel = attributes.ints('kernel_shape', w.slice(2));
  const window = windowOf(context, kernel);
  const given = attributes.ints('output_shape', undefined);
  const extra = attributes.ints(
    'output_padding',
    kernel.map(() => 0),
  );
  const spatial = x.slice(2).map((size, axis) => {
    if (given !== undefined) return given[given.length - kernel.length + axis];
    const [count, stride, dilation] = [kernel[axis], window.strides[axis]!, window.dilations[axis]!];
    if (window.autoPad.startsWith('SAME')) return times(size, stride);
    if (typeof size !== 'number' || typeof count !== 'number') return undefined;
    const padding = window.autoPad === 'VALID' ? 0 : window.pads[axis]! + window.pads[axis + kernel.length]!;
    return stride * (size - 1) + extra[axis]! + dilation * (count - 1) + 1 - padding;
  });
  return [{ dims: [x[0], times(w[1], attributes.int('group', 1)), ...spatial] }];
};

const pooled: ShapeRule = (context) => {
  const x = context.dims(0);
  if (x === undefined) return [undefined, undefined];
  const kernel = context.attributes.ints('kernel_shape');
  if (kernel.length !== x.length - 2) context.refuse(`an input of rank ${kernel.length + 2} but received ${x.length}`);
  const dims = [x[0], x[1], ...slide(context, x.slice(2), windowOf(context, kernel))];
  return [{ dims }, { dims }];
};

export const MaxPool = pooled;
export const AveragePool: ShapeRule = (context) => pooled(context).slice(0, 1);
export const LpPool = AveragePool;

const globallyPooled: ShapeRule = (context) => {
  const x = context.dims(0);
  return [{ dims: x?.map((dim, axis) => (axis < 2 ? dim : 1)) }];
};

export const GlobalAveragePool = globallyPooled;
export const GlobalLpPool = globallyPooled;
export const GlobalMaxPool = globallyPooled;

export const MaxUnpool: ShapeRule = (context) => {
  const x = context.dims(0);
  if (x === undefined) return [undefined];
  if (context.has(2)) return [{ dims: context.contents(2) ?? unknownDims(x.length) }];
  const { kernel, strides, pads } = windowOf(context, context.attributes.ints('kernel_shape'));
  const spatial = x.slice(2).map((size, axis) => {
    const padding = pads[axis]! + pads[axis + kernel.length]!;
    return typeof size === 'number' ? (size - 1) * strides[axis]! - padding + (kernel[axis] as number) : undefined;
  });
  return [{ dims: [x[0], x[1], ...spatial] }];
};

export const MaxRoiPool: ShapeRule = (context) => {
  const [x, rois] = [context.dims(0), context.dims(1)];
  return [{ dims: [rois?.[0], x?.[1], ...context.attributes.ints('pooled_shape')] }];
};

export const RoiAlign: ShapeRule = (context) => {
  const [x, rois] = [context.dims(0), context.dims(1)];
  const { attributes } = context;
  return [{ dims: [rois?.[0], x?.[1], attributes.int('output_height', 1), attributes.int('output_width', 1)] }];
};

export const Col2Im: ShapeRule = (context) => {
  const x = context.dims(0);
  const [image, block] = [context.contents(1), context.contents(2)];
  const rank = image?.length ?? context.dims(1)?.[0];
  if (typeof rank !== 'number') return [undefined];
  const cells = block?.every((size) => typeof size === 'number')
    ? (block as number[]).reduce((a, b) => a * b, 1)
    : undefined;
  const channels = typeof x?.[1] === 'number' && cells ? x[1] / cells : undefined;
  return [{ dims: [x?.[0], channels, ...(image ?? unknownDims(rank))] }];
};
