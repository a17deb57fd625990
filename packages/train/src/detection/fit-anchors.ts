import { PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod';
import type { AnchorShapes } from './anchors.js';

/** Options of {@link fitAnchors}. */
export interface FitAnchorsOptions {
  /** How many anchors each position of every feature map has, the finest map first. */
  perLevel: readonly number[];
  /** Rounds of k-means at most. Default 100. */
  maxRounds?: number;
}

/** Anchors that fit some boxes. */
export interface FittedAnchors {
  /** The smallest shapes lie on the finest feature map. */
  readonly shapes: AnchorShapes;
  /** Overlap of a box with the shape nearest to it, both at the same centre, mean over the boxes, 0..1. */
  readonly meanIou: number;
}

const schema = z.strictObject({
  perLevel: z.array(z.int().min(1)).min(1),
  maxRounds: z.int().min(1).optional(),
});

/**
 * Finds the anchor shapes that overlap the boxes of a dataset most, by k-means with 1 - IoU as the distance (Redmon and
 * Farhadi, arXiv:1612.08242, section 2). Starts from boxes evenly spaced by their area, so the same boxes give the same
 * anchors.
 *
 * @param sizes - `[M, 2]` width and height of the boxes in fractions of the image, each above 0
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range, sizes not above 0 or fewer boxes than anchors
 */
export function fitAnchors(sizes: ArrayLike<number>, options: FitAnchorsOptions): FittedAnchors {
  const { perLevel, maxRounds = 100 } = parseOptions(schema, options, 'fitAnchors() options');
  const wanted = perLevel.reduce((sum, count) => sum + count, 0);
  const boxes = pairs(sizes).sort((a, b) => area(a) - area(b));
  if (boxes.length < wanted) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected at least ${wanted} boxes to fit as many anchors to but received ${boxes.length}`,
    );
  }
  let shapes = Array.from({ length: wanted }, (_, i) => boxes[Math.floor(((i + 0.5) * boxes.length) / wanted)]!);
  let owners: number[] = [];
  for (let round = 0; round < maxRounds; round++) {
    const nearest = boxes.map((box) => nearestShape(box, shapes));
    if (nearest.every((owner, i) => owner === owners[i])) break;
    owners = nearest;
    shapes = shapes.map((shape, i) => meanShape(boxes.filter((_, at) => owners[at] === i)) ?? shape);
  }
  shapes.sort((a, b) => area(a) - area(b));
  const total = boxes.reduce((sum, box) => sum + concentricIou(box, shapes[nearestShape(box, shapes)]!), 0);
  const levels = perLevel.map((count, level) => {
    const before = perLevel.slice(0, level).reduce((sum, other) => sum + other, 0);
    return shapes.slice(before, before + count);
  });
  return { shapes: levels, meanIou: total / boxes.length };
}

type Size = readonly [width: number, height: number];

function pairs(sizes: ArrayLike<number>): Size[] {
  if (sizes.length % 2 !== 0) {
    throw new PerceptError('INVALID_ARGUMENT', `Expected two numbers per box but received ${sizes.length} numbers`);
  }
  return Array.from({ length: sizes.length / 2 }, (_, i) => {
    const [width, height] = [sizes[2 * i]!, sizes[2 * i + 1]!];
    if (!(width > 0 && height > 0)) {
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected a width and a height above 0 but received ${width} and ${height} of box ${i}`,
      );
    }
    return [width, height];
  });
}

function area([width, height]: Size): number {
  return width * height;
}

function concentricIou(a: Size, b: Size): number {
  const overlap = Math.min(a[0], b[0]) * Math.min(a[1], b[1]);
  return overlap / (area(a) + area(b) - overlap);
}

function nearestShape(box: Size, shapes: readonly Size[]): number {
  let nearest = 0;
  let most = -1;
  for (const [index, shape] of shapes.entries()) {
    const overlap = concentricIou(box, shape);
    if (overlap > most) [nearest, most] = [index, overlap];
  }
  return nearest;
}

function meanShape(boxes: readonly Size[]): Size | undefined {
  if (boxes.length === 0) return undefined;
  const mean = (axis: 0 | 1): number => boxes.reduce((sum, box) => sum + box[axis], 0) / boxes.length;
  return [mean(0), mean(1)];
}
