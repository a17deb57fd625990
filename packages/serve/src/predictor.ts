import {
  type Image,
  isPerceptError,
  PerceptError,
  type PredictionObserver,
  parseOptions,
  throwIfAborted,
} from '@percept/core';
import { decodeImage, preprocess } from '@percept/image';
import type { Runtime } from '@percept/onnx';
import * as z from 'zod';
import type { BatchedResult } from './model/batcher.js';
import type { LoadedModel, OpenOptions } from './model/loaded-model.js';
import { ModelSlot } from './model/model-slot.js';
import type { ModelSource } from './model/source.js';
import type { ClassScore, Prediction, Predictor, PredictorEvent, PredictorHealth, ReloadResult } from './prediction.js';

/** Options of {@link createPredictor}. */
export interface PredictorOptions {
  /** The model to serve: an address (reloadable) or bytes. It must carry its labels and preprocessing. */
  readonly model: ModelSource;
  /** Answers when the main model cannot be loaded or its run fails. */
  readonly fallback?: ModelSource;
  /** Runs the models, for example `onnxruntimeNode()` of `@percept/onnx/backends/node`. */
  readonly runtime: Runtime;
  /** Threads of a session; default: the runtime's. */
  readonly threads?: number;
  /** Most images in one run; default 16. */
  readonly maxBatch?: number;
  /** How long an image waits for others to share its run, in milliseconds; default 2. */
  readonly maxDelayMs?: number;
  /** Predictions accepted at a time; one more is refused with `SERVE_OVERLOADED`. Default 256. */
  readonly maxPending?: number;
  /** Largest image that is decoded, in pixels; a larger one is refused with `IMAGE_TOO_LARGE`. Default 25 million. */
  readonly maxPixels?: number;
  /** Told of every prediction after it was answered, and of model changes. */
  readonly observer?: PredictionObserver;
  /** Calls `reload` this often, in milliseconds, once a model is loaded. Default: never. */
  readonly pollMs?: number;
}

const source = z.union([
  z.strictObject({ resolver: z.looseObject({}), uri: z.string().min(1) }),
  z.strictObject({
    bytes: z.instanceof(Uint8Array),
    name: z.string().min(1).optional(),
    version: z.int().positive().optional(),
  }),
]);

const schema = z.strictObject({
  model: source,
  fallback: source.optional(),
  runtime: z.looseObject({ name: z.string() }),
  threads: z.int().positive().optional(),
  maxBatch: z.int().positive().default(16),
  maxDelayMs: z.number().nonnegative().max(60_000).default(2),
  maxPending: z.int().positive().default(256),
  maxPixels: z.int().positive().default(25_000_000),
  observer: z.looseObject({}).optional(),
  pollMs: z.int().min(10).optional(),
});

