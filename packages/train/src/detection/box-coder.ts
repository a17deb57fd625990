// How the four numbers that a detector says of an anchor become a box, and back (Girshick et al., arXiv:1311.2524,
// appendix C): the shift of the centre in sides of the anchor, and the logarithms of the ratios of the sides.
import { PerceptError } from '@percept/core';

/** Factors of the offsets in x, in y, of the logarithms of width and height. */
export type BoxWeights = readonly [x: number, y: number, width: number, height: number];

/** SSD's factors; the paper calls their inverses variances. */
export const ssdBoxWeights: BoxWeights = [10, 10, 5, 5];

/** Sides are not made longer than 62.5 times the anchor's, as in torchvision: exp() would run away early in training. */
export const largestLogRatio = Math.log(1000 / 16);

/**
 * What a detector should say of the anchors to mean the boxes: both `[N, 4]` as corners in the same unit, with sides above
 * 0. As torchvision's `BoxCoder.encode`.
 *
 * @throws PerceptError `INVALID_ARGUMENT` when there are not as many boxes as anchors
 */
export function encodeBoxes(
  boxes: Float32Array,
  anchors: Float32Array,
  weights: BoxWeights = ssdBoxWeights,
): Float32Array {
  checkCounts(boxes, anchors);
  const offsets = new Float32Array(boxes.length);
  for (let at = 0; at < boxes.length; at += 4) {
    for (const axis of [0, 1] as const) {
      const [low, high] = [boxes[at + axis]!, boxes[at + axis + 2]!];
      const [anchorLow, anchorHigh] = [anchors[at + axis]!, anchors[at + axis + 2]!];
      const side = anchorHigh - anchorLow;
      offsets[at + axis] = (weights[axis] * ((low + high) / 2 - (anchorLow + anchorHigh) / 2)) / side;
      offsets[at + axis + 2] = weights[(axis + 2) as 2 | 3] * Math.log((high - low) / side);
    }
  }
  return offsets;
}

/**
 * The boxes that offsets `[N, 4]` from anchors `[N, 4]` mean, as corners in the anchors' unit. As torchvision's
 * `BoxCoder.decode`.
 *
 * @throws PerceptError `INVALID_ARGUMENT` when there are not as many offsets as anchors
 */
export function decodeBoxes(
  offsets: Float32Array,
  anchors: Float32Array,
  weights: BoxWeights = ssdBoxWeights,
): Float32Array {
  checkCounts(offsets, anchors);
  const boxes = new Float32Array(offsets.length);
  for (let at = 0; at < offsets.length; at += 4) {
    for (const axis of [0, 1] as const) {
      const [low, high] = [anchors[at + axis]!, anchors[at + axis + 2]!];
      const centre = (low + high) / 2 + (offsets[at + axis]! / weights[axis]) * (high - low);
      const logRatio = Math.min(offsets[at + axis + 2]! / weights[(axis + 2) as 2 | 3], largestLogRatio);
      const half = (Math.exp(logRatio) * (high - low)) / 2;
      boxes[at + axis] = centre - half;
      boxes[at + axis + 2] = centre + half;
    }
  }
  return boxes;
}

function checkCounts(given: Float32Array, anchors: Float32Array): void {
  if (given.length === anchors.length && given.length % 4 === 0) return;
  throw new PerceptError(
    'INVALID_ARGUMENT',
    `Expected four numbers for each of ${anchors.length / 4} anchors but received ${given.length} numbers`,
  );
}
