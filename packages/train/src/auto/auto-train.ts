// One call from samples to a model: what the images are like, what a model costs, what there is time for, a search, and a
// training of what it found. What a trial is depends on (data, options, seed, plan) alone; the clock decides only how many
// there are.
import {
  type BatchSource,
  isPerceptError,
  keyedPermutation,
  PerceptError,
  type Progress,
  type SampleSource,
  sha256Digest,
  throwIfAborted,
} from '@percept/core';
import type { Model } from '@percept/onnx';
import { memoryStorage } from '@percept/storage/backends/memory';
import { readCheckpoint } from '../checkpoint.js';
import type { EpochRecord } from '../epoch-record.js';
import { type SearchResult, search } from '../search/search.js';
import { successiveHalvingPruner } from '../search/successive-halving.js';
import type { RunningTrial } from '../search/trial.js';
import { Trainer } from '../trainer.js';
import { AutoStore } from './auto-store.js';
import type { AutoTrainOptions, CheckedAutoTrain } from './auto-train-options.js';
import { checkAutoTrain } from './auto-train-options.js';
import { type Candidate, listCandidates } from './candidates.js';
import { judgeModel } from './judge-model.js';
import { type ImageKind, lookAtImages } from './look-at-images.js';
import { engineOptions, measureCost } from './measure-cost.js';
import { type AutoTrainPlan, finalEpochs, finalShare, makePlan, measuringShare, searchShare } from './plan.js';
import { ingredients, type Recipe, recipeSampler, recipeSpace } from './recipe.js';
import { type AutoTrainReport, makeReport } from './report.js';
import { slicedEpochs } from './sliced-epochs.js';
import { type DataParts, partOf, splitData } from './split-data.js';

/** What `autoTrain` leads to. */
export interface AutoTrainResult {
  /** Ready for use: labels and preprocessing are inside. */
  readonly model: Model;
  /** Share of right answers on the validation images, 0..1. They chose the model, so others will have a little less. */
  readonly accuracy: number;
  /** What the model was made by. */
  readonly recipe: Recipe;
  readonly report: AutoTrainReport;
}

/**
 * Makes a classifier of samples and a time: looks at the images, measures what models cost, searches for model, optimizer,
 * schedule, augmentation and batch size by TPE with successive halving over rounds of training, and trains the best again
 * for as long as is left. Gives the most accurate model that it met, and tells what it tried.
 *
 * The same data, options and seed with the same `plan` give the same trials in the same order, whatever `parallel`; how
 * many there are is what the budget decides. With a storage, the same call goes on where an earlier one was killed or
 * aborted, within trials too, on its plan and with the seconds that it had left.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range; `ABORTED`, everything being kept; `TRAIN_SEARCH_FAILED`
 *   when no trial was complete; `TRAIN_SEARCH_MISMATCH` when something else is stored under the key,
 *   `TRAIN_SEARCH_INVALID` when it cannot be read; `TRAIN_DATA_INVALID`; what `Trainer`, loader and storage throw
 */
export async function autoTrain(source: SampleSource, options: AutoTrainOptions): Promise<AutoTrainResult> {
  const checked = checkAutoTrain(source, options);
  throwIfAborted(checked.signal);
  const began = performance.now();
  const parts =
    checked.validation === undefined
      ? await splitData(source, checked.seed, checked)
      : { train: source, validation: checked.validation };
  if (parts.train.length < 2 || parts.validation.length < 1) {
    throw new PerceptError(
      'TRAIN_DATA_INVALID',
      `Expected images to learn from and images to judge by for autoTrain() but received ${source.length} in all. Add samples: at least two of some class`,
    );
  }
  const kind = await lookAtImages(parts.train, checked.loader, checked.signal);
  const run = new AutoRun(checked, parts, listCandidates(kind, source.classes, checked), began);
  return run.toEnd(kind);
}

/** What became of the training of the best recipe. */
interface LastTraining {
  /** Absent where it diverged. */
  readonly model?: Model;
  /** NaN where it diverged. */
  readonly accuracy: number;
  readonly history: readonly EpochRecord[];
  /** How it diverged. */
  readonly diverged?: string;
}

class AutoRun {
  readonly #options: CheckedAutoTrain;
  readonly #parts: DataParts;
  readonly #candidates: readonly Candidate[];
  readonly #began: number;
  readonly #store: AutoStore;
  readonly #judgingLoaders = new Map<string, BatchSource>();

  constructor(options: CheckedAutoTrain, parts: DataParts, candidates: readonly Candidate[], began: number) {
    this.#options = options;
    this.#parts = parts;
    this.#candidates = candidates;
    this.#began = began;
    this.#store = new AutoStore(options.storage ?? memoryStorage(), options.key);
  }

