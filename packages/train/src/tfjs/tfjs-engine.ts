// Computes the steps of a LayersModel: forward and backward by TensorFlow.js, the loss and the update of the weights by the
// graphs that the package's losses and optimizers emit. Everything stays on the device of TensorFlow.js between steps.
import { type Batch, isPerceptError, PerceptError, type Tensor } from '@percept/core';
import { type Model, modelDigest, type PerceptMetadata, withMetadata } from '@percept/onnx';
import { assertValidModel } from '@percept/onnx/graph';
import { brokenState } from '../divergence.js';
import type { EngineOptions, NonFiniteTensor, StepRequest, StepResult, TrainingEngine } from '../engine.js';
import { optimizerStateName } from '../optimizers/emit-updates.js';
import { isFiniteTensor, nonFiniteIn } from '../step-executor.js';
import { withShare } from './collecting-normalization.js';
import { withoutActivation } from './final-activation.js';
import { frozenNormalizations, withFrozen } from './frozen-normalization.js';
import { withDropoutSeeds } from './keyed-dropout.js';
import { leafLayers } from './leaf-layers.js';
import { buildLossGraph, lossNames } from './loss-graph.js';
import { keptIsFinite, watchLayers } from './non-finite-layer.js';
import { onnxOnTf, type TfGraph, tensorOnTf } from './onnx-on-tf/onnx-on-tf.js';
import type { TensorFlow, TfLayer, TfLayersModel, TfLayerVariable, TfTensor } from './tensor-flow-module.js';
import { accumulatedName, TfState } from './tf-state.js';
import { convertModel, imageAxesOf } from './to-onnx/convert-model.js';
import type { ImageAxes } from './to-onnx/layer-value.js';
import { buildUpdateGraph, gradientName, nextPrefix, scalarName, valueOfInput } from './update-graph.js';
import { weightNames } from './weight-names.js';
import { weightValues } from './weight-values.js';

/** A LayersModel, seen as something to train. */
export interface LayersSource {
  readonly tf: TensorFlow;
  readonly model: TfLayersModel;
  /** The layer whose activation is passed by, see `finalActivation`. */
  readonly last: TfLayer | undefined;
}

/** What a step leaves on the device, outside of any tidy. */
interface StepTensors {
  readonly loss: TfTensor;
  readonly correct?: TfTensor;
  /** Norm of the gradients that the optimizer sees or will see; absent where nothing is learnt. */
  readonly norm?: TfTensor;
  /** New values of the state. */
  readonly next: Record<string, TfTensor>;
}

