import { Waiting } from './waiting.js';

/** Memory for parts, used again once a part has been sent: fresh memory costs the system as much as the copying. */
export class PartPool {
  readonly #size: number;
  readonly #free: Uint8Array[] = [];
  readonly #lent = new WeakSet<ArrayBufferLike>();

  /** @param size - bytes of a part */
  constructor(size: number) {
    this.#size = size;
  }

  take(): Uint8Array {
    const part = this.#free.pop() ?? new Uint8Array(this.#size);
    this.#lent.add(part.buffer);
    return part;
  }

  /** Takes back a part that nobody reads any more; what is not from here is left alone. */
  giveBack(part: Uint8Array): void {
    if (this.#lent.delete(part.buffer)) this.#free.push(new Uint8Array(part.buffer as ArrayBuffer));
  }
}

/**
 * Cuts a stream into parts of `size` bytes, the last one shorter (but not empty). Bytes that come as one large chunk are
 * not copied if it is given to keep (`kept`); chunks that may be reused by their owner once the next one is asked for are
 * copied to parts of the pool.
 */
export async function* partsOf(
  chunks: AsyncIterable<Uint8Array>,
  size: number,
  pool: PartPool,
  kept: boolean,
): AsyncGenerator<Uint8Array> {
  let part: Uint8Array | undefined;
  let filled = 0;
  for await (const chunk of chunks) {
    let at = 0;
    if (kept) for (; filled === 0 && chunk.length - at >= size; at += size) yield chunk.subarray(at, at + size);
    while (at < chunk.length) {
      part ??= pool.take();
      const taken = Math.min(size - filled, chunk.length - at);
      part.set(chunk.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
      if (filled < size) continue;
      yield part;
      part = undefined;
      filled = 0;
    }
  }
  if (part !== undefined && filled > 0) yield part.subarray(0, filled);
}

/**
 * Does `work` on every item, on at most `concurrency` at a time; the next item is only asked for when there is room. The
 * first failure stops the others by the signal that they were given, and is thrown when all have ended; a source that is
 * silent then is not waited for.
 */
export async function inParallel<T>(
  items: AsyncIterable<T>,
  concurrency: number,
  signal: AbortSignal | undefined,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const controller = new AbortController();
  const abort = () => controller.abort(signal?.reason);
  signal?.addEventListener('abort', abort);
  if (signal?.aborted) abort();
  const running = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  const waiting = new Waiting();
  const fail = (error: unknown) => {
    failure ??= { error };
    controller.abort(error);
    waiting.giveUp();
  };
  const source = items[Symbol.asyncIterator]();
  let ended = false;
  while (failure === undefined && !ended) {
    const next = await waiting.for(source.next()).catch(fail);
    if (next === undefined || next.done) {
      ended = next?.done === true;
      continue;
    }
    const task: Promise<void> = work(next.value, controller.signal)
      .catch(fail)
      .finally(() => running.delete(task));
    running.add(task);
    if (running.size >= concurrency) await Promise.race(running);
  }
  if (!ended) Promise.resolve(source.return?.()).catch(() => {});
  await Promise.all(running);
  signal?.removeEventListener('abort', abort);
  if (failure !== undefined) throw failure.error;
}
