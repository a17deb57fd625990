import { type LongCallOptions, sha256Digest, throwIfAborted } from '@percept/core';
import type { Storage } from '@percept/storage';
import { blobKey } from './layout.js';
import { corrupt } from './records.js';

/** Stores bytes under their digest, once. */
export async function writeBlob(
  storage: Storage,
  bytes: Uint8Array,
  signal?: AbortSignal | undefined,
): Promise<string> {
  const digest = await sha256Digest(bytes);
  const present = await storage.stat(blobKey(digest));
  // Another size under the same digest is damage, and is repaired by the way.
  if (present?.size !== bytes.length) await storage.write(blobKey(digest), bytes, { signal });
  return digest;
}

/**
 * Reads bytes back and checks that they are the ones that were stored.
 *
 * @throws PerceptError `REGISTRY_CORRUPT` when they are not, or not there
 */
export async function readBlob(
  storage: Storage,
  { digest, size }: { readonly digest: string; readonly size: number },
  { signal, onProgress }: LongCallOptions = {},
): Promise<Uint8Array> {
  const key = blobKey(digest);
  const info = await storage.stat(key);
  if (info === undefined) throw corrupt(storage, key, 'it is gone');
  if (info.size !== size) throw corrupt(storage, key, `it has ${info.size} bytes instead of ${size}`);
  const bytes = new Uint8Array(size);
  let done = 0;
  for await (const chunk of storage.readStream(key, { range: { start: 0, end: size }, signal })) {
    throwIfAborted(signal);
    bytes.set(chunk, done);
    done += chunk.length;
    onProgress?.({ stage: 'read model', done, total: size, unit: 'bytes' });
  }
  const found = await sha256Digest(bytes);
  if (found !== digest) throw corrupt(storage, key, `its SHA-256 is ${found.slice('sha256:'.length)}`);
  return bytes;
}
