import { PerceptError } from '@percept/core';
import { type BoxWeights, encodeBoxes, ssdBoxWeights } from './box-coder.js';
import { between, type MatchOptions, matchAnchors } from './match-anchors.js';

/** What is to be found in an image. */
export interface LabelledBoxes {
  /** `[M, 4]` corners (left, top, right, bottom) in the unit of the anchors, sides above 0. */
  readonly boxes: Float32Array;
  /** Class of every box, `[M]`, from 0 on. */
  readonly labels: ArrayLike<number>;
}

/**
 * What the losses of detectors compare an image's output with, `[anchors, 5]`: the offsets from each anchor to the box
 * that it stands for (0 where it stands for none), then 0 for background, 1 + the class of its box, or -1 for what counts
 * for nothing.
 *
 * @param anchors - `[anchors, 4]` corners
 * @throws PerceptError `INVALID_ARGUMENT`
 */
export function detectionTargets(
  { boxes, labels }: LabelledBoxes,
  anchors: Float32Array,
  { weights = ssdBoxWeights, ...match }: MatchOptions & { readonly weights?: BoxWeights } = {},
): Float32Array {
  if (boxes.length !== labels.length * 4) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected four numbers for each of ${labels.length} labels but received ${boxes.length} numbers`,
    );
  }
  const matches = matchAnchors(boxes, anchors, match);
  const targets = new Float32Array(matches.length * 5);
  for (const [anchor, box] of matches.entries()) {
    if (box < 0) {
      targets[anchor * 5 + 4] = box === between ? -1 : 0;
      continue;
    }
    const one = boxes.subarray(box * 4, box * 4 + 4);
    targets.set(encodeBoxes(one, anchors.subarray(anchor * 4, anchor * 4 + 4), weights), anchor * 5);
    targets[anchor * 5 + 4] = labels[box]! + 1;
  }
  return targets;
}
