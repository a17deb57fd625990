import { describeValue, PerceptError, throwIfAborted } from '@percept/core';

/**
 * The bytes to be written, chunk by chunk. An abort is noticed also while the source is silent; the source is then told
 * to end but not waited for.
 *
 * @throws PerceptError `ABORTED`, or `INVALID_ARGUMENT` for a chunk that is not a Uint8Array
 */
export async function* writtenChunks(
  data: Uint8Array | AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  throwIfAborted(signal);
  if (data instanceof Uint8Array) {
    yield data;
    return;
  }
  checkSource(data);
  const source = data[Symbol.asyncIterator]();
  const abort = abortion(signal);
  let finished = false;
  try {
    for (;;) {
      const next = await Promise.race([source.next(), abort.promise]);
      throwIfAborted(signal);
      if (next === undefined || next.done === true) {
        finished = true;
        return;
      }
      if (!(next.value instanceof Uint8Array)) {
        throw new PerceptError(
          'INVALID_ARGUMENT',
          `Expected Uint8Array chunks for write() data but received ${describeValue(next.value)}`,
        );
      }
      yield next.value;
    }
  } finally {
    abort.forget();
    if (!finished) Promise.resolve(source.return?.()).catch(() => {});
  }
}

function checkSource(data: unknown): void {
  if (typeof data === 'object' && data !== null && Symbol.asyncIterator in data) return;
  throw new PerceptError(
    'INVALID_ARGUMENT',
    `Expected a Uint8Array or an async iterable of them for write() data but received ${describeValue(data)}`,
  );
}

/** Resolves when the signal aborts; never without one. */
function abortion(signal: AbortSignal | undefined): { promise: Promise<undefined>; forget(): void } {
  let forget = () => {};
  const promise = new Promise<undefined>((resolve) => {
    const listener = () => resolve(undefined);
    signal?.addEventListener('abort', listener);
    forget = () => signal?.removeEventListener('abort', listener);
  });
  return { promise, forget };
}
