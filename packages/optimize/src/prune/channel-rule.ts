import type { Tensor } from '@percept/core';
import type { Dimension, Node } from '@percept/onnx';
import type { ValueChannels } from './axis-channels.js';
import type { ChannelUnits } from './channel-units.js';

/** What a rule sees of a node. Inputs are counted as in the node; one that is not given has no dims, channels or constant. */
export interface RuleContext {
  readonly node: Node;
  /** Version of the standard operators. */
  readonly opset: number;
  readonly units: ChannelUnits;
  dims(input: number): readonly Dimension[] | undefined;
  outputDims(output: number): readonly Dimension[] | undefined;
  channels(input: number): ValueChannels;
  constant(input: number): Tensor | undefined;
  /** The elements of a constant of integers. */
  integers(input: number): readonly number[] | undefined;
  /** Says that the node's output channels stand on this axis of a constant that is one of its inputs. */
  weighs(input: number, axis: number): void;
}

/** Ties the channels of a node's inputs together and gives those of its outputs. */
export type ChannelRule = (context: RuleContext) => readonly ValueChannels[];

/** Says that nothing of the node's inputs can go. */
export function keepInputs({ node, units, channels }: RuleContext, reason: string): readonly ValueChannels[] {
  for (const input of node.inputs.keys()) {
    for (const axis of channels(input)) for (const channel of axis ?? []) units.keep(channel, reason);
  }
  return [];
}

/** How an operator is called in reasons. */
export function operatorOf({ domain, opType }: Node): string {
  return domain === '' ? opType : `${domain}.${opType}`;
}