/** Trains a LayersModel in the thread that calls. */
export class TfjsEngine implements TrainingEngine {
  readonly fingerprint: Readonly<Record<string, string>>;
  readonly #tf: TensorFlow;
  readonly #source: LayersSource;
  readonly #options: EngineOptions;
  readonly #state: TfState;
  /** The weights as they were before the first step. */
  readonly #initial: ReadonlyMap<TfLayerVariable, Float32Array>;
  readonly #layers: readonly TfLayer[];
  readonly #frozen: readonly TfLayer[];
  /** The batch normalizations whose statistics move. */
  readonly #moving: readonly TfLayer[];
  readonly #axes: ImageAxes;
  readonly #lossGraphs = new Map<string, TfGraph>();
  #updateGraph: { graph: TfGraph; inputs: readonly string[] } | undefined;
  /** Whether a step was not finite: those under way behind it must not move the state. */
  #halted = false;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(
    source: LayersSource,
    options: EngineOptions,
    state: TfState,
    initial: ReadonlyMap<TfLayerVariable, Float32Array>,
    digest: string,
  ) {
    this.#tf = source.tf;
    this.#source = source;
    this.#options = options;
    this.#state = state;
    this.#initial = initial;
    this.#layers = leafLayers(source.model);
    this.#frozen = frozenNormalizations(source.model, this.#layers);
    this.#moving = this.#layers.filter(
      (layer) => layer.getClassName() === 'BatchNormalization' && !this.#frozen.includes(layer),
    );
    this.#axes = imageAxesOf(source.model);
    this.fingerprint = {
      engine: `tfjs ${source.tf.getBackend()}`,
      model: digest,
      scores: source.last === undefined ? 'output' : 'logits',
    };
  }

  static async create(source: LayersSource, options: EngineOptions): Promise<TfjsEngine> {
    const { tf, model } = source;
    const state = new TfState(tf, model, options);
    const values = await weightValues(model);
    // What cannot be exported is told now, not after hours.
    convertModel(model, values);
    // Names of whole models count up in a process, so they tell nothing.
    const { name: _, ...config } = model.getConfig() as Record<string, unknown>;
    const digest = await modelDigest(new TextEncoder().encode(JSON.stringify([model.getClassName(), config])));
    return new TfjsEngine(source, options, state, values, digest);
  }

  initialState(): ReadonlyMap<string, Tensor> {
    return this.#state.initial(this.#initial);
  }

  restore(state: ReadonlyMap<string, Tensor>): Promise<void> {
    return this.#inTurn(async () => {
      this.#state.restore(state);
      this.#halted = false;
    });
  }

  snapshot(): Promise<ReadonlyMap<string, Tensor>> {
    return this.#inTurn(async () => {
      const state = await this.#state.snapshot();
      const broken = nonFiniteIn(state);
      if (broken !== undefined) throw brokenState(broken);
      return state;
    });
  }

  step(request: StepRequest): Promise<StepResult> {
    return this.#inTurn(async () => {
      const settle = this.#state.holdOthers();
      let tensors: StepTensors;
      try {
        tensors = this.#tf.tidy(() => this.#compute(request));
      } catch (error) {
        settle('restore');
        throw error;
      }
      const { next, ...figures } = tensors;
      const { gradientNorm, ...result } = await readFigures(figures);
      const figuresAreFinite = [gradientNorm, ...Object.values(result)].every(Number.isFinite);
      this.#halted ||= !figuresAreFinite;
      settle(this.#halted ? 'restore' : 'forget');
      if (!this.#halted) this.#state.update(next);
      else for (const value of Object.values(next)) value.dispose();
      // Gradients that are only added up are a part of those that the optimizer sees: their norm tells of trouble alone.
      return request.update || !Number.isFinite(gradientNorm) ? { ...result, gradientNorm: gradientNorm! } : result;
    });
  }

  score({ inputs, labels }: Batch): Promise<StepResult> {
    return this.#inTurn(async () => {
      const putBack = this.#state.averaged(this.#options.optimizer.average);
      try {
        const figures = this.#tf.tidy(() => {
          const scores = this.#scores(this.#images(inputs), false);
          const { loss, correct } = this.#lossOf(scores, tensorOnTf(this.#tf, labels));
          return { loss: loss!, ...(correct === undefined ? {} : { correct }) };
        });
        return await readFigures(figures);
      } finally {
        putBack();
      }
    });
  }

  collect({ inputs }: Batch, share: number): Promise<boolean> {
    return this.#inTurn(async () => {
      if (this.#moving.length === 0) return false;
      const others = this.#layers.filter((layer) => ![...this.#moving, ...this.#frozen].includes(layer));
      const putBack = this.#state.averaged(this.#options.optimizer.average);
      try {
        this.#tf.tidy(() => {
          withShare(this.#moving, others, share, () => void this.#scores(this.#images(inputs), true));
        });
      } finally {
        putBack();
      }
      return true;
    });
  }

  diagnose(request: StepRequest): Promise<NonFiniteTensor | undefined> {
    return this.#inTurn(async () => {
      const { inputs, labels } = request.batch;
      if (!isFiniteTensor(inputs)) return { kind: 'input', name: 'images' };
      if (!isFiniteTensor(labels)) return { kind: 'input', name: 'labels' };
      const broken = nonFiniteIn(await this.#state.snapshot());
      if (broken !== undefined) return { kind: 'parameter', name: broken };
      const candidates: (NonFiniteTensor & { finite: TfTensor })[] = [];
      const settle = this.#state.holdOthers();
      try {
        this.#tf.tidy(() => {
          let gradients: ReadonlyMap<string, TfTensor> = new Map();
          const seen = watchLayers(this.#tf, this.#layers, () => {
            ({ gradients } = this.#gradients(request));
          });
          for (const { layer, finite } of seen) {
            candidates.push({
              kind: 'activation',
              name: layer.name,
              node: `${layer.getClassName()} ${layer.name}`,
              finite,
            });
          }
          // The gradient flows backwards: what is nearest to the output comes first.
          for (const [name, value] of [...gradients].reverse()) {
            candidates.push({ kind: 'gradient', name, finite: keptIsFinite(this.#tf, value) });
          }
        });
      } finally {
        settle('restore');
      }
      let found: NonFiniteTensor | undefined;
      for (const { finite, ...tensor } of candidates) {
        if (found === undefined && (await finite.data())[0] === 0) found = tensor;
        finite.dispose();
      }
      return found;
    });
  }

  async exportModel(state: ReadonlyMap<string, Tensor>, metadata: PerceptMetadata): Promise<Model> {
    const { model } = this.#source;
    const { average } = this.#options.optimizer;
    const trained = new Set(this.#state.trained.map(({ name }) => name));
    const values = new Map(
      [...weightNames(model)].map(([weight, name]) => {
        const used = average !== undefined && trained.has(name) ? optimizerStateName(average, name) : name;
        return [weight, state.get(used)!.data as Float32Array];
      }),
    );
    const { model: converted } = convertModel(model, values);
    assertValidModel(converted);
    return withMetadata(converted, metadata);
  }

  close(): Promise<void> {
    return this.#inTurn(async () => {
      for (const graph of this.#lossGraphs.values()) graph.dispose();
      this.#lossGraphs.clear();
      this.#updateGraph?.graph.dispose();
      this.#updateGraph = undefined;
      this.#state.dispose();
    });
  }

  /** Answers calls in order. */
  #inTurn<Result>(call: () => Promise<Result>): Promise<Result> {
    const answer = this.#last.then(call).catch((error: unknown) => {
      throw isPerceptError(error) ? error : stepFailed(error);
    });
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  #compute(request: StepRequest): StepTensors {
    const tf = this.#tf;
    const { accumulate, optimizer } = this.#options;
    const { loss, correct, gradients: fresh } = this.#gradients(request);
    const figures = { loss, ...(correct === undefined ? {} : { correct }) };
    const gradients = new Map(fresh);
    if (accumulate > 1) {
      const share = scalarOf(tf, 1 / accumulate);
      for (const [name, value] of fresh) {
        gradients.set(name, tf.add(this.#state.get(accumulatedName(name)), tf.mul(value, share)));
      }
    }
    const norm = tf.sqrt(tf.addN([...gradients.values()].map((value) => tf.sum(tf.square(value)))));
    if (accumulate > 1 && !request.update) {
      const sums = [...gradients].map(([name, sum]) => [accumulatedName(name), sum]);
      return { ...figures, norm, next: Object.fromEntries(sums) };
    }

    const { graph, inputs } = this.#updates();
    const given = new Map([...gradients].map(([name, value]) => [gradientName(name), value]));
    for (const name of ['learningRate', ...Object.keys(optimizer.scalars)]) {
      given.set(scalarName(name), scalarOf(tf, request.scalars[name]!));
    }
    const feeds = inputs.map((input) => [
      input,
      given.get(valueOfInput(input)) ?? this.#state.get(valueOfInput(input)),
    ]);
    const updated = Object.entries(graph.run(Object.fromEntries(feeds))).map(([name, value]) => [
      name.slice(nextPrefix.length),
      value,
    ]);
    const cleared =
      accumulate > 1 ? [...gradients].map(([name, sum]) => [accumulatedName(name), tf.zerosLike(sum)]) : [];
    return { ...figures, norm, next: Object.fromEntries([...updated, ...cleared]) };
  }

  /** Loss and gradients of a batch. Layers move their statistics. */
  #gradients({ batch, epoch, step }: StepRequest): {
    loss: TfTensor;
    correct?: TfTensor;
    gradients: ReadonlyMap<string, TfTensor>;
  } {
    const tf = this.#tf;
    const { model } = this.#source;
    const labels = tensorOnTf(tf, batch.labels);
    const images = this.#images(batch.inputs);
    let correct: TfTensor | undefined;
    // The loss gives its gradient itself, which is where the backward pass begins.
    const loss = tf.customGrad((scores, save) => {
      const found = this.#lossOf(scores, labels);
      if (found.correct !== undefined) correct = tf.keep(found.correct);
      save([found.gradient!]);
      return { value: found.loss!, gradFunc: (dy, [gradient]) => tf.mul(dy, gradient!) };
    });
    const variables = this.#state.variables();
    try {
      const { value, grads } = withDropoutSeeds(this.#layers, [this.#options.seed, epoch, step], () =>
        tf.variableGrads(() => {
          const data = loss(this.#scores(images, true));
          return model.calculateLosses().reduce((sum, penalty) => tf.add(sum, penalty), data);
        }, variables),
      );
      const named = this.#state.trained.map(({ name }, index) => {
        const variable = variables[index]!;
        return [name, grads[variable.name] ?? tf.zerosLike(variable)] as const;
      });
      // The clone is freed with the rest.
      const counted = correct === undefined ? {} : { correct: tf.clone(correct) };
      return { loss: value, ...counted, gradients: new Map(named) };
    } finally {
      correct?.dispose();
    }
  }

  /** Images as the layers want them, from `[N, C, H, W]`. */
  #images({ dims, data, type }: Tensor): TfTensor {
    const [{ shape }] = this.#source.model.inputs as unknown as [{ shape: readonly (number | null)[] }];
    const isImage = shape.length === 4;
    const expected = isImage ? this.#axes.fromOnnx.map((axis) => shape[axis]!) : shape;
    if (
      type !== 'float32' ||
      dims.length !== shape.length ||
      expected.some((size, axis) => size !== null && size !== dims[axis])
    ) {
      throw new PerceptError(
        'TRAIN_DATA_INVALID',
        `Expected inputs of float32 [${expected.map((size, axis) => size ?? (axis === 0 ? 'N' : '?')).join(', ')}] for the LayersModel but received ${type} [${dims.join(', ')}]. Resize the images, or build the model for theirs`,
      );
    }
    const given = tensorOnTf(this.#tf, { type, dims, data } as Tensor);
    return isImage ? this.#tf.transpose(given, this.#axes.toOnnx) : given;
  }

  /** The scores `[N, classes, …]`. */
  #scores(images: TfTensor, training: boolean): TfTensor {
    const { model, last } = this.#source;
    const output = withFrozen(this.#frozen, () =>
      withoutActivation(last, () => model.apply(images as never, { training })),
    ) as TfTensor;
    const rank = output.shape.length;
    if (rank < 3 || this.#axes.toOnnx[1] === 1) return output;
    return this.#tf.transpose(output, [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, axis) => axis + 1)]);
  }

  #lossOf(scores: TfTensor, labels: TfTensor): Readonly<Partial<Record<keyof typeof lossNames, TfTensor>>> {
    const key = scores.shape.join('x');
    let graph = this.#lossGraphs.get(key);
    if (graph === undefined) {
      const { loss, classes } = this.#options;
      graph = onnxOnTf(this.#tf, buildLossGraph(loss, scores.shape, classes.length));
      this.#lossGraphs.set(key, graph);
    }
    return graph.run({ [lossNames.scores]: scores, [lossNames.labels]: labels });
  }

  #updates(): { graph: TfGraph; inputs: readonly string[] } {
    if (this.#updateGraph === undefined) {
      const model = buildUpdateGraph(this.#options.optimizer, this.#state.trained);
      const inputs = model.graph.inputs.map(({ name }) => name);
      this.#updateGraph = { graph: onnxOnTf(this.#tf, model), inputs };
    }
    return this.#updateGraph;
  }
}

