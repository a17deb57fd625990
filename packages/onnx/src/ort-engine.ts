// The part that onnxruntime-node and onnxruntime-web have in common: their JavaScript API is one. This file imports
// nothing at run time but its neighbours, because the session worker is built from it.
import type { Tensor } from '@percept/core';
import type * as onnxruntime from 'onnxruntime-node';
import { copyTensor } from './copy-tensor.js';
import { type Engine, EngineFailure, type EngineRunOptions } from './engine.js';
import { type ExecutionProvider, providerName, type RefusedProvider } from './execution-provider.js';
import type { WorkGate } from './exit-guard.js';
import type { ValueInfo } from './model.js';
import type { SessionOptions } from './runtime.js';

/** What openOrtEngine does besides. */
export interface OrtEngineOptions {
  /** Runs pass it. */
  readonly gate?: WorkGate | undefined;
  readonly explain?: (provider: string, reason: string) => Promise<string>;
  /** Where the recording is written. */
  readonly profilePrefix?: string | undefined;
}

/** What is used of an onnxruntime package. */
export interface Ort {
  readonly InferenceSession: Pick<typeof onnxruntime.InferenceSession, 'create'>;
  readonly Tensor: typeof onnxruntime.Tensor;
}

/**
 * Loads a model with the first of the `preferred` execution providers that is among `present` and accepts it. `explain`
 * adds to the runtime's words what a provider lacks here.
 *
 * onnxruntime itself would drop providers with a message on the console and go on with what is left; here the choice is
 * made one provider at a time, so that the session can tell which one it got. Runs pass `gate`, if there is one.
 */
export async function openOrtEngine(
  ort: Ort,
  model: Uint8Array,
  options: SessionOptions,
  preferred: readonly (string | ExecutionProvider)[],
  present: readonly string[],
  { gate, explain = async (_, reason) => reason, profilePrefix }: OrtEngineOptions = {},
): Promise<OrtEngine> {
  const refused: RefusedProvider[] = [];
  let lastError: unknown;
  let tried = false;
  for (const provider of preferred) {
    const name = providerName(provider);
    if (!present.includes(name)) {
      refused.push({ provider: name, reason: await explain(name, `not among ${present.join(', ')}, which are here`) });
      continue;
    }
    try {
      const session = await ort.InferenceSession.create(model, sessionOptions(provider, options, profilePrefix));
      return new OrtEngine(ort, session, name, refused, gate);
    } catch (error) {
      lastError = error;
      const reason = text(error);
      tried ||= !isMissing(reason);
      refused.push({ provider: name, reason: isMissing(reason) ? await explain(name, reason) : reason });
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

// They are what others fall back to.
const processors = ['cpu', 'wasm'];

/** Whether onnxruntime says that the provider cannot run here, whatever the model. */
function isMissing(reason: string): boolean {
  return /load shared library|Failed to load library|cannot open shared object|adapter|no available backend|not supported in this build|backend not found/i.test(
    reason,
  );
}

function sessionOptions(
  provider: string | ExecutionProvider,
  options: SessionOptions,
  profilePrefix: string | undefined,
): onnxruntime.InferenceSession.SessionOptions {
  return {
    executionProviders: [provider as onnxruntime.InferenceSession.ExecutionProviderConfig],
    graphOptimizationLevel: options.graphOptimization ?? 'all',
    ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
    ...(options.optimizedModelPath === undefined ? {} : { optimizedModelFilePath: options.optimizedModelPath }),
    ...(options.externalData === undefined ? {} : { externalData: [...options.externalData] }),
    ...(profilePrefix === undefined ? {} : { enableProfiling: true, profileFilePrefix: profilePrefix }),
    // A library prints nothing: warnings about a model are not worth the user's terminal, errors are thrown.
    logSeverityLevel: 4,
    extra: {
      // Threads that spin while they wait take the cores from the other sessions of a process.
      'session.intra_op.allow_spinning': '0',
      ...(options.cpuFallback === false && !processors.includes(providerName(provider))
        ? { 'session.disable_cpu_ep_fallback': '1' }
        : {}),
      ...options.configEntries,
    },
  };
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A model loaded by onnxruntime. */
export class OrtEngine implements Engine {
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly provider: string;
  readonly refused: readonly RefusedProvider[];
  readonly #ort: Ort;
  readonly #session: onnxruntime.InferenceSession;
  readonly #gate: WorkGate | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    ort: Ort,
    session: onnxruntime.InferenceSession,
    provider: string,
    refused: readonly RefusedProvider[],
    gate: WorkGate | undefined,
  ) {
    this.#ort = ort;
    this.#session = session;
    this.#gate = gate;
    this.provider = provider;
    this.refused = refused;
    this.inputs = session.inputMetadata.map(valueInfo);
    this.outputs = session.outputMetadata.map(valueInfo);
  }

  run(feeds: Readonly<Record<string, Tensor>>, options: EngineRunOptions): Promise<Record<string, Tensor>> {
    const run = this.#last.then(() => this.#runNow(feeds, options));
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

  /** Has onnxruntime write its recording. */
  async endProfiling(): Promise<void> {
    await this.#last;
    this.#session.endProfiling();
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#session.release();
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
