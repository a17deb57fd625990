import { PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { type AveragedScore, ratio } from './averaged-score.js';
import { ConfusionMatrix, type ConfusionMatrixJson, checkClass } from './confusion-matrix.js';
import { fBeta, intersectionOverUnion, recall } from './matrix-scores.js';

/** Options of {@link SegmentationMetrics}. */
export interface SegmentationMetricsOptions {
  /** Number of classes, the background included, 1..10000. */
  classes: number;
  /** Label of pixels that do not count, such as 255 for an unlabelled border; may lie outside the classes. */
  ignoreIndex?: number;
}

/** What {@link SegmentationMetrics.compute} gives; every score is in 0..1. */
export interface SegmentationReport {
  readonly images: number;
  /** Pixels that counted. */
  readonly pixels: number;
  /** Mean intersection over union over the classes that occur, of all pixels together (as PASCAL VOC and Cityscapes); NaN without pixels. */
  readonly meanIoU: number;
  /** Mean over the images of the classes that occur in each, as `torchmetrics.segmentation.MeanIoU`. */
  readonly meanIoUPerImage: number;
  /** Intersection over union, {@link intersectionOverUnion}. */
  readonly iou: AveragedScore;
  /** Dice score: F1 of the pixels. */
  readonly dice: AveragedScore;
  /** Share of the pixels that are right. */
  readonly pixelAccuracy: number;
  /** Mean over the classes of the share of their pixels that are right. */
  readonly meanAccuracy: number;
  /** `[actual][predicted]` pixels, `[classes][classes]`. */
  readonly confusion: readonly (readonly number[])[];
}

/** {@link SegmentationMetrics} as JSON. */
export interface SegmentationMetricsJson {
  readonly version: 1;
  readonly ignoreIndex?: number;
  readonly images: number;
  readonly confusion: ConfusionMatrixJson;
  /** Intersections over unions of single images and classes, summed in steps of 2^-24. */
  readonly imageIoU: number;
  /** How many of them were summed. */
  readonly imageClasses: number;
}

const optionsSchema = z.strictObject({
  classes: z.int().check(z.gte(1), z.lte(10_000)),
  ignoreIndex: z.optional(z.int()),
});
const count = z.int().check(z.gte(0));
const jsonSchema = z.object({
  version: z.literal(1),
  ignoreIndex: z.optional(z.int()),
  images: count,
  confusion: z.unknown(),
  imageIoU: count,
  imageClasses: count,
});

// Summed as integers, so that the order of images and merges cannot change the sum.
const stepsPerUnit = 2 ** 24;

/** Scores of semantic segmentation, image by image; streaming and mergeable. */
export class SegmentationMetrics {
  readonly #confusion: ConfusionMatrix;
  readonly #ignoreIndex: number | undefined;
  #images = 0;
  #imageIoU = 0;
  #imageClasses = 0;

  /** @throws PerceptError `INVALID_ARGUMENT` for options out of range */
  constructor(options: SegmentationMetricsOptions) {
    const { classes, ignoreIndex } = parseOptions(optionsSchema, options, 'SegmentationMetrics options');
    this.#confusion = new ConfusionMatrix(classes);
    this.#ignoreIndex = ignoreIndex;
  }

  /** Number of classes. */
  get classes(): number {
    return this.#confusion.classes;
  }

  /**
   * Adds one image. Nothing is added when it throws.
   *
   * @param predicted - the class of every pixel, `[H, W]` row-major
   * @param actual - the same for the truth, `[H, W]`; `ignoreIndex` is allowed
   * @throws PerceptError `INVALID_ARGUMENT` when the sizes differ or a value is no class
   */
  update(predicted: ArrayLike<number>, actual: ArrayLike<number>): void {
    const { classes } = this;
    if (predicted.length !== actual.length) {
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected masks of the same size but received ${predicted.length} predicted and ${actual.length} actual pixels`,
      );
    }
    const image = new ConfusionMatrix(classes);
    image.addCounts(this.#countPixels(predicted, actual));
    const { truePositives, predicted: guessed, support } = image.totals();
    for (let c = 0; c < classes; c++) {
      const union = guessed[c]! + support[c]! - truePositives[c]!;
      if (union === 0) continue;
      this.#imageClasses += 1;
      this.#imageIoU += Math.round((truePositives[c]! / union) * stepsPerUnit);
    }
    this.#confusion.merge(image);
    this.#images += 1;
  }

  /**
   * Adds everything that other metrics saw.
   *
   * @throws PerceptError `INVALID_ARGUMENT` when they have other classes or another ignored index
   */
  merge(other: SegmentationMetrics): void {
    if (other.#ignoreIndex !== this.#ignoreIndex) {
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected metrics with ignoreIndex ${this.#ignoreIndex} to merge but received ${other.#ignoreIndex}`,
      );
    }
    this.#confusion.merge(other.#confusion);
    this.#images += other.#images;
    this.#imageIoU += other.#imageIoU;
    this.#imageClasses += other.#imageClasses;
  }

  /** The scores of all images so far. May be called at any time, and adding goes on after it. */
  compute(): SegmentationReport {
    const iou = intersectionOverUnion(this.#confusion);
    const recalls = recall(this.#confusion);
    return {
      images: this.#images,
      pixels: this.#confusion.total,
      meanIoU: iou.macro,
      meanIoUPerImage: ratio(this.#imageIoU / stepsPerUnit, this.#imageClasses),
      iou,
      dice: fBeta(this.#confusion, 1),
      pixelAccuracy: recalls.micro,
      meanAccuracy: recalls.macro,
      confusion: this.#confusion.rows(),
    };
  }

  /** Everything needed to continue elsewhere. */
  toJSON(): SegmentationMetricsJson {
    return {
      version: 1,
      ...(this.#ignoreIndex !== undefined && { ignoreIndex: this.#ignoreIndex }),
      images: this.#images,
      confusion: this.#confusion.toJSON(),
      imageIoU: this.#imageIoU,
      imageClasses: this.#imageClasses,
    };
  }

  /**
   * The metrics that {@link SegmentationMetrics.toJSON} wrote.
   *
   * @throws PerceptError `INVALID_ARGUMENT` when `json` is not of that form
   */
  static fromJSON(json: unknown): SegmentationMetrics {
    const { ignoreIndex, images, confusion, imageIoU, imageClasses } = parseOptions(
      jsonSchema,
      json,
      'JSON of segmentation metrics',
    );
    const matrix = ConfusionMatrix.fromJSON(confusion);
    const metrics = new SegmentationMetrics({
      classes: matrix.classes,
      ...(ignoreIndex !== undefined && { ignoreIndex }),
    });
    metrics.#confusion.merge(matrix);
    metrics.#images = images;
    metrics.#imageIoU = imageIoU;
    metrics.#imageClasses = imageClasses;
    return metrics;
  }

  /** `[classes][classes + 1]` pixels; the last column has those predicted as the ignored class, which are just wrong. */
  #countPixels(predicted: ArrayLike<number>, actual: ArrayLike<number>): Float64Array {
    const { classes } = this;
    const counts = new Float64Array(classes * (classes + 1));
    for (let i = 0; i < actual.length; i++) {
      const truth = actual[i]!;
      const guess = predicted[i]!;
      if (truth === this.#ignoreIndex) continue;
      const column = guess === this.#ignoreIndex ? classes : guess;
      // The messages are only made for a pixel that is wrong: images have millions.
      if (!(truth >= 0 && truth < classes && Number.isInteger(truth)))
        checkClass(truth, 0, classes, `actual pixel ${i}`);
      if (!(column >= 0 && column <= classes && Number.isInteger(column)) || guess === classes) {
        checkClass(guess, 0, classes, `predicted pixel ${i}`);
      }
      counts[truth * (classes + 1) + column]! += 1;
    }
    return counts;
  }
}
