import { sum } from './averaged-score.js';
import type { ClassMatchings } from './detection-classes.js';
import { type AreaRange, outcome } from './detection-matching.js';

/** COCO's ranges of object sizes, in square pixels. */
export const areaRanges = {
  all: [0, 1e10],
  small: [0, 32 ** 2],
  medium: [32 ** 2, 96 ** 2],
  large: [96 ** 2, 1e10],
} as const satisfies Record<string, AreaRange>;

/** Name of a range of object sizes. */
export type AreaName = keyof typeof areaRanges;

/** All of them. */
export const areaNames = Object.keys(areaRanges) as AreaName[];

/** How many of the best detections of an image count, as in COCO. */
export const detectionLimits = [1, 10, 100] as const;

/** The recalls at which precision is read off a curve: 0, 0.01 … 1. */
const recallPoints: readonly number[] = Array.from({ length: 101 }, (_, i) => (i === 100 ? 1 : i * 0.01));

/** Scores of one class. */
export interface ClassDetectionScore {
  /** Objects of the class that should be found (crowds not counted). */
  readonly objects: number;
  /** Over all IoU thresholds; NaN without objects. */
  readonly averagePrecision: number;
  /** At an IoU of 0.5; NaN without objects or when 0.5 is not among the thresholds. */
  readonly averagePrecisionAt50: number;
  /** Share of the objects found, mean over all IoU thresholds; NaN without objects. */
  readonly averageRecall: number;
}

/**
 * Scores of a detector as COCO's evaluation defines them, each 0..1; NaN where COCO's tools print -1, that is when no
 * object of the kind exists.
 */
export interface DetectionReport {
  readonly images: number;
  /** AP: mean over classes and IoU thresholds (0.5 to 0.95 in steps of 0.05 unless chosen otherwise). */
  readonly meanAveragePrecision: number;
  /** At an IoU of 0.5 (PASCAL VOC's criterion); NaN when it is not among the thresholds. */
  readonly meanAveragePrecisionAt50: number;
  /** At an IoU of 0.75; NaN when it is not among the thresholds. */
  readonly meanAveragePrecisionAt75: number;
  /** AP of objects by size: below 32², between, and above 96² square pixels. */
  readonly meanAveragePrecisionBySize: Readonly<Record<'small' | 'medium' | 'large', number>>;
  /** AR: recall when only the 1, 10 or 100 best detections of an image count. */
  readonly meanAverageRecall: Readonly<Record<1 | 10 | 100, number>>;
  /** AR with 100 detections of objects by size. */
  readonly meanAverageRecallBySize: Readonly<Record<'small' | 'medium' | 'large', number>>;
  readonly perClass: readonly ClassDetectionScore[];
}

/** A class's precision at the {@link recallPoints} and its recall, for one IoU threshold. */
export interface DetectionCurve {
  /** Highest precision at that recall or a higher one; 0 where the recall is never reached. */
  readonly precision: readonly number[];
  /** The score to cut at to reach that recall; 0 where it is never reached. */
  readonly scores: readonly number[];
  readonly recall: number;
}

/** Curves of one class, one per threshold, with 100 detections of each image; `undefined` without objects. */
export function detectionCurves(
  matchings: ClassMatchings,
  area: AreaName,
  thresholds: number,
): DetectionCurve[] | undefined {
  const { countedObjects } = matchings.byArea[area];
  if (countedObjects === 0) return undefined;
  const of = { area, countedObjects, thresholds };
  return Array.from({ length: thresholds }, (_, threshold) => detectionCurve(matchings, { ...of, threshold }));
}

/**
 * A class's curve at one of the thresholds by which its detections were matched.
 *
 * @param timesOf - how often each image counts, as when images are drawn again; default once
 */
export function detectionCurve(
  { scores, order, images, byArea }: ClassMatchings,
  of: { area: AreaName; countedObjects: number; thresholds: number; threshold: number },
  timesOf?: Uint32Array,
): DetectionCurve {
  const { outcomes } = byArea[of.area];
  const count = order.length;
  const recalls = new Float64Array(count);
  const precisions = new Float64Array(count);
  let right = 0;
  let wrong = 0;
  for (let i = 0; i < count; i++) {
    const times = timesOf === undefined ? 1 : timesOf[images[order[i]!]!]!;
    const came = outcomes[order[i]! * of.thresholds + of.threshold]!;
    if (came === outcome.right) right += times;
    else if (came === outcome.wrong) wrong += times;
    recalls[i] = right / of.countedObjects;
    precisions[i] = right / (right + wrong + Number.EPSILON);
  }
  for (let i = count - 1; i > 0; i--) precisions[i - 1] = Math.max(precisions[i - 1]!, precisions[i]!);
  let at = 0;
  const reached = recallPoints.map((point) => {
    while (at < count && recalls[at]! < point) at += 1;
    return at;
  });
  return {
    precision: reached.map((i) => precisions[i] ?? 0),
    scores: reached.map((i) => (i < count ? scores[order[i]!]! : 0)),
    recall: right / of.countedObjects,
  };
}

/** Recall of one class for each threshold when only the best `limit` detections of an image count. */
export function limitedRecalls(
  { ranks, byArea }: ClassMatchings,
  thresholds: number,
  limit: number,
): number[] | undefined {
  const { outcomes, countedObjects } = byArea.all;
  if (countedObjects === 0) return undefined;
  return Array.from({ length: thresholds }, (_, t) => {
    let right = 0;
    for (let i = 0; i < ranks.length; i++) {
      if (ranks[i]! < limit && outcomes[i * thresholds + t] === outcome.right) right += 1;
    }
    return right / countedObjects;
  });
}

/** The mean, or NaN of nothing. */
export function meanOf(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : sum(values) / values.length;
}
