// Choosing among overlapping boxes.
import { malformed } from '../interpreter-errors.js';
import type { Kernel } from '../kernel.js';
import { asTensor, int64, numbers, type Value } from '../value.js';

/** Smallest and largest corner of a box, and its area. */
interface Box {
  readonly low: readonly [number, number];
  readonly high: readonly [number, number];
  readonly area: number;
}

export const NonMaxSuppression: Kernel = ([boxes, scores, maximum, iouThreshold, scoreThreshold], context) => {
  const [corners, ratings] = [asTensor(boxes), asTensor(scores)];
  const [images, count] = corners.dims as [number, number];
  const classes = ratings.dims[1]!;
  if (ratings.dims[2] !== count) {
    throw malformed(
      `Expected scores of ${count} boxes for NonMaxSuppression but received [${ratings.dims.join(', ')}]`,
    );
  }
  const only = (value: Value | undefined): number | undefined =>
    value === undefined ? undefined : numbers(asTensor(value))[0];
  const limit = only(maximum) ?? 0;
  const overlap = only(iouThreshold) ?? 0;
  const least = only(scoreThreshold) ?? Number.NEGATIVE_INFINITY;
  const centered = context.int('center_point_box', 0) === 1;
  const [cornerValues, rating] = [numbers(corners), numbers(ratings)];
  const selected: number[] = [];
  for (let image = 0; image < images; image++) {
    const all = Array.from({ length: count }, (_, at) => {
      const first = (image * count + at) * 4;
      return boxOf(cornerValues.subarray(first, first + 4), centered);
    });
    for (let category = 0; category < classes; category++) {
      const own = rating.subarray((image * classes + category) * count, (image * classes + category + 1) * count);
      // Equal scores keep the order of the boxes: the sort is stable.
      const order = [...own.keys()].filter((at) => own[at]! > least).sort((a, b) => own[b]! - own[a]!);
      const kept: number[] = [];
      for (const at of order) {
        if (kept.length >= limit) break;
        if (kept.some((other) => intersectionOverUnion(all[at]!, all[other]!) > overlap)) continue;
        kept.push(at);
        selected.push(image, category, at);
      }
    }
  }
  return [int64([selected.length / 3, 3], selected)];
};

function boxOf(values: Float64Array, centered: boolean): Box {
  const [a, b, c, d] = values as unknown as [number, number, number, number];
  const [first, second] = centered
    ? [[a - c / 2, b - d / 2] as const, [a + c / 2, b + d / 2] as const]
    : [[a, b] as const, [c, d] as const];
  const low = [Math.min(first[0], second[0]), Math.min(first[1], second[1])] as const;
  const high = [Math.max(first[0], second[0]), Math.max(first[1], second[1])] as const;
  return { low, high, area: (high[0] - low[0]) * (high[1] - low[1]) };
}

function intersectionOverUnion(a: Box, b: Box): number {
  const width = Math.min(a.high[0], b.high[0]) - Math.max(a.low[0], b.low[0]);
  const height = Math.min(a.high[1], b.high[1]) - Math.max(a.low[1], b.low[1]);
  if (width <= 0 || height <= 0) return 0;
  const intersection = width * height;
  return intersection / (a.area + b.area - intersection);
}
