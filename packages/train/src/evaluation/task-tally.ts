import { PerceptError } from '@percept/core';
import type { Model } from '@percept/onnx';
import type { CheckedEvaluateOptions } from './evaluate-options.js';
import type { ScoredBatch } from './scored-batches.js';

/** What a task needs to know of an evaluation. */
export interface TaskContext {
  readonly model: Model;
  readonly options: CheckedEvaluateOptions;
  readonly classes: readonly string[];
  /** Whether the scores are logits; probabilities otherwise. */
  readonly logits: boolean;
  /** The parts of the data that a sample belongs to, as names for `SlicedMetrics`. */
  readonly slicesOf: (key: string, index: number, label: number | undefined) => string[];
}

/** Counts batches of one task. */
export interface TaskTally<Report> {
  add(batch: ScoredBatch): void;
  /** Takes what the gallery of a retrieval holds. */
  addGallery?(batch: ScoredBatch): void;
  report(): Report;
}

/**
 * Refuses batches that are not of the task.
 *
 * @throws PerceptError `TRAIN_DATA_INVALID` for labels, `TRAIN_MODEL_INVALID` for scores of other shapes
 */
export function checkBatch(
  { labels, scores }: ScoredBatch,
  task: string,
  expected: { type: 'int64' | 'float32'; labels: readonly number[]; scores: readonly number[] },
): void {
  if (labels.type !== expected.type || !sameDims(labels.dims, expected.labels)) {
    throw new PerceptError(
      'TRAIN_DATA_INVALID',
      `Expected ${expected.type} labels [${expected.labels.join(', ')}] for task ${task} of evaluate() but received ${labels.type} [${labels.dims.join(', ')}]. Class indices [N] are of task classification, 0 and 1 as float32 [N, classes] of multilabel, class indices [N, H, W] of segmentation, float32 [N, D] of regression`,
    );
  }
  // Some exports keep trailing dimensions of 1: [N, classes, 1, 1].
  const dims = scores.dims.filter((dim, axis) => axis < expected.scores.length || dim !== 1);
  if (!sameDims(dims, expected.scores)) {
    throw new PerceptError(
      'TRAIN_MODEL_INVALID',
      `Expected float32 scores [${expected.scores.join(', ')}] for task ${task} of evaluate() but received ${scores.type} [${scores.dims.join(', ')}]`,
    );
  }
}

/**
 * Refuses scores that are not finite, where no figure could be made of them.
 *
 * @param width - scores of a sample
 * @throws PerceptError `TRAIN_MODEL_INVALID`, naming the sample
 */
export function checkFinite({ scores, keys }: ScoredBatch, task: string, width: number): void {
  const at = scores.data.findIndex((score) => !Number.isFinite(score));
  if (at >= 0) throw notFinite(scores.data[at]!, task, keys[Math.floor(at / width)]!);
}

/** The error about a score that is not finite. */
export function notFinite(score: number, task: string, key: string): PerceptError {
  return new PerceptError(
    'TRAIN_MODEL_INVALID',
    `Expected finite scores for task ${task} of evaluate() but received ${score} for the image ${key}. Check that the training did not diverge, and the preprocessing`,
    { details: { key } },
  );
}

function sameDims(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}
