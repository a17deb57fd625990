import { type LongCallOptions, PerceptError, throwIfAborted } from '@percept/core';
import type { Model, Runtime } from '@percept/onnx';
import type { EngineModel } from './engine.js';
import { cacheFeatures } from './features/cache-features.js';
import { type SplitModel, splitModel } from './features/split-model.js';
import type { Freezing } from './models/freeze.js';
import { OnnxEngine, type OnnxSource } from './onnx-engine.js';
import { StepExecutor, type StepRunner } from './step-executor.js';
import type { StepWorkerOptions } from './step-worker-protocol.js';
import { type Trainable, trainable } from './trainable.js';
import { checkTrainerOptions, isEngineModel, type TrainerOptions } from './trainer-options.js';
import { TrainingRun, type TrainResult } from './training-run.js';

/** What is the same on every platform of `Trainer`: each has its own worker. */
export abstract class TrainerBase {
  readonly #options: TrainerOptions;
  /** The model as ONNX engines take it; `undefined` where it brings its own. */
  readonly #onnx: OnnxSource | undefined;
  readonly #split: SplitModel | undefined;

  /**
   * @throws PerceptError `INVALID_ARGUMENT` for options out of range, `TRAIN_UNSUPPORTED` for operators without a gradient,
   *   `TRAIN_MODEL_INVALID` for models of another form or without anything to train, `TRAIN_DATA_INVALID` for data without
   *   a batch, `TRAIN_FEATURES_IMPOSSIBLE` where no frozen part comes before the trained one
   */
  constructor(options: TrainerOptions) {
    this.#options = checkTrainerOptions(options);
    const { model, freeze } = options;
    if (isEngineModel(model)) return;
    const source = trainable(model);
    checkTrained(model, source, freeze);
    this.#onnx = { model, source, freezing: freeze };
    if (options.features !== undefined) this.#split = splitModel(model, freeze!);
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
  async fit(options: LongCallOptions = {}): Promise<TrainResult> {
    throwIfAborted(options.signal);
    const [onnx, split, given] = [this.#onnx, this.#split, this.#options];
    if (onnx === undefined) {
      return TrainingRun.fit(given, options, (engine) => (given.model as EngineModel).createEngine(engine));
    }
    const data = split === undefined ? given : { ...given, ...(await this.#featureData(split, options)) };
    const source = split === undefined ? onnx : { ...onnx, source: trainable(split.head) };
    return TrainingRun.fit(data, options, (engine) => OnnxEngine.create(source, engine, this.#startRunner()));
  }

  /** Starts the platform's worker. */
  protected abstract startWorker(options: StepWorkerOptions): StepRunner;

  /** What runs the frozen part of a model once. */
  protected abstract defaultRuntime(): Runtime;

  async #featureData(
    { backbone }: SplitModel,
    call: LongCallOptions,
  ): Promise<Pick<TrainerOptions, 'data' | 'validation'>> {
    const { data, validation, features = {}, runtime = this.defaultRuntime(), threads, seed = 0 } = this.#options;
    const pass = { backbone, runtime, threads };
    const train = { ...pass, data, role: 'training', shuffleSeed: seed };
    const judged = validation && { ...pass, data: validation, role: 'validation', shuffleSeed: undefined };
    return {
      data: await cacheFeatures(train, features, call),
      ...(judged === undefined ? {} : { validation: await cacheFeatures(judged, { ...features, views: 1 }, call) }),
    };
  }

  #startRunner(): StepRunner {
    const { runtime, threads, executionProviders, wasmPaths } = this.#options;
    const session = {
      ...(threads === undefined ? {} : { threads }),
      ...(executionProviders === undefined ? {} : { executionProviders }),
    };
    if (runtime !== undefined) return new StepExecutor(runtime, session);
    return this.startWorker({ session, ...(wasmPaths === undefined ? {} : { wasmPaths }) });
  }
}

function checkTrained(model: Model, { parameters }: Trainable, freeze: Freezing | undefined): void {
  if (parameters.length === 0) {
    throw new PerceptError(
      'TRAIN_MODEL_INVALID',
      `Expected a model with parameters to train but ${model.graph.name || 'the graph'} has none: no float32 constant that a gradient flows to. Give it a head with replaceHead(), or build a model`,
    );
  }
  if (freeze === undefined) return;
  const unknown = freeze.trained.filter((name) => !parameters.includes(name));
  if (unknown.length > 0 || freeze.trained.length === 0) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected freeze to leave parameters of the model to train but received ${unknown.length > 0 ? unknown.slice(0, 4).join(', ') : 'none'}. Call freeze() on this very model`,
    );
  }
}
