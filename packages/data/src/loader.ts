// Batches as a pure function of (epoch, position). The order of an epoch is a keyed permutation that is computed, never
// stored, so starting at batch 900 costs nothing and needs no state besides the two numbers. How many batches are prepared
// at once, and what is in memory already, changes when a batch is ready, never what is in it.
import {
  type Batch,
  type BatchSource,
  type Image,
  isPerceptError,
  keyedPermutation,
  PerceptError,
  type PreprocessSpec,
  parseOptions,
  type SampleSource,
  throwIfAborted,
} from '@percept/core';
import { parsePreprocessSpec, preprocessBatch } from '@percept/image';
import * as z from 'zod/mini';
import { DecodedImages, type DecodedSample } from './decoded-images.js';
import { readAhead } from './read-ahead.js';

/** What a transform may depend on; equal contexts must give equal images. */
export interface TransformContext {
  readonly seed: number;
  /** Passes over the data so far: the epoch, or `epoch * repeat + copy` for a repeated sample. */
  readonly epoch: number;
  /** Key of the sample. */
  readonly key: string;
}

/** Options of {@link createLoader}. */
export interface LoaderOptions {
  readonly source: SampleSource;
  /** Samples in a batch. */
  readonly batchSize: number;
  /** How an image becomes a tensor. It must give all images of a batch the same size. */
  readonly preprocess: PreprocessSpec;
  /** Key of the order and of the transform's draws; default 0. */
  readonly seed?: number;
  /** Another order every epoch; default `false`, the source's order. */
  readonly shuffle?: boolean;
  /** Leaves out the last batch of an epoch when it is not full; default `false`. */
  readonly dropLast?: boolean;
  /**
   * Changes the decoded image (8-bit; grey if `preprocess.color` is `gray`, else RGB) before preprocessing, for
   * augmentation. Must not write into the image that it is given, which may be needed again.
   */
  readonly transform?: (image: Image, context: TransformContext) => Image | Promise<Image>;
  /** Batches prepared ahead of the one in use; default 3. */
  readonly prefetch?: number;
  /** Bytes of decoded images to keep in memory for the next epoch; default 256 MiB. */
  readonly cacheBytes?: number;
  /** Times every sample comes in an epoch, transformed anew each time; default 1. */
  readonly repeat?: number;
}

const optionsSchema = z.strictObject({
  batchSize: z.int().check(z.gte(1)),
  seed: z._default(z.int(), 0),
  shuffle: z._default(z.boolean(), false),
  dropLast: z._default(z.boolean(), false),
  prefetch: z._default(z.int().check(z.gte(1), z.lte(64)), 3),
  cacheBytes: z._default(z.number().check(z.gte(0)), 2 ** 28),
  repeat: z._default(z.int().check(z.gte(1)), 1),
});

