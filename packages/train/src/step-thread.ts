import { PerceptError, type Tensor } from '@percept/core';
import type { DrawKey, StepGraph, StepRunner } from './step-executor.js';
import {
  movableBuffers,
  type StepReply,
  type StepRequest,
  type StepWorkerOptions,
  type StepWorkerPort,
} from './step-worker-protocol.js';

/** The owner's end of a training thread. Requests are answered in order; several may be under way. */
export class StepThread implements StepRunner {
  readonly #port: StepWorkerPort;
  readonly #waiting: { resolve(result: unknown): void; reject(error: unknown): void }[] = [];
  #crash: PerceptError | undefined;

  constructor(port: StepWorkerPort, options: StepWorkerOptions) {
    this.#port = port;
    port.onReply((reply) => this.#settle(reply));
    port.onFailure((cause) => {
      this.#crash ??= new PerceptError(
        'TRAIN_WORKER_FAILED',
        `Expected the training thread to answer but it ended: ${cause instanceof Error ? cause.message : String(cause)}. Start again: the training resumes from its last checkpoint`,
        { cause },
      );
      for (const { reject } of this.#waiting.splice(0)) reject(this.#crash);
    });
    this.#request({ call: 'open', args: [options] }).catch((error: PerceptError) => {
      this.#crash ??= error;
    });
  }

  async load(name: string, graph: StepGraph): Promise<void> {
    await this.#request({ call: 'load', args: [name, graph] });
  }

  async restore(state: ReadonlyMap<string, Tensor>): Promise<void> {
    await this.#request({ call: 'restore', args: [state] });
  }

  async run(
    name: string,
    feeds: Readonly<Record<string, Tensor>>,
    draws: DrawKey,
  ): Promise<Readonly<Record<string, number>>> {
    const buffers = movableBuffers(Object.values(feeds));
    return (await this.#request({ call: 'run', args: [name, feeds, draws] }, buffers)) as Record<string, number>;
  }

  async firstNonFinite(
    name: string,
    feeds: Readonly<Record<string, Tensor>>,
    draws: DrawKey,
    outputs: readonly string[],
  ): Promise<string | undefined> {
    const found = await this.#request({ call: 'firstNonFinite', args: [name, feeds, draws, outputs] });
    return found as string | undefined;
  }

  async nonFiniteState(): Promise<string | undefined> {
    return (await this.#request({ call: 'nonFiniteState', args: [] })) as string | undefined;
  }

  async snapshot(): Promise<ReadonlyMap<string, Tensor>> {
    return (await this.#request({ call: 'snapshot', args: [] })) as ReadonlyMap<string, Tensor>;
  }

  async close(): Promise<void> {
    await this.#request({ call: 'close', args: [] }).catch(() => undefined);
    await this.#port.end();
  }

  #settle(reply: StepReply): void {
    const next = this.#waiting.shift();
    // Errors travel as their parts: structured clones lose their class.
    if ('error' in reply) next?.reject(new PerceptError(reply.error.code, reply.error.message));
    else next?.resolve(reply.result);
  }

  #request(request: StepRequest, transfer: ArrayBuffer[] = []): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#crash !== undefined) {
        reject(this.#crash);
        return;
      }
      // What cannot be posted gets no reply.
      this.#port.post(request, transfer);
      this.#waiting.push({ resolve, reject });
    });
  }
}
