import { type Image, PerceptError } from '@percept/core';

/** An image and what is to be found in it. */
export interface DetectionSample {
  /** Unique; random draws are keyed by it. */
  readonly key: string;
  /** The image, or what reads it: called once for every batch that it is in. */
  readonly image: Image<Uint8Array> | (() => Image<Uint8Array> | Promise<Image<Uint8Array>>);
  /** `[M, 4]` corners (left, top, right, bottom) in pixels of the image; what lies beyond its border is cut off. */
  readonly boxes: ArrayLike<number>;
  /** Class of every box, `[M]`, from 0 on. */
  readonly labels: ArrayLike<number>;
}

/** A {@link DetectionSample} as it goes into a batch, or through an augmentation. */
export interface DetectionExample {
  readonly image: Image<Uint8Array>;
  /** `[M, 4]` corners in pixels, within the image, sides above 0. */
  readonly boxes: Float32Array;
  /** `[M]`. */
  readonly labels: Int32Array;
}

/**
 * Reads a sample and checks it.
 *
 * @throws PerceptError `TRAIN_DATA_INVALID` for boxes without area within the image, classes out of range, or other
 *   numbers of boxes than of labels, naming the sample
 */
export async function readExample(sample: DetectionSample, classes: number): Promise<DetectionExample> {
  const image = typeof sample.image === 'function' ? await sample.image() : sample.image;
  const labels = Int32Array.from(sample.labels);
  if (sample.boxes.length !== labels.length * 4) {
    throw invalid(sample, `four numbers for each of ${labels.length} labels`, `${sample.boxes.length} numbers`);
  }
  for (const label of Array.from(sample.labels)) {
    if (!Number.isInteger(label) || label < 0 || label >= classes) {
      throw invalid(sample, `labels in [0, ${classes})`, String(label));
    }
  }
  return { image, boxes: withinImage(sample, image), labels };
}

function withinImage(sample: DetectionSample, { width, height }: Image): Float32Array {
  const limits = [width, height, width, height];
  const boxes = Float32Array.from({ length: sample.boxes.length }, (_, i) =>
    Math.min(Math.max(sample.boxes[i]!, 0), limits[i % 4]!),
  );
  for (let at = 0; at < boxes.length; at += 4) {
    if (boxes[at + 2]! > boxes[at]! && boxes[at + 3]! > boxes[at + 1]!) continue;
    const given = Array.from({ length: 4 }, (_, i) => sample.boxes[at + i]!).join(', ');
    throw invalid(
      sample,
      `boxes (left, top, right, bottom) with an area inside the image of ${width} × ${height}`,
      `[${given}] at index ${at / 4}`,
    );
  }
  return boxes;
}

function invalid({ key }: DetectionSample, expected: string, received: string): PerceptError {
  return new PerceptError(
    'TRAIN_DATA_INVALID',
    `Expected ${expected} but received ${received} in sample ${JSON.stringify(key)}. Mend the sample, or leave it out`,
    { details: { key } },
  );
}