/**
 * Makes batches of a source: read, decode, transform, preprocess to `[N, C, H, W]` float32, label to `[N]` int64.
 *
 * A batch depends on the source, these options, the epoch and its position alone; iterating from batch `k` gives exactly
 * the tail of the epoch. Every batch has fresh buffers that may be transferred.
 *
 * Iterating rejects with `DATA_SAMPLE_UNREADABLE` (naming the sample that could not be read or decoded),
 * `DATA_TRANSFORM_FAILED`, `DATA_SHAPES_DIFFER` when preprocessing leaves images of different sizes, or `ABORTED`.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function createLoader(options: LoaderOptions): BatchSource {
  const { source, preprocess, transform, ...rest } = options;
  const settings = parseOptions(optionsSchema, rest, 'createLoader() options');
  const { batchSize, seed, repeat } = settings;
  const { color } = parsePreprocessSpec(preprocess);
  const images = new DecodedImages(source, color === 'gray' ? 'gray' : 'rgb', settings.cacheBytes);
  const length = source.length * repeat;
  const batchesPerEpoch = settings.dropLast ? Math.floor(length / batchSize) : Math.ceil(length / batchSize);

  const transformed = (sample: DecodedSample, epoch: number): Image | Promise<Image> => {
    if (transform === undefined) return sample.image;
    // A failure must always be a rejection: a throw would leave the other samples of the batch without anyone to hear them.
    const fail = (cause: unknown): Promise<never> => Promise.reject(transformFailure(sample.key, cause));
    try {
      const image = transform(sample.image, { seed, epoch, key: sample.key });
      return image instanceof Promise ? image.catch(fail) : image;
    } catch (cause) {
      return fail(cause);
    }
  };

  const makeBatch = async (
    epoch: number,
    batch: number,
    orderAt: (position: number) => number,
    throwIfStopped: () => void,
  ): Promise<Batch> => {
    throwIfStopped();
    const first = batch * batchSize;
    const size = Math.min(batchSize, length - first);
    const samples: DecodedSample[] = new Array(size);
    const ready: Image[] = new Array(size);
    const place = (at: number, sample: DecodedSample, pass: number): Promise<void> | undefined => {
      samples[at] = sample;
      const image = transformed(sample, pass);
      if (image instanceof Promise) {
        return image.then((result) => {
          ready[at] = result;
        });
      }
      ready[at] = image;
      return undefined;
    };
    const waits: Promise<void>[] = [];
    for (let at = 0; at < size; at++) {
      const position = orderAt(first + at);
      const index = position % source.length;
      const pass = epoch * repeat + Math.floor(position / source.length);
      const kept = images.peek(index);
      // What is in memory takes no trip through the task queue, which would cost more than the work itself.
      const wait =
        kept === undefined
          ? images.load(index, throwIfStopped).then((sample) => place(at, sample, pass))
          : place(at, kept, pass);
      if (wait !== undefined) waits.push(wait);
    }
    if (waits.length > 0) await Promise.all(waits);
    throwIfStopped();
    const labels = BigInt64Array.from(samples, (sample) => BigInt(sample.label));
    const keys = samples.map((sample) => sample.key);
    return {
      keys,
      inputs: preprocessAll(ready, keys, preprocess),
      labels: { type: 'int64', dims: [size], data: labels },
    };
  };

  return {
    batchesPerEpoch,
    classes: source.classes,
    async *batches({ epoch, start = 0, signal }) {
      checkPosition(epoch, start, batchesPerEpoch);
      const permutation = settings.shuffle ? keyedPermutation(length, seed, 'order', epoch) : undefined;
      let left = false;
      const throwIfStopped = (): void => {
        throwIfAborted(signal);
        if (left) throw new PerceptError('ABORTED', 'The loop over the batches was left');
      };
      try {
        yield* readAhead(batchesPerEpoch - start, settings.prefetch, (at) =>
          makeBatch(epoch, start + at, permutation?.at ?? ((position) => position), throwIfStopped),
        );
      } finally {
        left = true;
      }
    },
  };
}

function preprocessAll(images: readonly Image[], keys: readonly string[], spec: PreprocessSpec): Batch['inputs'] {
  try {
    return preprocessBatch(images, spec);
  } catch (cause) {
    const { width, height } = images[0]!;
    const other = images.findIndex((image) => image.width !== width || image.height !== height);
    if (!isPerceptError(cause, 'INVALID_ARGUMENT') || other < 0) throw cause;
    const [a, b] = [images[0]!, images[other]!];
    throw new PerceptError(
      'DATA_SHAPES_DIFFER',
      `Expected images of one size in a batch but ${JSON.stringify(keys[0])} is ${a.width} × ${a.height} and ` +
        `${JSON.stringify(keys[other])} is ${b.width} × ${b.height}; give preprocess an exact or letterbox resize`,
      { details: { keys: [keys[0], keys[other]] }, cause },
    );
  }
}

function transformFailure(key: string, cause: unknown): PerceptError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new PerceptError(
    'DATA_TRANSFORM_FAILED',
    `Expected the transform to give an image for sample ${JSON.stringify(key)} but it failed: ${reason}`,
    { details: { key }, cause },
  );
}

function checkPosition(epoch: number, start: number, batches: number): void {
  if (!Number.isInteger(epoch) || epoch < 0) {
    throw new PerceptError('INVALID_ARGUMENT', `Expected a non-negative integer for epoch but received ${epoch}`);
  }
  if (!Number.isInteger(start) || start < 0 || start > batches) {
    throw new PerceptError('INVALID_ARGUMENT', `Expected start in [0, ${batches}] but received ${start}`);
  }
}
