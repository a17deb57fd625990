import { PerceptError, throwIfAborted } from '@percept/core';
import type { ByteBody } from './transport.js';

/**
 * Does work that may neither outlast `ms` milliseconds nor its caller's patience, also when the work itself does not
 * listen to the signal that it is handed.
 *
 * @throws PerceptError `STORAGE_FAILED` when the time is over, `ABORTED`; what the work throws
 */
export async function withDeadline<T>(
  work: (signal: AbortSignal) => Promise<T>,
  ms: number,
  signal: AbortSignal | undefined,
  what: string,
): Promise<T> {
  throwIfAborted(signal);
  const controller = new AbortController();
  let stop = () => {};
  const stopped = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => {
      reject(timedOut(what, ms));
      controller.abort();
    }, ms);
    const abort = () => {
      reject(signal?.reason);
      controller.abort(signal?.reason);
    };
    signal?.addEventListener('abort', abort);
    stop = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
  });
  try {
    return await Promise.race([work(controller.signal), stopped]);
  } catch (error) {
    throwIfAborted(signal);
    throw error;
  } finally {
    stop();
  }
}

/** The error for a server that has gone silent. */
function timedOut(what: string, ms: number): PerceptError {
  return new PerceptError(
    'STORAGE_FAILED',
    `Could not ${what}: nothing came for ${ms} ms; check the network, or raise retry.timeoutMs`,
    { details: { timeoutMs: ms } },
  );
}

/**
 * Reads a body that may neither go silent for `ms` milliseconds nor outlast its caller's patience. Ends by itself at the
 * end of the body and after a failure; whoever leaves earlier calls {@link BodyReader.end}.
 */
export class BodyReader {
  readonly #body: ByteBody;
  readonly #ms: number;
  readonly #signal: AbortSignal | undefined;
  readonly #what: string;
  readonly #cancel = () => this.#body.cancel();
  readonly #silence = () => {
    this.#silent = true;
    this.#body.cancel();
  };
  #silent = false;
  #ended = false;

  constructor(body: ByteBody, ms: number, signal: AbortSignal | undefined, what: string) {
    this.#body = body;
    this.#ms = ms;
    this.#signal = signal;
    this.#what = what;
    // Cancelling ends a pending read, so that no read has to race with a timer.
    signal?.addEventListener('abort', this.#cancel);
  }

  /**
   * The next bytes, which belong to the caller; `undefined` at the end.
   *
   * @throws PerceptError `STORAGE_FAILED` for silence, `ABORTED`; what the network throws
   */
  async next(): Promise<Uint8Array | undefined> {
    const timer = setTimeout(this.#silence, this.#ms);
    try {
      throwIfAborted(this.#signal);
      const chunk = await this.#body.read();
      throwIfAborted(this.#signal);
      if (this.#silent) throw timedOut(this.#what, this.#ms);
      if (chunk === undefined) {
        this.#ended = true;
        this.end();
      }
      return chunk;
    } catch (error) {
      this.end();
      throwIfAborted(this.#signal);
      throw this.#silent ? timedOut(this.#what, this.#ms) : error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the transfer, unless it has come to its end. */
  end(): void {
    this.#signal?.removeEventListener('abort', this.#cancel);
    if (!this.#ended) this.#body.cancel();
    this.#ended = true;
  }
}
