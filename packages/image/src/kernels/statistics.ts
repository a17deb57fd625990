import type { Image } from '@percept/core';
import { read, reserve, write } from './runtime.js';
import { requireImage } from './samples.js';
import { transformKernels } from './transform.generated.js';

/** What `channelStatistics` says of one channel, in the samples' own unit. */
export interface ChannelStatistics {
  readonly sum: number;
  readonly sumOfSquares: number;
  readonly mean: number;
  /** Standard deviation of the population (divided by the number of pixels). */
  readonly std: number;
  readonly min: number;
  readonly max: number;
}

const stripBytes = 16_380; // whole groups of twelve

/**
 * Counts how often each value occurs, per channel.
 *
 * @returns one array of 256 counts per channel
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not whole and 8-bit
 */
export function histogram(image: Image<Uint8Array>): Uint32Array[] {
  requireImage(image, ['uint8']);
  const { channels, data } = image;
  const [from, to] = reserve(stripBytes, 12 * 1024);
  const kernels = transformKernels();
  const tables = new Uint32Array(12 * 256);
  write(to, tables);
  for (let at = 0; at < data.length; at += stripBytes) {
    const strip = data.subarray(at, at + stripBytes);
    write(from, strip);
    kernels.countBytes(from, strip.length, to);
  }
  read(to, tables);
  return Array.from({ length: channels }, (_, channel) => {
    const counts = tables.slice(channel * 256, (channel + 1) * 256);
    for (let table = channel + channels; table < 12; table += channels) {
      for (let value = 0; value < 256; value++) counts[value]! += tables[table * 256 + value]!;
    }
    return counts;
  });
}

/**
 * Sum, sum of squares, mean, standard deviation, minimum and maximum of each channel. Sums of integers are exact up to
 * 2⁵³; float32 samples are added in float64, from the first pixel to the last.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not whole
 */
export function channelStatistics(image: Image): ChannelStatistics[] {
  const type = requireImage(image, ['uint8', 'uint16', 'float32']);
  const pixels = image.width * image.height;
  const sums = type === 'uint8' ? countedSums(image as Image<Uint8Array>) : addedSums(image);
  return sums.map(([sum, sumOfSquares, min, max]) => {
    const mean = sum / pixels;
    // Squares of n sums and n sums of squares are whole numbers for integers: nothing is lost where all are equal.
    const variance = Math.max((pixels * sumOfSquares - sum * sum) / (pixels * pixels), 0);
    return { sum, sumOfSquares, mean, std: Math.sqrt(variance), min, max };
  });
}

type Sums = readonly [sum: number, squares: number, min: number, max: number];

/** Of 256 counts, everything follows. */
function countedSums(image: Image<Uint8Array>): Sums[] {
  return histogram(image).map((counts) => {
    let [sum, squares, least, most] = [0, 0, 255, 0];
    for (let value = 0; value < 256; value++) {
      const count = counts[value]!;
      if (count === 0) continue;
      sum += value * count;
      squares += value * value * count;
      least = Math.min(least, value);
      most = value;
    }
    return [sum, squares, least, most];
  });
}

function addedSums({ channels, data }: Image): Sums[] {
  const sums = new Float64Array(channels * 4);
  for (let i = 0; i < sums.length; i += 4) sums.set([0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], i);
  const [from, to] = reserve(stripBytes * 4, sums.byteLength);
  const kernels = transformKernels();
  write(to, sums);
  for (let at = 0; at < data.length; at += stripBytes) {
    const strip = data.subarray(at, at + stripBytes);
    write(from, strip);
    if (data instanceof Uint16Array) kernels.sumUint16(from, strip.length / channels, channels, to);
    else kernels.sumFloat32(from, strip.length / channels, channels, to);
  }
  read(to, sums);
  return Array.from(
    { length: channels },
    (_, c) => [...sums.subarray(c * 4, c * 4 + 4)] as [number, number, number, number],
  );
}
