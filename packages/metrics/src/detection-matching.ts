// Which detection finds which object of an image: the greedy matching of COCO's evaluation (Lin et al. 2014, and
// pycocotools' `COCOeval.evaluateImg`). Its details decide the figures: detections in order of score, ties in order of
// appearance; objects that do not count (crowds, or outside the range of sizes) come last and are only taken when no
// other fits; crowds may be found many times, and a detection found inside one is neither right nor wrong.

/** The objects of one class in an image, boxes as left, top, width, height in pixels. */
export interface Objects {
  readonly boxes: readonly Float64Array[];
  readonly areas: readonly number[];
  readonly crowd: readonly boolean[];
}

/** The detections of one class in an image, best score first. */
export interface RankedDetections {
  readonly boxes: readonly Float64Array[];
  readonly scores: readonly number[];
}

/** An inclusive range of areas in square pixels. */
export type AreaRange = readonly [smallest: number, largest: number];

/** How the detections of one class in one image fared. */
export interface Matching {
  readonly scores: readonly number[];
  /** `[threshold][detection]`: right, wrong, or neither (ignored). */
  readonly outcomes: readonly (readonly Outcome[])[];
  /** Objects that should be found. */
  readonly countedObjects: number;
}

type Outcome = 'right' | 'wrong' | 'ignored';

/** Overlaps of every detection with every object, `[detections][objects]`; with a crowd, the share of the detection. */
export function overlaps(detections: RankedDetections, objects: Objects): number[][] {
  return detections.boxes.map((box) => objects.boxes.map((other, i) => overlap(box, other, objects.crowd[i]!)));
}

/** Matches detections to objects for each IoU threshold, counting only objects of a range of sizes. */
export function matchDetections(
  detections: RankedDetections,
  objects: Objects,
  ious: readonly (readonly number[])[],
  thresholds: readonly number[],
  range: AreaRange,
): Matching {
  const outside = (area: number) => area < range[0] || area > range[1];
  const ignored = objects.areas.map((area, i) => objects.crowd[i]! || outside(area));
  const order = [...ignored.keys()].sort((a, b) => Number(ignored[a]) - Number(ignored[b]));
  const outcomes = thresholds.map((threshold) => {
    const taken = new Array<boolean>(objects.boxes.length).fill(false);
    return detections.boxes.map((box, detection): Outcome => {
      const match = bestObject(ious[detection]!, order, threshold, (i) => taken[i]! && !objects.crowd[i]!, ignored);
      if (match === undefined) return outside(box[2]! * box[3]!) ? 'ignored' : 'wrong';
      taken[match] = true;
      return ignored[match] ? 'ignored' : 'right';
    });
  });
  return { scores: detections.scores, outcomes, countedObjects: ignored.filter((value) => !value).length };
}

function bestObject(
  ious: readonly number[],
  order: readonly number[],
  threshold: number,
  unavailable: (object: number) => boolean,
  ignored: readonly boolean[],
): number | undefined {
  let best: number | undefined;
  let bestIou = Math.min(threshold, 1 - 1e-10);
  for (const object of order) {
    if (unavailable(object)) continue;
    if (best !== undefined && !ignored[best] && ignored[object]) break;
    // Equal overlaps go to the later object, as in COCO's code.
    if (ious[object]! < bestIou) continue;
    bestIou = ious[object]!;
    best = object;
  }
  return best;
}

function overlap(box: Float64Array, object: Float64Array, crowd: boolean): number {
  const [x, y, w, h] = box as unknown as [number, number, number, number];
  const [left, top, width, height] = object as unknown as [number, number, number, number];
  const shared =
    Math.max(0, Math.min(x + w, left + width) - Math.max(x, left)) *
    Math.max(0, Math.min(y + h, top + height) - Math.max(y, top));
  if (shared === 0) return 0;
  return shared / (crowd ? w * h : w * h + width * height - shared);
}
