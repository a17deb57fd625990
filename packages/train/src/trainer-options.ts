import { type BatchSource, PerceptError, parseOptions, type Tracker } from '@percept/core';
import type { Model, PerceptMetadata } from '@percept/onnx';
import type { Storage } from '@percept/storage';
import * as z from 'zod';
import type { Loss } from './losses.js';
import type { Optimizer } from './optimizers/transformation.js';
import type { Schedule } from './schedules.js';

/** Where and how often a training is saved. */
export interface CheckpointOptions {
  storage: Storage;
  /** Key of the one object that holds the latest checkpoint. Trainings that run at the same time need different ones. */
  key: string;
  /** Saves after so many steps, beside the end of every epoch. */
  everySteps?: number;
  /** Saves after so many seconds, beside the end of every epoch. */
  everySeconds?: number;
}

/** Options of `Trainer`. */
export interface TrainerOptions {
  /**
   * The model to train, from its present weights on: built by `smallCnn` or `cnn35`, the result of an earlier training, or
   * any model of supported operators. Input `[N, C, H, W]` float32, output logits `[N, classes]`.
   */
  model: Model;
  /** Training batches. */
  data: BatchSource;
  /** Judged after every epoch (its epoch 0). Default: none. */
  validation?: BatchSource;
  /** Default `crossEntropy()`. */
  loss?: Loss;
  /** Default `adam()`. */
  optimizer?: Optimizer;
  /** Default `constantLR()`. */
  schedule?: Schedule;
  /** Passes over the data, at least 1. */
  epochs: number;
  /** Recorded in the lineage of the model and compared when resuming. Default 0. */
  seed?: number;
  /** Written into the trained model. `labels` default to the classes of the data. */
  metadata?: PerceptMetadata;
  /** Default: none; an interrupted training starts anew. */
  checkpoint?: CheckpointOptions;
  /** Told parameters at the start and figures after every epoch. */
  tracker?: Tracker;
  /** Threads within an operator, at least 1. Default: one per core. Another number may change the last bits of weights. */
  threads?: number;
}

const withMethod = <T>(method: keyof T & string, what: string) =>
  z.custom<T>((value) => typeof (value as Record<string, unknown> | null)?.[method] === 'function', what);

const schema = z.strictObject({
  model: z.custom<Model>((value) => (value as Model | null)?.graph?.nodes !== undefined, 'a Model'),
  data: withMethod<BatchSource>('batches', 'a BatchSource'),
  validation: withMethod<BatchSource>('batches', 'a BatchSource').optional(),
  loss: withMethod<Loss>('emit', 'a loss').optional(),
  optimizer: withMethod<Optimizer>('emit', 'an optimizer').optional(),
  schedule: withMethod<Schedule>('factor', 'a schedule').optional(),
  epochs: z.int().min(1),
  seed: z.int().optional(),
  metadata: z.custom<PerceptMetadata>((value) => typeof value === 'object' && value !== null, 'metadata').optional(),
  checkpoint: z
    .strictObject({
      storage: withMethod<Storage>('write', 'a Storage'),
      key: z.string(),
      everySteps: z.int().min(1).optional(),
      everySeconds: z.number().gt(0).optional(),
    })
    .optional(),
  tracker: withMethod<Tracker>('logMetrics', 'a Tracker').optional(),
  threads: z.int().min(1).optional(),
});

/** Checks the options of `Trainer`. */
export function checkTrainerOptions(options: TrainerOptions): TrainerOptions {
  parseOptions(schema, options, 'Trainer options');
  const { data, validation } = options;
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
