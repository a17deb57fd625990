// What is to be learnt: pictures with the class that they show, and the batches that training takes.
import { type BatchSource, type Image, keyedPermutation, type PreprocessSpec, tensor } from '@percept/core';
import { preprocessBatch } from '@percept/image';

/** A class and the pictures that were collected for it, by their keys in the storage. */
export interface LessonClass {
  readonly name: string;
  readonly pictures: readonly string[];
}

/** One training as it was asked for. Kept until it is done, so that a reload goes on with the same pictures. */
export interface Lesson {
  /** Tells two lessons apart. */
  readonly id: string;
  readonly classes: readonly LessonClass[];
}

/** A picture and the class that it shows. */
export interface LabelledPicture {
  readonly key: string;
  /** Position of the class. */
  readonly label: number;
}

/** From so many pictures on, some of a class are kept aside. */
const enoughToKeepSome = 5;

/**
 * Which pictures are learnt from, and which are kept aside to check with: the last fifth of every class. Pictures of one
 * moment look alike, so the last ones say more than every fifth one would.
 */
export function splitLesson({ classes }: Lesson): { learnt: LabelledPicture[]; kept: LabelledPicture[] } {
  const learnt: LabelledPicture[] = [];
  const kept: LabelledPicture[] = [];
  const checked = classes.every(({ pictures }) => pictures.length >= enoughToKeepSome);
  for (const [label, { pictures }] of classes.entries()) {
    const first = checked ? pictures.length - Math.max(1, Math.floor(pictures.length / 5)) : pictures.length;
    pictures.forEach((key, index) => void (index < first ? learnt : kept).push({ key, label }));
  }
  return { learnt, kept };
}

/** How pictures become batches. */
export interface BatchOptions {
  readonly classes: readonly string[];
  readonly preprocess: PreprocessSpec;
  /** Images in a batch, at most. */
  readonly batchSize: number;
  /** The pixels behind a key. */
  read(key: string): Promise<Image>;
  /** Keys the order of the epochs; without it the order stays. */
  readonly shuffleSeed?: number;
}

/** Batches of nearly equal size: one of a single image would have no spread for BatchNormalization to normalize by. */
export function pictureBatches(pictures: readonly LabelledPicture[], options: BatchOptions): BatchSource {
  const { classes, preprocess, batchSize, read, shuffleSeed } = options;
  const count = pictures.length;
  const batchesPerEpoch = Math.ceil(count / batchSize);
  const [size, larger] = [Math.floor(count / batchesPerEpoch), count % batchesPerEpoch];
  const startOf = (batch: number): number => batch * size + Math.min(batch, larger);
  return {
    classes,
    batchesPerEpoch,
    fingerprint: JSON.stringify([pictures, preprocess, batchSize, shuffleSeed ?? null]),
    async *batches({ epoch, start = 0 }) {
      const order = shuffleSeed === undefined ? undefined : keyedPermutation(count, shuffleSeed, 'pictures', epoch);
      for (let batch = start; batch < batchesPerEpoch; batch++) {
        const positions = Array.from({ length: startOf(batch + 1) - startOf(batch) }, (_, at) => startOf(batch) + at);
        const chosen = positions.map((position) => pictures[order?.at(position) ?? position]!);
        const images = await Promise.all(chosen.map(({ key }) => read(key)));
        yield {
          keys: chosen.map(({ key }) => key),
          inputs: preprocessBatch(images, preprocess),
          labels: tensor(
            'int64',
            [chosen.length],
            chosen.map(({ label }) => label),
          ),
        };
      }
    },
  };
}
