// The engine of ONNX models: one graph per batch shape, run where the state lives.
import { type Batch, type LongCallOptions, type Tensor, tensor } from '@percept/core';
import { type Model, modelDigest, type PerceptMetadata, withMetadata, writeModel } from '@percept/onnx';
import type { Checkpointing } from './checkpointing/recompute-activations.js';
import { brokenState } from './divergence.js';
import type { EngineOptions, NonFiniteTensor, StepRequest, StepResult, TrainingEngine } from './engine.js';
import type { LoweringChoices } from './lowerings/lowering-choices.js';
import type { Freezing } from './models/freeze.js';
import { type DrawKey, isFiniteTensor, type StepRunner } from './step-executor.js';
import { stepFailure } from './step-failure.js';
import type { Trainable } from './trainable.js';
import { withState } from './trained-model.js';
import {
  buildCollectingStep,
  buildDiagnosis,
  buildScoringStep,
  buildTrainingStep,
  type DiagnosedValue,
  initialState,
  movingStatistics,
  namesForUse,
  type StepOptions,
  scalarName,
  shareScalar,
  stepNames,
  trainedParameters,
} from './training-step.js';

/** A model that is to be trained, seen from all sides. */
export interface OnnxSource {
  /** The model that is exported. */
  readonly model: Model;
  /** The part of it that the steps compute: all, or what comes after cached features. */
  readonly trained: Model;
  /** The same, sorted out. */
  readonly source: Trainable;
  readonly freezing: Freezing | undefined;
  readonly checkpointing?: Checkpointing | undefined;
}

/** Finds the fastest lowerings of a model's convolutions for one shape of the input. */
export type TuneModel = (
  model: Model,
  inputDims: readonly number[],
  trained: readonly string[],
  call: LongCallOptions,
) => Promise<LoweringChoices>;

/** The part of a model's metadata that decides what its steps compute. */
function trainingMetadata({ metadata }: Model): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).filter(([key]) => key.startsWith('percept.train.')));
}

/** What an engine works with. */
export interface OnnxSurroundings {
  readonly runner: StepRunner;
  readonly tune: TuneModel;
}

/** Computes the steps of an ONNX model on a {@link StepRunner}. */
export class OnnxEngine implements TrainingEngine {
  readonly fingerprint: Readonly<Record<string, string>>;
  readonly #given: OnnxSource;
  #step: StepOptions;
  readonly #tune: TuneModel;
  readonly #seed: number;
  readonly #runner: StepRunner;
  /** Parameter names that scoring feeds from the optimizer's averages. */
  readonly #forUse: ReadonlyMap<string, string>;
  readonly #loaded = new Set<string>();
  /** What the graphs of diagnoses give, by their names. */
  readonly #diagnosed = new Map<string, readonly DiagnosedValue[]>();
  #ready: Promise<void> = Promise.resolve();

