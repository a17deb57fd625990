import { Worker } from 'node:worker_threads';
import { PerceptError, type Tensor } from '@percept/core';
import { copyTensor } from './copy-tensor.js';
import { EngineFailure, type EngineRunOptions, type TracedEngine } from './engine.js';
import type { RefusedProvider } from './execution-provider.js';
import { guardExit } from './exit-guard.js';
import type { ValueInfo } from './model.js';
import type { SessionOptions } from './runtime.js';
import type { SessionReply, SessionRequest, SessionWorkerData } from './session-protocol.js';
import { switchTelemetryOff } from './telemetry.js';

/**
 * Loads a model in a worker thread of its own, so that runs leave this thread's event loop free. With `tracePrefix`, runs
 * are recorded in a file whose path begins with it.
 */
export async function openWorkerEngine(
  model: Uint8Array,
  options: SessionOptions,
  { tracePrefix }: { readonly tracePrefix: string | undefined },
): Promise<TracedEngine> {
  switchTelemetryOff();
  const copy = new Uint8Array(model);
  // A signal cannot cross threads.
  const { signal: _, ...settings } = options;
  // Copies of exactly the weights: cloning a view as it is would send the whole buffer under it.
  const externalData = settings.externalData?.map(({ path, data }) => ({ path, data: new Uint8Array(data) }));
  const guard = guardExit();
  let worker: Worker;
  try {
    worker = new Worker(new URL('../dist/session-worker.js', import.meta.url), {
      name: 'percept-onnx-session',
      workerData: {
        model: copy,
        options: { ...settings, ...(externalData && { externalData }) },
        tracePrefix,
        exitGuard: guard.memory,
      } satisfies SessionWorkerData,
      transferList: [copy.buffer, ...(externalData ?? []).map(({ data }) => data.buffer)],
      // The worker is plain built JavaScript: flags that the main thread was started with are not for it.
      execArgv: [],
    });
  } catch (cause) {
    guard.release();
    throw new EngineFailure(
      'load',
      `Expected a worker thread for the session but it cannot be started: ${(cause as Error).message}`,
      cause,
    );
  }
  worker.once('exit', guard.release);
  const engine = new WorkerEngine(worker);
  await engine.ready;
  return engine;
}

interface Pending {
  resolve(results: Record<string, Tensor>): void;
  reject(error: unknown): void;
}

class WorkerEngine implements TracedEngine {
  inputs: readonly ValueInfo[] = [];
  outputs: readonly ValueInfo[] = [];
  provider = '';
  refused: readonly RefusedProvider[] = [];
  cpuFallback: boolean | undefined;
  /** Settles once the worker has loaded the model or refused it. */
  readonly ready: Promise<void>;
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  readonly #pending = new Map<number, Pending>();
  #nextId = 0;
  #crash: PerceptError | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    let settle!: { resolve(): void; reject(error: unknown): void };
    this.ready = new Promise((resolve, reject) => {
      settle = { resolve, reject };
    });
    const fail = (cause: unknown): void => {
      this.#crash ??= crashed(cause);
      settle.reject(this.#crash);
      for (const { reject } of this.#pending.values()) reject(this.#crash);
      this.#pending.clear();
    };
    worker.on('message', (reply: SessionReply) => {
      if (reply.kind === 'ready') {
        this.inputs = reply.inputs;
        this.outputs = reply.outputs;
        this.provider = reply.provider;
        this.refused = reply.refused;
        this.cpuFallback = reply.cpuFallback;
        settle.resolve();
        worker.unref();
      } else if (reply.kind === 'refused') {
        settle.reject(new EngineFailure(reply.failure.kind, reply.failure.message));
      } else {
        this.#settle(reply);
      }
    });
    worker.on('error', fail);
    worker.on('messageerror', fail);
    this.#exited = new Promise((resolve) => {
      worker.on('exit', (code) => {
        fail(`it ended with exit code ${code}`);
        resolve();
      });
    });
  }

  run(feeds: Readonly<Record<string, Tensor>>, options: EngineRunOptions): Promise<Record<string, Tensor>> {
    const { outputs, signal, transfer } = options;
    return new Promise((resolve, reject) => {
      if (this.#crash !== undefined) {
        reject(this.#crash);
        return;
      }
      const id = this.#nextId++;
      const abort = (): void => {
        this.#post({ kind: 'cancel', id });
        // The session turns this into ABORTED.
        this.#take(id)?.resolve({});
      };
      const done = (): void => signal?.removeEventListener('abort', abort);
      this.#pending.set(id, {
        resolve(results) {
          done();
          resolve(results);
        },
        reject(error) {
          done();
          reject(error);
        },
      });
      signal?.addEventListener('abort', abort);
      const send = ([sent, buffers]: Sent): void => this.#post({ kind: 'run', id, feeds: sent, outputs }, buffers);
      // A process must not end while a run is under way, and must not be kept alive by an idle session.
      this.#worker.ref();
      if (!transfer) return send(copyAll(feeds));
      try {
        send(handOver(feeds));
      } catch {
        // Memory that its owner has marked as not to be handed over, which Node 21 and newer refuse.
        send(copyAll(feeds));
      }
    });
  }

  endProfiling(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#crash !== undefined) return reject(this.#crash);
      const id = this.#nextId++;
      this.#pending.set(id, { resolve: () => resolve(), reject });
      this.#worker.ref();
      this.#post({ kind: 'end-profiling', id });
    });
  }

  async close(): Promise<void> {
    this.#worker.ref();
    this.#post({ kind: 'close' });
    await this.#exited;
  }

  #settle(reply: Extract<SessionReply, { id: number }>): void {
    const run = this.#take(reply.id);
    if (reply.kind === 'result') run?.resolve(reply.results);
    else if (reply.kind === 'profiling-ended') run?.resolve({});
    else run?.reject(new EngineFailure(reply.failure.kind, reply.failure.message));
  }

  #take(id: number): Pending | undefined {
    const run = this.#pending.get(id);
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#worker.unref();
    return run;
  }

  #post(request: SessionRequest, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(request, transfer);
  }
}

function crashed(cause: unknown): PerceptError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new PerceptError(
    'ONNX_WORKER_CRASHED',
    `Expected the session's worker thread to run but it has stopped: ${reason}. Create another session`,
    { cause },
  );
}

type Sent = [feeds: Record<string, Tensor>, buffers: ArrayBuffer[]];

/** Copies of exactly the elements fed: cloning a view as it is would send the whole buffer under it. */
function copyAll(feeds: Readonly<Record<string, Tensor>>): Sent {
  const buffers: ArrayBuffer[] = [];
  const copies = Object.entries(feeds).map(([name, feed]) => {
    const copy = copyTensor(feed);
    if (!Array.isArray(copy.data)) buffers.push(copy.data.buffer as ArrayBuffer);
    return [name, copy] as const;
  });
  return [Object.fromEntries(copies), buffers];
}

function handOver(feeds: Readonly<Record<string, Tensor>>): Sent {
  const buffers = new Set<ArrayBuffer>();
  const sent = Object.entries(feeds).map(([name, feed]) => {
    const owned = ownsBuffer(feed) ? feed : copyTensor(feed);
    if (!Array.isArray(owned.data)) buffers.add(owned.data.buffer as ArrayBuffer);
    return [name, { type: owned.type, dims: [...owned.dims], data: owned.data } as Tensor] as const;
  });
  return [Object.fromEntries(sent), [...buffers]];
}

function ownsBuffer({ data }: Tensor): boolean {
  return !Array.isArray(data) && data.buffer instanceof ArrayBuffer && data.byteLength === data.buffer.byteLength;
}
