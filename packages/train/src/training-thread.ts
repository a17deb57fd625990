import { Worker } from 'node:worker_threads';
import { PerceptError, type Tensor } from '@percept/core';
import type { StepResult, WorkerReply, WorkerRequest } from './worker-protocol.js';

/** The owner's end of a training thread. Requests are answered in order; several may be under way. */
export class TrainingThread {
  readonly #worker: Worker;
  readonly #waiting: { resolve(reply: WorkerReply): void; reject(error: unknown): void }[] = [];
  #crash: PerceptError | undefined;

  constructor() {
    const worker = new Worker(new URL('../dist/train-worker.js', import.meta.url), {
      name: 'percept-train',
      // The worker is plain built JavaScript: flags that the main thread was started with are not for it.
      execArgv: [],
    });
    this.#worker = worker;
    const fail = (cause: unknown): void => {
      this.#crash ??= new PerceptError(
        'TRAIN_WORKER_FAILED',
        `Expected the training thread to answer but it ended: ${cause instanceof Error ? cause.message : String(cause)}. Start again: the training resumes from its last checkpoint`,
        { cause },
      );
      for (const { reject } of this.#waiting.splice(0)) reject(this.#crash);
    };
    worker.on('message', (reply: WorkerReply) => {
      const next = this.#waiting.shift();
      if (reply.kind === 'failed') next?.reject(failed(reply));
      else next?.resolve(reply);
    });
    worker.on('error', fail);
    worker.on('messageerror', fail);
    worker.on('exit', (code) => fail(`exit code ${code}`));
  }

  /** Loads a step graph; `threads` is the number of threads within an operator, by default one per core. */
  async load(graph: string, model: Uint8Array, threads: number | undefined): Promise<void> {
    await this.#request({ kind: 'load', graph, model, threads });
  }

  /** Replaces the state by a copy of `state`. */
  async restore(state: ReadonlyMap<string, Tensor>): Promise<void> {
    await this.#request({ kind: 'restore', state });
  }

  /** Runs one step. The buffers of `feeds` are handed over. */
  async step(graph: string, feeds: Readonly<Record<string, Tensor>>): Promise<StepResult> {
    const buffers = new Set<ArrayBuffer>();
    for (const { data } of Object.values(feeds)) {
      // A view of a part cannot be moved without the rest: it is copied.
      if (
        ArrayBuffer.isView(data) &&
        data.buffer instanceof ArrayBuffer &&
        data.byteLength === data.buffer.byteLength
      ) {
        buffers.add(data.buffer);
      }
    }
    const reply = await this.#request({ kind: 'step', graph, feeds }, [...buffers]);
    return (reply as Extract<WorkerReply, { kind: 'step' }>).result;
  }

  /** A copy of the state after all steps requested so far. */
  async snapshot(): Promise<ReadonlyMap<string, Tensor>> {
    return ((await this.#request({ kind: 'snapshot' })) as Extract<WorkerReply, { kind: 'snapshot' }>).state;
  }

  /** Waits for what was requested, then ends the thread. */
  async close(): Promise<void> {
    await this.#request({ kind: 'close' }).catch(() => undefined);
    await this.#worker.terminate();
  }

  #request(request: WorkerRequest, transfer: ArrayBuffer[] = []): Promise<WorkerReply> {
    return new Promise((resolve, reject) => {
      if (this.#crash !== undefined) {
        reject(this.#crash);
        return;
      }
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(request, transfer);
    });
  }
}

function failed({ code, message }: Extract<WorkerReply, { kind: 'failed' }>): PerceptError {
  if (code === 'MISSING_PEER') return new PerceptError('MISSING_PEER', message);
  return new PerceptError(
    'TRAIN_STEP_FAILED',
    `Expected the runtime to run the training step but it did not: ${message}`,
    { details: { code } },
  );
}
