import {
  PerceptError,
  type PreprocessSpec,
  type ReferenceProfile,
  type ResolvedModel,
  type Tensor,
  tensor,
} from '@percept/core';
import { outputSize } from '@percept/image';
import { givesProbabilities, type Model, type Runtime, readMetadata, readModel, type Session } from '@percept/onnx';
import type { ServedModel } from '../prediction.js';
import { type BatchedResult, Batcher } from './batcher.js';
import { softmaxRows } from './softmax.js';
import type { ModelIdentity } from './source.js';

/** How models are opened and run. */
export interface OpenOptions {
  readonly runtime: Runtime;
  readonly threads?: number | undefined;
  readonly maxBatch: number;
  readonly maxDelayMs: number;
  /** Whether the model stands in for the main one. */
  readonly fallback: boolean;
  onBatch(size: number): void;
}

/** What a model says about itself that serving needs. */
interface Description {
  readonly labels: readonly string[];
  readonly preprocess: PreprocessSpec;
  readonly profile: ReferenceProfile | undefined;
}

/** A model with an open, warm session, counting who uses it so that it is closed only when nobody does. */
export class LoadedModel implements Description {
  readonly served: ServedModel;
  readonly identity: ModelIdentity;
  readonly labels: readonly string[];
  readonly preprocess: PreprocessSpec;
  readonly profile: ReferenceProfile | undefined;
  readonly #session: Session;
  readonly #batcher: Batcher;
  #users = 0;
  #whenUnused: (() => void) | undefined;

  constructor(
    identity: ModelIdentity,
    fallback: boolean,
    description: Description,
    session: Session,
    batcher: Batcher,
  ) {
    this.served = { name: identity.name, version: identity.version, fallback };
    this.identity = identity;
    this.labels = description.labels;
    this.preprocess = description.preprocess;
    this.profile = description.profile;
    this.#session = session;
    this.#batcher = batcher;
  }

  /** Keeps the session open while `work` runs. */
  async use<T>(work: (model: LoadedModel) => Promise<T>): Promise<T> {
    this.#users++;
    try {
      return await work(this);
    } finally {
      this.#users--;
      if (this.#users === 0) this.#whenUnused?.();
    }
  }

  /** Probabilities `[classes]` for one input `[1, C, H, W]`. */
  classify(input: Tensor<'float32'>, signal: AbortSignal | undefined): Promise<BatchedResult> {
    return this.#batcher.submit(input, signal);
  }

  /** Waits until nobody uses the model any more, then closes its session. */
  async retire(): Promise<void> {
    if (this.#users > 0) await new Promise<void>((resolve) => (this.#whenUnused = resolve));
    await this.#session.close();
  }
}

/**
 * Opens a session for a model and, when its input has a fixed size, warms it with one run over zeros.
 *
 * @throws PerceptError `SERVE_MODEL_INVALID` when the model does not describe itself or is no image classifier, and
 *   whatever reading it or opening a session throws
 */
export async function openModel(resolved: ResolvedModel, options: OpenOptions): Promise<LoadedModel> {
  const model = readModel(resolved.bytes);
  const description = describe(model);
  const session = await options.runtime.createSession(
    resolved.bytes,
    options.threads === undefined ? {} : { threads: options.threads },
  );
  try {
    const run = classifier(model, session, description.labels.length);
    await warm(run, description.preprocess);
    const batcher = new Batcher(run, { ...options, maxBatch: largestBatch(session, options.maxBatch) });
    const { name, version, digest } = resolved;
    return new LoadedModel({ name, version, digest }, options.fallback, description, session, batcher);
  } catch (error) {
    await session.close();
    throw error;
  }
}

function describe(model: Model): Description {
  const { labels, preprocess, profile } = readMetadata(model);
  if (labels === undefined || labels.length === 0 || preprocess === undefined) {
    throw new PerceptError(
      'SERVE_MODEL_INVALID',
      'Expected a model that carries its labels and preprocessing but received one without; ' +
        'add them with withMetadata(model, { labels, preprocess }) of @percept/onnx',
    );
  }
  return { labels, preprocess, profile };
}

/** A model exported for one image at a time cannot take batches. */
function largestBatch(session: Session, wanted: number): number {
  const size = session.inputs[0]?.dims?.[0];
  if (typeof size !== 'number' || size === 1) return size === 1 ? 1 : wanted;
  throw new PerceptError(
    'SERVE_MODEL_INVALID',
    `Expected a model whose batch dimension is free or 1 but received ${size}; export it with a symbolic dimension`,
  );
}

/** The function that runs a batch `[N, C, H, W]` and gives its probabilities `[N, classes]`. */
function classifier(model: Model, session: Session, classes: number) {
  const input = session.inputs[0];
  const output =
    session.outputs.find(({ name }) => name === 'logits' || name === 'probabilities') ?? session.outputs[0];
  if (session.inputs.length !== 1 || input?.type !== 'float32' || output?.type !== 'float32') {
    throw new PerceptError(
      'SERVE_MODEL_INVALID',
      `Expected a model with one float32 input and a float32 output but received inputs (${session.inputs.map(({ type }) => type).join(', ')})` +
        ` and outputs (${session.outputs.map(({ type }) => type).join(', ')})`,
    );
  }
  const probabilities = givesProbabilities(model.graph, output.name, ['Softmax']);
  return async (batch: Tensor<'float32'>): Promise<Float32Array> => {
    const rows = batch.dims[0]!;
    const result = await session.run({ [input.name]: batch }, { outputs: [output.name], transfer: true });
    const scores = result[output.name]?.data as Float32Array;
    if (scores.length !== rows * classes) {
      throw new PerceptError(
        'SERVE_MODEL_INVALID',
        `Expected ${classes} scores per image, one for each label, but the model gave ${scores.length / rows}`,
      );
    }
    return probabilities ? scores : softmaxRows(scores, classes);
  };
}

async function warm(run: (input: Tensor<'float32'>) => Promise<Float32Array>, spec: PreprocessSpec): Promise<void> {
  const size = outputSize(spec);
  if (size === undefined) return;
  await run(tensor('float32', [1, spec.color === 'gray' ? 1 : 3, size.height, size.width]));
}
