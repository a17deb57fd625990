import { type BatchSource, PerceptError, parseOptions, type Tracker } from '@percept/core';
import type { Model, PerceptMetadata, Runtime, SessionOptions } from '@percept/onnx';
import type { Storage } from '@percept/storage';
import * as z from 'zod';
import type { TrainingCallback } from './callback.js';
import type { Checkpointing } from './checkpointing/recompute-activations.js';
import type { EngineModel } from './engine.js';
import type { FeatureCacheOptions } from './features/cache-features.js';
import type { Loss } from './losses.js';
import type { TuneCache } from './lowerings/tune-lowerings.js';
import type { Freezing } from './models/freeze.js';
import type { EarlyStopping, Monitor } from './monitor.js';
import type { Optimizer } from './optimizers/transformation.js';
import type { Schedule } from './schedules.js';
import { withMethod } from './with-method.js';

/** Where and how often a training is saved. */
export interface CheckpointOptions {
  storage: Storage;
  /**
   * Key of the one object that holds the latest checkpoint. Trainings that run at the same time need different ones. The
   * models of the best epochs stand beside it, under `<key>.best/`.
   */
  key: string;
  /** Saves after so many steps, beside the end of every epoch. */
  everySteps?: number;
  /** Saves after so many seconds, beside the end of every epoch. */
  everySeconds?: number;
}

/** Which epochs' models are kept beside the last one's. */
export interface BestOptions extends Monitor {
  /** How many, at least 1. Default 1. */
  keep?: number;
}

/** Options of `Trainer`. */
export interface TrainerOptions {
  /**
   * The model to train, from its present weights on: of a builder, a stock file through `fromOnnx`, the result of an
   * earlier training; one float32 input and one output, the batch first in both. Or a model that brings its own engine.
   */
  model: Model | EngineModel;
  /** Training batches. */
  data: BatchSource;
  /** Judged after the epochs (its epoch 0). Default: none. */
  validation?: BatchSource;
  /** Validates after every so many epochs, and after the last or the one that a callback ends with. Default 1. */
  validateEvery?: number;
  /** Default `crossEntropy()`. */
  loss?: Loss;
  /** Default `adam()`. */
  optimizer?: Optimizer;
  /** Default `constantLR()`. */
  schedule?: Schedule;
  /** Passes over the data, at least 1. */
  epochs: number;
  /** Keys the random draws of the steps, is recorded in the lineage of the model and compared when resuming. Default 0. */
  seed?: number;
  /** What of the model stays as it is: `freeze(model, pattern)`. Default: nothing. Only for ONNX models. */
  freeze?: Freezing;
  /**
   * Computes what comes before the trained part once, keeps it, and trains the rest on it: epochs without a backbone. Needs
   * `freeze`. Every epoch sees the views that were computed, in an order of its own. Default: computed in every step.
   */
  features?: FeatureCacheOptions;
  /**
   * Batches whose gradients are averaged before the optimizer moves the weights, at least 1: training with a batch size
   * that does not fit into memory. The last batches of an epoch move them, too, when they are fewer, and then by so much
   * less, as in Lightning. Averages of weights count such moves, schedules count batches. Default 1.
   */
  accumulate?: number;
  /**
   * Times the ways to compute the gradients of convolutions before the first step, and takes the fastest. With a cache a
   * shape is timed once. What was chosen stands in the checkpoint; two trainings that start anew may choose differently and
   * then differ in the last bits. Default false: the shapes decide. Only for ONNX models.
   */
  tune?: boolean | TuneCache;
  /**
   * Computes some of the forward pass again in the backward pass, which takes less memory and more time: `sqrt`, or a number
   * of segments. Default `none`. Only for ONNX models.
   */
  checkpointing?: Checkpointing;
  /** Written into the trained model. `labels` default to the classes of the data. */
  metadata?: PerceptMetadata;
  /** Default: none; an interrupted training starts anew. */
  checkpoint?: CheckpointOptions;
  /** Keeps the models of the best epochs: in the checkpoint's storage, or in memory without one. Default: none. */
  best?: BestOptions;
  /** Ends the training when it does not get better. Default: never. */
  earlyStopping?: EarlyStopping;
  /** Told of steps and epochs. Default: none. */
  callbacks?: readonly TrainingCallback[];
  /** Told parameters at the start and figures after every epoch. */
  tracker?: Tracker | readonly Tracker[];
  /**
   * Tells the tracker `stepLoss`, `stepLearningRate` and `gradientNorm` after every so many steps, and the figures of an
   * epoch at its last step, with its number as `epoch`. Default: never; epochs are told at their numbers.
   */
  trackSteps?: number;
  /** Threads within an operator, at least 1. Default: one per core. Another number may change the last bits of weights. */
  threads?: number;
  /** Execution providers in order of preference, as of `@percept/onnx`. Default: the processor. Only for ONNX models. */
  executionProviders?: SessionOptions['executionProviders'];
  /**
   * Trains with this runtime in the thread that calls. Default: in a worker, with onnxruntime-node in Node and
   * onnxruntime-web in browsers. Only for ONNX models.
   */
  runtime?: Runtime;
  /** Where the files of onnxruntime-web are served, for the worker of browsers. Default: beside the script. */
  wasmPaths?: string;
}

