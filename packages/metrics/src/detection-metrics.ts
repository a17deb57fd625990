import { type BoxFormat, PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { sum } from './averaged-score.js';
import { checkClass } from './confusion-matrix.js';
import { type Matching, matchDetections, type Objects, overlaps, type RankedDetections } from './detection-matching.js';
import {
  type AreaName,
  areaRanges,
  type ClassDetectionScore,
  type DetectionCurve,
  type DetectionReport,
  detectionCurves,
  detectionLimits,
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

/** One image of {@link DetectionMetricsJson}; boxes are left, top, width, height. */
export interface DetectionImageJson {
  readonly id: string | number;
  readonly detections: readonly { readonly box: readonly number[]; readonly score: number; readonly class: number }[];
  readonly objects: readonly {
    readonly box: readonly number[];
    readonly class: number;
    readonly crowd: boolean;
    readonly area: number;
  }[];
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
  readonly #images = new Map<string | number, DetectionImageJson>();

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
    const found = this.#boxes(detections.boxes, detections.classes, 'detected');
    const actual = this.#boxes(truth.boxes, truth.classes, 'actual');
    checkCount(detections.scores, found.length, 'scores');
    if (truth.crowd) checkCount(truth.crowd, actual.length, 'crowd flags');
    if (truth.areas) checkCount(truth.areas, actual.length, 'areas');
    this.#add({
      id,
      detections: found.map((entry, i) => ({ ...entry, score: finite(detections.scores[i]!, `score ${i}`) })),
      objects: actual.map((entry, i) => ({
        ...entry,
        crowd: Boolean(truth.crowd?.[i]),
        area: finite(truth.areas?.[i] ?? entry.box[2]! * entry.box[3]!, `area ${i}`),
      })),
    });
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
    const classes = Array.from({ length: this.classes }, (_, c) => this.#matchClass(c));
    const curves = (area: AreaName, limit: number) =>
      classes.map((matchings) => detectionCurves(matchings[area], thresholds, limit));
    const all = curves('all', 100);
    const bySize = { small: curves('small', 100), medium: curves('medium', 100), large: curves('large', 100) };
    const precisionAt = (iou: number) => {
      const at = this.#iouThresholds.findIndex((threshold) => Math.abs(threshold - iou) < 1e-9);
      return at < 0 ? Number.NaN : precisionOf(all.map((curve) => curve && [curve[at]!]));
    };
    return {
      images: this.#images.size,
      meanAveragePrecision: precisionOf(all),
      meanAveragePrecisionAt50: precisionAt(0.5),
      meanAveragePrecisionAt75: precisionAt(0.75),
      meanAveragePrecisionBySize: mapValues(bySize, precisionOf),
      meanAverageRecall: Object.fromEntries(
        detectionLimits.map((limit) => [limit, recallOf(limit === 100 ? all : curves('all', limit))]),
      ) as DetectionReport['meanAverageRecall'],
      meanAverageRecallBySize: mapValues(bySize, recallOf),
      perClass: all.map((curve, c): ClassDetectionScore => {
        const at50 = this.#iouThresholds.indexOf(0.5);
        return {
          objects: sum(classes[c]!.all.map((matching) => matching.countedObjects)),
          averagePrecision: precisionOf([curve]),
          averagePrecisionAt50: curve?.[at50] ? precisionOf([[curve[at50]]]) : Number.NaN,
          averageRecall: recallOf([curve]),
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
    const at = this.#iouThresholds.indexOf(iouThreshold);
    if (at < 0) {
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected one of ${this.#iouThresholds.join(', ')} for iouThreshold but received ${iouThreshold}`,
      );
    }
    return detectionCurves(this.#matchClass(classIndex).all, this.#iouThresholds.length, 100)?.[at];
  }

  /** Everything needed to continue elsewhere, images in the order of their ids. */
  toJSON(): DetectionMetricsJson {
    return { version: 1, classes: this.classes, iouThresholds: this.#iouThresholds, images: this.#sortedImages() };
  }

  /**
   * The metrics that {@link DetectionMetrics.toJSON} wrote.
   *
   * @throws PerceptError `INVALID_ARGUMENT` when `json` is not of that form
   */
  static fromJSON(json: unknown): DetectionMetrics {
    const { classes, iouThresholds, images } = parseOptions(jsonSchema, json, 'JSON of detection metrics');
    const metrics = new DetectionMetrics({ classes, iouThresholds } as DetectionMetricsOptions);
    for (const image of images) {
      for (const entry of [...image.detections, ...image.objects]) {
        checkClass(entry.class, 0, metrics.classes, `class of image ${image.id}`);
      }
      metrics.#add(image);
    }
    return metrics;
  }

  #add(image: DetectionImageJson): void {
    this.#checkNew(image.id);
    this.#images.set(image.id, image);
  }

  #checkNew(id: string | number): void {
    if (!this.#images.has(id)) return;
    throw new PerceptError('INVALID_ARGUMENT', `Expected every image once but received image ${id} again`);
  }

  #sortedImages(): DetectionImageJson[] {
    return [...this.#images.values()].sort((a, b) => compareIds(a.id, b.id));
  }

  #boxes(boxes: ArrayLike<number>, classes: ArrayLike<number | bigint>, kind: string) {
    checkCount(boxes, classes.length * 4, `numbers of ${kind} boxes`);
    return Array.from({ length: classes.length }, (_, i) => {
      checkClass(classes[i]!, 0, this.classes, `${kind} class ${i}`);
      const [a, b, c, d] = [0, 1, 2, 3].map((side) => finite(boxes[i * 4 + side]!, `${kind} box ${i}`)) as [
        number,
        number,
        number,
        number,
      ];
      const format = this.#boxFormat;
      const size = format === 'xyxy' ? [c - a, d - b] : [c, d];
      const corner = format === 'cxcywh' ? [a - c / 2, b - d / 2] : [a, b];
      return { box: [...corner, ...size], class: Number(classes[i]) };
    });
  }

  /** The matchings of one class for each range of sizes, in order of image. */
  #matchClass(classIndex: number): Record<AreaName, Matching[]> {
    const matchings: Record<AreaName, Matching[]> = { all: [], small: [], medium: [], large: [] };
    const most = Math.max(...detectionLimits);
    for (const image of this.#sortedImages()) {
      const objects = objectsOf(image, classIndex);
      const detections = detectionsOf(image, classIndex, most);
      if (objects.boxes.length === 0 && detections.boxes.length === 0) continue;
      const ious = overlaps(detections, objects);
      for (const [name, range] of Object.entries(areaRanges)) {
        const matching = matchDetections(detections, objects, ious, this.#iouThresholds, range);
        matchings[name as AreaName].push(matching);
      }
    }
    return matchings;
  }
}

function objectsOf(image: DetectionImageJson, classIndex: number): Objects {
  const objects = image.objects.filter((object) => object.class === classIndex);
  return {
    boxes: objects.map((object) => Float64Array.from(object.box)),
    areas: objects.map((object) => object.area),
    crowd: objects.map((object) => object.crowd),
  };
}

function detectionsOf(image: DetectionImageJson, classIndex: number, most: number): RankedDetections {
  const ranked = image.detections
    .filter((detection) => detection.class === classIndex)
    .sort((a, b) => b.score - a.score)
    .slice(0, most);
  return {
    boxes: ranked.map((detection) => Float64Array.from(detection.box)),
    scores: ranked.map((detection) => detection.score),
  };
}

type Curves = readonly (readonly DetectionCurve[] | undefined)[];

function precisionOf(classes: Curves): number {
  return meanOf(classes.flatMap((curves) => curves?.flatMap((curve) => curve.precision) ?? []));
}

function recallOf(classes: Curves): number {
  return meanOf(classes.flatMap((curves) => curves?.map((curve) => curve.recall) ?? []));
}

function mapValues<Key extends string>(record: Record<Key, Curves>, of: (curves: Curves) => number) {
  return Object.fromEntries(Object.entries<Curves>(record).map(([key, value]) => [key, of(value)])) as Record<
    Key,
    number
  >;
}

/** Numbers before strings, each ascending. */
function compareIds(a: string | number, b: string | number): number {
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
  return a < b ? -1 : 1;
}

function checkCount(values: ArrayLike<unknown>, count: number, name: string): void {
  if (values.length === count) return;
  throw new PerceptError('INVALID_ARGUMENT', `Expected ${count} ${name} but received ${values.length}`);
}

function finite(value: number, name: string): number {
  if (Number.isFinite(value)) return value;
  throw new PerceptError('INVALID_ARGUMENT', `Expected a finite number for ${name} but received ${value}`);
}
