// Reading into memory, large objects by several requests at a time.
import { sha256Checksums, verifyBytes } from '../checksum.js';
import { joinChunks } from '../chunks.js';
import { inParallel } from '../parts.js';
import { allocate, resolveRange } from '../range.js';
import type { ReadOptions } from '../storage.js';
import type { HttpObject } from './body.js';
import { openObject, readObject } from './read.js';

/**
 * Reads an object or a part of it. What is larger than two parts is fetched by parallel requests of `partSize` bytes, all
 * for the version that the first one met.
 *
 * @throws PerceptError as {@link Storage.read}
 */
export async function readWhole(
  object: HttpObject,
  options: ReadOptions,
  { partSize, concurrency }: { readonly partSize: number; readonly concurrency: number },
): Promise<Uint8Array> {
  const opened = await openObject(object, options);
  if (opened === undefined) return new Uint8Array();
  const { body, chunks } = opened;
  const { range, signal } = options;
  const whole = body.size === undefined ? undefined : resolveRange(range, body.size, object.key);
  const { version } = body;
  if (whole === undefined || version === undefined || whole.end - whole.start <= 2 * partSize || concurrency === 1) {
    const found: Uint8Array[] = [];
    for await (const chunk of chunks) found.push(chunk);
    return joinChunks(found);
  }

  await chunks.return(undefined);
  body.stream?.cancel();
  const bytes = allocate(whole.end - whole.start, object.key);
  const starts = async function* () {
    for (let at = 0; at < bytes.length; at += partSize) yield at;
  };
  await inParallel(starts(), concurrency, signal, async (from, stop) => {
    const part = { start: whole.start + from, end: Math.min(whole.start + from + partSize, whole.end) };
    let at = from;
    for await (const chunk of readObject(object, { range: part, ifMatch: version, signal: stop })) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
  });
  if (range === undefined) {
    await verifyBytes(bytes, [...sha256Checksums(options.sha256), ...body.checksums], `"${object.key}"`);
  }
  return bytes;
}
