// The part that onnxruntime-node and onnxruntime-web have in common: their JavaScript API is one. This file imports
// nothing at run time but its neighbours, because the session worker is built from it.
import type { Tensor } from '@percept/core';
import type * as onnxruntime from 'onnxruntime-node';
import { copyTensor } from './copy-tensor.js';
import { EngineFailure, type EngineRunOptions, type TracedEngine } from './engine.js';
import { type ExecutionProvider, providerName, type RefusedProvider } from './execution-provider.js';
import type { WorkGate } from './exit-guard.js';
import type { ValueInfo } from './model.js';
import { ortSessionOptions, processors } from './ort-session-options.js';
import type { SessionOptions } from './runtime.js';

/** What is used of an onnxruntime package. */
export interface Ort {
  readonly InferenceSession: Pick<typeof onnxruntime.InferenceSession, 'create'>;
  readonly Tensor: typeof onnxruntime.Tensor;
}

/** Where a model is opened. */
export interface OrtSurroundings {
  /** Providers that the package has. */
  readonly present: readonly string[];
  /** Adds to the runtime's words what a provider lacks here. */
  readonly explain: (provider: string, reason: string) => string | Promise<string>;
  /** Native code is entered through it. */
  readonly gate?: WorkGate | undefined;
  /** What the paths of recordings begin with. */
  readonly tracePrefix?: string | undefined;
  /** Does work while no other session does. Default: sessions do not wait for one another. */
  readonly alone?: <Result>(work: () => Promise<Result>) => Promise<Result>;
}

/**
 * Loads a model with the first of the `preferred` execution providers that is present and accepts it.
 *
 * onnxruntime itself would drop providers with a message on the console and go on with what is left; here the choice is
 * made one provider at a time, so that the session can tell which one it got.
 */
export async function openOrtEngine(
  ort: Ort,
  model: Uint8Array,
  options: SessionOptions,
  preferred: readonly (string | ExecutionProvider)[],
  surroundings: OrtSurroundings,
): Promise<OrtEngine> {
  const { present, explain } = surroundings;
  const refused: RefusedProvider[] = [];
  let lastError: unknown;
  let tried = false;
  for (const [at, provider] of preferred.entries()) {
    const name = providerName(provider);
    if (!present.includes(name)) {
      refused.push({ provider: name, reason: await explain(name, `not among ${present.join(', ')}, which are here`) });
      continue;
    }
    try {
      const [session, cpuFallback] = await create(ort, model, options, preferred.slice(at), surroundings);
      return new OrtEngine(ort, session, { provider: name, refused, cpuFallback }, surroundings);
    } catch (error) {
      lastError = error;
      const reason = text(error);
      tried ||= !isMissing(reason);
      refused.push({ provider: name, reason: isMissing(reason) ? await explain(name, reason) : withAdvice(reason) });
    }
  }
  const reasons = refused.map(({ provider, reason }) => `${provider}: ${reason}`).join('; ');
  if (tried) {
    throw new EngineFailure('load', `Expected a model that onnxruntime can load, but it says: ${reasons}`, lastError);
  }
  throw new EngineFailure(
    'provider',
    `Expected an execution provider that runs here but received ${reasons}`,
    lastError,
  );
}

/** Opens a session on the first of the providers, and tells whether nodes of it are left to the CPU. */
async function create(
  ort: Ort,
  model: Uint8Array,
  options: SessionOptions,
  providers: readonly (string | ExecutionProvider)[],
  { tracePrefix, alone = (work) => work() }: OrtSurroundings,
): Promise<[session: onnxruntime.InferenceSession, cpuFallback: boolean | undefined]> {
  const name = providerName(providers[0]!);
  const open = (strict: boolean) =>
    alone(() => ort.InferenceSession.create(model, ortSessionOptions(options, providers, { strict, tracePrefix })));
  if (processors.includes(name)) return [await open(false), false];
  if (options.cpuFallback === false) return [await open(true), false];
  if (name === 'tensorrt') return [await open(false), undefined];
  try {
    return [await open(true), false];
  } catch (error) {
    if (!/fallback to CPU EP has been explicitly disabled/.test(text(error))) throw error;
    return [await open(false), true];
  }
}

/** Whether onnxruntime says that the provider cannot run here, whatever the model. */
function isMissing(reason: string): boolean {
  return /Failed to load shared library|cannot open shared object|Failed to get (a WebGPU|GPU) adapter|no available backend found|not supported in current environment|Failed to create context|no CUDA-capable device|CUDA driver version is insufficient/i.test(
    reason,
  );
}

