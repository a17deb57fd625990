// A search over recipes: which steps, in which order, how much. What a candidate costs is measured, not guessed.
import { type BatchSource, type LongCallOptions, PerceptError, parseOptions, throwIfAborted } from '@percept/core';
import { type Model, type Runtime, writeModel } from '@percept/onnx';
import * as z from 'zod';
import { quantile } from '../compare/latency.js';
import { paretoFront } from '../compare/pareto-front.js';
import { requiredInputs } from '../graph/graph-values.js';
import { type Feeds, feedsOf, imagesIn, slice } from '../quantize/calibration/calibration-data.js';
import { medians } from '../quantize/guarded/candidate.js';
import { type QuantizationTarget, quantizationTargets } from '../quantize/quantization-scheme.js';
import { type ApplyRecipeOptions, applyStep } from './apply-recipe.js';
import { describeRecipe, type Recipe, type RecipeStep } from './recipe.js';

/** What is to be reached: at least one of them. */
export interface OptimizationTarget {
  /** Milliseconds for one image, at most. */
  readonly latencyMs?: number;
  /** Millions of bytes of the file, at most. */
  readonly sizeMB?: number;
  /** How many times faster than the model that is given, at least. */
  readonly speedup?: number;
}

/** Options of {@link optimizeFor}. */
export interface OptimizeForOptions extends LongCallOptions {
  readonly target: OptimizationTarget;
  /** What a model is worth, higher being better: accuracy, mAP. */
  readonly evaluate: (model: Model) => Promise<number>;
  /** By how much `evaluate` may fall, in its units, at least 0. Default 0.01. */
  readonly maxDrop?: number;
  /** Preprocessed training images: calibration sees the first of them, distillation all. */
  readonly data: BatchSource;
  /** Runs, times and calibrates models: the runtime that will run them. */
  readonly runtime: Runtime;
  /** Where the model is to run. Default `x64`. */
  readonly machine?: QuantizationTarget;
  /** Shares of the multiply-accumulates that pruning leaves, tried in this order. Default 0.7, 0.5, 0.35; `[]`: none. */
  readonly macs?: readonly number[];
  /** Epochs of distillation after pruning. Default 5. */
  readonly epochs?: number;
  /** Of the distillation. Default 0.01. */
  readonly learningRate?: number;
  /** Images to calibrate on. Default 512. */
  readonly images?: number;
  /** More for the trainings: threads, callbacks. */
  readonly training?: ApplyRecipeOptions['training'];
  /** How models are timed, in turns on one image. Default 1 thread, 30 runs after 5. */
  readonly latency?: { readonly threads?: number; readonly runs?: number; readonly warmUp?: number };
  /** Keys the training and everything random. Default 0. */
  readonly seed?: number;
}

/** A model that was made and measured. */
export interface OptimizedModel {
  /** In a few words. */
  readonly name: string;
  /** How to make it again with `applyRecipe`; absent for the model that was given. */
  readonly recipe?: Recipe;
  readonly model: Model;
  /** What `evaluate` gave. */
  readonly score: number;
  /** Median milliseconds for one image, timed beside the model that was given. */
  readonly latency: number;
  /** Times faster than the model that was given, timed beside it. */
  readonly speedup: number;
  /** Bytes of the file. */
  readonly bytes: number;
  /** Whether no other one is better in a respect and no worse in the others: score, latency, bytes. */
  readonly onFront: boolean;
}

/** A recipe that could not be carried out. */
export interface FailedRecipe {
  readonly name: string;
  readonly recipe: Recipe;
  readonly reason: string;
}

/** What {@link optimizeFor} found. */
export interface OptimizationResult {
  /** The best model that reaches the target within the drop: the highest score, of equal ones the fastest. */
  readonly best?: OptimizedModel;
  /** Why there is none. */
  readonly missed?: string;
  /** Everything that was measured, the given model first. */
  readonly models: readonly OptimizedModel[];
  readonly failed: readonly FailedRecipe[];
}