/**
 * Makes a predictor over a self-describing ONNX classifier. Nothing is loaded before the first prediction.
 *
 * The model has one float32 input `[N, C, H, W]` and an output `[N, classes]`: the one called `logits` or
 * `probabilities`, else the first. It is taken for probabilities when it is called so or comes out of a `Softmax` node
 * (seen through casts, reshapes and quantization); otherwise a softmax is applied to it.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function createPredictor(options: PredictorOptions): Predictor {
  const { maxBatch, maxDelayMs, maxPending, maxPixels } = parseOptions(schema, options, 'createPredictor() options');
  return new ModelPredictor(options, { maxBatch, maxDelayMs, maxPending, maxPixels });
}

interface Limits {
  readonly maxPixels: number;
  readonly maxBatch: number;
  readonly maxDelayMs: number;
  readonly maxPending: number;
}

interface Classified extends BatchedResult {
  readonly model: LoadedModel;
  readonly preprocessMs: number;
}

class ModelPredictor implements Predictor {
  readonly #main: ModelSlot;
  readonly #fallback: ModelSlot | undefined;
  readonly #observer: PredictionObserver | undefined;
  readonly #maxPending: number;
  readonly #maxPixels: number;
  readonly #listeners = new Set<(event: PredictorEvent) => void>();
  readonly #pollMs: number | undefined;
  #pollTimer: ReturnType<typeof setTimeout> | undefined;
  #pending = 0;
  #whenIdle: (() => void) | undefined;
  #runFailure: string | undefined;
  #closed = false;
  #closing: Promise<void> | undefined;
  /** Events that the observer has not been told yet. */
  readonly #undelivered = new Set<Promise<void>>();

  constructor(options: PredictorOptions, { maxBatch, maxDelayMs, maxPending, maxPixels }: Limits) {
    const { runtime, threads } = options;
    const onBatch = (size: number) => this.#emit({ type: 'batch', size });
    const open = (fallback: boolean): OpenOptions => ({ runtime, threads, maxBatch, maxDelayMs, fallback, onBatch });
    this.#main = new ModelSlot(options.model, open(false), (model) => this.#modelChanged(model));
    this.#fallback =
      options.fallback && new ModelSlot(options.fallback, open(true), (model) => this.#fallbackLoaded(model));
    this.#observer = options.observer;
    this.#maxPending = maxPending;
    this.#maxPixels = maxPixels;
    this.#pollMs = options.pollMs;
  }

  async predict(input: Uint8Array | Image, options: { readonly signal?: AbortSignal | undefined } = {}) {
    try {
      return await this.#predict(input, options.signal);
    } catch (error) {
      this.#emit({ type: 'failure', code: isPerceptError(error) ? error.code : 'UNKNOWN' });
      throw error;
    }
  }

  async reload(): Promise<ReloadResult> {
    this.#checkOpen();
    const changed = await this.#main.reload();
    return { changed, model: this.#main.current!.served };
  }

  health(): PredictorHealth {
    const model = (this.#main.current ?? this.#fallback?.current)?.served;
    const reason = this.#closed ? 'SERVE_CLOSED' : (this.#main.failure?.code ?? this.#runFailure);
    return {
      status: this.#status(),
      ...(model === undefined ? {} : { model }),
      ...(reason === undefined ? {} : { reason }),
      pending: this.#pending,
    };
  }

  subscribe(listener: (event: PredictorEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  close(): Promise<void> {
    this.#closing ??= this.#drainAndClose();
    return this.#closing;
  }

  async #drainAndClose(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#pollTimer);
    if (this.#pending > 0) await new Promise<void>((resolve) => (this.#whenIdle = resolve));
    await Promise.all(this.#undelivered);
    await Promise.all([this.#main.close(), this.#fallback?.close()]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #predict(input: Uint8Array | Image, signal: AbortSignal | undefined): Promise<Prediction> {
    this.#checkOpen();
    throwIfAborted(signal);
    if (this.#pending >= this.#maxPending) {
      throw new PerceptError(
        'SERVE_OVERLOADED',
        `Expected at most ${this.#maxPending} predictions at a time but all places are taken; try again shortly`,
        { details: { retryAfterSeconds: 1 } },
      );
    }
    this.#pending++;
    try {
      const started = performance.now();
      const image =
        input instanceof Uint8Array ? await decodeImage(input, { signal, maxPixels: this.#maxPixels }) : input;
      const decodeMs = input instanceof Uint8Array ? performance.now() - started : 0;
      const classified = await this.#classify(image, signal);
      const { model, scores, batchSize, preprocessMs, queueMs, inferenceMs } = classified;
      const classes = rank(model.labels, scores);
      const prediction: Prediction = {
        id: crypto.randomUUID(),
        model: model.served,
        label: classes[0]!.label,
        score: classes[0]!.score,
        classes,
        timings: { decodeMs, preprocessMs, queueMs, inferenceMs, totalMs: performance.now() - started },
        batchSize,
      };
      this.#emit({ type: 'prediction', prediction });
      this.#observeLater(prediction.id, model, image, scores);
      return prediction;
    } finally {
      this.#pending--;
      if (this.#pending === 0) this.#whenIdle?.();
    }
  }

  async #classify(image: Image, signal: AbortSignal | undefined): Promise<Classified> {
    if (this.#fallback !== undefined && this.#main.current === undefined && this.#main.failure !== undefined) {
      // Nobody waits for a model that could not be loaded the last time.
      this.#main.retry();
      return this.#fallback.use((model) => classifyWith(model, image, signal));
    }
    try {
      const classified = await this.#main.use((model) => classifyWith(model, image, signal));
      this.#runFailure = undefined;
      return classified;
    } catch (error) {
      const runFailed = isPerceptError(error, 'SERVE_INFERENCE_FAILED');
      if (runFailed) this.#runFailure = error.code;
      const another = runFailed || isPerceptError(error, 'SERVE_MODEL_UNAVAILABLE');
      if (!another || this.#fallback === undefined) throw error;
      return this.#fallback.use((model) => classifyWith(model, image, signal));
    }
  }

  #status(): PredictorHealth['status'] {
    if (this.#closed) return 'unavailable';
    if (this.#main.current !== undefined) {
      return this.#main.failure === undefined && this.#runFailure === undefined ? 'ok' : 'degraded';
    }
    if (this.#main.failure !== undefined) {
      return this.#fallback === undefined || this.#fallback.failure !== undefined ? 'unavailable' : 'degraded';
    }
    return this.#main.loading ? 'loading' : 'idle';
  }

  #modelChanged(model: LoadedModel): void {
    this.#runFailure = undefined;
    this.#announce(model);
    this.#poll();
  }

  /** Only a fallback that stands in for a model that is not there is the model in service. */
  #fallbackLoaded(model: LoadedModel): void {
    if (this.#main.current === undefined) this.#announce(model);
    this.#poll();
  }

  #announce(model: LoadedModel): void {
    const { name, version } = model.served;
    this.#tellObserver((observer) => observer.modelChanged?.({ name, version }, model.profile));
  }

  #poll(): void {
    if (this.#pollMs === undefined || this.#pollTimer !== undefined || this.#closed) return;
    const again = () => {
      this.#pollTimer = undefined;
      this.#poll();
    };
    // What a failed poll means for users stands in health(); the next one tries again.
    this.#pollTimer = setTimeout(() => void this.#main.reload().then(again, again), this.#pollMs);
    if (typeof this.#pollTimer === 'object') this.#pollTimer.unref();
  }

  /** In a later turn, so that a slow observer does not hold back the answer. */
  #observeLater(id: string, model: LoadedModel, image: Image, scores: Float32Array): void {
    if (this.#observer === undefined) return;
    const { name, version } = model.served;
    const event = { id, time: Date.now(), model: { name, version }, image, labels: model.labels, scores };
    const delivered = new Promise<void>((resolve) => {
      setTimeout(() => {
        this.#tellObserver((observer) => observer.observe(event));
        this.#undelivered.delete(delivered);
        resolve();
      }, 0);
    });
    this.#undelivered.add(delivered);
  }

  /** An observer must not throw; one that does must not take predictions down with it. */
  #tellObserver(tell: (observer: PredictionObserver) => void): void {
    try {
      if (this.#observer !== undefined) tell(this.#observer);
    } catch {
      this.#emit({ type: 'observer-failure' });
    }
  }

  #emit(event: PredictorEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch {
        // A listener only counts: its failure must not take an answered prediction down with it.
      }
    }
  }

  #checkOpen(): void {
    if (this.#closed) {
      throw new PerceptError('SERVE_CLOSED', 'Expected an open predictor but it is closed; create another one');
    }
  }
}

async function classifyWith(model: LoadedModel, image: Image, signal: AbortSignal | undefined): Promise<Classified> {
  const started = performance.now();
  const input = preprocess(image, model.preprocess);
  const preprocessMs = performance.now() - started;
  let result: BatchedResult;
  try {
    result = await model.classify(input, signal);
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new PerceptError(
      'SERVE_INFERENCE_FAILED',
      'Expected scores from the model but its run failed; see the cause',
      {
        cause,
      },
    );
  }
  if (!result.scores.every(Number.isFinite)) {
    throw new PerceptError(
      'SERVE_INFERENCE_FAILED',
      'Expected finite scores from the model but it gave NaN or infinity; check its weights and preprocessing',
    );
  }
  return { ...result, model, preprocessMs };
}

function rank(labels: readonly string[], scores: Float32Array): ClassScore[] {
  return labels.map((label, index) => ({ label, score: scores[index]! })).sort((a, b) => b.score - a.score);
}
