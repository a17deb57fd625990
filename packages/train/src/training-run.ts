import { type Batch, type LongCallOptions, PerceptError, type Tensor, throwIfAborted } from '@percept/core';
import type { Model } from '@percept/onnx';
import { BestModels } from './best-models.js';
import type { StepRecord, TrainingControl } from './callback.js';
import { checkLabels } from './check-labels.js';
import {
  checkFingerprint,
  type Fingerprint,
  readCheckpoint,
  type TrainingPosition,
  writeCheckpoint,
} from './checkpoint.js';
import { divergence } from './divergence.js';
import type { EngineOptions, StepRequest, StepResult, TrainingEngine } from './engine.js';
import type { BestEpoch, EpochRecord } from './epoch-record.js';
import { crossEntropy } from './losses.js';
import { epochsWithoutImprovement, monitoredValue, rankEpochs, settleMonitor } from './monitor.js';
import { adam } from './optimizers/adam.js';
import { constantLR } from './schedules.js';
import type { BestOptions, TrainerOptions } from './trainer-options.js';
import { TrainingLog } from './training-log.js';
import { wrongBatchCount } from './wrong-batch-count.js';

/** What a training leads to. */
export interface TrainResult {
  /**
   * The trained model for use: input and output as given, running statistics in BatchNormalization, metadata inside. With
   * `earlyStopping: { restoreBest: true }` that of the best epoch, otherwise of the last.
   */
  readonly model: Model;
  readonly history: readonly EpochRecord[];
  /** The best epoch and its model, where `best` or `restoreBest` asks for it. */
  readonly best?: BestEpoch & { readonly model: Model };
  /** Why the training ended before its last epoch. */
  readonly stopped?: string;
  /** Where the training went on from a checkpoint: epochs finished, and steps of the next one. */
  readonly resumedAt?: { readonly epoch: number; readonly step: number };
}

/** Makes the engine of a training. */
export type CreateEngine = (options: EngineOptions) => Promise<TrainingEngine>;

/** Steps handed to the engine before the first of them is answered: the next batch is there when a step ends. */
const stepsInFlight = 2;

/** One call of `Trainer.fit`: owns the engine from the first step to the last. */
export class TrainingRun {
  readonly #options: TrainerOptions;
  readonly #call: LongCallOptions;
  readonly #loss;
  readonly #optimizer;
  readonly #schedule;
  readonly #log: TrainingLog;
  readonly #bestModels: BestModels;
  readonly #best: BestOptions | undefined;
  readonly #engine: TrainingEngine;
  #position: TrainingPosition = { epoch: 0, step: 0, running: nothing(), history: [], best: [] };
  #fingerprint: Fingerprint = {};
  #saved = { at: Date.now(), steps: 0 };
  /** When the last step was answered, for the time that steps take. */
  #clock = Date.now();

