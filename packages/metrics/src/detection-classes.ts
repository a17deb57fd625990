// Sorts what was matched in single images by class, for the curves. Each image is walked once: of 80 classes only the few
// that stand in it cost anything.
import type { DetectionImage } from './detection-image.js';
import { type Matching, matchDetections, type Objects, overlaps, type RankedDetections } from './detection-matching.js';
import { type AreaName, areaNames, areaRanges, detectionLimits } from './detection-report.js';

/** How all detections of one class fared, image after image, each image's best first. */
export interface ClassMatchings {
  readonly scores: Float64Array;
  /** Place of each detection among those of its class and image, from 0. */
  readonly ranks: Uint8Array;
  /** Detections by descending score, ties in order of appearance. */
  readonly order: Uint32Array;
  /** Index of the image of each detection. */
  readonly images: Uint32Array;
  /** Images in which objects of the class are to be found, of any size, and how many. */
  readonly objects: readonly { readonly image: number; readonly count: number }[];
  readonly byArea: Readonly<Record<AreaName, Matching>>;
}

interface Piece {
  readonly image: number;
  readonly scores: Float64Array;
  readonly byArea: Record<AreaName, Matching>;
}

/**
 * Matches all images, and gives what concerns each class, `[classes]`.
 *
 * @param only - the one class that is asked for; the others get nothing
 */
export function matchClasses(
  images: readonly DetectionImage[],
  classes: number,
  thresholds: readonly number[],
  only?: number,
): ClassMatchings[] {
  const pieces = Array.from({ length: classes }, (): Piece[] => []);
  for (const [index, image] of images.entries()) {
    for (const [classIndex, [found, actual]] of membersOf(image)) {
      if (only !== undefined && only !== classIndex) continue;
      const detections = rank(image, found);
      const objects = pick(image, actual);
      const ious = overlaps(detections, objects);
      const byArea = recordOf((area) => matchDetections(detections, objects, ious, thresholds, areaRanges[area]));
      pieces[classIndex]!.push({ image: index, scores: detections.scores, byArea });
    }
  }
  return pieces.map((ofClass) => join(ofClass, thresholds.length));
}

/** The detections and the objects of each class that stands in an image, as indices. */
function membersOf({ detections, objects }: DetectionImage): Map<number, [found: number[], actual: number[]]> {
  const members = new Map<number, [number[], number[]]>();
  for (const [side, { classes }] of [detections, objects].entries()) {
    for (let i = 0; i < classes.length; i++) {
      const lists = members.get(classes[i]!);
      if (lists) lists[side]!.push(i);
      else members.set(classes[i]!, side === 0 ? [[i], []] : [[], [i]]);
    }
  }
  return members;
}

function rank({ detections: { boxes, scores } }: DetectionImage, indices: number[]): RankedDetections {
  const best = indices.sort((a, b) => scores[b]! - scores[a]! || a - b).slice(0, Math.max(...detectionLimits));
  return { boxes: boxesAt(boxes, best), scores: Float64Array.from(best, (i) => scores[i]!) };
}

function pick({ objects: { boxes, areas, crowd } }: DetectionImage, indices: readonly number[]): Objects {
  return {
    boxes: boxesAt(boxes, indices),
    areas: Float64Array.from(indices, (i) => areas[i]!),
    crowd: Uint8Array.from(indices, (i) => crowd[i]!),
  };
}

function boxesAt(boxes: Float64Array, indices: readonly number[]): Float64Array {
  const picked = new Float64Array(indices.length * 4);
  for (const [to, from] of indices.entries()) picked.set(boxes.subarray(from * 4, from * 4 + 4), to * 4);
  return picked;
}

function join(pieces: readonly Piece[], thresholds: number): ClassMatchings {
  const total = pieces.reduce((count, { scores }) => count + scores.length, 0);
  const scores = new Float64Array(total);
  const ranks = new Uint8Array(total);
  const images = new Uint32Array(total);
  const outcomes = recordOf(() => new Uint8Array(total * thresholds));
  const counted = recordOf(() => 0);
  let at = 0;
  for (const piece of pieces) {
    scores.set(piece.scores, at);
    images.fill(piece.image, at, at + piece.scores.length);
    for (let i = 0; i < piece.scores.length; i++) ranks[at + i] = i;
    for (const area of areaNames) {
      outcomes[area].set(piece.byArea[area].outcomes, at * thresholds);
      counted[area] += piece.byArea[area].countedObjects;
    }
    at += piece.scores.length;
  }
  return {
    scores,
    ranks,
    order: Uint32Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]! || a - b),
    images,
    objects: pieces
      .map(({ image, byArea }) => ({ image, count: byArea.all.countedObjects }))
      .filter(({ count }) => count > 0),
    byArea: recordOf((area) => ({ outcomes: outcomes[area], countedObjects: counted[area] })),
  };
}

function recordOf<Value>(of: (area: AreaName) => Value): Record<AreaName, Value> {
  return { all: of('all'), small: of('small'), medium: of('medium'), large: of('large') };
}