  private constructor(
    given: OnnxSource,
    options: EngineOptions,
    { runner, tune }: OnnxSurroundings,
    fingerprint: Readonly<Record<string, string>>,
  ) {
    const { loss, optimizer, classes, accumulate, seed } = options;
    this.#given = given;
    this.#step = {
      loss,
      optimizer,
      accumulate,
      freezing: given.freezing,
      checkpointing: given.checkpointing,
      ...(classes.length === 0 ? {} : { classes: classes.length }),
    };
    this.#seed = seed;
    this.#runner = runner;
    this.#tune = tune;
    this.#forUse = namesForUse(given.source, this.#step);
    this.fingerprint = fingerprint;
  }

  static async create(given: OnnxSource, options: EngineOptions, surroundings: OnnxSurroundings): Promise<OnnxEngine> {
    const { model, freezing, checkpointing } = given;
    return new OnnxEngine(given, options, surroundings, {
      model: await modelDigest(writeModel({ ...model, metadata: trainingMetadata(model) })),
      ...(checkpointing === undefined ? {} : { checkpointing: String(checkpointing) }),
      ...(freezing === undefined ? {} : { freeze: freezing.frozen.concat(freezing.frozenStatistics).join('\n') }),
    });
  }

  initialState(): ReadonlyMap<string, Tensor> {
    return initialState(this.#given.source, this.#step);
  }

  restore(state: ReadonlyMap<string, Tensor>): Promise<void> {
    return this.#runner.restore(state);
  }

  snapshot(): Promise<ReadonlyMap<string, Tensor>> {
    // Steps whose graph is still being built come before it.
    return this.#ready.then(async () => {
      const [broken, state] = await Promise.all([this.#runner.nonFiniteState(), this.#runner.snapshot()]);
      if (broken !== undefined) throw brokenState(broken);
      return state;
    });
  }

  tune(inputDims: readonly number[], call: LongCallOptions): Promise<LoweringChoices> {
    const { source, trained } = this.#given;
    return this.#tune(trained, inputDims, trainedParameters(source, this.#step), call);
  }

  use(lowerings: LoweringChoices): void {
    this.#step = { ...this.#step, lowerings };
  }

  async step(request: StepRequest): Promise<StepResult> {
    const { dims } = request.batch.inputs;
    const { update } = request;
    const graph = `${update ? 'update' : 'accumulate'} ${dims.join('x')}`;
    await this.#load(graph, () => buildTrainingStep(this.#given.source, { ...this.#step, inputDims: dims, update }));
    const figures = await this.#run(graph, feedsOf(request), this.#draws(request));
    const norm = figures[stepNames.gradientNorm]!;
    return result(figures, update || !Number.isFinite(norm) ? norm : undefined);
  }

  async score(batch: Batch): Promise<StepResult> {
    const { dims } = batch.inputs;
    const graph = `score ${dims.join('x')}`;
    await this.#load(
      graph,
      () => buildScoringStep(this.#given.source, { ...this.#step, inputDims: dims }),
      Object.fromEntries(this.#forUse),
    );
    const feeds = { [stepNames.images]: batch.inputs, [stepNames.labels]: batch.labels };
    return result(await this.#run(graph, feeds, [this.#seed, 0, 0]), undefined);
  }

  async collect(batch: Batch, share: number): Promise<boolean> {
    const { dims } = batch.inputs;
    const { source } = this.#given;
    if (movingStatistics(source, this.#step).length === 0) return false;
    const graph = `collect ${dims.join('x')}`;
    const build = (): Model => buildCollectingStep(source, { ...this.#step, inputDims: dims });
    await this.#load(graph, build, Object.fromEntries(this.#forUse));
    const feeds = { [stepNames.images]: batch.inputs, [scalarName(shareScalar)]: tensor('float32', [], [share]) };
    await this.#run(graph, feeds, [this.#seed, 0, 0]);
    return true;
  }

  async diagnose(request: StepRequest): Promise<NonFiniteTensor | undefined> {
    const { inputs, labels } = request.batch;
    if (!isFiniteTensor(inputs)) return { kind: 'input', name: 'images' };
    if (!isFiniteTensor(labels)) return { kind: 'input', name: 'labels' };
    const broken = await this.#runner.nonFiniteState();
    if (broken !== undefined) return { kind: 'parameter', name: broken };
    const graph = `diagnosis ${inputs.dims.join('x')}`;
    await this.#load(graph, () => {
      const diagnosis = buildDiagnosis(this.#given.source, { ...this.#step, inputDims: inputs.dims });
      this.#diagnosed.set(graph, diagnosis.candidates);
      return diagnosis.model;
    });
    const candidates = this.#diagnosed.get(graph)!;
    const outputs = candidates.map(({ output }) => output);
    const { images, labels: targets } = stepNames;
    const feeds = { [images]: inputs, [targets]: labels };
    const found = await this.#runner.firstNonFinite(graph, feeds, this.#draws(request), outputs);
    const candidate = candidates.find(({ output }) => output === found);
    if (candidate === undefined) return undefined;
    const { kind, name, node } = candidate;
    return { kind, name, ...(node === undefined ? {} : { node }) };
  }

  async exportModel(state: ReadonlyMap<string, Tensor>, metadata: PerceptMetadata): Promise<Model> {
    const forUse = new Map([...state.keys()].map((name) => [name, state.get(this.#forUse.get(name) ?? name)!]));
    return withMetadata(withState(this.#given.model, forUse), metadata);
  }

  close(): Promise<void> {
    return this.#runner.close();
  }

  async #run(
    graph: string,
    feeds: Readonly<Record<string, Tensor>>,
    draws: DrawKey,
  ): Promise<Readonly<Record<string, number>>> {
    try {
      return await this.#runner.run(graph, feeds, draws);
    } catch (error) {
      throw stepFailure(error);
    }
  }

  #draws({ epoch, step }: StepRequest): DrawKey {
    return [this.#seed, epoch, step];
  }

  /**
   * Builds and loads the graph of a batch shape when it is first met: the last batch of an epoch is often smaller. Callers
   * go on in the order of their calls.
   */
  #load(name: string, build: () => Model, aliases: Readonly<Record<string, string>> = {}): Promise<void> {
    const loaded = this.#ready.then(async () => {
      if (this.#loaded.has(name)) return;
      await this.#runner.load(name, { model: writeModel(build()), aliases });
      this.#loaded.add(name);
    });
    this.#ready = loaded.catch(() => undefined);
    return loaded;
  }
}

function feedsOf({ batch, scalars }: StepRequest): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = { [stepNames.images]: batch.inputs, [stepNames.labels]: batch.labels };
  for (const [name, value] of Object.entries(scalars)) feeds[scalarName(name)] = tensor('float32', [], [value]);
  return feeds;
}

function result(figures: Readonly<Record<string, number>>, gradientNorm: number | undefined): StepResult {
  const { [stepNames.loss]: loss, [stepNames.correct]: correct } = figures;
  return {
    loss: loss!,
    ...(correct === undefined ? {} : { correct }),
    ...(gradientNorm === undefined ? {} : { gradientNorm }),
  };
}
