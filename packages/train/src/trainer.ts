import { type LongCallOptions, throwIfAborted } from '@percept/core';
import { type Trainable, trainable } from './trainable.js';
import { checkTrainerOptions, type TrainerOptions } from './trainer-options.js';
import { TrainingRun, type TrainResult } from './training-run.js';

/**
 * Trains a classifier. Weights, optimizer state and running statistics live in one worker thread, the whole step is one
 * ONNX graph, and this thread stays free.
 *
 * The result is a function of model, data, options and seed: with a checkpoint, a training that was killed at any moment
 * and is started again with the same options ends with the same bits (on one runtime version, CPU family and number of
 * threads).
 */
export class Trainer {
  readonly #options: TrainerOptions;
  readonly #source: Trainable;

  /**
   * @throws PerceptError `INVALID_ARGUMENT` for options out of range, `TRAIN_UNSUPPORTED` for operators without a gradient,
   *   `TRAIN_MODEL_INVALID` for models of another form
   */
  constructor(options: TrainerOptions) {
    this.#options = checkTrainerOptions(options);
    this.#source = trainable(options.model);
  }

  /**
   * Trains to the end, from the checkpoint if there is one. Progress is told in steps over all epochs, with the mean loss
   * of the epoch so far and the images per second; aborting saves a checkpoint and rejects.
   *
   * @throws PerceptError `ABORTED`; `TRAIN_DIVERGED` when the loss is no longer finite; `TRAIN_CHECKPOINT_MISMATCH` when
   *   the checkpoint is of another training; `TRAIN_CHECKPOINT_INVALID`; `TRAIN_DATA_INVALID` for labels out of range or
   *   another number of batches than announced; `TRAIN_STEP_FAILED`; `TRAIN_WORKER_FAILED`; `MISSING_PEER` without
   *   onnxruntime-node
   */
  async fit(options: LongCallOptions = {}): Promise<TrainResult> {
    throwIfAborted(options.signal);
    const run = new TrainingRun(this.#options, this.#source, options);
    return run.fit();
  }
}
