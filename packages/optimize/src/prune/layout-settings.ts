// What Slice, Pad and Split do along each axis, as they are told by constants; `undefined` where that is computed or given
// in the attributes of old operator sets.
import { attributes } from '@percept/onnx/graph';
import type { RuleContext } from './channel-rule.js';

type Context = Pick<RuleContext, 'node' | 'dims' | 'outputDims' | 'integers' | 'opset'>;

/** The part of an axis that a Slice takes, clamped to it. */
export interface AxisSlice {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** By axis. */
export function slicesOf({ node, dims, integers }: Context): ReadonlyMap<number, AxisSlice> | undefined {
  const shape = dims(0);
  const [starts, ends] = [integers(1), integers(2)];
  if (shape === undefined || starts === undefined || ends === undefined) return undefined;
  const axes = optional(node.inputs[3], () => integers(3), [...starts.keys()]);
  const steps = optional(
    node.inputs[4],
    () => integers(4),
    starts.map(() => 1),
  );
  if (axes === undefined || steps === undefined) return undefined;
  const result = new Map<number, AxisSlice>();
  for (const [at, given] of axes.entries()) {
    const axis = given < 0 ? given + shape.length : given;
    const size = shape[axis];
    if (typeof size !== 'number') continue;
    const clamp = (value: number): number => Math.min(size, Math.max(0, value < 0 ? value + size : value));
    result.set(axis, { start: clamp(starts[at]!), end: clamp(ends[at]!), step: steps[at]! });
  }
  return result;
}

/** What a Pad adds before and behind, by axis. */
export function padsOf({
  node,
  dims,
  integers,
}: Context): ReadonlyMap<number, [before: number, after: number]> | undefined {
  const rank = dims(0)?.length;
  const pads = integers(1);
  if (rank === undefined || pads === undefined) return undefined;
  const axes = optional(node.inputs[3], () => integers(3), [...new Array(rank).keys()]);
  if (axes === undefined) return undefined;
  return new Map(axes.map((axis, at) => [axis < 0 ? axis + rank : axis, [pads[at]!, pads[at + axes.length]!]]));
}

/** How long the parts of a Split are. */
export function splitSizesOf({ node, dims, outputDims, integers, opset }: Context): readonly number[] | undefined {
  const rank = dims(0)?.length;
  if (rank === undefined) return undefined;
  const given = opset >= 13 ? node.inputs[1] : undefined;
  if (given !== undefined && given !== '' && integers(1) === undefined) return undefined;
  const axis = attributes(node).int('axis', 0);
  const sizes = node.outputs.map((_, part) => outputDims(part)?.[axis < 0 ? axis + rank : axis]);
  return sizes.every((size) => typeof size === 'number') ? (sizes as number[]) : undefined;
}

function optional<T>(name: string | undefined, value: () => T | undefined, fallback: T): T | undefined {
  return name === undefined || name === '' ? fallback : value();
}
