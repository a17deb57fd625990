import { type BatchSource, type LongCallOptions, PerceptError, parseOptions, throwIfAborted } from '@percept/core';
import type { Runtime } from '@percept/onnx';
import * as z from 'zod';
import { platform as thisPlatform } from '#compare-platform';
import { Comparison } from './comparison.js';
import type { ClassifierRow, ComparisonRow, Score } from './comparison-json.js';
import { type Contestant, type NamedModel, naming, type SessionSettings, withContestants } from './contestant.js';
import { evaluateTask, type ScoredTask } from './evaluate-task.js';
import { gzipSize } from './gzip-size.js';
import { imagesForTiming, timeModels } from './latency-settings.js';
import { type ModelCost, modelCost } from './model-cost.js';
import { paretoFront } from './pareto-front.js';
import type { ComparisonPlatform, SessionMemory } from './platform.js';
import { scoreClassifiers } from './score-classifiers.js';

/** Options of {@link compareModels} for models of any task. */
export interface CompareModelsOptions extends LongCallOptions {
  /** Labelled images; epoch 0 is read, its beginning twice. */
  readonly data: BatchSource;
  readonly runtime: Runtime;
  /** Threads that one run may use. Default: the runtime's. */
  readonly threads?: number;
  /** What to time; every number of threads with every size of batch. */
  readonly latency?: {
    /** Numbers of threads. Default `threads`. */
    readonly threads?: readonly number[];
    /** Images in a run. Models with a fixed size of batch are timed with that one only. Default `[1]`. */
    readonly batch?: readonly number[];
    /** How many timed runs each model makes in each setting, at least 1. Default 100. */
    readonly runs?: number;
    /** Untimed runs before them. Default 10. */
    readonly warmUp?: number;
  };
  /** Confidence of all intervals, in (0, 1). Default 0.95. */
  readonly confidence?: number;
  /** Whether to measure what memory each session takes, in a process of its own; in Node, for onnxruntime-node. Default `true`. */
  readonly memory?: boolean;
  /** What the models do, as `evaluate` of `@percept/train` knows it. Default `classification`. */
  readonly task?: 'classification' | ScoredTask;
  /** Scores a model in your way, for whatever `task` does not know; its sessions are its own to close. */
  readonly evaluate?: EvaluateModel;
  /** What is asked of the machine. Default: what Node, or a browser, can tell. */
  readonly platform?: ComparisonPlatform;
}

/** Options of {@link compareModels} for classifiers. */
export interface CompareClassifiersOptions extends CompareModelsOptions {
  readonly task?: 'classification';
  readonly evaluate?: never;
}

/** Scores one model. */
export type EvaluateModel = (model: NamedModel, settings: SessionSettings & LongCallOptions) => Promise<Score>;

const counts = z.array(z.int().min(1)).min(1);
const schema = z.strictObject({
  data: z.custom<BatchSource>(
    (value) => typeof (value as BatchSource | undefined)?.batches === 'function',
    'a BatchSource',
  ),
  runtime: z.custom<Runtime>(
    (value) => typeof (value as Runtime | undefined)?.createSession === 'function',
    'a Runtime',
  ),
  threads: z.int().min(1).optional(),
  latency: z
    .strictObject({
      threads: counts.optional(),
      batch: counts.default([1]),
      runs: z.int().min(1).default(100),
      warmUp: z.int().min(0).default(10),
    })
    .prefault({}),
  confidence: z.number().gt(0).lt(1).default(0.95),
  memory: z.boolean().default(true),
  task: z
    .enum(['classification', 'multilabel', 'segmentation', 'regression', 'retrieval', 'detection'])
    .default('classification'),
  evaluate: z.custom<EvaluateModel>((value) => typeof value === 'function', 'a function').optional(),
  platform: z
    .custom<ComparisonPlatform>(
      (value) => typeof (value as ComparisonPlatform | undefined)?.readMachine === 'function',
      'a ComparisonPlatform',
    )
    .default(thisPlatform),
  signal: z.custom<AbortSignal>().optional(),
  onProgress: z.custom<LongCallOptions['onProgress']>().optional(),
});
type Checked = z.output<typeof schema>;

const modelsSchema = z
  .array(z.object({ name: z.string().min(1), model: z.instanceof(Uint8Array, { error: 'a Uint8Array' }) }))
  .min(1)
  .refine((models) => new Set(models.map(({ name }) => name)).size === models.length, 'models of different names');
const scoreSchema = z.strictObject({
  metric: z.string(),
  value: z.number(),
  interval: z.strictObject({ lower: z.number(), upper: z.number() }).optional(),
  better: z.enum(['higher', 'lower']),
});

/**
 * Measures what models cost and what they can: bytes on disk and gzipped, weights, multiply-accumulates, memory, latency,
 * accuracy, and how often each gives the same class as the first model. All models see the same images in the same order.
 *
 * Latency is the time of `session.run`, as the caller sees it. The runs of the models alternate, and who goes first
 * rotates, so that a machine that slows down slows all of them. Sessions of one number of threads are closed before those
 * of the next are opened. A sample that a model leaves undecided (a tie, an infinite score) counts as wrong and as
 * disagreement, as in `ClassificationMetrics`.
 *
 * Intervals are Wilson's for shares, of order statistics for medians; McNemar's exact test says whether a difference in
 * accuracy may be chance. Memory is what opening a model and running it adds to the peak of a process that does nothing
 * else. The same inputs give the same figures, times and memory apart.
 *
 * @throws PerceptError `OPTIMIZE_NO_DATA` when `data` is empty; `OPTIMIZE_NOT_A_CLASSIFIER` when a model has several
 *   inputs or its first output is not one float32 score per class; `OPTIMIZE_SCORES_NAN` when a score is NaN;
 *   `OPTIMIZE_MODEL_FAILED` when a model cannot be loaded, run or evaluated (all of them name the model, and leave no
 *   session open); `INVALID_ARGUMENT`; `MISSING_PEER`; `ABORTED`
 */
