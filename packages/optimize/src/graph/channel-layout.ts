import type { Tensor } from '@percept/core';
import type { Node } from '@percept/onnx';

/** Which output channel each element of a weight belongs to. */
export interface ChannelLayout {
  readonly channels: number;
  /** Axis of the weight that counts the channels; `undefined` when they are spread over two axes (grouped ConvTranspose). */
  readonly axis: number | undefined;
  /** Channel of the element at a row-major index. */
  channelOf(index: number): number;
}

/**
 * How the weight of a Conv `[O, I/g, …]`, ConvTranspose `[I, O/g, …]`, Gemm or MatMul (`[K, N]`, or `[N, K]` with
 * `transB`) is laid out; `undefined` for other operators and for weights of an unexpected rank.
 */
export function weightLayout(node: Node, weight: Tensor): ChannelLayout | undefined {
  const { dims } = weight;
  const rank = dims.length;
  if (node.opType === 'Conv' && rank >= 3) return alongAxis(dims, 0);
  if (node.opType === 'Gemm' && rank === 2) return alongAxis(dims, intAttribute(node, 'transB', 0) === 0 ? 1 : 0);
  if (node.opType === 'MatMul' && rank === 2) return alongAxis(dims, 1);
  if (node.opType !== 'ConvTranspose' || rank < 3) return undefined;
  const groups = intAttribute(node, 'group', 1);
  if (groups === 1) return alongAxis(dims, 1);
  const perGroup = dims[1]!;
  const inner = dims.slice(2).reduce((product, dim) => product * dim, 1);
  const groupSize = (dims[0]! / groups) * perGroup * inner;
  return {
    channels: perGroup * groups,
    axis: undefined,
    channelOf: (index) => Math.floor(index / groupSize) * perGroup + (Math.floor(index / inner) % perGroup),
  };
}

function alongAxis(dims: readonly number[], axis: number): ChannelLayout {
  const channels = dims[axis]!;
  const inner = dims.slice(axis + 1).reduce((product, dim) => product * dim, 1);
  return { channels, axis, channelOf: (index) => Math.floor(index / inner) % channels };
}

/** An integer attribute, or its default. */
export function intAttribute(node: Node, name: string, fallback: number): number {
  const attribute = node.attributes[name];
  return attribute?.type === 'int' ? attribute.value : fallback;
}

/** A float attribute, or its default. */
export function floatAttribute(node: Node, name: string, fallback: number): number {
  const attribute = node.attributes[name];
  return attribute?.type === 'float' ? attribute.value : fallback;
}