  private constructor(options: TrainerOptions, call: LongCallOptions, engine: TrainingEngine) {
    this.#options = options;
    this.#call = call;
    this.#engine = engine;
    ({ loss: this.#loss, optimizer: this.#optimizer, schedule: this.#schedule } = withDefaults(options));
    this.#log = new TrainingLog(options.tracker, options.trackSteps);
    this.#bestModels = new BestModels(options.checkpoint);
    const { best, earlyStopping } = options;
    this.#best = best ?? (earlyStopping?.restoreBest === true ? monitorOf(earlyStopping) : undefined);
  }

  static async fit(options: TrainerOptions, call: LongCallOptions, createEngine: CreateEngine): Promise<TrainResult> {
    const { data, accumulate = 1, seed = 0, threads } = options;
    const { loss, optimizer } = withDefaults(options);
    const engine = await createEngine({ loss, optimizer, classes: data.classes, accumulate, seed, threads });
    try {
      return await new TrainingRun(options, call, engine).#fit();
    } finally {
      await engine.close();
    }
  }

  async #fit(): Promise<TrainResult> {
    const { epochs, callbacks = [], earlyStopping } = this.#options;
    const resumedAt = await this.#begin();
    const { epoch, step } = this.#position;
    for (const callback of callbacks) await callback.onStart?.({ epoch, step }, this.#control());
    while (this.#position.epoch < epochs && this.#stopped() === undefined) await this.#runEpoch();
    const { history, best } = this.#position;
    for (const callback of callbacks) await callback.onEnd?.(history);
    const [first] = best;
    const bestModel = first && { ...first, model: await this.#bestModels.read(first.epoch) };
    const stopped = this.#position.epoch < epochs ? this.#stopped() : undefined;
    const restored = earlyStopping?.restoreBest === true ? bestModel?.model : undefined;
    if (restored === undefined) await this.#collectStatistics();
    return {
      model: restored ?? (await this.#currentModel()),
      history,
      ...(bestModel === undefined ? {} : { best: bestModel }),
      ...(stopped === undefined ? {} : { stopped }),
      ...(resumedAt === undefined ? {} : { resumedAt }),
    };
  }

  /** Gives averaged weights the running statistics that belong to them: one more pass over the data, forward only. */
  async #collectStatistics(): Promise<void> {
    const { data, epochs } = this.#options;
    const { signal, onProgress } = this.#call;
    if (this.#optimizer.collectsStatistics !== true || this.#engine.collect === undefined) return;
    let done = 0;
    for await (const batch of data.batches({ epoch: epochs, signal })) {
      throwIfAborted(signal);
      done++;
      if (!(await this.#engine.collect(batch, 1 / done))) return;
      onProgress?.({ stage: 'collect statistics', done, total: data.batchesPerEpoch, unit: 'batches' });
    }
    throwIfAborted(signal);
  }

  async #begin(): Promise<TrainResult['resumedAt']> {
    const { data, validation, checkpoint, seed = 0, epochs, accumulate = 1 } = this.#options;
    this.#fingerprint = {
      ...this.#engine.fingerprint,
      loss: this.#loss.description,
      optimizer: this.#optimizer.description,
      learningRate: this.#optimizer.learningRate,
      schedule: this.#schedule.description,
      seed,
      classes: JSON.stringify(data.classes),
      batchesPerEpoch: data.batchesPerEpoch,
      ...(accumulate === 1 ? {} : { accumulate }),
      ...(data.fingerprint === undefined ? {} : { data: data.fingerprint }),
      ...(validation?.fingerprint === undefined ? {} : { validation: validation.fingerprint }),
    };
    const stored = checkpoint && (await readCheckpoint(checkpoint.storage, checkpoint.key));
    // A resumed training may ask for more epochs, but a parameter of a run keeps its value.
    await this.#log.params({ ...this.#fingerprint, ...(stored === undefined ? { epochs } : {}) });
    if (checkpoint === undefined || stored === undefined) {
      await this.#engine.restore(this.#engine.initialState());
      await this.#tune();
      return undefined;
    }
    checkFingerprint(stored.fingerprint, this.#fingerprint, checkpoint.key);
    const { epoch, step } = stored.position;
    if (epoch > epochs || (epoch === epochs && step > 0)) {
      throw new PerceptError(
        'TRAIN_CHECKPOINT_MISMATCH',
        `Expected a checkpoint of at most ${epochs} epochs in ${checkpoint.key} but it has ${epoch} and ${step} steps. Ask for more epochs, or use another key`,
      );
    }
    this.#position = stored.position;
    // Figures of another kind cannot be compared.
    if (stored.position.bestBy !== this.#bestBy()) this.#position.best = [];
    if (stored.position.choices !== undefined) this.#engine.use?.(stored.position.choices);
    await this.#engine.restore(stored.state);
    return { epoch, step };
  }

  /** Times the ways to compute a step of the first batch's shape, where that is asked for. */
  async #tune(): Promise<void> {
    const { tune = false, data } = this.#options;
    if (tune === false || this.#engine.tune === undefined) return;
    for await (const { inputs } of data.batches({ epoch: 0, signal: this.#call.signal })) {
      const choices = await this.#engine.tune(inputs.dims, this.#call);
      this.#engine.use?.(choices);
      this.#position.choices = choices;
      await this.#log.artifact('choices.json', choices);
      return;
    }
  }

  async #runEpoch(): Promise<void> {
    const { signal } = this.#call;
    const waiting: (() => Promise<void>)[] = [];
    const drain = async (): Promise<void> => {
      for (const settle of waiting.splice(0)) await settle();
    };
    try {
      await this.#runSteps(waiting, drain);
      throwIfAborted(signal);
      await this.#endEpoch();
    } catch (error) {
      if (!signal?.aborted) throw error;
      await drain();
      await this.#save();
      throwIfAborted(signal);
    }
  }

  async #runSteps(waiting: (() => Promise<void>)[], drain: () => Promise<void>): Promise<void> {
    const { data } = this.#options;
    const { signal } = this.#call;
    const position = this.#position;
    // Aborted while it was validated, an epoch has no steps left.
    if (position.step === data.batchesPerEpoch) return;
    this.#clock = Date.now();
    for await (const batch of data.batches({ epoch: position.epoch, start: position.step, signal })) {
      throwIfAborted(signal);
      if (position.step + waiting.length >= data.batchesPerEpoch) throw wrongBatchCount(data, position.epoch, 'more');
      waiting.push(this.#startStep(batch, position.step + waiting.length));
      if (waiting.length >= stepsInFlight) await waiting.shift()!();
      if (this.#checkpointDue(waiting.length)) {
        await drain();
        await this.#save();
      }
    }
    await drain();
    throwIfAborted(signal);
    if (position.step !== data.batchesPerEpoch) throw wrongBatchCount(data, position.epoch, String(position.step));
  }

  /** Hands a batch to the engine; the function that it gives waits for the answer and counts it. */
  #startStep(batch: Batch, step: number): () => Promise<void> {
    const request = this.#request(batch, step);
    const images = batch.inputs.dims[0]!;
    const answer = this.#engine.step(request);
    // An error of an earlier step must not leave this one's unhandled.
    answer.catch(() => undefined);
    return async () => this.#count(await answer, images, request);
  }

  #request(batch: Batch, step: number): StepRequest {
    const { data, accumulate = 1 } = this.#options;
    checkLabels(batch, this.#loss, data.classes);
    const { epoch } = this.#position;
    const updates = Math.ceil(data.batchesPerEpoch / accumulate);
    const update = epoch * updates + Math.floor(step / accumulate) + 1;
    const scalars = Object.entries(this.#optimizer.scalars).map(([name, at]) => [name, at(update)] as const);
    return {
      batch,
      epoch,
      step,
      scalars: { learningRate: this.#learningRate(epoch, step), ...Object.fromEntries(scalars) },
      update: (step + 1) % accumulate === 0 || step + 1 === data.batchesPerEpoch,
    };
  }

  async #count(result: StepResult, images: number, { epoch, step, scalars }: StepRequest): Promise<void> {
    const { loss, correct, gradientNorm } = result;
    const { running } = this.#position;
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm ?? 0)) throw await this.#diverged(result, step);
    const now = Date.now();
    running.seconds += (now - this.#clock) / 1000;
    this.#clock = now;
    running.images += images;
    running.loss += loss * images;
    running.correct = correct === undefined || running.correct === null ? null : running.correct + correct;
    this.#position.step = step + 1;
    this.#saved.steps++;
    const { data, callbacks = [] } = this.#options;
    this.#reportProgress(scalars.learningRate!);
    const record: StepRecord = {
      epoch: epoch + 1,
      step: step + 1,
      globalStep: epoch * data.batchesPerEpoch + step + 1,
      loss,
      learningRate: scalars.learningRate!,
      ...(gradientNorm === undefined ? {} : { gradientNorm }),
    };
    await this.#log.step(record);
    for (const callback of callbacks) await callback.onStep?.(record, this.#control());
  }

  #reportProgress(learningRate: number): void {
    const { data, epochs } = this.#options;
    const { epoch, step, running } = this.#position;
    const done = epoch * data.batchesPerEpoch + step;
    const total = epochs * data.batchesPerEpoch;
    this.#call.onProgress?.({
      stage: 'train',
      done,
      total,
      unit: 'steps',
      values: {
        epoch: epoch + 1,
        loss: running.loss / running.images,
        learningRate,
        imagesPerSecond: running.images / Math.max(running.seconds, 1e-3),
        secondsLeft: Math.round((running.seconds / step) * (total - done)),
      },
    });
  }

  /** Computes the step again from the batch, which is a function of its position, to find where numbers went wrong. */
  async #diverged(result: StepResult, step: number): Promise<PerceptError> {
    const { epoch } = this.#position;
    const batches = this.#options.data.batches({ epoch, start: step, signal: this.#call.signal });
    for await (const batch of batches) {
      return divergence(result, { epoch, step }, await this.#engine.diagnose(this.#request(batch, step)));
    }
    return divergence(result, { epoch, step }, undefined);
  }

  async #endEpoch(): Promise<void> {
    const { running, epoch, history } = this.#position;
    const { data, validation, validateEvery = 1, epochs, callbacks = [] } = this.#options;
    const last = epoch + 1 === epochs || this.#position.stopping !== undefined;
    const validates = validation !== undefined && ((epoch + 1) % validateEvery === 0 || last);
    const plain: EpochRecord = {
      epoch: epoch + 1,
      trainLoss: running.loss / running.images,
      ...(running.correct === null ? {} : { trainAccuracy: running.correct / running.images }),
      ...(validates ? await this.#validate() : {}),
      learningRate: this.#learningRate(epoch, data.batchesPerEpoch - 1),
      seconds: running.seconds,
      imagesPerSecond: running.images / Math.max(running.seconds, 1e-3),
    };
    const metrics: Record<string, number> = {};
    for (const callback of callbacks) Object.assign(metrics, await callback.onEpochEnd?.(plain, this.#control()));
    checkMetrics(metrics, plain);
    const record = Object.keys(metrics).length === 0 ? plain : { ...plain, metrics };
    await this.#log.epoch(record, record.epoch * data.batchesPerEpoch);
    const judged = validates || validation === undefined;
    const { earlyStopping } = this.#options;
    // A name that no figure has must be told at once.
    if (earlyStopping !== undefined)
      monitoredValue(record, settleMonitor(earlyStopping, validation !== undefined), judged);
    const best = await this.#rank(record, judged);
    const dropped = this.#position.best.filter(({ epoch: old }) => !best.some(({ epoch: kept }) => kept === old));
    this.#position = {
      ...this.#position,
      epoch: epoch + 1,
      step: 0,
      running: nothing(),
      history: [...history, record],
      best,
      ...(this.#position.stopping === undefined ? {} : { stopped: this.#position.stopping }),
    };
    await this.#save();
    // Only now does no checkpoint name them any more.
    for (const { epoch: old } of dropped) await this.#bestModels.drop(old);
  }

  async #rank(record: EpochRecord, judged: boolean): Promise<BestEpoch[]> {
    const { best } = this.#position;
    if (this.#best === undefined) return best;
    const monitor = settleMonitor(this.#best, this.#options.validation !== undefined);
    const value = monitoredValue(record, monitor, judged);
    if (value === undefined) return best;
    const ranked = rankEpochs(best, { epoch: record.epoch, value }, this.#best.keep ?? 1, monitor.mode);
    if (ranked.some(({ epoch }) => epoch === record.epoch)) {
      await this.#bestModels.keep(record.epoch, await this.#currentModel());
    }
    this.#position.bestBy = this.#bestBy()!;
    return ranked;
  }

  /** What epochs are ranked by. */
  #bestBy(): string | undefined {
    if (this.#best === undefined) return undefined;
    const { monitor, mode } = settleMonitor(this.#best, this.#options.validation !== undefined);
    return `${mode} ${monitor}`;
  }

  /** Why no further epoch is trained; `undefined` when one may be. */
  #stopped(): string | undefined {
    const { earlyStopping, validation } = this.#options;
    const { stopped, history } = this.#position;
    if (stopped !== undefined || earlyStopping === undefined) return stopped;
    const { patience = 3, minDelta = 0 } = earlyStopping;
    const monitor = settleMonitor(earlyStopping, validation !== undefined);
    const since = epochsWithoutImprovement(history, monitor, minDelta);
    return since >= patience ? `${monitor.monitor} did not improve in ${since} epochs` : undefined;
  }

  async #validate(): Promise<{ validationLoss: number; validationAccuracy?: number }> {
    const { validation } = this.#options;
    const { signal, onProgress } = this.#call;
    const { batchesPerEpoch: total, classes } = validation!;
    const waiting: (() => Promise<void>)[] = [];
    const sums = nothing();
    let done = 0;
    let given = 0;
    for await (const batch of validation!.batches({ epoch: 0, signal })) {
      throwIfAborted(signal);
      if (++given > total) throw wrongBatchCount(validation!, 0, 'more');
      checkLabels(batch, this.#loss, classes);
      const images = batch.inputs.dims[0]!;
      const answer = this.#engine.score(batch);
      answer.catch(() => undefined);
      waiting.push(async () => {
        const { loss, correct } = await answer;
        sums.images += images;
        sums.loss += loss * images;
        sums.correct = correct === undefined || sums.correct === null ? null : sums.correct + correct;
        onProgress?.({ stage: 'evaluate', done: ++done, total, unit: 'batches' });
      });
      if (waiting.length >= stepsInFlight) await waiting.shift()!();
    }
    for (const settle of waiting) await settle();
    throwIfAborted(signal);
    if (given !== total) throw wrongBatchCount(validation!, 0, String(given));
    return {
      validationLoss: sums.loss / sums.images,
      ...(sums.correct === null ? {} : { validationAccuracy: sums.correct / sums.images }),
    };
  }

  #control(): TrainingControl {
    return {
      model: () => this.#currentModel(),
      stop: (reason) => {
        this.#position.stopping ??= reason;
      },
    };
  }

  async #currentModel(): Promise<Model> {
    const { data, metadata, seed = 0 } = this.#options;
    const state: ReadonlyMap<string, Tensor> = await this.#engine.snapshot();
    return this.#engine.exportModel(state, {
      ...(data.classes.length === 0 ? {} : { labels: [...data.classes] }),
      ...metadata,
      lineage: { seed, ...metadata?.lineage },
    });
  }

  #learningRate(epoch: number, step: number): number {
    const stepsPerEpoch = this.#options.data.batchesPerEpoch;
    const { history } = this.#position;
    const validates = this.#options.validation !== undefined;
    const factor = this.#schedule.factor({ epoch, step, stepsPerEpoch, history, validates });
    return this.#optimizer.learningRate * factor;
  }

  #checkpointDue(inFlight: number): boolean {
    const { everySteps = Infinity, everySeconds = Infinity } = this.#options.checkpoint ?? {};
    return this.#saved.steps + inFlight >= everySteps || Date.now() - this.#saved.at >= everySeconds * 1000;
  }

  async #save(): Promise<void> {
    const { checkpoint } = this.#options;
    if (checkpoint === undefined) return;
    const state = await this.#engine.snapshot();
    const { storage, key } = checkpoint;
    await writeCheckpoint(storage, key, { fingerprint: this.#fingerprint, position: this.#position, state });
    this.#saved = { at: Date.now(), steps: 0 };
    this.#clock = Date.now();
  }
}

function withDefaults({ loss, optimizer, schedule }: TrainerOptions) {
  return { loss: loss ?? crossEntropy(), optimizer: optimizer ?? adam(), schedule: schedule ?? constantLR() };
}

function monitorOf({ monitor, mode }: BestOptions): BestOptions {
  return { ...(monitor === undefined ? {} : { monitor }), ...(mode === undefined ? {} : { mode }) };
}

/** Figures of callbacks stand beside those of the training, and in the checkpoint. */
function checkMetrics(metrics: Readonly<Record<string, unknown>>, record: EpochRecord): void {
  const wrong = Object.entries(metrics).find(([name, value]) => typeof value !== 'number' || name in record);
  if (wrong === undefined) return;
  const [name, value] = wrong;
  throw new PerceptError(
    'INVALID_ARGUMENT',
    `Expected numbers under names of their own from onEpochEnd() but received ${name}: ${String(value)}${name in record ? ', a name that the training uses itself' : ''}`,
  );
}

function nothing(): TrainingPosition['running'] {
  return { images: 0, loss: 0, correct: 0, seconds: 0 };
}
