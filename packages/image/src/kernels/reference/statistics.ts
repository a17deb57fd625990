import type { Image } from '@percept/core';
import type { ChannelStatistics } from '../statistics.js';

/** Plain TypeScript reference of `histogram`. */
export function histogram({ channels, data }: Image<Uint8Array>): Uint32Array[] {
  const counts = Array.from({ length: channels }, () => new Uint32Array(256));
  for (const [i, value] of data.entries()) counts[i % channels]![value]!++;
  return counts;
}

/** Plain TypeScript reference of `channelStatistics`. */
export function channelStatistics({ width, height, channels, data }: Image): ChannelStatistics[] {
  const pixels = width * height;
  return Array.from({ length: channels }, (_, channel) => {
    let [sum, sumOfSquares, min, max] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = channel; i < data.length; i += channels) {
      const value = data[i]!;
      sum += value;
      sumOfSquares += value * value;
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
    const variance = Math.max((pixels * sumOfSquares - sum * sum) / (pixels * pixels), 0);
    return { sum, sumOfSquares, mean: sum / pixels, std: Math.sqrt(variance), min, max };
  });
}
