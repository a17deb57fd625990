import { type LongCallOptions, PerceptError } from '@percept/core';
import type { Model } from '@percept/onnx';
import { defaultRuntime, startStepWorker } from '#training-platform';
import type { EngineModel } from './engine.js';
import { cacheFeatures } from './features/cache-features.js';
import { type SplitModel, splitModel } from './features/split-model.js';
import { tuneLowerings } from './lowerings/tune-lowerings.js';
import type { Freezing } from './models/freeze.js';
import { OnnxEngine, type OnnxSource, type TuneModel } from './onnx-engine.js';
import { StepExecutor, type StepRunner } from './step-executor.js';
import { type Trainable, trainable } from './trainable.js';
import { checkTrainerOptions, isEngineModel, type TrainerOptions } from './trainer-options.js';
import type { CreateEngine } from './training-run.js';

/** What drives an engine: the options as its steps see them, and how it is made. */
export interface PreparedTraining {
  /** As given, but for the data of a training on cached features. */
  readonly options: TrainerOptions;
  readonly createEngine: CreateEngine;
}

/** Checked options of a training, from which engines are made. */
export class TrainingSetup {
  readonly #options: TrainerOptions;
  /** The model as ONNX engines take it; `undefined` where it brings its own. */
  readonly #onnx: OnnxSource | undefined;
  readonly #split: SplitModel | undefined;

  /** @throws PerceptError as the constructor of `Trainer` */
  constructor(options: TrainerOptions) {
    this.#options = checkTrainerOptions(options);
    const { model, freeze } = options;
    if (isEngineModel(model)) return;
    const source = trainable(model);
    checkTrained(model, source, freeze);
    const { checkpointing } = options;
    this.#onnx = { model, trained: model, source, freezing: freeze, checkpointing };
    if (options.features !== undefined) this.#split = splitModel(model, freeze!);
  }

  /** Computes what is computed once before a training: the features of a frozen backbone, where they are asked for. */
  async prepare(call: LongCallOptions): Promise<PreparedTraining> {
    const [onnx, split, options] = [this.#onnx, this.#split, this.#options];
    if (onnx === undefined) {
      return { options, createEngine: (engine) => (options.model as EngineModel).createEngine(engine) };
    }
    const source = split === undefined ? onnx : { ...onnx, trained: split.head, source: trainable(split.head) };
    return {
      options: split === undefined ? options : { ...options, ...(await this.#featureData(split, call)) },
      createEngine: (engine) => OnnxEngine.create(source, engine, { runner: this.#startRunner(), tune: this.#tune }),
    };
  }

  async #featureData(
    { backbone }: SplitModel,
    call: LongCallOptions,
  ): Promise<Pick<TrainerOptions, 'data' | 'validation'>> {
    const { data, validation, features = {}, threads, executionProviders, wasmPaths, seed = 0 } = this.#options;
    const runtime = this.#options.runtime ?? defaultRuntime(wasmPaths);
    const pass = { backbone, runtime, threads, executionProviders };
    const train = { ...pass, data, role: 'training', shuffleSeed: seed };
    const judged = validation && { ...pass, data: validation, role: 'validation', shuffleSeed: undefined };
    return {
      data: await cacheFeatures(train, features, call),
      ...(judged === undefined ? {} : { validation: await cacheFeatures(judged, { ...features, views: 1 }, call) }),
    };
  }

  readonly #tune: TuneModel = (model, inputDims, wrt, { signal, onProgress }) => {
    const { threads, executionProviders, wasmPaths, tune } = this.#options;
    const runtime = this.#options.runtime ?? defaultRuntime(wasmPaths);
    return tuneLowerings(model, inputDims, {
      runtime,
      wrt: [...wrt],
      ...(threads === undefined ? {} : { threads }),
      ...(executionProviders === undefined ? {} : { executionProviders }),
      ...(typeof tune === 'object' ? { cache: tune } : {}),
      ...(signal === undefined ? {} : { signal }),
      ...(onProgress === undefined ? {} : { onProgress }),
    });
  };

  #startRunner(): StepRunner {
    const { runtime, threads, executionProviders, wasmPaths } = this.#options;
    const session = {
      ...(threads === undefined ? {} : { threads }),
      ...(executionProviders === undefined ? {} : { executionProviders }),
    };
    if (runtime !== undefined) return new StepExecutor(runtime, session);
    return startStepWorker({ session, ...(wasmPaths === undefined ? {} : { wasmPaths }) });
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
