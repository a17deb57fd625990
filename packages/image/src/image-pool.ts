import {
  type Image,
  PerceptError,
  type PreprocessSpec,
  type PreprocessType,
  parseOptions,
  type Tensor,
  throwIfAborted,
} from '@percept/core';
import * as z from 'zod/mini';
import type { DecodeDepth, DecodedData, DecodeOptions } from './decode-options.js';
import type { ImagePort, ImageReply, ImageRequest, ImageTask } from './image-worker-protocol.js';
import type { PreprocessOptions } from './preprocess-bytes.js';

/** Workers that decode and preprocess, so that the calling thread stays free. */
export interface ImagePool {
  /**
   * `decodeImage` in a worker. The bytes are copied to it, the pixels are handed over.
   *
   * @throws PerceptError as {@link decodeImage} does, and `IMAGE_WORKER_FAILED` when the worker cannot start or ends (the
   *   next task starts another), or the pool is closed
   */
  decode<Depth extends DecodeDepth = 8>(
    bytes: Uint8Array,
    options?: Omit<DecodeOptions<Depth>, 'jpegDecoder'>,
  ): Promise<Image<DecodedData<Depth>>>;
  /**
   * `preprocess` of encoded bytes in a worker. The bytes are copied to it, the tensor is handed over.
   *
   * @throws PerceptError as {@link preprocess} does, and `IMAGE_WORKER_FAILED` as {@link ImagePool.decode} does
   */
  preprocess<Type extends PreprocessType = 'float32'>(
    bytes: Uint8Array,
    spec: PreprocessSpec<Type>,
    options?: Omit<PreprocessOptions, 'jpegDecoder'>,
  ): Promise<Tensor<Type>>;
  /** Ends the workers; what is under way rejects with `IMAGE_WORKER_FAILED`. */
  close(): void;
  [Symbol.dispose](): void;
}

/** A worker as the pool sees it. */
export interface PoolWorker extends ImagePort<ImageRequest, ImageReply> {
  onFailure(listener: (cause: unknown) => void): void;
  end(): void;
  /** Tells whether anything is under way, so that an idle worker need not keep a process alive. */
  busy(state: boolean): void;
}

interface Pending {
  resolve(value: Image | Tensor): void;
  reject(error: unknown): void;
}

const sizeSchema = z.int().check(z.gte(1), z.lte(64));

/** A pool of `size` workers, each started at its first task. */
export function createPool(start: () => PoolWorker, size: number): ImagePool {
  parseOptions(sizeSchema, size, 'size');
  const lanes = Array.from({ length: size }, () => new Lane(start));
  const run = (task: ImageTask, signal: AbortSignal | undefined): Promise<Image | Tensor> => {
    const idlest = lanes.reduce((best, lane) => (lane.load < best.load ? lane : best));
    return idlest.run(task, signal);
  };
  const close = (): void => {
    for (const lane of lanes) lane.close();
  };
  return {
    async decode(bytes, { signal, ...options } = {}) {
      return (await run({ kind: 'decode', bytes, options }, signal)) as never;
    },
    async preprocess(bytes, spec, { signal, ...options } = {}) {
      return (await run({ kind: 'preprocess', bytes, spec, options }, signal)) as never;
    },
    close,
    [Symbol.dispose]: close,
  };
}

/** One worker at a time, and what it was asked. After one has ended the next task starts another. */
class Lane {
  readonly #start: () => PoolWorker;
  readonly #pending = new Map<number, Pending>();
  readonly #aborts = new AbortListeners();
  #worker: PoolWorker | undefined;
  #closed = false;
  #nextId = 0;

  constructor(start: () => PoolWorker) {
    this.#start = start;
  }

  get load(): number {
    return this.#pending.size;
  }

  async run(task: ImageTask, signal: AbortSignal | undefined): Promise<Image | Tensor> {
    throwIfAborted(signal);
    if (this.#closed) throw closedError();
    this.#worker ??= this.#open();
    const worker = this.#worker;
    const id = this.#nextId++;
    const forget = this.#aborts.listen(signal, () => {
      const pending = this.#take(id);
      if (!pending) return;
      worker.post({ id, task: 'cancel' }, []);
      pending.reject(abortError(signal));
    });
    try {
      return await new Promise<Image | Tensor>((resolve, reject) => {
        this.#pending.set(id, { resolve, reject });
        worker.busy(true);
        try {
          worker.post({ id, task: ownBytes(task) }, []);
        } catch (cause) {
          // What cannot be cloned, such as a function among the options.
          this.#take(id);
          reject(
            new PerceptError('INVALID_ARGUMENT', 'Expected options that can be sent to a worker: plain data', {
              cause,
            }),
          );
        }
      });
    } finally {
      forget();
    }
  }

  close(): void {
    this.#closed = true;
    this.#end(closedError());
  }

  #open(): PoolWorker {
    let worker: PoolWorker;
    try {
      worker = this.#start();
    } catch (cause) {
      throw endedError(cause);
    }
    worker.onMessage((reply) => {
      const pending = this.#take(reply.id);
      if ('value' in reply) pending?.resolve(reply.value);
      else pending?.reject(new PerceptError(reply.error.code, reply.error.message, { details: reply.error.details }));
    });
    worker.onFailure((cause) => {
      // An error is followed by an exit, when another worker may be at work already.
      if (this.#worker === worker) this.#end(endedError(cause));
    });
    return worker;
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#worker?.busy(false);
    return pending;
  }

  #end(error: PerceptError): void {
    const worker = this.#worker;
    this.#worker = undefined;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
    worker?.end();
  }
}

function closedError(): PerceptError {
  return workerError('the pool is closed; create another one');
}

function endedError(cause: unknown): PerceptError {
  return workerError('it has ended or could not start; see the cause', cause);
}

function workerError(reason: string, cause?: unknown): PerceptError {
  return new PerceptError('IMAGE_WORKER_FAILED', `Expected a running image worker but ${reason}`, { cause });
}

/**
 * Hears each signal once, however many tasks it belongs to: Node warns of a leak when a signal has more than ten
 * listeners, and a batch shares one.
 */
class AbortListeners {
  readonly #signals = new Map<AbortSignal, Set<() => void>>();
  readonly #onAbort = ({ target }: Event): void => {
    const listeners = this.#signals.get(target as AbortSignal);
    this.#signals.delete(target as AbortSignal);
    for (const listener of listeners ?? []) listener();
  };

  /** @returns a function that ends the listening */
  listen(signal: AbortSignal | undefined, listener: () => void): () => void {
    if (signal === undefined) return () => undefined;
    let listeners = this.#signals.get(signal);
    if (listeners === undefined) {
      listeners = new Set();
      this.#signals.set(signal, listeners);
      signal.addEventListener('abort', this.#onAbort, { once: true });
    }
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0 || this.#signals.get(signal) !== listeners) return;
      this.#signals.delete(signal);
      signal.removeEventListener('abort', this.#onAbort);
    };
  }
}

/** A view of a large buffer would be cloned with the whole of it. */
function ownBytes(task: ImageTask): ImageTask {
  const { bytes } = task;
  const whole = !(bytes instanceof Uint8Array) || bytes.byteLength === bytes.buffer.byteLength;
  return whole ? task : { ...task, bytes: new Uint8Array(bytes) };
}

function abortError(signal: AbortSignal | undefined): unknown {
  try {
    throwIfAborted(signal);
  } catch (error) {
    return error;
  }
  return undefined;
}
