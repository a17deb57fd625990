import { type LongCallOptions, parseOptions, throwIfAborted } from '@percept/core';
import { DetectionMetrics, type DetectionReport } from '@percept/metrics';
import { type Model, type Runtime, writeModel } from '@percept/onnx';
import * as z from 'zod';
import { type DetectionThresholds, decodeDetections, thresholds } from './decode-detections.js';
import type { DetectionBatchSource } from './detection-batches.js';
import { detectorOf } from './detector.js';

/** Options of {@link evaluateDetector}. */
export interface EvaluateDetectorOptions extends LongCallOptions, DetectionThresholds {
  /** Runs the model. */
  runtime: Runtime;
  /** Threads within an operator, at least 1. Default: one per core. */
  threads?: number;
  /** Overlaps from which an object counts as found. Default COCO's 0.5, 0.55 … 0.95. */
  iouThresholds?: readonly number[];
}

const schema = z.strictObject({
  ...thresholds,
  runtime: z.custom<Runtime>(
    (value) => typeof (value as Runtime | undefined)?.createSession === 'function',
    'a runtime',
  ),
  threads: z.int().min(1).optional(),
  iouThresholds: z.array(z.number()).optional(),
  signal: z.unknown().optional(),
  onProgress: z.unknown().optional(),
});

/**
 * Mean average precision, by COCO's rules, of a detector on epoch 0 of `data`, whose batches are best neither shuffled nor
 * augmented. Boxes are compared in pixels of the images as they went into the batches.
 *
 * @throws PerceptError `TRAIN_MODEL_INVALID` when the model is no detector made by `ssdLite`, `ABORTED`,
 *   `INVALID_ARGUMENT`, and what the runtime and the data throw
 */
export async function evaluateDetector(
  model: Model,
  data: DetectionBatchSource,
  options: EvaluateDetectorOptions,
): Promise<DetectionReport> {
  const parsed = parseOptions(schema, options, 'evaluateDetector() options');
  const { runtime, threads, iouThresholds, scoreThreshold, iouThreshold, maxDetections } = parsed;
  const { signal, onProgress } = options;
  throwIfAborted(signal);
  const detector = detectorOf(model);
  const metrics = new DetectionMetrics({
    classes: data.classes.length,
    ...(iouThresholds === undefined ? {} : { iouThresholds }),
  });
  const limits = Object.fromEntries(
    Object.entries({ scoreThreshold, iouThreshold, maxDetections }).filter(([, value]) => value !== undefined),
  );
  const [input, output] = [model.graph.inputs[0]!.name, model.graph.outputs[0]!.name];
  const session = await runtime.createSession(writeModel(model), threads === undefined ? {} : { threads });
  try {
    let done = 0;
    for await (const { keys, inputs, truth } of data.batches({ epoch: 0, signal })) {
      const results = await session.run({ [input]: inputs }, { outputs: [output], transfer: true, signal });
      const found = decodeDetections(results[output]!, detector, limits);
      for (const [row, { boxes, labels, width, height }] of truth.entries()) {
        const detections = found[row]!;
        metrics.update(
          keys[row]!,
          {
            boxes: detections.boxes.map((side, i) => side * (i % 2 === 0 ? width : height)),
            scores: detections.scores,
            classes: detections.labels,
          },
          { boxes, classes: labels },
        );
      }
      onProgress?.({ stage: 'evaluate', done: ++done, total: data.batchesPerEpoch, unit: 'batches' });
    }
    throwIfAborted(signal);
  } finally {
    await session.close();
  }
  return metrics.compute();
}
