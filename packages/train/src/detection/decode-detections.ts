import { nonMaximumSuppression, PerceptError, parseOptions, type Tensor } from '@percept/core';
import * as z from 'zod';
import { decodeBoxes } from './box-coder.js';
import type { Detector } from './detector.js';

/** Options of {@link decodeDetections} and of an export with suppression. Defaults are those of torchvision's `SSD`. */
export interface DetectionThresholds {
  /** Detections must score above it, 0..1. Default 0.01, which curves of precision need; in use 0.3 to 0.6 is common. */
  scoreThreshold?: number;
  /** A detection that overlaps a better one of its class by more is dropped, 0..1. Default 0.45. */
  iouThreshold?: number;
  /** Of an image, over all classes. Default 200. */
  maxDetections?: number;
}

/** What was found in one image, the surest first. */
export interface DecodedDetections {
  /** `[D, 4]` corners (left, top, right, bottom) in fractions of the image, 0..1. */
  readonly boxes: Float32Array;
  /** Probability of each, `[D]`. */
  readonly scores: Float32Array;
  /** Class of each, `[D]`, from 0 on. */
  readonly labels: Int32Array;
}

export const thresholds = {
  scoreThreshold: z.number().min(0).max(1).optional(),
  iouThreshold: z.number().min(0).max(1).optional(),
  maxDetections: z.int().min(1).optional(),
};
const schema = z.strictObject(thresholds);

/** Fills in the defaults. */
export function withDefaults(
  given: { [Name in keyof DetectionThresholds]: number | undefined },
): Required<DetectionThresholds> {
  const { scoreThreshold = 0.01, iouThreshold = 0.45, maxDetections = 200 } = given;
  return { scoreThreshold, iouThreshold, maxDetections };
}

/**
 * Turns a detector's output into boxes: offsets applied to the anchors and cut to the image, scores made probabilities,
 * and of each class the boxes dropped that overlap a better one (`torchvision.ops.batched_nms`).
 *
 * @param output - `[N, anchors, 4 + scores]` float32
 * @param detector - see {@link detectorOf}
 * @returns one entry for every image
 * @throws PerceptError `TRAIN_MODEL_INVALID` when the output is not that of the detector, `INVALID_ARGUMENT`
 */
export function decodeDetections(
  output: Tensor,
  detector: Detector,
  options: DetectionThresholds = {},
): DecodedDetections[] {
  const settings = withDefaults(parseOptions(schema, options, 'decodeDetections() options'));
  const { anchors, classes, scores: kind } = detector;
  const width = 4 + classes + (kind === 'softmax' ? 1 : 0);
  const [batch = 0, count, columns] = output.dims;
  if (output.type !== 'float32' || output.dims.length !== 3 || count !== anchors.length / 4 || columns !== width) {
    throw new PerceptError(
      'TRAIN_MODEL_INVALID',
      `Expected float32 [N, ${anchors.length / 4}, ${width}] of a detector but received ${output.type} [${output.dims.join(', ')}]`,
    );
  }
  const data = output.data as Float32Array;
  return Array.from({ length: batch }, (_, image) =>
    decodeImage(data.subarray(image * count * width, (image + 1) * count * width), detector, settings),
  );
}

function decodeImage(
  output: Float32Array,
  { anchors, weights, classes, scores: kind }: Detector,
  { scoreThreshold, iouThreshold, maxDetections }: Required<DetectionThresholds>,
): DecodedDetections {
  const width = 4 + classes + (kind === 'softmax' ? 1 : 0);
  const count = anchors.length / 4;
  const offsets = new Float32Array(count * 4);
  const scores = new Float32Array(count * classes);
  for (let anchor = 0; anchor < count; anchor++) {
    const row = output.subarray(anchor * width, (anchor + 1) * width);
    offsets.set(row.subarray(0, 4), anchor * 4);
    const target = scores.subarray(anchor * classes, (anchor + 1) * classes);
    if (kind === 'softmax') softmaxWithoutFirst(row.subarray(4), target);
    else for (let c = 0; c < classes; c++) target[c] = 1 / (1 + Math.exp(-row[4 + c]!));
  }
  const boxes = decodeBoxes(offsets, anchors, weights).map((side) => Math.min(Math.max(side, 0), 1));
  const found: { anchor: number; label: number; score: number }[] = [];
  for (let label = 0; label < classes; label++) {
    const candidates: number[] = [];
    for (let anchor = 0; anchor < count; anchor++) {
      if (scores[anchor * classes + label]! > scoreThreshold) candidates.push(anchor);
    }
    const theirBoxes = new Float32Array(candidates.length * 4);
    for (const [i, anchor] of candidates.entries()) theirBoxes.set(boxes.subarray(anchor * 4, anchor * 4 + 4), i * 4);
    const theirScores = Float32Array.from(candidates, (anchor) => scores[anchor * classes + label]!);
    const kept = nonMaximumSuppression(theirBoxes, theirScores, iouThreshold).slice(0, maxDetections);
    found.push(...kept.map((i) => ({ anchor: candidates[i]!, label, score: theirScores[i]! })));
  }
  const best = found.sort((a, b) => b.score - a.score).slice(0, maxDetections);
  return {
    boxes: Float32Array.from(best.flatMap(({ anchor }) => [...boxes.subarray(anchor * 4, anchor * 4 + 4)])),
    scores: Float32Array.from(best, ({ score }) => score),
    labels: Int32Array.from(best, ({ label }) => label),
  };
}

/** Softmax probabilities of all but the first logit. */
function softmaxWithoutFirst(logits: Float32Array, target: Float32Array): void {
  let largest = -Infinity;
  for (const logit of logits) largest = Math.max(largest, logit);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - largest);
  for (let c = 0; c < target.length; c++) target[c] = Math.exp(logits[c + 1]! - largest) / sum;
}
