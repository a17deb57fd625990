import {
  type BatchSource,
  type LongCallOptions,
  PerceptError,
  type PreprocessSpec,
  parseOptions,
  type SampleSource,
} from '@percept/core';
import type { Model, Runtime } from '@percept/onnx';
import type { Storage } from '@percept/storage';
import * as z from 'zod';
import type { TrainerOptions } from '../trainer-options.js';
import { withMethod } from '../with-method.js';
import type { AutoTrainPlan } from './plan.js';

/** What a loader is asked for. */
export interface LoaderRequest {
  /** The part of the data to load. */
  readonly source: SampleSource;
  /** How an image becomes the input of the model that is to be trained, after the augmentation. */
  readonly preprocess: PreprocessSpec;
  /** Samples in a batch. */
  readonly batchSize: number;
  /** One of the names of `augmentations`, or `none`: images as they are. */
  readonly augmentation: string;
  /** Another order every epoch. */
  readonly shuffle: boolean;
  /** Leaves out the last batch when it is not full. */
  readonly dropLast: boolean;
  /** Key of order and augmentation. */
  readonly seed: number;
}

/** Makes batches; equal requests must give equal batches. `createLoader` of `@percept/data` does. */
export type MakeLoader = (request: LoaderRequest) => BatchSource;

/** Networks that `autoTrain` builds by itself. */
export type ArchitectureName = 'smallCnn' | 'cnn35' | 'cifarResnet20' | 'mobilenetV3Small' | 'mobilenetV2';

/** Names of {@link ArchitectureName}. */
const architectureNames = [
  'smallCnn',
  'cnn35',
  'cifarResnet20',
  'mobilenetV3Small',
  'mobilenetV2',
] as const satisfies readonly ArchitectureName[];

/** Options of `autoTrain()`. */
export interface AutoTrainOptions
  extends LongCallOptions,
    Pick<TrainerOptions, 'threads' | 'executionProviders' | 'wasmPaths'> {
  /** Seconds for everything, above 0. Kept to within some tenths, see the README: a trial that has begun is finished. */
  budget: number;
  /** Makes the batches. */
  loader: MakeLoader;
  /** Augmentations that are tried, by names that the loader knows; `none` is always among them. Default: only `none`. */
  augmentations?: readonly string[];
  /** Trained models to fine-tune, by name, with `preprocess` in their metadata: the last layer alone, and whole. Default: none. */
  models?: Readonly<Record<string, Model>>;
  /** Networks to build. Default: those that suit the size of the images; none where `models` are given: `[]`. */
  architectures?: readonly ArchitectureName[];
  /** What models are judged by. Default: a fifth of each class of the data, in all at most 2,500 images. */
  validation?: SampleSource;
  /** Most trials, at least 1. Default: as many as there is time for. */
  trials?: number;
  /** Trials that run at once, 1 … 4; has no influence on what they are. Default 1. */
  parallel?: number;
  /** Seed of split, weights, orders and search. Default 0. */
  seed?: number;
  /** How long trials are, from an earlier report. Default: measured. The same plan and seed give the same trials. */
  plan?: AutoTrainPlan;
  /** Keeps everything as it goes; the same call goes on after a crash. Together with `key`. Default: in memory. */
  storage?: Storage;
  /** Where the storage keeps it: `searches/flowers`. */
  key?: string;
  /** Trains with this runtime in the thread that calls. Default: in workers. */
  runtime?: Runtime;
}

/** {@link AutoTrainOptions} with the defaults that do not depend on the data. */
export interface CheckedAutoTrain extends Omit<AutoTrainOptions, 'augmentations'> {
  readonly augmentations: readonly string[];
  readonly models: Readonly<Record<string, Model>>;
  readonly parallel: number;
  readonly seed: number;
  readonly key: string;
}

const aFunction = z.custom<never>((value) => typeof value === 'function', 'a function');
const counts = z.record(z.string(), z.number().gt(0));

const schema = z.strictObject({
  budget: z.number().gt(0),
  loader: aFunction,
  augmentations: z.array(z.string().min(1)).default([]),
  models: z
    .record(
      z.string(),
      z.custom<Model>((value) => (value as Model | null)?.graph?.nodes !== undefined, 'a Model'),
    )
    .default({}),
  architectures: z.array(z.enum(architectureNames)).optional(),
  validation: withMethod<SampleSource>('read', 'a SampleSource').optional(),
  trials: z.int().min(1).optional(),
  parallel: z.int().min(1).max(4).default(1),
  seed: z.int().default(0),
  plan: z
    .looseObject({ rounds: z.int().min(1), judged: z.int().min(1), imagesPerRound: counts, secondsPerImage: counts })
    .optional(),
  storage: withMethod<Storage>('write', 'a Storage').optional(),
  key: z.string().min(1).optional(),
  threads: z.int().min(1).optional(),
  executionProviders: z.array(z.unknown()).optional(),
  wasmPaths: z.string().optional(),
  runtime: withMethod<Runtime>('createSession', 'a runtime').optional(),
  signal: z.custom<AbortSignal>((value) => value instanceof AbortSignal, 'an AbortSignal').optional(),
  onProgress: aFunction.optional(),
});

/** Checks data and options of `autoTrain()`. */
export function checkAutoTrain(source: SampleSource, options: AutoTrainOptions): CheckedAutoTrain {
  if (typeof source?.read !== 'function' || !Array.isArray(source.classes)) {
    throw new PerceptError('INVALID_ARGUMENT', 'Expected a SampleSource for the data of autoTrain()');
  }
  if (source.classes.length < 2) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected data of at least two classes for autoTrain() but received ${source.classes.length}`,
    );
  }
  const { augmentations, models, parallel, seed } = parseOptions(schema, options, 'autoTrain() options');
  const { storage, key, validation, architectures } = options;
  if ((storage === undefined) !== (key === undefined)) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected storage and key together for autoTrain() options but received ${storage ? 'only storage' : 'only key'}`,
    );
  }
  if (architectures?.length === 0 && Object.keys(models).length === 0) {
    throw new PerceptError('INVALID_ARGUMENT', 'Expected architectures or models for autoTrain() but received neither');
  }
  if (validation !== undefined && validation.classes.join('\n') !== source.classes.join('\n')) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected the classes ${source.classes.join(', ')} for validation of autoTrain() but received ${validation.classes.join(', ')}`,
    );
  }
  return {
    ...options,
    augmentations: [...new Set(['none', ...augmentations])],
    models,
    parallel,
    seed,
    key: key ?? 'auto',
  };
}
