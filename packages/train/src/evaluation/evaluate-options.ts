import { type BatchSource, type LongCallOptions, parseOptions } from '@percept/core';
import type { Runtime } from '@percept/onnx';
import * as z from 'zod';
import { type DetectionThresholds, thresholds } from '../detection/decode-detections.js';
import type { EvaluationTask } from './evaluation.js';

/** Puts a sample into a part of the data; `undefined`: into none. `label` is the class where each image has one. */
export type SliceOf = (key: string, index: number, label: number | undefined) => string | undefined;

/** Options of {@link evaluate}. */
export interface EvaluateOptions<Task extends EvaluationTask = 'classification'>
  extends LongCallOptions,
    DetectionThresholds {
  /** Runs the model. */
  runtime: Runtime;
  /**
   * What the model does, and how the labels of the data come:
   *
   * - `classification` (default): scores `[N, classes]`, class indices `[N]` int64
   * - `multilabel`: scores `[N, classes]`, targets of 0 and 1 `[N, classes]` float32
   * - `segmentation`: scores `[N, classes, H, W]`, class indices `[N, H, W]` int64
   * - `regression`: numbers `[N, D]`, labels of the same shape (or `[N]` for one number) float32; `classes` of the data are
   *   the names of the numbers, or empty
   * - `retrieval`: embeddings `[N, D]`, class indices `[N]` int64; `classes` of the data may be empty
   * - `detection`: the output of a detector made by `ssdLite`, batches of `detectionBatches`
   */
  task?: Task;
  /** Threads within an operator, at least 1. Default: one per core. */
  threads?: number;
  /** The output with the scores. Default: `logits` or `probabilities` if there is one, else the first. */
  output?: string;
  /**
   * What the scores are. Default `auto`: probabilities when the model ends in a Softmax (Sigmoid for multi-label) or the
   * output is called `probabilities`, else logits.
   */
  scores?: 'auto' | 'logits' | 'probabilities';
  /**
   * Which top-k accuracies of a classification to compute, default `[1]`; of a retrieval, within how many of the nearest to
   * look, default `[1, 5, 10]`.
   */
  topK?: readonly number[];
  /**
   * Probability above which a label of a multi-label task is predicted, and above which a detection makes a mistake, 0..1.
   * Default 0.5.
   */
  threshold?: number;
  /** Label of pixels of a segmentation that do not count, such as 255. */
  ignoreIndex?: number;
  /** Images among which a retrieval searches. Default: the evaluated ones, each without itself. */
  gallery?: BatchSource;
  /** By what a retrieval finds the nearest. Default `cosine`. */
  distance?: 'cosine' | 'euclidean';
  /**
   * What images count of whose class there is no other: as figures of 0 (`neg`, default) or 1 (`pos`), or not (`skip`), or
   * an error, as in torchmetrics' retrieval.
   */
  emptyTargetAction?: 'neg' | 'pos' | 'skip' | 'error';
  /** Overlaps from which an object counts as found by a detector. Default COCO's 0.5, 0.55 … 0.95. */
  iouThresholds?: readonly number[];
  /**
   * AUROC and average precision of classifications and multi-label tasks: `exact` keeps every score, a number of
   * thresholds (2..100000) keeps counts alone, `false` leaves them out. Default `false`; `exact` for multi-label.
   */
  ranking?: 'exact' | number | false;
  /**
   * Parts of the data to score by themselves, by name: a function of the sample, or a map from keys of samples to the
   * name of the part. A sample that gets none stays out of that cut.
   */
  slices?: Readonly<Record<string, SliceOf | ReadonlyMap<string, string>>>;
  /** How many of the worst mistakes to name, 0..10000. Default 25. */
  mistakes?: number;
  /** What makes a mistake bad: its loss (default), or for classifications the probability given to the wrong class. */
  worstBy?: 'loss' | 'confidence';
  /** Confidence of the intervals, in (0, 1). Default 0.95. */
  confidence?: number;
  /** Bootstrap intervals of figures without a formula; keeps some numbers for each sample. Default `false`. */
  bootstrap?: boolean | { resamples?: number; seed?: number };
}

const sliceSchema = z.custom<SliceOf | ReadonlyMap<string, string>>(
  (value) => typeof value === 'function' || value instanceof Map,
  'a function or a Map',
);
const schema = z
  .strictObject({
    runtime: z.custom<Runtime>(
      (value) => typeof (value as Runtime | undefined)?.createSession === 'function',
      'a runtime',
    ),
    ...thresholds,
    task: z
      .enum(['classification', 'multilabel', 'segmentation', 'regression', 'retrieval', 'detection'])
      .default('classification'),
    threads: z.int().min(1).optional(),
    output: z.string().optional(),
    scores: z.enum(['auto', 'logits', 'probabilities']).default('auto'),
    topK: z.array(z.int().min(1)).optional(),
    threshold: z.number().min(0).max(1).default(0.5),
    ignoreIndex: z.int().optional(),
    gallery: z
      .custom<BatchSource>(
        (value) => typeof (value as BatchSource | undefined)?.batches === 'function',
        'a BatchSource',
      )
      .optional(),
    distance: z.enum(['cosine', 'euclidean']).default('cosine'),
    emptyTargetAction: z.enum(['neg', 'pos', 'skip', 'error']).default('neg'),
    iouThresholds: z.array(z.number()).optional(),
    ranking: z.union([z.literal('exact'), z.int().min(2).max(100_000), z.literal(false)]).optional(),
    slices: z.record(z.string(), sliceSchema).default({}),
    mistakes: z.int().min(0).max(10_000).default(25),
    worstBy: z.enum(['loss', 'confidence']).default('loss'),
    confidence: z.number().gt(0).lt(1).default(0.95),
    bootstrap: z
      .union([z.boolean(), z.strictObject({ resamples: z.int().min(2).default(1000), seed: z.int().default(0) })])
      .default(false),
    signal: z.custom<AbortSignal>().optional(),
    onProgress: z.custom<LongCallOptions['onProgress']>().optional(),
  })
  .transform(({ bootstrap, ...options }) => ({
    ...options,
    bootstrap: bootstrap === true ? { resamples: 1000, seed: 0 } : bootstrap || undefined,
  }));

/** Options with every default in its place. */
export type CheckedEvaluateOptions = z.output<typeof schema>;

/** Checks the options of {@link evaluate}. */
export function checkEvaluateOptions(options: EvaluateOptions<EvaluationTask>): CheckedEvaluateOptions {
  return parseOptions(schema, options, 'evaluate() options');
}
