import { PerceptError, type Tensor, throwIfAborted } from '@percept/core';

/** One item's share of a run. */
export interface BatchedResult {
  /** The item's row of the output. */
  readonly scores: Float32Array;
  readonly queueMs: number;
  readonly inferenceMs: number;
  readonly batchSize: number;
}

interface Item {
  readonly input: Tensor<'float32'>;
  readonly arrived: number;
  resolve(result: BatchedResult): void;
  reject(error: unknown): void;
}

/**
 * Gathers inputs of shape `[1, ...]` that come close together into runs of shape `[N, ...]`.
 *
 * A run starts as soon as `maxBatch` inputs wait, or the oldest has waited `maxDelayMs`, but never while another run is
 * under way: what arrives meanwhile makes the next batch, which then starts without further delay. Inputs of different
 * shapes never share a run.
 */
export class Batcher {
  readonly #run: (input: Tensor<'float32'>) => Promise<Float32Array>;
  readonly #maxBatch: number;
  readonly #maxDelayMs: number;
  readonly #onBatch: (size: number) => void;
  #waiting: Item[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running = false;

  /** @param run - computes `[N, K]` scores, row-major, for an input `[N, ...]` that it may keep or transfer */
  constructor(
    run: (input: Tensor<'float32'>) => Promise<Float32Array>,
    options: { readonly maxBatch: number; readonly maxDelayMs: number; onBatch(size: number): void },
  ) {
    this.#run = run;
    this.#maxBatch = options.maxBatch;
    this.#maxDelayMs = options.maxDelayMs;
    this.#onBatch = options.onBatch;
  }

  /** Queues one input `[1, ...]`; rejects with `ABORTED` as soon as `signal` fires, whether queued or running. */
  submit(input: Tensor<'float32'>, signal?: AbortSignal): Promise<BatchedResult> {
    return new Promise((resolve, reject) => {
      throwIfAborted(signal);
      const item: Item = {
        input,
        arrived: performance.now(),
        resolve(result) {
          signal?.removeEventListener('abort', abort);
          resolve(result);
        },
        reject(error) {
          signal?.removeEventListener('abort', abort);
          reject(error);
        },
      };
      const abort = () => {
        this.#waiting = this.#waiting.filter((other) => other !== item);
        item.reject(new PerceptError('ABORTED', 'The call was aborted by its signal', { cause: signal?.reason }));
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiting.push(item);
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#running || this.#waiting.length === 0) return;
    if (this.#waiting.length >= this.#maxBatch) {
      this.#dispatch();
    } else {
      this.#timer ??= setTimeout(() => this.#dispatch(), this.#maxDelayMs);
    }
  }

  #dispatch(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const first = this.#waiting[0];
    if (this.#running || first === undefined) return;
    const shape = first.input.dims.join();
    const batch = this.#waiting.filter((item) => item.input.dims.join() === shape).slice(0, this.#maxBatch);
    this.#waiting = this.#waiting.filter((item) => !batch.includes(item));
    this.#running = true;
    this.#runBatch(batch).finally(() => {
      this.#running = false;
      this.#dispatch();
    });
  }

  async #runBatch(batch: readonly Item[]): Promise<void> {
    const started = performance.now();
    this.#onBatch(batch.length);
    try {
      const scores = await this.#run(concatenate(batch.map((item) => item.input)));
      const inferenceMs = performance.now() - started;
      const width = scores.length / batch.length;
      for (const [row, item] of batch.entries()) {
        item.resolve({
          scores: scores.slice(row * width, (row + 1) * width),
          queueMs: started - item.arrived,
          inferenceMs,
          batchSize: batch.length,
        });
      }
    } catch (error) {
      for (const item of batch) item.reject(error);
    }
  }
}

function concatenate(inputs: readonly Tensor<'float32'>[]): Tensor<'float32'> {
  const first = inputs[0]!;
  if (inputs.length === 1) return first;
  const data = new Float32Array(first.data.length * inputs.length);
  for (const [index, input] of inputs.entries()) data.set(input.data, index * first.data.length);
  return { type: 'float32', dims: [inputs.length, ...first.dims.slice(1)], data };
}
