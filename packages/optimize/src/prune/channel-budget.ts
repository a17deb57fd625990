import type { Model } from '@percept/onnx';
import { attributes, describe } from '@percept/onnx/graph';
import type { AxisChannels } from './axis-channels.js';
import { type ChannelGraph, withBatch } from './channel-graph.js';
import type { ChannelGroup } from './channel-groups.js';
import type { KeptPositions } from './kept-positions.js';

/** Multiply-accumulates of a model as a function of what is left of its channels. */
export interface MacsOfModel {
  /** With all channels, for one image. */
  readonly all: number;
  /** Names of nodes whose multiply-accumulates are not known. */
  readonly unknown: readonly string[];
  /** With those that stay. */
  left(kept: KeptPositions): number;
}

/** Counts once what every node costs; each is then scaled by what is left of the axes that it multiplies over. */
export function macsOfModel(
  model: Model,
  graph: ChannelGraph,
  inputDims: Parameters<typeof withBatch>[1],
): MacsOfModel {
  const { macs: all, nodes, unknown } = describe(model, { inputDims: withBatch(model.graph, inputDims, 1) });
  const costs: { macs: number; axes: readonly (readonly number[])[] }[] = [];
  let at = 0;
  for (const node of model.graph.nodes) {
    // Nodes of nested graphs stand between those of the main graph, and are not pruned.
    const name = node.name || node.outputs.find((output) => output !== '');
    while (at < nodes.length && nodes[at]!.name !== name) at++;
    const macs = nodes[at++]?.macs ?? 0;
    if (macs > 0) costs.push({ macs, axes: multiplied(node, graph) });
  }
  const constant = all - costs.reduce((sum, { macs }) => sum + macs, 0);
  return {
    all,
    unknown,
    left: (kept) =>
      costs.reduce(
        (sum, { macs, axes }) => sum + axes.reduce((left, axis) => (left * kept.count(axis)) / axis.length, macs),
        constant,
      ),
  };
}

/** The axes with channels whose sizes are factors of a node's multiply-accumulates. */
function multiplied(node: Model['graph']['nodes'][number], { values }: ChannelGraph): readonly (readonly number[])[] {
  const of = (name: string | undefined): readonly AxisChannels[] => values.get(name ?? '') ?? [];
  const [first, second] = node.inputs;
  const output = of(node.outputs[0]);
  const factors = (): readonly AxisChannels[] => {
    switch (node.opType) {
      case 'Conv':
        return [...output, ...of(second).slice(1)];
      case 'ConvTranspose':
        return [...of(first), ...of(second).slice(1)];
      case 'Gemm':
        return [...output, of(first)[attributes(node).int('transA', 0) === 0 ? 1 : 0]];
      case 'MatMul':
        return [...output, of(first).at(-1)];
      default:
        return [];
    }
  };
  return factors().filter((axis) => axis !== undefined);
}

/** Limits on what a group may come down to. */
export interface RoundingOptions {
  /** Channels that are left are a multiple of this, or all. */
  readonly roundTo: number;
  /** Largest share of a group that goes. */
  readonly maxRatio: number;
}

/** The number of units of a group that stay when `wanted` would: a multiple that the kernels like, never none, at most all. */
export function roundedUnits(
  { units, channelsPerUnit }: ChannelGroup,
  wanted: number,
  { roundTo, maxRatio }: RoundingOptions,
): number {
  const step = roundTo / greatestCommonDivisor(roundTo, channelsPerUnit);
  const least = Math.max(step, Math.ceil((1 - maxRatio) * units.length - 1e-9));
  const rounded = Math.round(wanted / step) * step;
  return Math.min(units.length, rounded >= least ? rounded : Math.ceil(least / step) * step);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
