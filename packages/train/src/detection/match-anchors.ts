import { boxIou, PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod';

/** Options of {@link matchAnchors}. */
export interface MatchOptions {
  /** Overlap with its best box from which an anchor stands for it, 0 < x ≤ 1. Default 0.5. */
  iouThreshold?: number;
  /**
   * Overlap below which an anchor is background, at most `iouThreshold`; anchors between both count for nothing. Default:
   * `iouThreshold`, as SSD. RetinaNet: 0.4.
   */
  backgroundThreshold?: number;
}

/** An anchor that stands for no box. */
const background = -1;

/** An anchor that overlaps a box too much to be background and too little to stand for it. */
export const between = -2;

export const matchSchema = z
  .strictObject({
    iouThreshold: z.number().gt(0).max(1).optional(),
    backgroundThreshold: z.number().gt(0).max(1).optional(),
  })
  .refine(({ iouThreshold = 0.5, backgroundThreshold = iouThreshold }) => backgroundThreshold <= iouThreshold, {
    path: ['backgroundThreshold'],
    message: 'at most iouThreshold',
  });

/**
 * Which box each anchor stands for: that of the highest overlap if it is at least `iouThreshold`; and every box gets the
 * anchor that overlaps it most, whatever their overlap. As torchvision's `SSDMatcher`.
 *
 * @param boxes - `[M, 4]` corners
 * @param anchors - `[A, 4]` corners in the same unit
 * @returns `[A]`: the index of a box, -1 for background, -2 for neither
 * @throws PerceptError `INVALID_ARGUMENT`
 */
export function matchAnchors(boxes: Float32Array, anchors: Float32Array, options: MatchOptions = {}): Int32Array {
  const { iouThreshold = 0.5, backgroundThreshold = iouThreshold } = parseOptions(
    matchSchema,
    options,
    'matchAnchors() options',
  );
  const count = anchors.length / 4;
  if (count === 0) throw new PerceptError('INVALID_ARGUMENT', 'Expected at least one anchor but received none');
  const overlaps = boxIou(boxes, anchors);
  const matches = new Int32Array(count).fill(background);
  const best = new Float32Array(count).fill(-1);
  const bestAnchors: number[] = [];
  for (let box = 0; box < boxes.length / 4; box++) {
    let bestAnchor = 0;
    for (let anchor = 0; anchor < count; anchor++) {
      const overlap = overlaps[box * count + anchor]!;
      if (overlap > overlaps[box * count + bestAnchor]!) bestAnchor = anchor;
      if (overlap > best[anchor]!) {
        best[anchor] = overlap;
        matches[anchor] = box;
      }
    }
    bestAnchors.push(bestAnchor);
  }
  for (let anchor = 0; anchor < count; anchor++) {
    const overlap = best[anchor]!;
    if (overlap < backgroundThreshold) matches[anchor] = background;
    else if (overlap < iouThreshold) matches[anchor] = between;
  }
  for (const [box, anchor] of bestAnchors.entries()) matches[anchor] = box;
  return matches;
}
