// The augmentation that SSD was published with (Liu et al. 2016, arXiv:1512.02325, section 2.2 and 3.6), on 8-bit pixels and
// boxes. A drawn example is a pure function of the example and the random numbers.
import { boxIou, type Image, parseOptions, type Random } from '@percept/core';
import * as z from 'zod';
import type { DetectionExample } from './detection-sample.js';

/** Changes an example at random. `random` is keyed by seed, epoch and the sample's key. */
export type DetectionAugmentation = (example: DetectionExample, random: Random) => DetectionExample;

/** Options of {@link ssdAugmentation}. Every step is taken with its probability, 0..1; 0 leaves it out. */
export interface SsdAugmentationOptions {
  /** Changes brightness, contrast and saturation, each by up to this share either way, 0 ≤ x < 1. Default 0.3. */
  color?: number;
  /**
   * The image is laid on a larger canvas, up to `largest` times each side, filled with one colour. Default probability 0.5,
   * largest 4, fill grey.
   */
  zoomOut?: { probability?: number; largest?: number; fill?: readonly number[] };
  /**
   * Cuts out a part of at least `smallest` of each side in which the centre of a box lies, keeping the boxes whose centres
   * do; the part overlaps some box by a drawn share at least. Default probability 6/7, smallest 0.3.
   */
  crop?: { probability?: number; smallest?: number };
  /** Probability of mirroring left and right. Default 0.5. */
  horizontalFlip?: number;
  /** Probability of mirroring top and bottom. Default 0, since most photos have an up. */
  verticalFlip?: number;
}

const probability = z.number().min(0).max(1).optional();
const schema = z.strictObject({
  color: z.number().min(0).lt(1).optional(),
  zoomOut: z
    .strictObject({
      probability,
      largest: z.number().min(1).optional(),
      fill: z.array(z.int().min(0).max(255)).optional(),
    })
    .optional(),
  crop: z.strictObject({ probability, smallest: z.number().gt(0).max(1).optional() }).optional(),
  horizontalFlip: probability,
  verticalFlip: probability,
});

/** SSD's choice of how much of some box a crop shows at least, as torchvision's `RandomIoUCrop`. */
const leastOverlaps = [0, 0.1, 0.3, 0.5, 0.7, 0.9];
const cropTrials = 40;

/**
 * SSD's augmentation, in this order: colours, zooming out, cropping, mirroring. Steps without effect copy nothing; the
 * given example is not changed.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function ssdAugmentation(options: SsdAugmentationOptions = {}): DetectionAugmentation {
  const parsed = parseOptions(schema, options, 'ssdAugmentation() options');
  const { color = 0.3, zoomOut = {}, crop = {}, horizontalFlip = 0.5, verticalFlip = 0 } = parsed;
  const { probability: zoomProbability = 0.5, largest = 4, fill = [124, 116, 104, 255] } = zoomOut;
  const { probability: cropProbability = 6 / 7, smallest = 0.3 } = crop;
  return (example, random) => {
    let drawn = color > 0 ? jitterColors(example, random.child('color'), color) : example;
    const zoom = random.child('zoomOut');
    if (zoom.boolean(zoomProbability)) drawn = zoomedOut(drawn, zoom, largest, fill);
    const cut = random.child('crop');
    if (cut.boolean(cropProbability)) drawn = cropped(drawn, cut, smallest);
    if (random.child('horizontalFlip').boolean(horizontalFlip)) drawn = mirrored(drawn, 'x');
    if (random.child('verticalFlip').boolean(verticalFlip)) drawn = mirrored(drawn, 'y');
    return drawn;
  };
}

/** Brightness, contrast and saturation by factors in 1 ± amount, in one pass: each is linear in the pixel. */
function jitterColors(example: DetectionExample, random: Random, amount: number): DetectionExample {
  const { image } = example;
  const { channels, data } = image;
  const [brightness, contrast, saturation] = [0, 1, 2].map(() => random.uniform(1 - amount, 1 + amount)) as [
    number,
    number,
    number,
  ];
  const out = new Uint8Array(data.length);
  const colored = channels === 1 ? 1 : 3;
  const gain = brightness * contrast;
  const shift = 127.5 * (1 - contrast);
  for (let at = 0; at < data.length; at += channels) {
    // Rec. 601 luma, as Pillow's ImageEnhance.Color.
    const grey = colored === 1 ? data[at]! : 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
    for (let c = 0; c < colored; c++) {
      const value = gain * (grey + (data[at + c]! - grey) * saturation) + shift;
      out[at + c] = value <= 0 ? 0 : value >= 255 ? 255 : Math.round(value);
    }
    if (channels === 4) out[at + 3] = data[at + 3]!;
  }
  return { ...example, image: { ...image, data: out } };
}

