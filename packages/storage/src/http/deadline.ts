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
export function timedOut(what: string, ms: number): PerceptError {
  return new PerceptError(
    'STORAGE_FAILED',
    `Could not ${what}: nothing came for ${ms} ms; check the network, or raise retry.timeoutMs`,
    { details: { timeoutMs: ms } },
  );
}

/**
 * The chunks of a body, as the network's own buffers. A body that is silent for too long, or breaks off, throws; leaving
 * the loop early ends the transfer.
 *
 * @throws PerceptError `STORAGE_FAILED` for silence, `ABORTED`; what the network throws
 */
export async function* bodyChunks(
  body: ByteBody | null,
  ms: number,
  signal: AbortSignal | undefined,
  what: string,
): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  let silent = false;
  // Cancelling ends a pending read, so that no read has to race with a timer.
  const cancel = () => body.cancel();
  const silence = () => {
    silent = true;
    body.cancel();
  };
  signal?.addEventListener('abort', cancel);
  let ended = false;
  try {
    while (!ended) {
      throwIfAborted(signal);
      const timer = setTimeout(silence, ms);
      let chunk: Uint8Array | undefined;
      try {
        chunk = await body.read();
      } catch (error) {
        throwIfAborted(signal);
        throw silent ? timedOut(what, ms) : error;
      } finally {
        clearTimeout(timer);
      }
      throwIfAborted(signal);
      if (silent) throw timedOut(what, ms);
      ended = chunk === undefined;
      if (chunk !== undefined) yield chunk;
    }
  } finally {
    signal?.removeEventListener('abort', cancel);
    if (!ended) body.cancel();
  }
}
