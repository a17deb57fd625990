import type { Model } from '@percept/onnx';
import type { EpochRecord } from './epoch-record.js';

/** One finished step, as callbacks see it. */
export interface StepRecord {
  /** Counted from 1. */
  readonly epoch: number;
  /** Counted from 1 within the epoch. */
  readonly step: number;
  /** Counted from 1 over the whole training. */
  readonly globalStep: number;
  /** Loss of the batch. */
  readonly loss: number;
  readonly learningRate: number;
  /** Length (L2) of all gradients together, before clipping; only of steps that moved the weights. */
  readonly gradientNorm?: number;
}

/** What a callback can do with a running training. */
export interface TrainingControl {
  /** The model as it is now, ready for use: averaged weights where there are such, metadata inside. */
  model(): Promise<Model>;
  /** Ends the training after this epoch, which is validated and saved as any other. `reason` stands in the result. */
  stop(reason: string): void;
}

/**
 * Told of the course of a training; all of it is optional, and awaited. What a callback throws ends the training, and the
 * last checkpoint stays. A resumed training does not repeat the calls for what was done before the last checkpoint.
 */
export interface TrainingCallback {
  /** Before the first step: epochs finished and steps of the next one, where the training goes on from a checkpoint. */
  onStart?(position: { readonly epoch: number; readonly step: number }, control: TrainingControl): void | Promise<void>;
  /** After every step. Must be quick: the next steps wait for it. */
  onStep?(step: StepRecord, control: TrainingControl): void | Promise<void>;
  /**
   * After every epoch and its validation. The figures that it gives become part of the epoch's record, under names of their
   * own, and can be monitored.
   */
  onEpochEnd?(
    record: EpochRecord,
    control: TrainingControl,
  ): undefined | Readonly<Record<string, number>> | Promise<undefined | Readonly<Record<string, number>>>;
  /** When the training is over, with all epochs. */
  onEnd?(history: readonly EpochRecord[]): void | Promise<void>;
}
