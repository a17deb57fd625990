import type { AxisChannels } from './axis-channels.js';
import type { ChannelGraph } from './channel-graph.js';

/** What is left of a model's values when some units are removed. */
export class KeptPositions {
  constructor(
    readonly graph: ChannelGraph,
    readonly removed: ReadonlySet<number>,
  ) {}

  /** Whether a channel stays. */
  has(channel: number): boolean {
    return !this.removed.has(this.graph.units.unitOf(channel));
  }

  /** How many positions of an axis stay. */
  count(axis: readonly number[]): number {
    return axis.reduce((sum, channel) => sum + (this.has(channel) ? 1 : 0), 0);
  }

  /** The positions along an axis of a value that stay; `undefined` where all do. */
  along(value: string, axis: number): number[] | undefined {
    const channels: AxisChannels = this.graph.values.get(value)?.[axis];
    if (channels === undefined) return undefined;
    const kept = [...channels.keys()].filter((position) => this.has(channels[position]!));
    return kept.length === channels.length ? undefined : kept;
  }

  /** Size of an axis of a value afterwards; `undefined` where it is not known. */
  size(value: string, axis: number): number | undefined {
    const before = this.graph.dims(value)?.[axis];
    return this.along(value, axis)?.length ?? (typeof before === 'number' ? before : undefined);
  }
}
