import { describeValue, PerceptError, throwIfAborted } from '@percept/core';
import { sha256Checksums, verified } from './checksum.js';
import type { WriteOptions } from './storage.js';
import { Waiting } from './waiting.js';

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
  const waiting = new Waiting();
  signal?.addEventListener('abort', waiting.giveUp);
  let finished = false;
  try {
    for (;;) {
      const next = await waiting.for(source.next());
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
    signal?.removeEventListener('abort', waiting.giveUp);
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
