// Which detection finds which object of an image: the greedy matching of COCO's evaluation (Lin et al. 2014, and
// pycocotools' `COCOeval.evaluateImg`). Its details decide the figures: detections in order of score, ties in order of
// appearance; objects that do not count (crowds, or outside the range of sizes) come last and are only taken when no
// other fits; crowds may be found many times, and a detection found inside one is neither right nor wrong.

/** The objects of one class in an image; boxes as left, top, width, height in pixels, `[M, 4]`. */
export interface Objects {
  readonly boxes: Float64Array;
  readonly areas: Float64Array;
  readonly crowd: Uint8Array;
}

/** The detections of one class in an image, best score first; boxes as those of {@link Objects}, `[N, 4]`. */
export interface RankedDetections {
  readonly boxes: Float64Array;
  readonly scores: Float64Array;
}

/** An inclusive range of areas in square pixels. */
export type AreaRange = readonly [smallest: number, largest: number];

/** What became of a detection. An ignored one is neither right nor wrong. */
export const outcome = { wrong: 0, right: 1, ignored: 2 } as const;

/** How the detections of one class in one image fared. */
export interface Matching {
  /** An {@link outcome} each, `[detections, thresholds]`. */
  readonly outcomes: Uint8Array;
  /** Objects that should be found. */
  readonly countedObjects: number;
}

/** Overlap of every detection with every object, `[detections, objects]`; with a crowd, the share of the detection. */
export function overlaps(detections: RankedDetections, objects: Objects): Float64Array {
  const [found, actual] = [detections.scores.length, objects.areas.length];
  const ious = new Float64Array(found * actual);
  for (let d = 0; d < found; d++) {
    for (let o = 0; o < actual; o++) {
      ious[d * actual + o] = overlap(detections.boxes, d * 4, objects.boxes, o * 4, objects.crowd[o] === 1);
    }
  }
  return ious;
}

/** Matches detections to objects for each IoU threshold, counting only objects of a range of sizes. */
export function matchDetections(
  detections: RankedDetections,
  objects: Objects,
  ious: Float64Array,
  thresholds: readonly number[],
  range: AreaRange,
): Matching {
  const { boxes, scores } = detections;
  const [found, actual] = [scores.length, objects.areas.length];
  const outside = (area: number) => area < range[0] || area > range[1];
  const ignored = objects.crowd.map((crowd, o) => Number(crowd === 1 || outside(objects.areas[o]!)));
  const countedObjects = actual - ignored.reduce((count, value) => count + value, 0);
  const order = Uint32Array.from(ignored.keys()).sort((a, b) => ignored[a]! - ignored[b]! || a - b);
  const outcomes = new Uint8Array(found * thresholds.length);
  const taken = new Uint8Array(actual);
  for (const [t, threshold] of thresholds.entries()) {
    taken.fill(0);
    for (let d = 0; d < found; d++) {
      let best = -1;
      let bestIou = Math.min(threshold, 1 - 1e-10);
      for (const object of order) {
        if (taken[object] === 1 && objects.crowd[object] === 0) continue;
        if (best >= 0 && ignored[best] === 0 && ignored[object] === 1) break;
        // Equal overlaps go to the later object, as in COCO's code.
        const iou = ious[d * actual + object]!;
        if (iou < bestIou) continue;
        bestIou = iou;
        best = object;
      }
      const neither = best >= 0 ? ignored[best] === 1 : outside(boxes[d * 4 + 2]! * boxes[d * 4 + 3]!);
      if (best >= 0) taken[best] = 1;
      outcomes[d * thresholds.length + t] = neither ? outcome.ignored : best >= 0 ? outcome.right : outcome.wrong;
    }
  }
  return { outcomes, countedObjects };
}

function overlap(box: Float64Array, b: number, object: Float64Array, o: number, crowd: boolean): number {
  const [x, y, w, h] = [box[b]!, box[b + 1]!, box[b + 2]!, box[b + 3]!];
  const [left, top, width, height] = [object[o]!, object[o + 1]!, object[o + 2]!, object[o + 3]!];
  const shared =
    Math.max(0, Math.min(x + w, left + width) - Math.max(x, left)) *
    Math.max(0, Math.min(y + h, top + height) - Math.max(y, top));
  if (shared === 0) return 0;
  return shared / (crowd ? w * h : w * h + width * height - shared);
}
