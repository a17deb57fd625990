// Normalization, pooling and reductions: what they compute over stays, because one channel less would change the rest.
import { attributes } from '@percept/onnx/graph';
import { type AxisChannels, keepAxis, tieAxes, type ValueChannels } from './axis-channels.js';
import { type ChannelRule, keepInputs, type RuleContext } from './channel-rule.js';

/** Scale and offset (and statistics) `[C]` of each channel by itself. */
const perChannel: ChannelRule = ({ node, units, channels }) => {
  const [batch, own] = channels(0);
  const vectors = [...node.inputs.keys()].slice(1).map((input) => channels(input)[0]);
  return [[batch, tieAxes(units, [own, ...vectors], `${node.opType} has computed parameters`)]];
};

const training: ChannelRule = (context) =>
  context.node.outputs.slice(1).some((output) => output !== '')
    ? keepInputs(context, `${context.node.opType} gives more than one output`)
    : perChannel(context);

/** Windows over height and width. */
const pool: ChannelRule = (context) => {
  if (context.node.outputs.slice(1).some((output) => output !== '')) {
    return keepInputs(context, `${context.node.opType} gives the places of its maxima`);
  }
  return [context.channels(0).slice(0, 2)];
};

/** Computes over these axes: they stay, the others pass. */
function over(
  { node, units, channels, dims }: RuleContext,
  input: number,
  axes: (rank: number) => readonly number[],
): ValueChannels {
  const rank = dims(input)?.length ?? channels(input).length;
  const kept = new Set(axes(rank).map((axis) => (axis < 0 ? axis + rank : axis)));
  return Array.from({ length: rank }, (_, axis): AxisChannels => {
    if (!kept.has(axis)) return channels(input)[axis];
    keepAxis(units, channels(input)[axis], `${node.opType} computes over the channels`);
    return channels(input)[axis];
  });
}

function from(axis: number, rank: number): number[] {
  const first = axis < 0 ? axis + rank : axis;
  return [...new Array(rank).keys()].slice(first);
}

const layerNorm: ChannelRule = (context) => {
  const { node, units, channels } = context;
  const first = attributes(node).int('axis', -1);
  for (const input of [1, 2]) {
    for (const axis of channels(input)) keepAxis(units, axis, `${node.opType} computes over the channels`);
  }
  return [over(context, 0, (rank) => from(first, rank))];
};

const softmax: ChannelRule = (context) => {
  const { node, opset } = context;
  const read = attributes(node);
  return [over(context, 0, (rank) => (opset >= 13 ? [read.int('axis', -1)] : from(read.int('axis', 1), rank)))];
};

const acrossChannels: ChannelRule = (context) => [over(context, 0, () => [1])];

const groupNorm: ChannelRule = (context) => keepInputs(context, `${context.node.opType} computes over the channels`);

const reduce: ChannelRule = (context) => {
  const { node, integers, dims } = context;
  const read = attributes(node);
  const asInput = (node.inputs[1] ?? '') !== '';
  const axes = asInput ? integers(1) : read.ints('axes', undefined);
  if (axes === undefined && asInput) return keepInputs(context, `the axes of ${node.opType} are computed`);
  const rank = dims(0)?.length;
  if (rank === undefined) return keepInputs(context, `the shapes of ${node.opType} are not known`);
  if ((axes === undefined || axes.length === 0) && read.int('noop_with_empty_axes', 0) !== 0)
    return [context.channels(0)];
  const reduced = axes === undefined || axes.length === 0 ? from(0, rank) : axes;
  const result = over(context, 0, () => reduced);
  const gone = new Set(reduced.map((axis) => (axis < 0 ? axis + rank : axis)));
  if (read.int('keepdims', 1) !== 0) return [result.map((own, axis) => (gone.has(axis) ? undefined : own))];
  return [result.filter((_, axis) => !gone.has(axis))];
};

const same = (operators: string, rule: ChannelRule): Record<string, ChannelRule> =>
  Object.fromEntries(operators.split(' ').map((operator) => [operator, rule]));

export const reductionRules: Readonly<Record<string, ChannelRule>> = {
  BatchNormalization: training,
  InstanceNormalization: perChannel,
  LayerNormalization: layerNorm,
  GroupNormalization: groupNorm,
  ...same('Softmax LogSoftmax Hardmax', softmax),
  ...same('LRN MeanVarianceNormalization', acrossChannels),
  ...same('MaxPool AveragePool LpPool GlobalAveragePool GlobalMaxPool GlobalLpPool', pool),
  ...same(
    'ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare',
    reduce,
  ),
};
