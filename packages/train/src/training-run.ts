import { type Batch, type LongCallOptions, PerceptError, type Tensor, tensor, throwIfAborted } from '@percept/core';
import { type Model, modelDigest, withMetadata, writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import {
  checkFingerprint,
  type EpochRecord,
  type Fingerprint,
  readCheckpoint,
  type TrainingPosition,
  writeCheckpoint,
} from './checkpoint.js';
import { scoreBatches } from './evaluate.js';
import { targetsOf } from './losses/loss.js';
import { crossEntropy } from './losses.js';
import { adam } from './optimizers/adam.js';
import { constantLR } from './schedules.js';
import type { Trainable } from './trainable.js';
import { withState } from './trained-model.js';
import type { TrainerOptions } from './trainer-options.js';
import { buildTrainingStep, initialState, scalarName, stepNames, withAveragedWeights } from './training-step.js';
import { TrainingThread } from './training-thread.js';
import { ValidationTally } from './validation-tally.js';
import type { StepResult } from './worker-protocol.js';

/** What a training leads to. */
export interface TrainResult {
  /** The trained model for use: input and output as given, running statistics in BatchNormalization, metadata inside. */
  readonly model: Model;
  readonly history: readonly EpochRecord[];
  /** Where the training went on from a checkpoint: epochs finished, and steps of the next one. */
  readonly resumedAt?: { readonly epoch: number; readonly step: number };
}

/** Steps handed to the thread before the first of them is answered: the next batch is there when a step ends. */
const stepsInFlight = 2;

/** One call of `Trainer.fit`: owns the training thread from the first step to the last. */
export class TrainingRun {
  readonly #options: TrainerOptions;
  readonly #source: Trainable;
  readonly #call: LongCallOptions;
  readonly #loss;
  readonly #optimizer;
  readonly #schedule;
  readonly #thread = new TrainingThread();
  readonly #graphs = new Set<string>();
  #position: TrainingPosition = { epoch: 0, step: 0, running: nothing(), history: [] };
  #fingerprint: Fingerprint = {};
  #saved = { at: Date.now(), steps: 0 };
  /** When the last step was answered, for the time that steps take. */
  #clock = Date.now();

  constructor(options: TrainerOptions, source: Trainable, call: LongCallOptions) {
    this.#options = options;
    this.#source = source;
    this.#call = call;
    this.#loss = options.loss ?? crossEntropy();
    this.#optimizer = options.optimizer ?? adam();
    this.#schedule = options.schedule ?? constantLR();
  }

  async fit(): Promise<TrainResult> {
    try {
      const resumedAt = await this.#begin();
      const { epochs } = this.#options;
      while (this.#position.epoch < epochs) await this.#runEpoch();
      const state = await this.#stateForUse();
      return {
        model: this.#trainedModel(state),
        history: this.#position.history,
        ...(resumedAt === undefined ? {} : { resumedAt }),
      };
    } finally {
      await this.#thread.close();
    }
  }

  async #begin(): Promise<TrainResult['resumedAt']> {
    const { model, data, checkpoint, tracker, seed = 0, epochs } = this.#options;
    this.#fingerprint = {
      model: await modelDigest(writeModel({ ...model, metadata: {} })),
      loss: this.#loss.description,
      optimizer: this.#optimizer.description,
      learningRate: this.#optimizer.learningRate,
      schedule: this.#schedule.description,
      seed,
      classes: JSON.stringify(data.classes),
      batchesPerEpoch: data.batchesPerEpoch,
    };
    await tracker?.logParams({ ...this.#fingerprint, epochs });
    const stored = checkpoint && (await readCheckpoint(checkpoint.storage, checkpoint.key));
    if (checkpoint === undefined || stored === undefined) {
      await this.#thread.restore(initialState(this.#source, this.#optimizer));
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
    await this.#thread.restore(stored.state);
    return { epoch, step };
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
      waiting.push(await this.#startStep(batch, position.step + waiting.length));
      if (waiting.length >= stepsInFlight) await waiting.shift()!();
      if (this.#checkpointDue(waiting.length)) {
        await drain();
        await this.#save();
      }
    }
    await drain();
    throwIfAborted(signal);
    if (position.step !== data.batchesPerEpoch) {
      throw new PerceptError(
        'TRAIN_DATA_INVALID',
        `Expected ${data.batchesPerEpoch} batches in epoch ${position.epoch} but received ${position.step}. Make batchesPerEpoch tell the truth`,
      );
    }
  }

  /** Hands a batch to the thread; the function that it gives waits for the answer and counts it. */
  async #startStep({ inputs, labels }: Batch, step: number): Promise<() => Promise<void>> {
    this.#checkLabels(labels);
    const graph = await this.#graphFor(inputs.dims);
    const images = inputs.dims[0]!;
    const { epoch } = this.#position;
    const stepsPerEpoch = this.#options.data.batchesPerEpoch;
    const number = epoch * stepsPerEpoch + step + 1;
    const scalars = Object.entries(this.#optimizer.scalars).map(([name, at]) => [name, at(number)] as const);
    const learningRate = this.#learningRate(epoch, step);
    const feeds: Record<string, Tensor> = { [stepNames.images]: inputs, [stepNames.labels]: labels };
    for (const [name, value] of [['learningRate', learningRate] as const, ...scalars]) {
      feeds[scalarName(name)] = tensor('float32', [], [value]);
    }
    const answer = this.#thread.step(graph, feeds);
    // An error of an earlier step must not leave this one's unhandled.
    answer.catch(() => undefined);
    return async () => this.#count(await answer, images, step);
  }

  #count({ loss, correct }: StepResult, images: number, step: number): void {
    const { epoch, running } = this.#position;
    if (!Number.isFinite(loss)) {
      throw new PerceptError(
        'TRAIN_DIVERGED',
        `Expected a finite loss but received ${loss} in epoch ${epoch}, step ${step}. Lower the learning rate, and check the data for values that are not finite`,
        { details: { epoch, step, loss } },
      );
    }
    const now = Date.now();
    running.seconds += (now - this.#clock) / 1000;
    this.#clock = now;
    running.images += images;
    running.loss += loss * images;
    running.correct += correct;
    this.#position.step = step + 1;
    this.#saved.steps++;
    const { data, epochs } = this.#options;
    this.#call.onProgress?.({
      stage: 'train',
      done: epoch * data.batchesPerEpoch + step + 1,
      total: epochs * data.batchesPerEpoch,
      unit: 'steps',
      values: {
        epoch: epoch + 1,
        loss: running.loss / running.images,
        imagesPerSecond: running.images / Math.max(running.seconds, 1e-3),
      },
    });
  }

  async #endEpoch(): Promise<void> {
    const { running, epoch, history } = this.#position;
    const record: EpochRecord = {
      epoch: epoch + 1,
      trainLoss: running.loss / running.images,
      trainAccuracy: running.correct / running.images,
      ...(await this.#validate()),
      learningRate: this.#learningRate(epoch, this.#options.data.batchesPerEpoch - 1),
      seconds: running.seconds,
      imagesPerSecond: running.images / Math.max(running.seconds, 1e-3),
    };
    const { epoch: _, ...metrics } = record;
    await this.#options.tracker?.logMetrics(metrics, record.epoch);
    this.#position = { epoch: epoch + 1, step: 0, running: nothing(), history: [...history, record] };
    await this.#save();
  }

  async #validate(): Promise<{ validationLoss?: number; validationAccuracy?: number }> {
    const { validation, threads } = this.#options;
    if (validation === undefined) return {};
    const model = withState(this.#options.model, await this.#stateForUse());
    const tally = new ValidationTally(validation.classes.length);
    const options = { ...this.#call, runtime: onnxruntimeNode(), ...(threads === undefined ? {} : { threads }) };
    await scoreBatches(model, validation, options, (scores, labels) => tally.add(scores, labels));
    return tally.figures();
  }

  /** The state with averaged weights in place of the last ones, where the optimizer keeps such. */
  async #stateForUse(): Promise<ReadonlyMap<string, Tensor>> {
    return withAveragedWeights(await this.#thread.snapshot(), this.#source, this.#optimizer);
  }

  #learningRate(epoch: number, step: number): number {
    const stepsPerEpoch = this.#options.data.batchesPerEpoch;
    const { history } = this.#position;
    return this.#optimizer.learningRate * this.#schedule.factor({ epoch, step, stepsPerEpoch, history });
  }

  #checkpointDue(inFlight: number): boolean {
    const { everySteps = Infinity, everySeconds = Infinity } = this.#options.checkpoint ?? {};
    return this.#saved.steps + inFlight >= everySteps || Date.now() - this.#saved.at >= everySeconds * 1000;
  }

  async #save(): Promise<void> {
    const { checkpoint } = this.#options;
    if (checkpoint === undefined) return;
    const state = await this.#thread.snapshot();
    const { storage, key } = checkpoint;
    await writeCheckpoint(storage, key, { fingerprint: this.#fingerprint, position: this.#position, state });
    this.#saved = { at: Date.now(), steps: 0 };
    this.#clock = Date.now();
  }

  /** The name of the step graph for a batch shape, built when it is first met: the last batch is often smaller. */
  async #graphFor(inputDims: readonly number[]): Promise<string> {
    const graph = inputDims.join('x');
    if (!this.#graphs.has(graph)) {
      this.#graphs.add(graph);
      const classes = this.#options.data.classes.length;
      const options = { loss: this.#loss, optimizer: this.#optimizer, inputDims, classes };
      const step = buildTrainingStep(this.#source, options);
      await this.#thread.load(graph, writeModel(step), this.#options.threads);
    }
    return graph;
  }

  #checkLabels(labels: Tensor<'int64'>): void {
    const classes = BigInt(this.#options.data.classes.length);
    const { ignored } = targetsOf(this.#loss);
    for (const label of labels.data) {
      if (Number(label) === ignored) continue;
      if (label < 0n || label >= classes) {
        throw new PerceptError(
          'TRAIN_DATA_INVALID',
          `Expected labels in [0, ${classes}) but received ${label}. Check the classes of the data`,
        );
      }
    }
  }

  #trainedModel(state: ReadonlyMap<string, Tensor>): Model {
    const { model, data, metadata, seed = 0 } = this.#options;
    return withMetadata(withState(model, state), {
      labels: [...data.classes],
      ...metadata,
      lineage: { seed, ...metadata?.lineage },
    });
  }
}

function nothing(): TrainingPosition['running'] {
  return { images: 0, loss: 0, correct: 0, seconds: 0 };
}
