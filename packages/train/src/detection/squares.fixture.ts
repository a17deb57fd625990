import { type Image, keyedRandom, tensor } from '@percept/core';
import { type DetectionBatchSource, detectionBatches } from './detection-batches.js';
import type { DetectionSample } from './detection-sample.js';
import type { Detector } from './detector.js';

/** Names of what {@link squareSamples} shows. */
export const squareClasses = ['red', 'green'];

/** Dark images of 64 × 64 with one or two coloured squares. */
export function squareSamples(count: number, from = 0): DetectionSample[] {
  return Array.from({ length: count }, (_, index) => {
    const random = keyedRandom('squares', from + index);
    const data = Uint8Array.from({ length: 64 * 64 * 3 }, () => random.integer(0, 40));
    const labels = Array.from({ length: 1 + (index % 2) }, () => random.integer(0, 2));
    const boxes = labels.flatMap((label, half) => {
      const side = random.integer(14, 26);
      const left = 32 * half + random.integer(0, 33 - side);
      const top = random.integer(0, 65 - side);
      for (let y = top; y < top + side; y++) {
        for (let x = left; x < left + side; x++) data[(y * 64 + x) * 3 + label] = 230;
      }
      return [left, top, left + side, top + side];
    });
    const image: Image<Uint8Array> = { width: 64, height: 64, channels: 3, data };
    return { key: `square ${from + index}`, image, boxes, labels };
  });
}

/** Images as planes in -1..1, unscaled. */
export function planes(images: readonly Image<Uint8Array>[]) {
  const { width, height } = images[0]!;
  const size = width * height;
  const values = Float32Array.from({ length: images.length * 3 * size }, (_, at) => {
    const [image, plane, pixel] = [Math.floor(at / size / 3), Math.floor(at / size) % 3, at % size];
    return images[image]!.data[pixel * 3 + plane]! / 127.5 - 1;
  });
  return tensor('float32', [images.length, 3, height, width], values);
}

/** Batches of {@link squareSamples}. */
export function squareBatches(
  detector: Detector,
  { samples, batchSize = 8, shuffle = true }: { samples: DetectionSample[]; batchSize?: number; shuffle?: boolean },
): DetectionBatchSource {
  return detectionBatches({
    samples,
    classes: squareClasses,
    detector,
    toTensor: planes,
    batchSize,
    shuffle,
  });
}
