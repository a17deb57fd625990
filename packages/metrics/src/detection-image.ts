import { type BoxFormat, PerceptError } from '@percept/core';
import { checkClass } from './confusion-matrix.js';
import type { Detections, GroundTruth } from './detection-metrics.js';

/** One image as it is kept: boxes are left, top, width, height in pixels, `[N, 4]`. */
export interface DetectionImage {
  readonly id: string | number;
  readonly detections: Boxes & { readonly scores: Float64Array };
  readonly objects: Boxes & { readonly crowd: Uint8Array; readonly areas: Float64Array };
}

interface Boxes {
  readonly boxes: Float64Array;
  readonly classes: Uint16Array;
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

/**
 * Checks what was found and what is there in one image, and keeps a copy of it.
 *
 * @throws PerceptError `INVALID_ARGUMENT` when lengths do not fit, or a class or a number is out of range
 */
export function detectionImage(
  id: string | number,
  found: Detections,
  truth: GroundTruth,
  { classes, boxFormat }: { classes: number; boxFormat: BoxFormat },
): DetectionImage {
  const detections = boxesOf(found.boxes, found.classes, 'detected', classes, boxFormat);
  const objects = boxesOf(truth.boxes, truth.classes, 'actual', classes, boxFormat);
  const actual = objects.classes.length;
  checkCount(found.scores, detections.classes.length, 'scores');
  if (truth.crowd) checkCount(truth.crowd, actual, 'crowd flags');
  if (truth.areas) checkCount(truth.areas, actual, 'areas');
  const areaOf = (i: number) => truth.areas?.[i] ?? objects.boxes[i * 4 + 2]! * objects.boxes[i * 4 + 3]!;
  return {
    id,
    detections: { ...detections, scores: Float64Array.from(found.scores, (score, i) => finite(score, 'score', i)) },
    objects: {
      ...objects,
      crowd: Uint8Array.from(objects.classes, (_, i) => Number(Boolean(truth.crowd?.[i]))),
      areas: Float64Array.from(objects.classes, (_, i) => finite(areaOf(i), 'area', i)),
    },
  };
}

/** The image as JSON. */
export function imageToJson({ id, detections, objects }: DetectionImage): DetectionImageJson {
  const box = (boxes: Float64Array, i: number) => Array.from(boxes.subarray(i * 4, i * 4 + 4));
  return {
    id,
    detections: Array.from(detections.scores, (score, i) => {
      return { box: box(detections.boxes, i), class: detections.classes[i]!, score };
    }),
    objects: Array.from(objects.areas, (area, i) => {
      return { box: box(objects.boxes, i), class: objects.classes[i]!, crowd: objects.crowd[i] === 1, area };
    }),
  };
}

/**
 * The image of its JSON.
 *
 * @throws PerceptError `INVALID_ARGUMENT` when a class is none
 */
export function imageFromJson({ id, detections, objects }: DetectionImageJson, classes: number): DetectionImage {
  const found = {
    boxes: detections.flatMap(({ box }) => box),
    scores: detections.map(({ score }) => score),
    classes: detections.map((entry) => entry.class),
  };
  const truth = {
    boxes: objects.flatMap(({ box }) => box),
    classes: objects.map((entry) => entry.class),
    crowd: objects.map(({ crowd }) => crowd),
    areas: objects.map(({ area }) => area),
  };
  return detectionImage(id, found, truth, { classes, boxFormat: 'xywh' });
}

function boxesOf(
  boxes: ArrayLike<number>,
  indices: ArrayLike<number | bigint>,
  kind: string,
  classes: number,
  format: BoxFormat,
): Boxes {
  checkCount(boxes, indices.length * 4, `numbers of ${kind} boxes`);
  const kept = { boxes: new Float64Array(boxes.length), classes: new Uint16Array(indices.length) };
  for (let i = 0; i < indices.length; i++) {
    checkClass(indices[i]!, 0, classes, `${kind} class ${i}`);
    kept.classes[i] = Number(indices[i]);
    const at = i * 4;
    for (let side = 0; side < 4; side++) finite(boxes[at + side]!, `${kind} box`, i);
    const [a, b, c, d] = [boxes[at]!, boxes[at + 1]!, boxes[at + 2]!, boxes[at + 3]!];
    kept.boxes[at] = format === 'cxcywh' ? a - c / 2 : a;
    kept.boxes[at + 1] = format === 'cxcywh' ? b - d / 2 : b;
    kept.boxes[at + 2] = format === 'xyxy' ? c - a : c;
    kept.boxes[at + 3] = format === 'xyxy' ? d - b : d;
  }
  return kept;
}

function checkCount(values: ArrayLike<unknown>, count: number, name: string): void {
  if (values.length === count) return;
  throw new PerceptError('INVALID_ARGUMENT', `Expected ${count} ${name} but received ${values.length}`);
}

function finite(value: number, name: string, index: number): number {
  if (Number.isFinite(value)) return value;
  throw new PerceptError('INVALID_ARGUMENT', `Expected a finite number for ${name} ${index} but received ${value}`);
}
