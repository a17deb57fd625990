import type { Tracker } from '@percept/core';
import type { StepRecord } from './callback.js';
import { type EpochRecord, figuresOf } from './epoch-record.js';

/** Tells trackers of a training. */
export class TrainingLog {
  readonly #trackers: readonly Tracker[];
  readonly #everySteps: number;

  constructor(tracker: Tracker | readonly Tracker[] | undefined, everySteps = Infinity) {
    this.#trackers = tracker === undefined ? [] : 'logMetrics' in tracker ? [tracker] : tracker;
    this.#everySteps = everySteps;
  }

  async params(params: Readonly<Record<string, string | number>>): Promise<void> {
    for (const tracker of this.#trackers) await tracker.logParams(params);
  }

  async artifact(path: string, content: unknown): Promise<void> {
    const bytes = new TextEncoder().encode(`${JSON.stringify(content, undefined, 2)}\n`);
    for (const tracker of this.#trackers) await tracker.logArtifact(path, bytes);
  }

  async step({ globalStep, loss, learningRate, gradientNorm }: StepRecord): Promise<void> {
    if (globalStep % this.#everySteps !== 0) return;
    const figures = {
      stepLoss: loss,
      stepLearningRate: learningRate,
      ...(gradientNorm === undefined ? {} : { gradientNorm }),
    };
    for (const tracker of this.#trackers) await tracker.logMetrics(figures, globalStep);
  }

  /** Tells an epoch at its number; beside figures of steps, which need one axis with it, at its last step. */
  async epoch(record: EpochRecord, globalStep: number): Promise<void> {
    const counted = this.#everySteps === Infinity ? undefined : { epoch: record.epoch };
    const step = counted === undefined ? record.epoch : globalStep;
    for (const tracker of this.#trackers) await tracker.logMetrics({ ...figuresOf(record), ...counted }, step);
  }
}
