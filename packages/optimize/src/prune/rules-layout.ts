// Operators that move elements without computing.
import { attributes } from '@percept/onnx/graph';
import { type AxisChannels, keepAxis, tieAxes, type ValueChannels } from './axis-channels.js';
import { type ChannelRule, keepInputs, operatorOf, type RuleContext } from './channel-rule.js';
import { padsOf, slicesOf, splitSizesOf } from './layout-settings.js';
import { reshapeChannels } from './reshape-channels.js';

/** Reshape, Flatten, Squeeze, Unsqueeze: the same elements in the same order. */
const reshape: ChannelRule = (context) => {
  const { node, units, dims, outputDims, channels, constant } = context;
  const [from, to] = [numbers(dims(0)), numbers(outputDims(0))];
  if (from === undefined || to === undefined) return keepInputs(context, `the shapes of ${node.opType} are not known`);
  const result = reshapeChannels(units, channels(0), from, to);
  if (node.opType !== 'Reshape' || constant(1) !== undefined) return [result];
  for (const axis of result) keepAxis(units, axis, 'the shape of a Reshape is computed');
  return [result];
};

const transpose: ChannelRule = ({ node, dims, channels }) => {
  const rank = dims(0)?.length ?? channels(0).length;
  const perm = attributes(node).ints('perm', [...new Array(rank).keys()].reverse());
  return [perm.map((axis) => channels(0)[axis])];
};

/** Channels one behind another along the axis; parts that stay do not hold up the others. */
const concat: ChannelRule = (context) => {
  const { node, units, dims, channels } = context;
  const rank = dims(0)?.length;
  if (rank === undefined) return keepInputs(context, 'the shapes of Concat are not known');
  const along = fromFront(attributes(node).int('axis'), rank);
  const parts = [...node.inputs.keys()];
  return [
    Array.from({ length: rank }, (_, axis): AxisChannels => {
      const own = parts.map((input) => channels(input)[axis]);
      if (axis !== along)
        return own.every((part) => part === undefined)
          ? undefined
          : tieAxes(units, own, 'Concat ties it to what stays');
      if (own.every((part) => part === undefined)) return undefined;
      const sizes = parts.map((input) => dims(input)?.[axis]);
      if (!sizes.every((size) => typeof size === 'number')) {
        for (const part of own) keepAxis(units, part, 'the shapes of Concat are not known');
        return undefined;
      }
      return own.flatMap((part, at) => part ?? staying(context, sizes[at] as number));
    }),
  ];
};

function staying({ node, units }: RuleContext, count: number): number[] {
  const channels = units.fresh(count);
  keepAxis(units, channels, `${node.opType} puts it beside what stays`);
  return channels;
}

const split: ChannelRule = (context) => {
  const { node, dims, channels } = context;
  const rank = dims(0)?.length;
  const sizes = splitSizesOf(context);
  if (rank === undefined || sizes === undefined) return keepInputs(context, 'the sizes of a Split are computed');
  const along = fromFront(attributes(node).int('axis', 0), rank);
  let start = 0;
  return node.outputs.map((_, part): ValueChannels => {
    const from = start;
    start += sizes[part]!;
    return Array.from({ length: rank }, (_, axis) =>
      axis === along ? channels(0)[axis]?.slice(from, start) : partOfAll(context, axis),
    );
  });
};

/** An axis that all outputs of a Split share. */
function partOfAll({ channels }: RuleContext, axis: number): AxisChannels {
  return channels(0)[axis];
}

const slice: ChannelRule = (context) => {
  const { units, dims, channels } = context;
  const rank = dims(0)?.length;
  const slices = slicesOf(context);
  if (rank === undefined || slices === undefined) return keepInputs(context, 'the bounds of a Slice are computed');
  return [
    Array.from({ length: rank }, (_, axis): AxisChannels => {
      const own = channels(0)[axis];
      const cut = slices.get(axis);
      if (own === undefined || cut === undefined) return own;
      if (cut.step === 1) return own.slice(cut.start, cut.end);
      keepAxis(units, own, 'Slice takes every so many channels');
      return undefined;
    }),
  ];
};

