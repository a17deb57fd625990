import { type AxisChannels, keepAxis, type ValueChannels } from './axis-channels.js';
import type { ChannelUnits } from './channel-units.js';

/**
 * Carries channels over a change of shape that keeps the order of the elements. Axes are matched in blocks of equal
 * size: an axis that stays alone keeps its channels; where several become one (Flatten), every position of the new axis
 * belongs to the channel that it comes from; where one becomes several, the new axis that the channels already follow is
 * taken, else the longest, and the old positions that make one of its positions go together (heads of an attention lose
 * the same places). Two axes with channels that would merge stay.
 */
export function reshapeChannels(
  units: ChannelUnits,
  channels: ValueChannels,
  from: readonly number[],
  to: readonly number[],
): ValueChannels {
  const result: AxisChannels[] = to.map(() => undefined);
  for (const { left, right } of blocksOf(from, to)) {
    if (left.length === 1 && right.length === 1) {
      result[right[0]!] = channels[left[0]!];
      continue;
    }
    const moving = left.filter((axis) => channels[axis] !== undefined);
    if (moving.length === 0) continue;
    if (moving.length > 1 || right.length === 0) {
      for (const axis of moving) keepAxis(units, channels[axis], 'a reshape mixes it with another axis');
      continue;
    }
    const merged = spread(
      channels[moving[0]!]!,
      left.map((axis) => from[axis]!),
      left.indexOf(moving[0]!),
    );
    const sizes = right.map((axis) => to[axis]!);
    const chosen = axisToFollow(units, merged, sizes);
    result[right[chosen]!] = gather(units, merged, sizes, chosen);
  }
  return result;
}

/** Runs of axes, sizes of 1 left out, that hold the same elements before and after. */
function blocksOf(from: readonly number[], to: readonly number[]): { left: number[]; right: number[] }[] {
  const wide = (dims: readonly number[]) => [...dims.keys()].filter((axis) => dims[axis] !== 1);
  const [left, right] = [wide(from), wide(to)];
  const blocks: { left: number[]; right: number[] }[] = [];
  for (let i = 0, j = 0; i < left.length && j < right.length; ) {
    const block = { left: [left[i]!], right: [right[j]!] };
    let [a, b] = [from[left[i++]!]!, to[right[j++]!]!];
    while (a !== b) {
      if (a < b && i < left.length) {
        block.left.push(left[i]!);
        a *= from[left[i++]!]!;
      } else if (a > b && j < right.length) {
        block.right.push(right[j]!);
        b *= to[right[j++]!]!;
      } else break;
    }
    blocks.push(block);
  }
  return blocks;
}

/** Along the axes as one, the channel of each element. */
function spread(axis: readonly number[], sizes: readonly number[], at: number): number[] {
  const inner = sizes.slice(at + 1).reduce((product, size) => product * size, 1);
  const count = sizes.reduce((product, size) => product * size, 1);
  return Array.from({ length: count }, (_, index) => axis[Math.floor(index / inner) % axis.length]!);
}

/** The axis whose positions the channels already follow, else the longest; the last of equals. */
function axisToFollow(units: ChannelUnits, merged: readonly number[], sizes: readonly number[]): number {
  if (sizes.length === 1) return 0;
  for (const [axis, size] of sizes.entries()) {
    const seen: (number | undefined)[] = new Array(size);
    const follows = merged.every((channel, index) => {
      const position = positionAlong(sizes, axis, index);
      seen[position] ??= units.unitOf(channel);
      return seen[position] === units.unitOf(channel);
    });
    if (follows && new Set(seen).size > 1) return axis;
  }
  return sizes.lastIndexOf(Math.max(...sizes));
}

/** One channel per position along `axis`, after uniting those that share a position. */
function gather(units: ChannelUnits, merged: readonly number[], sizes: readonly number[], axis: number): number[] {
  const result: number[] = new Array(sizes[axis]!);
  for (const [index, channel] of merged.entries()) {
    const position = positionAlong(sizes, axis, index);
    if (result[position] === undefined) result[position] = channel;
    else units.unite(result[position]!, channel);
  }
  return result;
}

function positionAlong(sizes: readonly number[], axis: number, index: number): number {
  const inner = sizes.slice(axis + 1).reduce((product, size) => product * size, 1);
  return Math.floor(index / inner) % sizes[axis]!;
}
