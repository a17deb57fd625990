import {
  type Batch,
  type BatchSource,
  type Image,
  keyedPermutation,
  keyedRandom,
  PerceptError,
  parseOptions,
  type Tensor,
  tensor,
  throwIfAborted,
} from '@percept/core';
import * as z from 'zod';
import type { DetectionAugmentation } from './detection-augmentation.js';
import { type DetectionExample, type DetectionSample, readExample } from './detection-sample.js';
import { detectionTargets } from './detection-targets.js';
import type { Detector } from './detector.js';
import { type MatchOptions, matchSchema } from './match-anchors.js';

/** Options of {@link detectionBatches}. */
export interface DetectionBatchesOptions extends MatchOptions {
  samples: readonly DetectionSample[];
  /** Names of the classes. */
  classes: readonly string[];
  /** Whose anchors the boxes are matched with, see `detectorOf`. */
  detector: Detector;
  /**
   * Makes the detector's input `[N, C, H, W]` of as many images. Each must be stretched to the input's size, whatever its
   * aspect, so that fractions of the image stay what they are: `preprocessBatch` of `@percept/image` with
   * `resize: { mode: 'exact', … }`, and the same spec in the model's metadata for use.
   */
  toTensor: (images: Image<Uint8Array>[]) => Tensor<'float32'> | Promise<Tensor<'float32'>>;
  /** Images in a batch, at least 1. */
  batchSize: number;
  /** Default: none. */
  augment?: DetectionAugmentation;
  /** Whether every epoch has an order of its own. Default true; false for evaluation. */
  shuffle?: boolean;
  /** Whether a last batch of fewer images is left out. Default false. */
  dropLast?: boolean;
  /** Keys order and augmentation. Default 0. */
  seed?: number;
}

/** What is to be found in one image of a batch. */
export interface DetectionTruth {
  /** `[M, 4]` corners in pixels of the image as it went into the batch. */
  readonly boxes: Float32Array;
  /** `[M]`. */
  readonly labels: Int32Array;
  readonly width: number;
  readonly height: number;
}

/** A batch for detectors: `labels` are `[N, anchors, 5]` float32, see {@link detectionTargets}. */
export interface DetectionBatch extends Batch {
  readonly labels: Tensor<'float32'>;
  /** The boxes themselves, one entry for every image. */
  readonly truth: readonly DetectionTruth[];
}

/** A `BatchSource` of {@link DetectionBatch}. */
export interface DetectionBatchSource extends BatchSource {
  batches(options: Parameters<BatchSource['batches']>[0]): AsyncIterable<DetectionBatch>;
}

const schema = z.strictObject({
  samples: z.array(z.custom<DetectionSample>()),
  classes: z.array(z.string()).min(1),
  detector: z.custom<Detector>(
    (value) => (value as Detector | null)?.anchors instanceof Float32Array,
    'a Detector, as detectorOf() gives it',
  ),
  toTensor: z.custom<DetectionBatchesOptions['toTensor']>((value) => typeof value === 'function', 'a function'),
  batchSize: z.int().min(1),
  augment: z.custom<DetectionAugmentation>((value) => typeof value === 'function', 'a function').optional(),
  shuffle: z.boolean().optional(),
  dropLast: z.boolean().optional(),
  seed: z.int().optional(),
  iouThreshold: z.unknown().optional(),
  backgroundThreshold: z.unknown().optional(),
});

/**
 * Batches to train or to evaluate a detector on. What is drawn for a sample depends on seed, epoch and its key alone, so
 * a resumed training sees the same pixels.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range, or other classes than the detector's; while iterating
 *   `TRAIN_DATA_INVALID` for samples that are not as they should be, naming them, `ABORTED`
 */
export function detectionBatches(options: DetectionBatchesOptions): DetectionBatchSource {
  const parsed = parseOptions(schema, options, 'detectionBatches() options');
  const {
    samples,
    classes,
    detector,
    toTensor,
    batchSize,
    augment,
    shuffle = true,
    dropLast = false,
    seed = 0,
  } = parsed;
  const { iouThreshold, backgroundThreshold } = options;
  const match = {
    ...(iouThreshold === undefined ? {} : { iouThreshold }),
    ...(backgroundThreshold === undefined ? {} : { backgroundThreshold }),
  };
  parseOptions(matchSchema, match, 'detectionBatches() options');
  if (classes.length !== detector.classes) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected ${detector.classes} classes, as the detector has, but received ${classes.length}`,
    );
  }
  const count = samples.length / batchSize;
  const batchesPerEpoch = dropLast ? Math.floor(count) : Math.ceil(count);

  const example = async (sample: DetectionSample, epoch: number): Promise<DetectionExample> => {
    const read = await readExample(sample, classes.length);
    return augment === undefined ? read : augment(read, keyedRandom(seed, 'detection', epoch, sample.key));
  };
  const makeBatch = async (chosen: readonly DetectionSample[], epoch: number): Promise<DetectionBatch> => {
    const examples = await Promise.all(chosen.map((sample) => example(sample, epoch)));
    const inputs = await toTensor(examples.map(({ image }) => image));
    const wanted = [chosen.length, inputs.dims[1], ...detector.size];
    if (inputs.dims.join() !== wanted.join()) {
      throw new PerceptError(
        'TRAIN_DATA_INVALID',
        `Expected toTensor() to give [${wanted.join(', ')}], the size of the detector's input, but received [${inputs.dims.join(', ')}]`,
      );
    }
    const anchors = detector.anchors.length / 4;
    const labels = new Float32Array(chosen.length * anchors * 5);
    for (const [row, { image, boxes, labels: classesOf }] of examples.entries()) {
      const fractions = boxes.map((side, i) => side / (i % 2 === 0 ? image.width : image.height));
      const found = { boxes: fractions, labels: classesOf };
      labels.set(detectionTargets(found, detector.anchors, { ...match, weights: detector.weights }), row * anchors * 5);
    }
    return {
      keys: chosen.map(({ key }) => key),
      inputs,
      labels: tensor('float32', [chosen.length, anchors, 5], labels),
      truth: examples.map(({ image: { width, height }, boxes, labels: classesOf }) => ({
        boxes,
        labels: classesOf,
        width,
        height,
      })),
    };
  };
  return {
    batchesPerEpoch,
    classes,
    async *batches({ epoch, start = 0, signal }) {
      const order = keyedPermutation(samples.length, seed, 'order', epoch);
      for (let batch = start; batch < batchesPerEpoch; batch++) {
        throwIfAborted(signal);
        const from = batch * batchSize;
        const positions = Array.from({ length: Math.min(batchSize, samples.length - from) }, (_, i) => from + i);
        yield await makeBatch(
          positions.map((at) => samples[shuffle ? order.at(at) : at]!),
          epoch,
        );
      }
    },
  };
}
