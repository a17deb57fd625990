import { boxIou } from '@percept/core';

/** Boxes with their classes. */
export interface ClassedBoxes {
  /** `[N, 4]` corners. */
  readonly boxes: Float32Array;
  /** `[N]`. */
  readonly labels: ArrayLike<number>;
}

/** What became of the objects and the detections of an image, as class indices. */
export interface ObjectComparison {
  readonly right: number;
  readonly missed: readonly number[];
  readonly wrong: readonly number[];
}

/**
 * Which objects of an image were found: each detection in its order, the surest first, takes the free object of its class
 * that it overlaps most, by an IoU of 0.5 at least.
 */
export function compareObjects(found: ClassedBoxes, truth: ClassedBoxes): ObjectComparison {
  const count = truth.labels.length;
  const overlaps = boxIou(found.boxes, truth.boxes);
  const free = new Set(Array.from({ length: count }, (_, i) => i));
  const wrong: number[] = [];
  for (let detection = 0; detection < found.labels.length; detection++) {
    const label = found.labels[detection]!;
    let best = -1;
    for (const object of free) {
      const overlap = overlaps[detection * count + object]!;
      if (truth.labels[object] !== label || overlap < 0.5) continue;
      if (best < 0 || overlap > overlaps[detection * count + best]!) best = object;
    }
    if (best < 0) wrong.push(label);
    else free.delete(best);
  }
  const missed = [...free].map((object) => truth.labels[object]!);
  return { right: count - missed.length, missed, wrong };
}

/** F1 score of an image; 1 where nothing is and nothing was found. */
export function imageF1({ right, missed, wrong }: ObjectComparison): number {
  const both = 2 * right + missed.length + wrong.length;
  return both === 0 ? 1 : (2 * right) / both;
}
