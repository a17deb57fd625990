// Operators that sum over channels with weights: what goes of their input goes of the weights, and the axis of the weights
// that counts the output channels is where pruning begins.
import { attributes } from '@percept/onnx/graph';
import { type AxisChannels, keepAxis, tieAxes } from './axis-channels.js';
import { type ChannelRule, keepInputs, type RuleContext } from './channel-rule.js';
import { broadcastChannels } from './rules-elementwise.js';

const throughWeights = 'its weights read what stays';

/** `[N, I, …]` with weights `[O, I/g, …]` and a bias `[O]`. */
const conv: ChannelRule = (context) => {
  const { node, units, dims, channels, weighs } = context;
  const kernel = dims(1);
  const [outputs, perGroup] = [kernel?.[0], kernel?.[1]];
  if (typeof outputs !== 'number' || typeof perGroup !== 'number')
    return keepInputs(context, 'weights of unknown size');
  const groups = attributes(node).int('group', 1);
  const [batch, input] = channels(0);
  const [filters, taps] = channels(1);
  weighs(1, 0);
  if (groups === 1) tieAxes(units, [input, taps], throughWeights);
  else tieGroups(context, { groups, perGroup, outputsPerGroup: outputs / groups });
  const output = withBias(context, filters);
  return [[batch, output]];
};

/** `[N, I, …]` with weights `[I, O/g, …]` and a bias `[O]`. */
const convTranspose: ChannelRule = (context) => {
  const { node, units, dims, channels, weighs } = context;
  const kernel = dims(1);
  const [inputs, perGroup] = [kernel?.[0], kernel?.[1]];
  if (typeof inputs !== 'number' || typeof perGroup !== 'number') return keepInputs(context, 'weights of unknown size');
  const groups = attributes(node).int('group', 1);
  const [batch, input] = channels(0);
  const [taps, filters] = channels(1);
  tieAxes(units, [input, taps], throughWeights);
  if (groups === 1) {
    weighs(1, 1);
    return [[batch, withBias(context, filters)]];
  }
  // Whole groups go, so that the channels of the output are those of the group that they come from.
  weighs(1, 0);
  keepAxis(units, filters, 'grouped convolutions lose whole groups');
  uniteBlocks(context, taps, inputs / groups);
  const output =
    taps && Array.from({ length: groups * perGroup }, (_, at) => taps[Math.floor(at / perGroup) * (inputs / groups)]!);
  return [[batch, withBias(context, output)]];
};

/** The bias `[O]`, input 2, goes with the outputs. */
function withBias({ node, units, channels }: RuleContext, outputs: AxisChannels): AxisChannels {
  return (node.inputs[2] ?? '') === '' ? outputs : tieAxes(units, [outputs, channels(2)[0]], 'its bias is computed');
}

/** Below this many groups a convolution loses the same places of each, from there on whole groups. */
const groupsThatGo = 3;

/**
 * Grouped convolutions must keep groups of equal size. With many groups (depthwise, ResNeXt, RegNet) whole ones go, inputs
 * and outputs together, which keeps the width that the kernels like; with two (AlexNet) that would be half of the layer, and
 * the same places of each go instead.
 */
function tieGroups(
  context: RuleContext,
  { groups, perGroup, outputsPerGroup }: { groups: number; perGroup: number; outputsPerGroup: number },
): void {
  const { units, channels } = context;
  const input = channels(0)[1];
  const [filters, taps] = channels(1);
  if (groups >= groupsThatGo) {
    keepAxis(units, taps, 'grouped convolutions lose whole groups');
    uniteBlocks(context, input, perGroup);
    uniteBlocks(context, filters, outputsPerGroup);
    const heads = (axis: AxisChannels, size: number) =>
      axis && Array.from({ length: groups }, (_, group) => axis[group * size]!);
    tieAxes(units, [heads(input, perGroup), heads(filters, outputsPerGroup)], throughWeights);
    return;
  }
  uniteStrided(context, filters, outputsPerGroup);
  uniteStrided(context, input, perGroup);
  const places = perGroup === 1 ? undefined : input?.slice(0, perGroup);
  if (perGroup === 1) keepAxis(units, input, 'a group has one channel');
  tieAxes(units, [places, taps], throughWeights);
}

/** Makes every `size` positions in a row one unit. */
function uniteBlocks({ units }: RuleContext, axis: AxisChannels, size: number): void {
  for (const [at, channel] of axis?.entries() ?? []) units.unite(axis![at - (at % size)]!, channel);
}

/** Makes positions one unit that are a multiple of `size` apart. */
function uniteStrided({ units }: RuleContext, axis: AxisChannels, size: number): void {
  for (const [at, channel] of axis?.entries() ?? []) units.unite(axis![at % size]!, channel);
}

/** `A' B' + C` with A' `[M, K]`, B' `[K, N]`. */
const gemm: ChannelRule = (context) => {
  const { node, units, dims, channels, weighs } = context;
  const read = attributes(node);
  const [transA, transB] = [read.int('transA', 0) !== 0, read.int('transB', 0) !== 0];
  const [rows, inner] = transA ? channels(0).toReversed() : channels(0);
  const [depth, columns] = transB ? turned(channels(1)) : channels(1);
  tieAxes(units, [inner, depth], throughWeights);
  weighs(1, transB ? 0 : 1);
  if ((node.inputs[2] ?? '') === '') return [[rows, columns]];
  const bias = dims(2);
  if (bias === undefined) return keepInputs(context, 'a bias of unknown shape');
  const along = (fromEnd: number, axis: AxisChannels): AxisChannels => {
    const own = bias.length - fromEnd;
    if (own < 0 || bias[own] === 1) return axis;
    return tieAxes(units, [axis, channels(2)[own]], 'its bias stays');
  };
  return [[along(2, rows), along(1, columns)]];
};

function turned([first, second]: readonly AxisChannels[]): readonly AxisChannels[] {
  return [second, first];
}

/** `[…, M, K]` times `[…, K, N]`. */
const matMul: ChannelRule = (context) => {
  const { units, dims, channels, weighs } = context;
  const [left, right] = [dims(0)?.length ?? 0, dims(1)?.length ?? 0];
  if (left < 2 || right < 2) return keepInputs(context, 'MatMul of vectors');
  tieAxes(units, [channels(0)[left - 1], channels(1)[right - 2]], throughWeights);
  weighs(1, right - 1);
  weighs(0, left - 2);
  const head = (input: number, rank: number): readonly AxisChannels[] => channels(input).slice(0, rank - 2);
  const batch = broadcastChannels(
    {
      ...context,
      dims: (input) => dims(input)?.slice(0, -2),
      channels: (input) => head(input, input === 0 ? left : right),
    },
    [0, 1],
  );
  return [[...batch, channels(0)[left - 2], channels(1)[right - 1]]];
};

export const linearRules: Readonly<Record<string, ChannelRule>> = {
  Conv: conv,
  ConvTranspose: convTranspose,
  Gemm: gemm,
  MatMul: matMul,
};
