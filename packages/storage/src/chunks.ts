import { describeValue, PerceptError, throwIfAborted } from '@percept/core';
import { sha256Checksums, verified } from './checksum.js';
import type { WriteOptions } from './storage.js';

/**
 * The bytes to be written, chunk by chunk, checked against `sha256` at their end: whoever publishes them after the last
 * one has come publishes what was meant. An abort is noticed also while the source is silent; the source is then told to
 * end but not waited for.
 *
 * @throws PerceptError `ABORTED`, `STORAGE_CHECKSUM_MISMATCH`, or `INVALID_ARGUMENT` for a chunk that is not a Uint8Array
 */
export function writtenChunks(
  data: Uint8Array | AsyncIterable<Uint8Array>,
  { signal, sha256 }: Pick<WriteOptions, 'signal' | 'sha256'>,
): AsyncGenerator<Uint8Array> {
  const chunks = givenChunks(data, signal);
  return sha256 === undefined ? chunks : verified(chunks, sha256Checksums(sha256), 'the data to write');
}

/** All chunks as one array of their own. */
export function joinChunks(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

async function* givenChunks(
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
      const next = await abort.race(source.next());
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

/**
 * Lets promises be given up when the signal aborts. Not `Promise.race` with one promise of the abort: that one would keep a
 * reaction for every chunk, and with it the chunk, until the whole is written.
 */
function abortion(signal: AbortSignal | undefined) {
  let wake = (): void => {};
  const listener = (): void => wake();
  signal?.addEventListener('abort', listener);
  return {
    /** What the promise gives, or `undefined` as soon as the signal aborts. */
    race: <Value>(promise: Promise<Value>): Promise<Value | undefined> =>
      new Promise((resolve, reject) => {
        wake = () => resolve(undefined);
        promise.then(resolve, reject);
      }),
    forget: () => signal?.removeEventListener('abort', listener),
  };
}
