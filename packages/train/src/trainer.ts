import { type LongCallOptions, throwIfAborted } from '@percept/core';
import type { TrainerOptions } from './trainer-options.js';
import { TrainingRun, type TrainResult } from './training-run.js';
import { TrainingSetup } from './training-setup.js';

/**
 * Trains a model. Weights, optimizer state and running statistics live in one worker (a worker thread with onnxruntime-node
 * in Node, a module worker with WebAssembly in browsers), the whole step is one ONNX graph, and this thread stays free.
 *
 * The result is a function of model, data, options and seed: with a checkpoint, a training that was killed at any moment
 * (a page that was reloaded) and is started again with the same options ends with the same bits, on one runtime version,
 * CPU family and number of threads.
 */
export class Trainer {
  readonly #setup: TrainingSetup;

  /**
   * @throws PerceptError `INVALID_ARGUMENT` for options out of range, `TRAIN_UNSUPPORTED` for operators without a gradient,
   *   `TRAIN_MODEL_INVALID` for models of another form or without anything to train, `TRAIN_DATA_INVALID` for data without
   *   a batch, `TRAIN_FEATURES_IMPOSSIBLE` where no frozen part comes before the trained one
   */
  constructor(options: TrainerOptions) {
    this.#setup = new TrainingSetup(options);
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