function withAdvice(reason: string): string {
  if (!reason.includes('EPContext')) return reason;
  return `${reason} The model holds an engine that was made for one provider: name that one among the execution providers`;
}

function text(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  // Where in its source a check of onnxruntime has failed is of no use to the reader.
  return message.replace(/^\/\S+\.(cc|h):\d+ .* was false\. /s, '').trim();
}

interface Chosen {
  readonly provider: string;
  readonly refused: readonly RefusedProvider[];
  readonly cpuFallback: boolean | undefined;
}

/** A model loaded by onnxruntime. */
export class OrtEngine implements TracedEngine {
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly provider: string;
  readonly refused: readonly RefusedProvider[];
  readonly cpuFallback: boolean | undefined;
  readonly #ort: Ort;
  readonly #session: onnxruntime.InferenceSession;
  readonly #gate: WorkGate | undefined;
  readonly #alone: NonNullable<OrtSurroundings['alone']>;
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    ort: Ort,
    session: onnxruntime.InferenceSession,
    { provider, refused, cpuFallback }: Chosen,
    { gate, alone = (work) => work() }: OrtSurroundings,
  ) {
    this.#ort = ort;
    this.#session = session;
    this.#gate = gate;
    this.#alone = alone;
    this.provider = provider;
    this.refused = refused;
    this.cpuFallback = cpuFallback;
    this.inputs = session.inputMetadata.map(valueInfo);
    this.outputs = session.outputMetadata.map(valueInfo);
  }

  run(feeds: Readonly<Record<string, Tensor>>, options: EngineRunOptions): Promise<Record<string, Tensor>> {
    const run = this.#last.then(() => this.#alone(() => this.#runNow(feeds, options)));
    this.#last = run.catch(() => undefined);
    return run;
  }

  async #runNow(feeds: Readonly<Record<string, Tensor>>, { outputs, signal }: EngineRunOptions) {
    if (signal?.aborted) return {};
    if (this.#gate?.enter() === false)
      throw new EngineFailure('run', 'Expected to run the model but the process is ending');
    try {
      const ortFeeds = Object.fromEntries(Object.entries(feeds).map(([name, feed]) => [name, this.#toOrt(feed)]));
      const results = await this.#session.run(ortFeeds, [...outputs]);
      return Object.fromEntries(outputs.map((name) => [name, fromOrt(results[name]!)]));
    } catch (error) {
      throw new EngineFailure('run', `Expected onnxruntime to run the model, but it says: ${text(error)}`, error);
    } finally {
      this.#gate?.leave();
    }
  }

  #toOrt(feed: Tensor): onnxruntime.Tensor {
    // onnxruntime refuses memory that threads share.
    const shared = ArrayBuffer.isView(feed.data) && !(feed.data.buffer instanceof ArrayBuffer);
    const { type, dims, data } = shared ? copyTensor(feed) : feed;
    return new this.#ort.Tensor(type as 'float32', data as Float32Array, dims);
  }

  async endProfiling(): Promise<void> {
    await this.#last;
    this.#session.endProfiling();
  }

  async close(): Promise<void> {
    await this.#last;
    if (this.#gate?.enter() === false) return;
    try {
      await this.#alone(() => this.#session.release());
    } finally {
      this.#gate?.leave();
    }
  }
}

function fromOrt({ type, dims, data }: onnxruntime.Tensor): Tensor {
  return { type, dims: [...dims], data: type === 'float16' ? halfBits(data as Uint16Array) : data } as Tensor;
}

/** Where JavaScript has Float16Array, onnxruntime uses it; ours is its bits. */
function halfBits(data: Uint16Array): Uint16Array {
  return data instanceof Uint16Array ? data : new Uint16Array(...viewOf(data));
}

function viewOf({ buffer, byteOffset, length }: Uint16Array): [ArrayBufferLike, number, number] {
  return [buffer, byteOffset, length];
}

function valueInfo(metadata: onnxruntime.InferenceSession.ValueMetadata): ValueInfo {
  if (!metadata.isTensor) return { name: metadata.name, type: undefined, dims: undefined, docString: '' };
  return {
    name: metadata.name,
    type: metadata.type as Tensor['type'],
    dims: metadata.shape.map((dim) => (dim === '' ? undefined : dim)),
    docString: '',
  };
}
