import { PerceptError, throwIfAborted } from '@percept/core';

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
  stream: ReadableStream<Uint8Array> | null,
  ms: number,
  signal: AbortSignal | undefined,
  what: string,
): AsyncGenerator<Uint8Array> {
  if (stream === null) return;
  const reader = stream.getReader();
  let silent = false;
  // Cancelling ends a pending read, so that no read has to race with a timer.
  const cancel = () => void reader.cancel().catch(() => {});
  const silence = () => {
    silent = true;
    cancel();
  };
  signal?.addEventListener('abort', cancel);
  try {
    for (;;) {
      throwIfAborted(signal);
      const timer = setTimeout(silence, ms);
      const { done, value } = await reader.read().finally(() => clearTimeout(timer));
      throwIfAborted(signal);
      if (silent) throw timedOut(what, ms);
      if (done) return;
      yield value;
    }
  } finally {
    signal?.removeEventListener('abort', cancel);
    cancel();
  }
}