  async toEnd(kind: ImageKind): Promise<AutoTrainResult> {
    const plan = await this.#planned(kind);
    const found = await this.#search(plan);
    const trialModel = await this.#store.bestModel(found.best.number);
    const { train, validation } = this.#parts;
    const trialAccuracy =
      plan.judged >= validation.length
        ? found.best.value
        : await judgeModel(trialModel, this.#judging(found.best.params, validation), this.#options);
    const trained = await this.#trainBest(plan, found);
    const better = trained?.model !== undefined && trained.accuracy > trialAccuracy;
    const outcome = better
      ? { from: 'training' as const, accuracy: trained.accuracy }
      : { from: 'trial' as const, accuracy: trialAccuracy };
    return {
      model: better ? trained.model : trialModel,
      accuracy: outcome.accuracy,
      recipe: found.best.params,
      report: makeReport({
        search: found,
        plan,
        leftOut: this.#candidates.map(({ name }) => name).filter((name) => !(name in plan.imagesPerRound)),
        history: trained?.history ?? [],
        seconds: this.#seconds(),
        parts: { train: train.length, validation: validation.length },
        outcome: { ...outcome, diverged: trained?.diverged },
      }),
    };
  }

  /** How long trials are: as stored, as handed in, or as measured now. */
  async #planned(kind: ImageKind): Promise<AutoTrainPlan> {
    const { plan: given, budget } = this.#options;
    const identity = await this.#identity(kind);
    const stored = await this.#store.open(identity);
    if (stored !== undefined) return stored;
    const plan = given ?? makePlan(await this.#measure(), { budget, ...this.#counts() });
    if (!this.#candidates.some(({ name }) => name in plan.imagesPerRound)) {
      const names = this.#candidates.map(({ name }) => name).join(', ');
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected a plan for some of ${names} but received one for ${Object.keys(plan.imagesPerRound).join(', ')}. Hand in the plan of a report with the same models`,
      );
    }
    await this.#store.begin(identity, plan);
    return plan;
  }

  async #identity(kind: ImageKind): Promise<Record<string, string>> {
    const { augmentations, seed } = this.#options;
    const { train, validation } = this.#parts;
    const { classes } = train;
    const names = new TextEncoder().encode(JSON.stringify(classes));
    return {
      images: `${train.length} and ${validation.length}, ${JSON.stringify(kind)}`,
      classes: `${classes.length}, ${await sha256Digest(names)}`,
      models: this.#candidates.map(({ name }) => name).join(', '),
      augmentations: augmentations.join(', '),
      seed: String(seed),
    };
  }

  async #measure(): Promise<Record<string, number>> {
    const { onProgress, budget } = this.#options;
    const costs: Record<string, number> = {};
    const total = this.#candidates.length;
    for (const [at, candidate] of this.#candidates.entries()) {
      // What takes its time to be measured is too slow to be tried; cheap models come first.
      if (at > 0 && this.#seconds() > measuringShare * budget) break;
      costs[candidate.name] = await measureCost(candidate, this.#parts.train, this.#options);
      onProgress?.({ stage: 'measure models', done: at + 1, total, unit: 'models' });
    }
    return costs;
  }

  async #search(plan: AutoTrainPlan): Promise<SearchResult<Recipe>> {
    const { augmentations, budget, trials, parallel, seed, signal } = this.#options;
    const models = this.#candidates.map(({ name }) => name).filter((name) => name in plan.imagesPerRound);
    const spentBefore = this.#store.spent;
    const began = performance.now();
    const spent = (): number => spentBefore + (performance.now() - began) / 1000;
    const told = { trials: 0, best: Number.NaN };
    const tell = (): void => {
      // A process that is killed says no farewell; a failure shows at the end.
      this.#store.spend(spent()).catch(() => {});
      this.#tellSearch(spent(), told);
    };
    try {
      return await search<ReturnType<typeof recipeSpace>>((trial) => this.#runTrial(trial, plan, tell), {
        space: recipeSpace(models, augmentations, this.#parts.train.length),
        direction: 'maximize',
        sampler: recipeSampler(models, augmentations),
        pruner: successiveHalvingPruner({ reductionFactor: 3 }),
        // What is left may be nothing: the trials that are stored are read all the same.
        seconds: Math.max(1e-3, searchShare * budget - spentBefore),
        ...(trials === undefined ? {} : { trials }),
        parallel,
        seed,
        storage: this.#store.storage,
        key: this.#store.key,
        signal,
        onProgress({ done, values }) {
          told.trials = done;
          told.best = values?.best ?? Number.NaN;
          tell();
        },
      });
    } finally {
      await this.#store.spend(spent());
    }
  }

  async #runTrial(trial: RunningTrial<Recipe>, plan: AutoTrainPlan, tell: () => void): Promise<number> {
    const { number, params, signal } = trial;
    const candidate = this.#candidate(params.model);
    const data = this.#learning(params);
    const validation = this.#judging(params, this.#judges(plan.judged));
    const stepsPerEpoch = Math.max(1, Math.round(plan.imagesPerRound[params.model]! / params.batchSize));
    const length = { epochs: plan.rounds, stepsPerEpoch, rateFactor: candidate.rateFactor };
    const key = this.#store.runningKey(number);
    let value = Number.NaN;
    const judge = ({ epoch, validationAccuracy }: EpochRecord): boolean => {
      value = validationAccuracy ?? Number.NaN;
      trial.report(epoch, value);
      return trial.shouldPrune();
    };
    // What an interrupted trial had told before is told again.
    const before = await readCheckpoint(this.#store.storage, key);
    const ended = before?.position.history.map(judge).includes(true) === true;
    try {
      if (ended) return value;
      const { model, stopped } = await this.#trainer(candidate, {
        data: slicedEpochs(data, stepsPerEpoch),
        validation,
        ...ingredients(params, length),
        epochs: plan.rounds,
        checkpoint: { storage: this.#store.storage, key },
        callbacks: [
          {
            onEpochEnd(record, control) {
              tell();
              if (judge(record)) control.stop('not among the best');
              return undefined;
            },
          },
        ],
      }).fit({ signal });
      if (stopped === undefined) await this.#store.keepIfBest(number, value, model);
      return value;
    } finally {
      // An aborted trial goes on from its checkpoint one day.
      if (!signal.aborted) await this.#store.storage.delete(key);
    }
  }

  /** Trains the best recipe for as long as there is time for. */
  async #trainBest(plan: AutoTrainPlan, { best }: SearchResult<Recipe>): Promise<LastTraining | undefined> {
    const { budget, signal, onProgress } = this.#options;
    const { params, number } = best;
    const epochs = finalEpochs(plan, params.model, { budget, ...this.#counts() });
    if (epochs === 0) return undefined;
    const candidate = this.#candidate(params.model);
    const data = this.#learning(params);
    const length = { epochs, stepsPerEpoch: data.batchesPerEpoch, rateFactor: candidate.rateFactor };
    const key = `${this.#store.key}/final/${number}-${epochs}`;
    const trainer = this.#trainer(candidate, {
      data,
      validation: this.#judging(params, this.#parts.validation),
      ...ingredients(params, length),
      epochs,
      best: { monitor: 'validationAccuracy' },
      checkpoint: { storage: this.#store.storage, key },
    });
    try {
      const trained = await trainer.fit({
        signal,
        onProgress: (progress: Progress) => {
          if (progress.stage === 'train') onProgress?.({ ...progress, stage: 'train the best' });
        },
      });
      return { model: trained.best!.model, accuracy: trained.best!.value, history: trained.history };
    } catch (error) {
      if (!isPerceptError(error, 'TRAIN_DIVERGED')) throw error;
      // What went well over few epochs may go wrong over many; the search has its model all the same.
      const stored = await readCheckpoint(this.#store.storage, key);
      return { accuracy: Number.NaN, history: stored?.position.history ?? [], diverged: error.message };
    }
  }

  #trainer(
    { build, preprocess }: Candidate,
    training: Omit<ConstructorParameters<typeof Trainer>[0], 'model'>,
  ): Trainer {
    const { seed } = this.#options;
    const options = { ...training, ...build(), ...engineOptions(this.#options), seed, metadata: { preprocess } };
    return new Trainer(options);
  }

  #learning({ model, batchSize, augmentation }: Recipe): BatchSource {
    const { loader, seed } = this.#options;
    const { train } = this.#parts;
    const { preprocess } = this.#candidate(model);
    const dropLast = train.length >= batchSize;
    return loader({ source: train, preprocess, batchSize, augmentation, shuffle: true, dropLast, seed });
  }

  /** The same loader for the same images, so that what it keeps decoded serves all trials. */
  #judging({ model }: Recipe, source: SampleSource): BatchSource {
    const { loader, seed } = this.#options;
    const name = `${model} ${source.length}`;
    const known = this.#judgingLoaders.get(name);
    if (known !== undefined) return known;
    const { preprocess } = this.#candidate(model);
    const request = { source, preprocess, batchSize: 64, augmentation: 'none', shuffle: false, dropLast: false, seed };
    const made = loader(request);
    this.#judgingLoaders.set(name, made);
    return made;
  }

  /** So many of the validation images, drawn by the seed. */
  #judges(count: number): SampleSource {
    const { validation } = this.#parts;
    if (count >= validation.length) return validation;
    const order = keyedPermutation(validation.length, this.#options.seed, 'auto judges');
    return partOf(
      validation,
      Array.from({ length: count }, (_, at) => order.at(at)),
    );
  }

  #candidate(name: string): Candidate {
    return this.#candidates.find((candidate) => candidate.name === name)!;
  }

  #counts(): { images: number; judged: number } {
    return { images: this.#parts.train.length, judged: this.#parts.validation.length };
  }

  #tellSearch(spent: number, { trials, best }: { trials: number; best: number }): void {
    const { budget, onProgress } = this.#options;
    const total = Math.round(searchShare * budget);
    const secondsLeft = Math.max(0, Math.round((searchShare + finalShare) * budget - spent));
    onProgress?.({
      stage: 'search',
      done: Math.min(total, Math.round(spent)),
      total,
      unit: 'seconds',
      values: { trials, secondsLeft, ...(Number.isNaN(best) ? {} : { best }) },
    });
  }

  #seconds(): number {
    return (performance.now() - this.#began) / 1000;
  }
}
