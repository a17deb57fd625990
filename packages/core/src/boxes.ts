import { PerceptError } from './errors.js';

/**
 * How four numbers describe a box: corners (`xyxy`: left, top, right, bottom), corner and size (`xywh`), or centre and
 * size (`cxcywh`). Units are the caller's: pixels, or 0..1 of the image.
 */
export type BoxFormat = 'xyxy' | 'xywh' | 'cxcywh';

/**
 * Converts `[N, 4]` boxes, stored one after another, from one format to another. Returns a new array.
 *
 * @throws PerceptError `INVALID_ARGUMENT` when the length is not a multiple of 4
 */
export function convertBoxes(boxes: Float32Array, from: BoxFormat, to: BoxFormat): Float32Array {
  checkBoxes(boxes);
  const out = new Float32Array(boxes.length);
  for (let at = 0; at < boxes.length; at += 4) {
    const [a, b, c, d] = [boxes[at]!, boxes[at + 1]!, boxes[at + 2]!, boxes[at + 3]!];
    const width = from === 'xyxy' ? c - a : c;
    const height = from === 'xyxy' ? d - b : d;
    const left = from === 'cxcywh' ? a - width / 2 : a;
    const top = from === 'cxcywh' ? b - height / 2 : b;
    out[at] = to === 'cxcywh' ? left + width / 2 : left;
    out[at + 1] = to === 'cxcywh' ? top + height / 2 : top;
    out[at + 2] = to === 'xyxy' ? left + width : width;
    out[at + 3] = to === 'xyxy' ? top + height : height;
  }
  return out;
}

/**
 * Intersection over union of every pair of `xyxy` boxes: `[N, 4]` and `[M, 4]` give `[N, M]`, row-major, in 0..1.
 * A box of zero area has no overlap with anything (0, not NaN).
 *
 * @throws PerceptError `INVALID_ARGUMENT` when a length is not a multiple of 4
 */
export function boxIou(first: Float32Array, second: Float32Array): Float32Array {
  checkBoxes(first);
  checkBoxes(second);
  const columns = second.length / 4;
  const out = new Float32Array((first.length / 4) * columns);
  for (let i = 0; i < first.length; i += 4) {
    for (let j = 0; j < second.length; j += 4) out[(i / 4) * columns + j / 4] = iouAt(first, i, second, j);
  }
  return out;
}

/**
 * Greedy non-maximum suppression of `[N, 4]` `xyxy` boxes: keeps a box unless it overlaps a kept one of higher score by
 * more than `iouThreshold` (0..1). Ties keep the lower index first.
 *
 * @returns kept indices, best score first
 * @throws PerceptError `INVALID_ARGUMENT` when boxes and scores do not match in number
 */
export function nonMaximumSuppression(boxes: Float32Array, scores: Float32Array, iouThreshold: number): number[] {
  checkBoxes(boxes);
  if (scores.length * 4 !== boxes.length) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected one score per box (${boxes.length / 4}) but received ${scores.length}`,
    );
  }
  const order = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b);
  const kept: number[] = [];
  for (const candidate of order) {
    if (kept.every((other) => iouAt(boxes, candidate * 4, boxes, other * 4) <= iouThreshold)) kept.push(candidate);
  }
  return kept;
}

function iouAt(first: Float32Array, i: number, second: Float32Array, j: number): number {
  const width = Math.min(first[i + 2]!, second[j + 2]!) - Math.max(first[i]!, second[j]!);
  const height = Math.min(first[i + 3]!, second[j + 3]!) - Math.max(first[i + 1]!, second[j + 1]!);
  if (width <= 0 || height <= 0) return 0;
  const overlap = width * height;
  return overlap / (area(first, i) + area(second, j) - overlap);
}

function area(boxes: Float32Array, at: number): number {
  return (boxes[at + 2]! - boxes[at]!) * (boxes[at + 3]! - boxes[at + 1]!);
}

function checkBoxes(boxes: Float32Array): void {
  if (boxes.length % 4 !== 0) {
    throw new PerceptError('INVALID_ARGUMENT', `Expected four numbers per box but received ${boxes.length} numbers`);
  }
}
