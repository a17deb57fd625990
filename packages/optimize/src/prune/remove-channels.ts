import { type Tensor, tensor } from '@percept/core';
import { cloneModel, type Model } from '@percept/onnx';
import { GraphEditor } from '@percept/onnx/graph';
import type { ChannelGraph } from './channel-graph.js';
import { KeptPositions } from './kept-positions.js';
import { rewriteSettings } from './rewrite-settings.js';

/**
 * A model without the channels of some units: every constant loses their positions, along all its axes, and the sizes
 * that nodes are told (shapes, parts, bounds, paddings, groups) follow.
 *
 * @param model as `channelGraph` saw it
 */
export function removeChannels(model: Model, channels: ChannelGraph, removed: ReadonlySet<number>): Model {
  const result = cloneModel(model);
  const { graph } = result;
  const kept = new KeptPositions(channels, removed);
  const editor = new GraphEditor(graph);
  for (const node of [...graph.nodes]) rewriteSettings(node, { editor, kept, opset: result.opsets[''] ?? 1 });
  for (const [name, value] of graph.initializers) {
    if (channels.values.has(name))
      graph.initializers.set(
        name,
        withoutPositions(value, (axis) => kept.along(name, axis)),
      );
  }
  // What the file says of inner values is no longer so.
  graph.valueInfos = [];
  editor.removeUnused();
  return result;
}

/** The elements of a tensor at the positions that stay, axis by axis; the tensor itself where all do. */
function withoutPositions(value: Tensor, along: (axis: number) => readonly number[] | undefined): Tensor {
  let result = value;
  for (const axis of value.dims.keys()) {
    const positions = along(axis);
    if (positions !== undefined) result = takePositions(result, axis, positions);
  }
  return result;
}

function takePositions({ type, dims, data }: Tensor, axis: number, positions: readonly number[]): Tensor {
  const inner = dims.slice(axis + 1).reduce((product, size) => product * size, 1);
  const outer = dims.slice(0, axis).reduce((product, size) => product * size, 1);
  const size = dims[axis]!;
  const result = tensor(type, [...dims.slice(0, axis), positions.length, ...dims.slice(axis + 1)]);
  const target = result.data as Float32Array;
  const source = data as Float32Array;
  for (let block = 0; block < outer; block++) {
    for (const [at, position] of positions.entries()) {
      const from = (block * size + position) * inner;
      target.set(source.subarray(from, from + inner), (block * positions.length + at) * inner);
    }
  }
  return result;
}