const positive = z.number().gt(0);
const schema = z.strictObject({
  target: z
    .strictObject({ latencyMs: positive.optional(), sizeMB: positive.optional(), speedup: positive.optional() })
    .refine((target) => Object.values(target).some((value) => value !== undefined), 'latencyMs, sizeMB or speedup'),
  evaluate: z.custom<(model: Model) => Promise<number>>((value) => typeof value === 'function', 'a function'),
  maxDrop: z.number().min(0).default(0.01),
  data: z.custom<BatchSource>(
    (value) => typeof (value as BatchSource | undefined)?.batches === 'function',
    'a BatchSource',
  ),
  runtime: z.custom<Runtime>(
    (value) => typeof (value as Runtime | undefined)?.createSession === 'function',
    'a Runtime',
  ),
  machine: z.enum(quantizationTargets).default('x64'),
  macs: z.array(z.number().gt(0).lt(1)).default([0.7, 0.5, 0.35]),
  epochs: z.int().min(1).default(5),
  learningRate: z.number().gt(0).default(0.01),
  images: z.int().min(1).default(512),
  training: z.custom<NonNullable<OptimizeForOptions['training']>>((value) => typeof value === 'object').default({}),
  latency: z
    .strictObject({
      threads: z.int().min(1).default(1),
      runs: z.int().min(1).default(30),
      warmUp: z.int().min(0).default(5),
    })
    .default({ threads: 1, runs: 30, warmUp: 5 }),
  seed: z.int().default(0),
  signal: z.custom<AbortSignal>().optional(),
  onProgress: z.custom<LongCallOptions['onProgress']>().optional(),
});
type Settings = z.infer<typeof schema>;

/**
 * Looks for the best model that reaches a target: folds, prunes, distills and quantizes in sensible orders, measures each
 * candidate (score, latency beside the given model, bytes) and tells all of them with the Pareto front. Candidates that
 * begin alike share their steps. The steps are the same for the same options; which of them reach a latency is what the
 * machine says.
 *
 * @throws PerceptError `OPTIMIZE_NO_CALIBRATION_DATA` when `data` is empty; `INVALID_ARGUMENT`; `ABORTED`; what `evaluate`
 *   throws. A recipe that fails for another reason is told in `failed`
 */
export async function optimizeFor(model: Model, options: OptimizeForOptions): Promise<OptimizationResult> {
  const settings = parseOptions(schema, options, 'optimizeFor() options');
  throwIfAborted(settings.signal);
  return new RecipeSearch(model, settings).run();
}

/** The recipes that are tried: what costs nothing first, then ever smaller models. */
function recipesFor(
  settings: Pick<Settings, 'macs' | 'machine' | 'images' | 'epochs' | 'learningRate' | 'seed'>,
): Recipe[] {
  const { macs, machine, images, epochs, learningRate, seed } = settings;
  const int8: RecipeStep = { step: 'int8', target: machine, images };
  const smaller = (share: number): RecipeStep[] => [
    { step: 'prune', macs: share, roundTo: 8 },
    // Before normalizations are folded away: with them a network recovers better.
    { step: 'distill', epochs, learningRate },
    { step: 'fold' },
  ];
  const orders: RecipeStep[][] = [
    [{ step: 'fold' }],
    [{ step: 'fold' }, { step: 'float16' }],
    [{ step: 'fold' }, int8],
    ...macs.flatMap((share) => [smaller(share), [...smaller(share), int8]]),
  ];
  return orders.map((steps) => ({ version: 1, seed, steps }));
}

type Measured = Omit<OptimizedModel, 'onFront'>;

class RecipeSearch {
  readonly #given: Model;
  readonly #settings: Settings;
  /** Models by the steps that made them. */
  readonly #made = new Map<string, Promise<Model>>();
  /** Median times of the given model, one for each candidate beside which it was timed. */
  readonly #givenTimes: number[] = [];

  constructor(given: Model, settings: Settings) {
    this.#given = given;
    this.#settings = settings;
  }

