import { type LongCallOptions, throwIfAborted } from '@percept/core';
import type { TrainerOptions } from './trainer-options.js';
import { TrainingRun, type TrainResult } from './training-run.js';
import { type TrainingPlatform, TrainingSetup } from './training-setup.js';

/** What is the same on every platform of `Trainer`. */
export class TrainerBase {
  readonly #setup: TrainingSetup;

  /**
   * @throws PerceptError `INVALID_ARGUMENT` for options out of range, `TRAIN_UNSUPPORTED` for operators without a gradient,
   *   `TRAIN_MODEL_INVALID` for models of another form or without anything to train, `TRAIN_DATA_INVALID` for data without
   *   a batch, `TRAIN_FEATURES_IMPOSSIBLE` where no frozen part comes before the trained one
   */
  constructor(options: TrainerOptions, platform: TrainingPlatform) {
    this.#setup = new TrainingSetup(options, platform);
  }

  /**
   * Trains to the end, from the checkpoint if there is one. Progress is told in steps over all epochs, with the mean loss
   * of the epoch so far, the images per second and the seconds left; aborting saves a checkpoint and rejects.
   *
   * @throws PerceptError `ABORTED`; `TRAIN_DIVERGED` when the loss or the gradients are no longer finite, with the first
   *   tensor that is not; `TRAIN_CHECKPOINT_MISMATCH` when the checkpoint is of another training;
   *   `TRAIN_CHECKPOINT_INVALID`; `TRAIN_DATA_INVALID` for labels out of range or of another kind than the loss compares
   *   with, or another number of batches than announced; `TRAIN_STEP_FAILED`; `TRAIN_WORKER_FAILED`; `MISSING_PEER`
   *   without the runtime's package; what the storage of the checkpoint and callbacks throw
   */
  async fit(call: LongCallOptions = {}): Promise<TrainResult> {
    throwIfAborted(call.signal);
    const { options, createEngine } = await this.#setup.prepare(call);
    return TrainingRun.fit(options, call, createEngine);
  }
}
