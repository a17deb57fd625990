import { PerceptError, type PreprocessSpec, type SampleSource } from '@percept/core';
import type { MakeLoader } from './auto-train-options.js';
import { partOf } from './split-data.js';

/** What the images of a source are like. */
export interface ImageKind {
  /** Median of the shorter sides, in pixels. */
  readonly size: number;
  /** 1 where all are grey, else 3. */
  readonly channels: 1 | 3;
  /** Whether all are about as wide as high. */
  readonly square: boolean;
  /** Mean and standard deviation of the values per channel, 0..1. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Images that are looked at. */
const mostImages = 64;

/** Decodes some images, evenly over the data, and tells what they are like. */
export async function lookAtImages(
  source: SampleSource,
  loader: MakeLoader,
  signal: AbortSignal | undefined,
): Promise<ImageKind> {
  const count = Math.min(mostImages, source.length);
  const indices = Array.from({ length: count }, (_, at) => Math.floor((at * source.length) / count));
  const preprocess: PreprocessSpec = { color: 'rgb', scale: 1 / 255, mean: [0, 0, 0], std: [1, 1, 1] };
  const request = { preprocess, batchSize: 1, augmentation: 'none', shuffle: false, dropLast: false, seed: 0 };
  const sizes: number[] = [];
  let [square, grey] = [true, true];
  const sums = [0, 1, 2].map(() => ({ values: 0, squares: 0, count: 0 }));
  for await (const { inputs } of loader({ ...request, source: partOf(source, indices) }).batches({
    epoch: 0,
    signal,
  })) {
    const [, channels, height, width] = inputs.dims as [number, number, number, number];
    if (channels !== 3) {
      throw new PerceptError(
        'TRAIN_DATA_INVALID',
        `Expected batches [N, 3, H, W] of a loader that was asked for color "rgb" but received [${inputs.dims.join(', ')}]. Hand preprocess of the request on to the loader`,
      );
    }
    sizes.push(Math.min(height, width));
    square &&= Math.max(height, width) <= 1.2 * Math.min(height, width);
    const plane = height * width;
    for (const [channel, sum] of sums.entries()) {
      for (let at = 0; at < plane; at++) {
        const value = inputs.data[channel * plane + at]!;
        sum.values += value;
        sum.squares += value * value;
        grey &&= value === inputs.data[at]!;
      }
      sum.count += plane;
    }
  }
  const statistics = sums.slice(0, grey ? 1 : 3).map(({ values, squares, count }) => {
    const mean = values / count;
    return { mean, std: Math.sqrt(Math.max(0, squares / count - mean * mean)) };
  });
  return {
    size: sizes.sort((a, b) => a - b)[sizes.length >> 1]!,
    channels: grey ? 1 : 3,
    square,
    mean: statistics.map(({ mean }) => rounded(mean)),
    // Images of one colour must not be divided by nothing.
    std: statistics.map(({ std }) => Math.max(0.01, rounded(std))),
  };
}

/** Three digits, which people can read in the metadata of the model. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