export function compareModels(
  models: readonly NamedModel[],
  options: CompareClassifiersOptions,
): Promise<Comparison<ClassifierRow>>;
/** The same for models of any task. */
export function compareModels(models: readonly NamedModel[], options: CompareModelsOptions): Promise<Comparison>;
export async function compareModels(models: readonly NamedModel[], options: CompareModelsOptions): Promise<Comparison> {
  const checked = parseOptions(schema, options, 'compareModels() options');
  parseOptions(modelsSchema, models, 'compareModels() models');
  const { data, runtime, latency, confidence, signal, onProgress } = checked;
  throwIfAborted(signal);
  const classifies = checked.evaluate === undefined && checked.task === 'classification';
  const images = await imagesForTiming(data, Math.max(...latency.batch), signal);
  const costs: ModelCost[] = [];
  const inputs: { readonly name: string; readonly dims: readonly number[] }[] = [];
  const inspect = async (contestants: readonly Contestant[]) => {
    for (const [index, contestant] of contestants.entries()) {
      costs.push(modelCost(models[index]!, contestant, images));
      inputs.push({ name: contestant.input, dims: [latency.batch[0]!, ...images.dims.slice(1)] });
      // What is wrong with a model should show before all of them are timed for long.
      if (classifies) await contestant.scores(images, data.classes.length, signal);
    }
  };
  const threads = latency.threads ?? [checked.threads];
  const timed = await timeModels(
    models,
    images,
    { runtime, signal, onProgress },
    { ...latency, threads, confidence, outputs: classifies ? 'first' : 'all' },
    inspect,
  );
  const scored = classifies
    ? await withContestants(models, { runtime, threads: checked.threads, signal }, (contestants) =>
        scoreClassifiers(contestants, data, checked),
      )
    : { scores: await evaluateModels(models, checked) };
  const notes = [...timed.notes, ...costs.flatMap(({ note }) => note ?? [])];
  const rows: Omit<ComparisonRow, 'pareto'>[] = [];
  for (const [index, { name, model }] of models.entries()) {
    const latencies = timed.latencies[index]!;
    const { note: _, ...cost } = costs[index]!;
    const memory = await memoryOf(models[index]!, inputs[index]!, threads[0], checked);
    if (memory !== undefined && 'unknown' in memory) notes.push(`memory of ${name} is not known: ${memory.unknown}`);
    rows.push({
      name,
      bytes: model.length,
      gzipBytes: await gzipSize(model),
      latency: { p50: latencies[0]!.p50, p95: latencies[0]!.p95 },
      latencies,
      ...scored.scores[index]!,
      ...cost,
      ...(memory !== undefined && 'bytes' in memory && { memoryBytes: memory.bytes }),
    });
  }
  const front = paretoFront(
    rows.map(({ score, latency: { p50 } }) => [score.better === 'higher' ? -score.value : score.value, p50]),
  );
  return new Comparison({
    rows: rows.map((row, index) => ({ ...row, pareto: front[index]! })),
    ...('images' in scored && { images: scored.images }),
    confidence,
    runtime: runtime.name,
    machine: checked.platform.readMachine(),
    notes,
  });
}

async function evaluateModels(models: readonly NamedModel[], options: Checked): Promise<{ score: Score }[]> {
  const { data, task, runtime, threads, confidence, signal, onProgress } = options;
  const scores: { score: Score }[] = [];
  for (const model of models) {
    throwIfAborted(signal);
    const settings = { runtime, threads, signal, onProgress };
    const evaluate =
      options.evaluate ?? (() => evaluateTask(model, data, task as ScoredTask, { ...settings, confidence }));
    const score = await naming(model.name, () => evaluate(model, settings));
    if (Number.isNaN(score?.value)) {
      throw new PerceptError(
        'OPTIMIZE_SCORES_NAN',
        `Expected a number as score of model ${model.name} but received NaN. Look for NaN in its weights and in what it was scored on`,
        { details: { model: model.name } },
      );
    }
    scores.push({ score: parseOptions(scoreSchema, score, `evaluate() of model ${model.name}`) });
  }
  if (new Set(scores.map(({ score: { metric, better } }) => `${metric} ${better}`)).size > 1) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected one metric for all models from evaluate() of compareModels() options but received ${scores.map(({ score }) => `${score.metric} (${score.better})`).join(', ')}`,
    );
  }
  return scores;
}

async function memoryOf(
  { model }: NamedModel,
  input: { readonly name: string; readonly dims: readonly number[] },
  threads: number | undefined,
  { memory, runtime, platform, signal }: Checked,
): Promise<SessionMemory | undefined> {
  if (!memory) return undefined;
  throwIfAborted(signal);
  if (runtime.name !== 'onnxruntime-node') return { unknown: 'only that of onnxruntime-node can be measured' };
  return platform.sessionMemory({ model, threads, input, signal });
}
