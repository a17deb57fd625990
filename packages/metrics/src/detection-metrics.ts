import { type BoxFormat, PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { checkClass } from './confusion-matrix.js';
import { matchClasses } from './detection-classes.js';
import {
  type DetectionImage,
  type DetectionImageJson,
  detectionImage,
  imageFromJson,
  imageToJson,
} from './detection-image.js';
import {
  type AreaName,
  type ClassDetectionScore,
  type DetectionCurve,
  type DetectionReport,
  detectionCurve,
  detectionCurves,
  detectionLimits,
  limitedRecalls,
  meanOf,
} from './detection-report.js';

/** Options of {@link DetectionMetrics}. */
export interface DetectionMetricsOptions {
  /** Number of classes, 1..10000. */
  classes: number;
  /** What the four numbers of a box are, in pixels. Default `xyxy`. */
  boxFormat?: BoxFormat;
  /** Overlaps from which an object counts as found, ascending, each in (0, 1]. Default COCO's 0.5, 0.55 … 0.95. */
  iouThresholds?: readonly number[];
}

/** What a model found in one image. */
export interface Detections {
  /** `[N, 4]` in pixels. */
  readonly boxes: ArrayLike<number>;
  /** `[N]`, finite; higher is surer. */
  readonly scores: ArrayLike<number>;
  /** Class indices, `[N]`. */
  readonly classes: ArrayLike<number | bigint>;
}

/** What is to be found in one image. */
export interface GroundTruth {
  /** `[M, 4]` in pixels. */
  readonly boxes: ArrayLike<number>;
  /** Class indices, `[M]`. */
  readonly classes: ArrayLike<number | bigint>;
  /** `[M]`: true (or 1) for a box around a crowd, which need not be found and in which detections are not wrong. */
  readonly crowd?: ArrayLike<boolean | number>;
  /** `[M]` in square pixels, when it is not that of the box, such as a mask's. Decides only small, medium or large. */
  readonly areas?: ArrayLike<number>;
}

/** {@link DetectionMetrics} as JSON. */
export interface DetectionMetricsJson {
  readonly version: 1;
  readonly classes: number;
  readonly iouThresholds: readonly number[];
  readonly images: readonly DetectionImageJson[];
}

// COCO's list comes from numpy.linspace(0.5, 0.95, 10): the same sums give the same last bits.
const cocoThresholds = Array.from({ length: 10 }, (_, i) => (i === 9 ? 0.95 : i * ((0.95 - 0.5) / 9) + 0.5));

const optionsSchema = z.strictObject({
  classes: z.int().check(z.gte(1), z.lte(10_000)),
  boxFormat: z._default(z.enum(['xyxy', 'xywh', 'cxcywh']), 'xyxy'),
  iouThresholds: z._default(
    z.array(z.number().check(z.gt(0), z.lte(1))).check(
      z.minLength(1),
      z.refine((list) => list.every((value, i) => i === 0 || value > list[i - 1]!), 'ascending thresholds'),
    ),
    cocoThresholds,
  ),
});
const box = z.array(z.number()).check(z.length(4));
const classIndex = z.int().check(z.gte(0));
const jsonSchema = z.object({
  version: z.literal(1),
  classes: z.unknown(),
  iouThresholds: z.unknown(),
  images: z.array(
    z.object({
      id: z.union([z.string(), z.number()]),
      detections: z.array(z.object({ box, score: z.number(), class: classIndex })),
      objects: z.array(z.object({ box, class: classIndex, crowd: z.boolean(), area: z.number() })),
    }),
  ),
});

/**
 * Mean average precision of a detector, image by image, by the rules of COCO's evaluation (what pycocotools computes for
 * `bbox`). Streaming and mergeable: the boxes are kept, so memory grows with their number, and images are taken in the
 * order of their ids, so neither order nor grouping changes a figure.
 */
export class DetectionMetrics {
  /** Number of classes. */
  readonly classes: number;
  readonly #boxFormat: BoxFormat;
  readonly #iouThresholds: readonly number[];
  readonly #images = new Map<string | number, DetectionImage>();

  /** @throws PerceptError `INVALID_ARGUMENT` for options out of range */
  constructor(options: DetectionMetricsOptions) {
    const { classes, boxFormat, iouThresholds } = parseOptions(optionsSchema, options, 'DetectionMetrics options');
    this.classes = classes;
    this.#boxFormat = boxFormat;
    this.#iouThresholds = iouThresholds;
  }

  /**
   * Adds one image. Nothing is added when it throws. An image without objects, or without detections, has empty lists.
   *
   * @param id - of the image; each may be added once
   * @throws PerceptError `INVALID_ARGUMENT` when the id was added before, lengths do not fit, a class or a number is out
   *   of range
   */
  update(id: string | number, detections: Detections, truth: GroundTruth): void {
    this.#add(detectionImage(id, detections, truth, { classes: this.classes, boxFormat: this.#boxFormat }));
  }

  /**
   * Adds every image of other metrics.
   *
   * @throws PerceptError `INVALID_ARGUMENT` when they have other classes, other thresholds, or an image that is here too
   */
  merge(other: DetectionMetrics): void {
    const [ours, theirs] = [this, other].map((metrics) => JSON.stringify([metrics.classes, metrics.#iouThresholds]));
    if (ours !== theirs) {
      throw new PerceptError('INVALID_ARGUMENT', `Expected metrics of ${ours} to merge but received ${theirs}`);
    }
    for (const id of other.#images.keys()) this.#checkNew(id);
    for (const image of other.#images.values()) this.#add(image);
  }

  /** The scores of all images so far. May be called at any time, and adding goes on after it. */
  compute(): DetectionReport {
    const thresholds = this.#iouThresholds.length;
    const classes = matchClasses(this.#sortedImages(), this.classes, this.#iouThresholds);
    const curvesOf = (area: AreaName): Curves =>
      classes.map((matchings) => detectionCurves(matchings, area, thresholds));
    const [all, small, medium, large] = [curvesOf('all'), curvesOf('small'), curvesOf('medium'), curvesOf('large')];
    const at = (iou: number) => this.#iouThresholds.findIndex((threshold) => Math.abs(threshold - iou) < 1e-9);
    const precisionAt = (iou: number) =>
      at(iou) < 0 ? Number.NaN : precisionOf(all.map((curves) => curves && [curves[at(iou)]!]));
    const recallsWithin = (limit: number) =>
      meanOf(classes.flatMap((matchings) => limitedRecalls(matchings, thresholds, limit) ?? []));
    return {
      images: this.#images.size,
      meanAveragePrecision: precisionOf(all),
      meanAveragePrecisionAt50: precisionAt(0.5),
      meanAveragePrecisionAt75: precisionAt(0.75),
      meanAveragePrecisionBySize: {
        small: precisionOf(small),
        medium: precisionOf(medium),
        large: precisionOf(large),
      },
      meanAverageRecall: Object.fromEntries(
        detectionLimits.map((limit) => [limit, recallsWithin(limit)]),
      ) as DetectionReport['meanAverageRecall'],
      meanAverageRecallBySize: { small: recallOf(small), medium: recallOf(medium), large: recallOf(large) },
      perClass: all.map((curves, c): ClassDetectionScore => {
        const at50 = curves?.[at(0.5)];
        return {
          objects: classes[c]!.byArea.all.countedObjects,
          averagePrecision: precisionOf([curves]),
          averagePrecisionAt50: at50 ? precisionOf([[at50]]) : Number.NaN,
          averageRecall: recallOf([curves]),
        };
      }),
    };
  }

  /**
   * The precision-recall curve of one class at one IoU threshold, over objects of all sizes and 100 detections an image.
   *
   * @returns `undefined` when the class has no objects
   * @throws PerceptError `INVALID_ARGUMENT` when there is no such class, or the threshold is not one of the options'
   */
  precisionRecall(classIndex: number, iouThreshold: number): DetectionCurve | undefined {
    checkClass(classIndex, 0, this.classes, 'class');
    const at = this.#thresholdAt(iouThreshold);
    const matched = matchClasses(this.#sortedImages(), this.classes, this.#iouThresholds, classIndex);
    return detectionCurves(matched[classIndex]!, 'all', this.#iouThresholds.length)?.[at];
  }

  /**
   * Mean average precision of images drawn again, for `bootstrapInterval`; an image that is drawn twice counts twice. Boxes
   * are matched once, not for every draw.
   *
   * @param iouThreshold - one of the options'; default: the mean over all of them
   * @returns a function of indices of images in the order of their ids; NaN when no object was drawn
   * @throws PerceptError `INVALID_ARGUMENT` when the threshold is not one of the options'
   */
  resampledPrecision(iouThreshold?: number): (indices: ArrayLike<number>) => number {
    const thresholds = this.#iouThresholds.length;
    const wanted = iouThreshold === undefined ? [...this.#iouThresholds.keys()] : [this.#thresholdAt(iouThreshold)];
    const classes = matchClasses(this.#sortedImages(), this.classes, this.#iouThresholds);
    const timesOf = new Uint32Array(this.#images.size);
    return (indices) => {
      timesOf.fill(0);
      for (let i = 0; i < indices.length; i++) timesOf[indices[i]!]! += 1;
      return precisionOf(
        classes.map((matchings) => {
          const countedObjects = matchings.objects.reduce((sum, { image, count }) => sum + count * timesOf[image]!, 0);
          if (countedObjects === 0) return undefined;
          const of = { area: 'all', countedObjects, thresholds } as const;
          return wanted.map((threshold) => detectionCurve(matchings, { ...of, threshold }, timesOf));
        }),
      );
    };
  }

  /** Everything needed to continue elsewhere, images in the order of their ids. */
  toJSON(): DetectionMetricsJson {
    const images = this.#sortedImages().map(imageToJson);
    return { version: 1, classes: this.classes, iouThresholds: this.#iouThresholds, images };
  }

  /**
   * The metrics that {@link DetectionMetrics.toJSON} wrote.
   *
   * @throws PerceptError `INVALID_ARGUMENT` when `json` is not of that form
   */
  static fromJSON(json: unknown): DetectionMetrics {
    const { classes, iouThresholds, images } = parseOptions(jsonSchema, json, 'JSON of detection metrics');
    const metrics = new DetectionMetrics({ classes, iouThresholds } as DetectionMetricsOptions);
    for (const image of images) metrics.#add(imageFromJson(image, metrics.classes));
    return metrics;
  }

  #thresholdAt(iouThreshold: number): number {
    const at = this.#iouThresholds.indexOf(iouThreshold);
    if (at >= 0) return at;
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected one of ${this.#iouThresholds.join(', ')} for iouThreshold but received ${iouThreshold}`,
    );
  }

  #add(image: DetectionImage): void {
    this.#checkNew(image.id);
    this.#images.set(image.id, image);
  }

  #checkNew(id: string | number): void {
    if (!this.#images.has(id)) return;
    throw new PerceptError('INVALID_ARGUMENT', `Expected every image once but received image ${id} again`);
  }

  #sortedImages(): DetectionImage[] {
    return [...this.#images.values()].sort((a, b) => compareIds(a.id, b.id));
  }
}

type Curves = readonly (readonly DetectionCurve[] | undefined)[];

function precisionOf(classes: Curves): number {
  return meanOf(classes.flatMap((curves) => curves?.flatMap((curve) => curve.precision) ?? []));
}

function recallOf(classes: Curves): number {
  return meanOf(classes.flatMap((curves) => curves?.map((curve) => curve.recall) ?? []));
}

/** Numbers before strings, each ascending. */
function compareIds(a: string | number, b: string | number): number {
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
  return a < b ? -1 : 1;
}
