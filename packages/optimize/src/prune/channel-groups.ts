import type { ChannelGraph, WeightedLayer } from './channel-graph.js';

/**
 * Units that are alike: each has the same number of channels along the same axes of the same values, so that only their
 * weights tell them apart. While one unit of each group stays, no axis becomes empty, not even that of a slice.
 */
export interface ChannelGroup {
  /** Layers whose output channels these are, in the order of the graph. */
  readonly layers: readonly WeightedLayer[];
  /** Channels that one unit has in the layer where it has most. */
  readonly channelsPerUnit: number;
  /** The units, by the order of their first channel. */
  readonly units: readonly number[];
}

/** Channels of a layer that have to stay. */
export interface StayingChannels {
  /** Name of the node, or of its first output where it has none. */
  readonly layer: string;
  readonly channels: number;
  readonly reason: string;
}

/** Sorts the units of a graph that can go into groups, and lists what of the layers has to stay. */
export function channelGroups(graph: ChannelGraph): { groups: ChannelGroup[]; staying: StayingChannels[] } {
  const counts = new Map<number, Map<WeightedLayer, number>>();
  const staying: StayingChannels[] = [];
  for (const layer of graph.layers) {
    const reasons = new Map<string, number>();
    for (const channel of layer.channels) {
      const unit = graph.units.unitOf(channel);
      const reason = graph.units.reasonOf(unit);
      if (reason !== undefined) {
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
        continue;
      }
      const layers = counts.get(unit) ?? new Map<WeightedLayer, number>();
      layers.set(layer, (layers.get(layer) ?? 0) + 1);
      counts.set(unit, layers);
    }
    for (const [reason, channels] of reasons) staying.push({ layer: layer.name, channels, reason });
  }
  const places = placesOf(graph);
  const groups = new Map<string, { layers: WeightedLayer[]; channelsPerUnit: number; units: number[] }>();
  for (const [unit, layers] of [...counts].sort(([a], [b]) => a - b)) {
    const key = places.get(unit)!;
    const group = groups.get(key);
    if (group !== undefined) group.units.push(unit);
    else groups.set(key, { layers: [...layers.keys()], channelsPerUnit: Math.max(...layers.values()), units: [unit] });
  }
  return { groups: [...groups.values()], staying };
}

/** By unit, the axes of all values that it has channels on, and how many: `axis:count` joined. */
function placesOf({ units, values }: ChannelGraph): Map<number, string> {
  const places = new Map<number, string>();
  let number = 0;
  for (const value of values.values()) {
    for (const axis of value) {
      if (axis === undefined) continue;
      number++;
      const counts = new Map<number, number>();
      for (const channel of axis) {
        const unit = units.unitOf(channel);
        counts.set(unit, (counts.get(unit) ?? 0) + 1);
      }
      for (const [unit, count] of counts) places.set(unit, `${places.get(unit) ?? ''}${number}:${count} `);
    }
  }
  return places;
}