function zoomedOut(
  { image, boxes, labels }: DetectionExample,
  random: Random,
  largest: number,
  fill: readonly number[],
): DetectionExample {
  const scale = random.uniform(1, largest);
  const [width, height] = [Math.round(image.width * scale), Math.round(image.height * scale)];
  const left = random.integer(0, width - image.width + 1);
  const top = random.integer(0, height - image.height + 1);
  const { channels } = image;
  const data = new Uint8Array(width * height * channels);
  for (let at = 0; at < data.length; at += channels) for (let c = 0; c < channels; c++) data[at + c] = fill[c] ?? 0;
  const row = image.width * channels;
  for (let y = 0; y < image.height; y++) {
    data.set(image.data.subarray(y * row, (y + 1) * row), ((top + y) * width + left) * channels);
  }
  return { image: { width, height, channels, data }, boxes: shifted(boxes, left, top), labels };
}

function cropped(example: DetectionExample, random: Random, smallest: number): DetectionExample {
  const { image, boxes } = example;
  const least = leastOverlaps[random.integer(0, leastOverlaps.length)]!;
  for (let trial = 0; trial < cropTrials; trial++) {
    const width = Math.max(1, Math.round(image.width * random.uniform(smallest, 1)));
    const height = Math.max(1, Math.round(image.height * random.uniform(smallest, 1)));
    const left = random.integer(0, image.width - width + 1);
    const top = random.integer(0, image.height - height + 1);
    if (2 * width < height || 2 * height < width) continue;
    const area = new Float32Array([left, top, left + width, top + height]);
    const kept = [...example.labels.keys()].filter((box) => {
      const [x, y] = [(boxes[box * 4]! + boxes[box * 4 + 2]!) / 2, (boxes[box * 4 + 1]! + boxes[box * 4 + 3]!) / 2];
      return x > area[0]! && x < area[2]! && y > area[1]! && y < area[3]!;
    });
    if (kept.length === 0) continue;
    const theirs = Float32Array.from(kept.flatMap((box) => [...boxes.subarray(box * 4, box * 4 + 4)]));
    if (!boxIou(theirs, area).some((overlap) => overlap >= least)) continue;
    const moved = shifted(theirs, -left, -top).map((side, i) =>
      Math.min(Math.max(side, 0), i % 2 === 0 ? width : height),
    );
    return {
      image: window(image, left, top, width, height),
      boxes: moved,
      labels: Int32Array.from(kept, (box) => example.labels[box]!),
    };
  }
  return example;
}

function window(image: Image<Uint8Array>, left: number, top: number, width: number, height: number): Image<Uint8Array> {
  const { channels } = image;
  const data = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * image.width + left) * channels;
    data.set(image.data.subarray(from, from + width * channels), y * width * channels);
  }
  return { width, height, channels, data };
}

function mirrored({ image, boxes, labels }: DetectionExample, axis: 'x' | 'y'): DetectionExample {
  const { width, height, channels } = image;
  const data = new Uint8Array(image.data.length);
  for (let y = 0; y < height; y++) {
    const from = (axis === 'y' ? height - 1 - y : y) * width * channels;
    const row = image.data.subarray(from, from + width * channels);
    const to = y * width * channels;
    if (axis === 'y') {
      data.set(row, to);
      continue;
    }
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) data[to + x * channels + c] = row[(width - 1 - x) * channels + c]!;
    }
  }
  const [low, side] = axis === 'x' ? [0, width] : [1, height];
  const flipped = boxes.map((value, i) => {
    if (i % 2 !== low) return value;
    return side - boxes[i % 4 === low ? i + 2 : i - 2]!;
  });
  return { image: { width, height, channels, data }, boxes: flipped, labels };
}

function shifted(boxes: Float32Array, x: number, y: number): Float32Array {
  return boxes.map((value, i) => value + (i % 2 === 0 ? x : y));
}