const tracker = withMethod<Tracker>('logMetrics', 'a Tracker');
const monitor = { monitor: z.string().optional(), mode: z.enum(['min', 'max']).optional() };
const names = z.array(z.string());

const schema = z.strictObject({
  model: z.custom<Model | EngineModel>(
    (value) => (value as Model | null)?.graph?.nodes !== undefined || isEngineModel(value),
    'a Model',
  ),
  data: withMethod<BatchSource>('batches', 'a BatchSource'),
  validation: withMethod<BatchSource>('batches', 'a BatchSource').optional(),
  validateEvery: z.int().min(1).optional(),
  loss: withMethod<Loss>('emit', 'a loss').optional(),
  optimizer: withMethod<Optimizer>('emit', 'an optimizer').optional(),
  schedule: withMethod<Schedule>('factor', 'a schedule').optional(),
  epochs: z.int().min(1),
  seed: z.int().optional(),
  freeze: z.strictObject({ frozen: names, trained: names, frozenStatistics: names }).optional(),
  features: z
    .strictObject({
      views: z.int().min(1).optional(),
      storage: withMethod<Storage>('write', 'a Storage').optional(),
      key: z.string().optional(),
      augmentation: z.string().optional(),
    })
    .optional(),
  accumulate: z.int().min(1).optional(),
  tune: z
    .union([
      z.boolean(),
      z.strictObject({ storage: withMethod<Storage>('write', 'a Storage'), version: z.string().min(1) }),
    ])
    .optional(),
  checkpointing: z.union([z.enum(['none', 'sqrt']), z.int().min(1)]).optional(),
  metadata: z.custom<PerceptMetadata>((value) => typeof value === 'object' && value !== null, 'metadata').optional(),
  checkpoint: z
    .strictObject({
      storage: withMethod<Storage>('write', 'a Storage'),
      key: z.string(),
      everySteps: z.int().min(1).optional(),
      everySeconds: z.number().gt(0).optional(),
    })
    .optional(),
  best: z.strictObject({ ...monitor, keep: z.int().min(1).optional() }).optional(),
  earlyStopping: z
    .strictObject({
      ...monitor,
      patience: z.int().min(1).optional(),
      minDelta: z.number().min(0).optional(),
      restoreBest: z.boolean().optional(),
    })
    .optional(),
  callbacks: z
    .array(z.custom<TrainingCallback>((value) => typeof value === 'object' && value !== null, 'an object of callbacks'))
    .optional(),
  tracker: z.union([tracker, z.array(tracker)]).optional(),
  trackSteps: z.int().min(1).optional(),
  threads: z.int().min(1).optional(),
  executionProviders: z.array(z.unknown()).optional(),
  runtime: withMethod<Runtime>('createSession', 'a runtime').optional(),
  wasmPaths: z.string().optional(),
});

/** Whether a model brings its own engine. */
export function isEngineModel(model: unknown): model is EngineModel {
  return typeof (model as EngineModel | null)?.createEngine === 'function';
}

/** Checks the options of `Trainer`. */
export function checkTrainerOptions(options: TrainerOptions): TrainerOptions {
  parseOptions(schema, options, 'Trainer options');
  const { data, validation, model } = options;
  const onnxOnly = (['freeze', 'features', 'tune', 'checkpointing', 'runtime', 'executionProviders'] as const).filter(
    (name) => options[name] !== undefined,
  );
  if (isEngineModel(model) && onnxOnly.length > 0) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected no ${onnxOnly.join(' and ')} in Trainer options beside a model that brings its own engine`,
    );
  }
  if (options.features !== undefined && options.freeze === undefined) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      "Expected freeze beside features in Trainer options: only what stays can be computed once. Give freeze(model, '*', { except: headParameters(model) })",
    );
  }
  if (validation !== undefined && validation.classes.join('\n') !== data.classes.join('\n')) {
    throw new PerceptError(
      'TRAIN_DATA_INVALID',
      `Expected the classes ${data.classes.join(', ')} in the validation data but received ${validation.classes.join(', ')}`,
    );
  }
  if (data.batchesPerEpoch < 1 || validation?.batchesPerEpoch === 0) {
    throw new PerceptError(
      'TRAIN_DATA_INVALID',
      `Expected at least one batch in an epoch but received none${data.batchesPerEpoch < 1 ? '' : ' for the validation'}. Add samples, or lower the batch size, or keep the last batch (dropLast: false)`,
    );
  }
  return options;
}
