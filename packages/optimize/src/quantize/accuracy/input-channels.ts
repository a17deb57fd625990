import type { Tensor } from '@percept/core';
import type { Node } from '@percept/onnx';
import { intAttribute } from '../../graph/channel-layout.js';

/** Which input channel each element of a weight is multiplied with. */
export interface InputChannels {
  readonly channels: number;
  /** Channel of the element at a row-major index. */
  channelOf(index: number): number;
}

/** How a Conv `[O, I/g, …]` or Gemm weight reads its input's channels; `undefined` for other operators and ranks. */
export function inputChannels(node: Node, { dims }: Tensor): InputChannels | undefined {
  if (node.opType === 'Gemm' && dims.length === 2) {
    const [rows, columns] = dims as [number, number];
    return intAttribute(node, 'transB', 0) === 0
      ? { channels: rows, channelOf: (index) => Math.floor(index / columns) }
      : { channels: columns, channelOf: (index) => index % columns };
  }
  if (node.opType !== 'Conv' || dims.length < 3) return undefined;
  const [outputs, perGroup] = dims as [number, number];
  const groups = intAttribute(node, 'group', 1);
  const inner = dims.slice(2).reduce((product, dim) => product * dim, 1);
  const perOutput = perGroup * inner;
  return {
    channels: perGroup * groups,
    channelOf(index) {
      const group = Math.floor((Math.floor(index / perOutput) * groups) / outputs);
      return group * perGroup + (Math.floor(index / inner) % perGroup);
    },
  };
}
