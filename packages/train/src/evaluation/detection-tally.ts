import { PerceptError } from '@percept/core';
import { DetectionMetrics, SlicedMetrics } from '@percept/metrics';
import { decodeDetections } from '../detection/decode-detections.js';
import type { DetectionBatch } from '../detection/detection-batches.js';
import { detectorOf } from '../detection/detector.js';
import { bootstrapOf, meanOf } from './bootstrap.js';
import { compareObjects, imageF1 } from './compare-objects.js';
import type { DetectionEvaluation, DetectionMistake } from './evaluation.js';
import type { ScoredBatch } from './scored-batches.js';
import { sliceReports } from './slices.js';
import type { TaskContext, TaskTally } from './task-tally.js';
import { WorstSamples } from './worst-samples.js';

/** Scores a detector. Boxes are compared in pixels of the images as they went into the batches. */
export function detectionTally({ model, options, classes, slicesOf }: TaskContext): TaskTally<DetectionEvaluation> {
  const detector = detectorOf(model);
  const { scoreThreshold, iouThreshold, maxDetections, iouThresholds, threshold } = options;
  const limits = Object.fromEntries(
    Object.entries({ scoreThreshold, iouThreshold, maxDetections }).filter(([, value]) => value !== undefined),
  );
  const metrics = new SlicedMetrics(
    () => new DetectionMetrics({ classes: classes.length, ...(iouThresholds && { iouThresholds }) }),
  );
  const worst = new WorstSamples<DetectionMistake>(options.mistakes);
  const losses: number[] = [];
  const names = (labels: readonly number[]): string[] => labels.map((label) => classes[label]!);

  return {
    add(scored) {
      const found = decodeDetections(scored.scores, detector, limits);
      for (const [row, { boxes, labels, width, height }] of truthOf(scored).entries()) {
        const detections = found[row]!;
        const pixels = detections.boxes.map((side, i) => side * (i % 2 === 0 ? width : height));
        const [key, index] = [scored.keys[row]!, scored.start + row];
        metrics.add(slicesOf(key, index, undefined), (metric) =>
          metric.update(
            index,
            { boxes: pixels, scores: detections.scores, classes: detections.labels },
            { boxes, classes: labels },
          ),
        );
        const sure = detections.scores.findIndex((score) => !(score > threshold));
        const count = sure < 0 ? detections.scores.length : sure;
        const kept = { boxes: pixels.subarray(0, count * 4), labels: detections.labels.subarray(0, count) };
        const outcome = compareObjects(kept, { boxes, labels });
        const loss = 1 - imageF1(outcome);
        losses.push(loss);
        if (loss === 0) continue;
        const { right, missed, wrong } = outcome;
        worst.add(loss, () => ({ key, index, right, missed: names(missed), wrong: names(wrong), loss }));
      }
    },
    report() {
      const all = metrics.all.compute();
      const interval = (statistic: (indices: Int32Array) => number) => bootstrapOf(options, all.images, statistic);
      const wanted = options.bootstrap !== undefined;
      const meanAveragePrecision = wanted ? interval(metrics.all.resampledPrecision()) : undefined;
      const hasHalf = iouThresholds === undefined || iouThresholds.includes(0.5);
      const meanAveragePrecisionAt50 = wanted && hasHalf ? interval(metrics.all.resampledPrecision(0.5)) : undefined;
      const loss = interval(meanOf(losses));
      return {
        ...all,
        task: 'detection',
        classes,
        loss: losses.reduce((sum, value) => sum + value, 0) / losses.length,
        confidence: options.confidence,
        intervals: {
          ...(meanAveragePrecision && { meanAveragePrecision }),
          ...(meanAveragePrecisionAt50 && { meanAveragePrecisionAt50 }),
          ...(loss && { loss }),
        },
        slices: sliceReports(options.slices, metrics.slices()),
        mistakes: worst.values(),
      };
    },
  };
}

function truthOf({ batch, keys }: ScoredBatch): DetectionBatch['truth'] {
  const { truth } = batch as Partial<DetectionBatch>;
  if (truth !== undefined && truth.length === keys.length) return truth;
  throw new PerceptError(
    'TRAIN_DATA_INVALID',
    `Expected batches with the boxes of their images for task detection of evaluate() but received ${truth === undefined ? 'none' : `those of ${truth.length} for ${keys.length} images`}. Make them with detectionBatches()`,
  );
}