/** New channels of a constant before and behind (shortcuts of CIFAR ResNets). */
const pad: ChannelRule = (context) => {
  const { node, units, dims, channels } = context;
  const rank = dims(0)?.length;
  const pads = padsOf(context);
  if (rank === undefined || pads === undefined) return keepInputs(context, 'the sizes of a Pad are computed');
  const constantMode = attributes(node).string('mode', 'constant') === 'constant';
  return [
    Array.from({ length: rank }, (_, axis): AxisChannels => {
      const own = channels(0)[axis];
      const [before, after] = pads.get(axis) ?? [0, 0];
      if (own === undefined || (before === 0 && after === 0)) return own;
      if (constantMode && before >= 0 && after >= 0) return [...units.fresh(before), ...own, ...units.fresh(after)];
      keepAxis(units, own, 'Pad repeats or cuts channels');
      return undefined;
    }),
  ];
};

/** As a broadcast against ones of the shape. */
const expand: ChannelRule = (context) => {
  const { units, dims, outputDims, channels, constant } = context;
  const [from, to] = [dims(0), outputDims(0)];
  if (from === undefined || to === undefined) return keepInputs(context, 'the shapes of Expand are not known');
  return [
    to.map((_, axis): AxisChannels => {
      const own = channels(0)[axis - to.length + from.length];
      if (constant(1) !== undefined) return own;
      keepAxis(units, own, 'the shape of an Expand is computed');
      return undefined;
    }),
  ];
};

/** Takes along one axis by constant or computed indices; the other axes stay in their places. */
const gather: ChannelRule = (context) => {
  const { node, units, dims, channels } = context;
  const [data, indices] = [dims(0), dims(1)];
  if (data === undefined || indices === undefined) return keepInputs(context, 'the shapes of Gather are not known');
  const along = fromFront(attributes(node).int('axis', 0), data.length);
  keepAxis(units, channels(0)[along], 'Gather takes channels by their number');
  const others = data.map((_, axis) => channels(0)[axis]);
  return [[...others.slice(0, along), ...indices.map(() => undefined), ...others.slice(along + 1)]];
};

/** Batch and channels stay in place where only the other axes are resized. */
const resize: ChannelRule = ({ node, units, dims, outputDims, channels, constant }) => {
  const [from, to] = [dims(0), outputDims(0)];
  const sizes = node.inputs[3] ?? '';
  return [
    (from ?? []).map((size, axis): AxisChannels => {
      const own = channels(0)[axis];
      if (axis < 2 && size === to?.[axis] && (sizes === '' || constant(3) !== undefined)) return own;
      keepAxis(units, own, 'Resize changes the axis');
      return undefined;
    }),
  ];
};

/** Sizes of a value: what is computed from them would change. */
const shape: ChannelRule = ({ node, units, dims, channels }) => {
  const read = attributes(node);
  const rank = dims(0)?.length ?? channels(0).length;
  const bound = (value: number): number => Math.min(rank, Math.max(0, fromFront(value, rank)));
  const [start, end] = [bound(read.int('start', 0)), bound(read.int('end', rank))];
  for (const axis of channels(0).slice(start, end))
    keepAxis(units, axis, `${operatorOf(node)} reads how many there are`);
  return [];
};

function fromFront(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

function numbers(dims: readonly unknown[] | undefined): readonly number[] | undefined {
  return dims?.every((dim) => typeof dim === 'number') ? (dims as readonly number[]) : undefined;
}

export const layoutRules: Readonly<Record<string, ChannelRule>> = {
  Reshape: reshape,
  Flatten: reshape,
  Squeeze: reshape,
  Unsqueeze: reshape,
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Slice: slice,
  Pad: pad,
  Expand: expand,
  Gather: gather,
  Resize: resize,
  Shape: shape,
};
