import type { ChannelUnits } from './channel-units.js';

/**
 * The channels along one axis of a value, one per position; `undefined` for an axis of which no position can go: the
 * batch, height and width, an axis of one position or of unknown size.
 */
export type AxisChannels = readonly number[] | undefined;

/** The channels of a value, axis by axis. An axis past the end is one that stays. */
export type ValueChannels = readonly AxisChannels[];

/** Says that no position along the axis can go. */
export function keepAxis(units: ChannelUnits, axis: AxisChannels, reason: string): void {
  for (const channel of axis ?? []) units.keep(channel, reason);
}

/** Says that positions of these axes go together. Where one of the axes stays, all do. */
export function tieAxes(units: ChannelUnits, axes: readonly AxisChannels[], reason: string): AxisChannels {
  const [first, ...rest] = axes;
  if (axes.some((axis) => axis === undefined || axis.length !== first?.length)) {
    for (const axis of axes) keepAxis(units, axis, reason);
    return undefined;
  }
  for (const axis of rest) for (const [at, channel] of axis!.entries()) units.unite(first![at]!, channel);
  return first;
}