function scalarOf(tf: TensorFlow, value: number): TfTensor {
  return tf.tensor(Float32Array.of(value), [], 'float32');
}

/** Reads the figures of a step and frees them. */
async function readFigures({ loss, correct, norm }: Omit<StepTensors, 'next'>): Promise<StepResult> {
  const read = async (value: TfTensor): Promise<number> => {
    const [number] = await value.data();
    value.dispose();
    return number!;
  };
  return {
    loss: await read(loss),
    ...(correct === undefined ? {} : { correct: await read(correct) }),
    ...(norm === undefined ? {} : { gradientNorm: await read(norm) }),
  };
}

function stepFailed(cause: unknown): PerceptError {
  const text = cause instanceof Error ? cause.message : String(cause);
  const missing = /Kernel '(\w+)' not registered for backend '(\w+)'/.exec(text);
  if (missing !== null) {
    const [, kernel, backend] = missing;
    return new PerceptError(
      'TRAIN_UNSUPPORTED',
      `Expected a backend of TensorFlow.js that can train the model but ${backend} has no ${kernel}. Set another with tf.setBackend(): cpu, webgl, or that of @tensorflow/tfjs-node`,
      { cause, details: { kernel, backend } },
    );
  }
  return new PerceptError(
    'TRAIN_STEP_FAILED',
    `Expected TensorFlow.js to compute the step but it failed: ${text}. Look for a layer that does not fit its input, or for too little memory`,
    { cause },
  );
}
