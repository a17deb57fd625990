import { describeValue, PerceptError } from '@percept/core';
import { notFound } from './key-errors.js';
import type { ByteSource, SignalOptions, Storage } from './storage.js';

/**
 * An object of a storage as a source for `resumeWrite`: to send a file, open `fsStorage` on its folder. All reads see the
 * version that is there now, or reject.
 *
 * @throws PerceptError `STORAGE_NOT_FOUND`, and what {@link Storage.stat} throws
 */
export async function objectSource(storage: Storage, key: string, options: SignalOptions = {}): Promise<ByteSource> {
  const info = await storage.stat(key, options);
  if (info === undefined) throw notFound(key, storage.description);
  return {
    size: info.size,
    read: (range, { signal } = {}) => storage.read(key, { range, ifMatch: info.version, signal }),
  };
}

/**
 * Whatever `resumeWrite` takes, as a source.
 *
 * @throws PerceptError `INVALID_ARGUMENT`
 */
export function toByteSource(source: Uint8Array | Blob | ByteSource): ByteSource {
  if (source instanceof Uint8Array) {
    return { size: source.length, read: async ({ start, end }) => source.subarray(start, end) };
  }
  if (source instanceof Blob) {
    return {
      size: source.size,
      read: async ({ start, end }) => new Uint8Array(await source.slice(start, end).arrayBuffer()),
    };
  }
  if (
    typeof source === 'object' &&
    source !== null &&
    Number.isSafeInteger(source.size) &&
    source.size >= 0 &&
    typeof source.read === 'function'
  ) {
    return { size: source.size, read: (range, options) => readExactly(source, range, options) };
  }
  throw new PerceptError(
    'INVALID_ARGUMENT',
    `Expected a Uint8Array, a Blob or { size, read } for resumeWrite() source but received ${describeValue(source)}`,
  );
}

async function readExactly(
  source: ByteSource,
  range: { readonly start: number; readonly end: number },
  options: SignalOptions | undefined,
): Promise<Uint8Array> {
  const bytes = await source.read(range, options);
  if (bytes instanceof Uint8Array && bytes.length === range.end - range.start) return bytes;
  throw new PerceptError(
    'INVALID_ARGUMENT',
    `Expected ${range.end - range.start} bytes at ${range.start} of the resumeWrite() source but received ${bytes instanceof Uint8Array ? bytes.length : describeValue(bytes)}`,
    { details: { range } },
  );
}