  async run(): Promise<OptimizationResult> {
    const { evaluate, onProgress, signal } = this.#settings;
    const recipes = recipesFor(this.#settings);
    const image = await this.#oneImage();
    const score = await evaluate(this.#given);
    const candidates: Measured[] = [];
    const failed: FailedRecipe[] = [];
    for (const [done, recipe] of recipes.entries()) {
      throwIfAborted(signal);
      const name = describeRecipe(recipe);
      onProgress?.({ stage: `try: ${name}`, done, total: recipes.length, unit: 'recipes' });
      try {
        candidates.push(await this.#measured(name, recipe, image));
      } catch (error) {
        throwIfAborted(signal);
        failed.push({ name, recipe, reason: error instanceof Error ? error.message : String(error) });
      }
    }
    const latency = quantile(
      this.#givenTimes.toSorted((a, b) => a - b),
      0.5,
    );
    const bytes = writeModel(this.#given).byteLength;
    const given = { name: 'as given', model: this.#given, score, latency, speedup: 1, bytes };
    return this.#judged([given, ...candidates], failed);
  }

  async #measured(name: string, recipe: Recipe, image: Feeds): Promise<Measured> {
    const { evaluate, runtime, latency, signal, onProgress } = this.#settings;
    const model = await this.#make(recipe);
    const score = await evaluate(model);
    const times = await medians([this.#given, model], image, runtime, latency, { signal, onProgress });
    const [before, after] = times as [number, number];
    this.#givenTimes.push(before);
    return { name, recipe, model, score, latency: after, speedup: before / after, bytes: writeModel(model).byteLength };
  }

  /** The model of a recipe; the steps that it shares with an earlier one are not carried out again. */
  #make({ steps, seed }: Recipe): Promise<Model> {
    const { data, runtime, training, signal, onProgress } = this.#settings;
    const call = { ...(signal === undefined ? {} : { signal }), ...(onProgress === undefined ? {} : { onProgress }) };
    const surroundings = { data, runtime, training, teacher: this.#given, seed, ...call };
    let made = Promise.resolve(this.#given);
    for (const [at, step] of steps.entries()) {
      const key = JSON.stringify(steps.slice(0, at + 1));
      const before = made;
      made = this.#made.get(key) ?? before.then((model) => applyStep(model, step, surroundings));
      this.#made.set(key, made);
    }
    return made;
  }

  async #oneImage(): Promise<Feeds> {
    const inputs = requiredInputs(this.#given.graph).map(({ name }) => name);
    for await (const feeds of feedsOf(this.#settings.data, inputs, 1, this.#settings.signal)) {
      return slice(feeds, imagesIn(feeds, inputs), 0, 1);
    }
    throw new PerceptError(
      'OPTIMIZE_NO_CALIBRATION_DATA',
      'Expected at least one image in the data of optimizeFor() but received none. Give the images that the model was trained on',
    );
  }

  #judged(measured: readonly Measured[], failed: readonly FailedRecipe[]): OptimizationResult {
    const { target, maxDrop } = this.#settings;
    const front = paretoFront(measured.map(({ score, latency, bytes }) => [-score, latency, bytes]));
    const models = measured.map((model, at): OptimizedModel => ({ ...model, onFront: front[at]! }));
    const least = models[0]!.score - maxDrop;
    const reaching = models.filter((model) => reaches(model, target));
    const [best] = reaching
      .filter(({ score }) => score >= least)
      .sort((a, b) => b.score - a.score || a.latency - b.latency);
    if (best !== undefined) return { best, models, failed };
    const missed =
      reaching.length === 0
        ? 'no candidate reaches the target; see models for what was reached'
        : `the candidates that reach the target fall below a score of ${least.toFixed(4)}; see models for what they keep`;
    return { missed, models, failed };
  }
}

function reaches({ latency, bytes, speedup }: Measured, target: Settings['target']): boolean {
  return (
    latency <= (target.latencyMs ?? Infinity) &&
    bytes <= (target.sizeMB ?? Infinity) * 1e6 &&
    speedup >= (target.speedup ?? 0)
  );
}
