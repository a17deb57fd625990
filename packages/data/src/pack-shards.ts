// Packing survives being killed at any moment because of the order of writes: a shard's tar, then its sidecar, and the
// list of shards after all of them. A run that finds sidecars goes on after the last one. Equal sources and limits give
// equal bytes, so it does not matter how often a run was interrupted.
import { type LongCallOptions, PerceptError, parseOptions, type SampleSource, throwIfAborted } from '@percept/core';
import { type Storage, writeJson } from '@percept/storage';
import * as z from 'zod/mini';
import { readAhead } from './read-ahead.js';
import { ShardBuilder, toShardMember } from './shard-builder.js';
import {
  indexKey,
  type PackedIndex,
  readPackedIndex,
  readSidecar,
  type ShardIndex,
  type ShardSidecar,
  shardName,
  sidecarKey,
  toShardIndex,
} from './shard-index.js';

const optionsSchema = z.strictObject({
  prefix: z.string().check(z.minLength(1), z.regex(/^[^/](.*[^/])?$/)),
  maxSamples: z._default(z.int().check(z.gte(1)), 10_000),
  maxBytes: z._default(z.int().check(z.gte(1)), 2 ** 26),
});

/** Options of {@link packShards}. */
export interface PackOptions extends LongCallOptions {
  /** Where the shards go: `<prefix>/shard-000000.tar`, …. Holds one dataset; no slash at either end. */
  readonly prefix: string;
  /** Most samples in a shard; default 10,000. */
  readonly maxSamples?: number;
  /** Most bytes of a shard, unless one sample alone is larger; default 64 MiB. A shard is assembled in memory. */
  readonly maxBytes?: number;
}

/** Samples read at a time. Enough to keep an image encoder's threads busy, few enough to stay small in memory. */
const readsAhead = 16;

/**
 * Packs a source into WebDataset shards (USTAR tar; `key.<extension>` and `key.cls` per sample) with a JSON sidecar each
 * that makes them randomly readable. Python's `webdataset`, `tarfile` and GNU tar read the same files; characters of a
 * key that WebDataset would misread are percent-encoded there and kept as they are in the sidecar.
 *
 * Resumable: called again with the same source after an interruption, it keeps the finished shards (checked by size and
 * by their first and last sample) and ends with the bytes of an uninterrupted run. Until then {@link openShards} finds
 * nothing.
 *
 * @throws PerceptError `DATA_PREFIX_IN_USE` when the prefix holds another dataset or was packed with other limits;
 *   `DATA_SAMPLE_INVALID` for a sample without key, with a label outside the classes or an unusable extension;
 *   `DATA_DUPLICATE_KEY`; `INVALID_ARGUMENT`; `ABORTED`; what the source and the storage (`STORAGE_FULL`, …) reject with
 */
export async function packShards(source: SampleSource, storage: Storage, options: PackOptions): Promise<ShardIndex> {
  const { signal, onProgress, ...rest } = options;
  const { prefix, maxSamples, maxBytes } = parseOptions(optionsSchema, rest, 'packShards() options');
  const limits = { classes: [...source.classes], maxSamples, maxBytes };
  const report = (done: number): void =>
    onProgress?.({ stage: 'pack shards', done, total: source.length, unit: 'images' });

  const previous = await readPackedIndex(storage, prefix, signal);
  if (previous !== undefined) checkSameLimits(prefix, previous, limits);
  const shards: PackedIndex['shards'] = [];
  const seen = new Set<string>();
  let done = 0;
  report(0);
  for (;;) {
    throwIfAborted(signal);
    const name = shardName(shards.length);
    const finished = await findFinished(storage, `${prefix}/${name}`, signal);
    if (finished === undefined) break;
    await checkSameSamples(prefix, finished, source, done, limits);
    for (const key of finished.keys) seen.add(key);
    shards.push({ name, digest: finished.digest, samples: finished.keys.length, bytes: finished.bytes });
    done += finished.keys.length;
    report(done);
  }

  if (previous !== undefined && done === source.length) return toShardIndex(prefix, previous);

  const first = done;
  let builder = new ShardBuilder(limits, seen);
  const flush = async (): Promise<void> => {
    const name = shardName(shards.length);
    const { tar, sidecar } = await builder.build();
    const key = `${prefix}/${name}`;
    await storage.write(key, tar, { signal });
    await writeJson(storage, sidecarKey(key), sidecar, { signal });
    shards.push({ name, digest: sidecar.digest, samples: sidecar.keys.length, bytes: tar.length });
    builder = new ShardBuilder(limits, seen);
  };
  for await (const sample of readAhead(source.length - first, readsAhead, (at) => source.read(first + at))) {
    throwIfAborted(signal);
    const member = toShardMember(sample, limits.classes.length);
    if (!builder.fits(member)) await flush();
    builder.add(member);
    report(++done);
  }
  if (builder.samples > 0) await flush();

  const packed: PackedIndex = { version: 1, ...limits, shards };
  await writeJson(storage, indexKey(prefix), packed, { signal });
  return toShardIndex(prefix, packed);
}

/** A shard counts as finished when it has a sidecar and the size that the sidecar tells. */
async function findFinished(
  storage: Storage,
  key: string,
  signal: AbortSignal | undefined,
): Promise<ShardSidecar | undefined> {
  const sidecar = await readSidecar(storage, key, signal);
  if (sidecar === undefined) return undefined;
  const info = await storage.stat(key);
  return info?.size === sidecar.bytes ? sidecar : undefined;
}

interface Limits {
  readonly classes: string[];
  readonly maxSamples: number;
  readonly maxBytes: number;
}

function checkSameLimits(prefix: string, found: Limits, wanted: Limits): void {
  const same =
    found.maxSamples === wanted.maxSamples &&
    found.maxBytes === wanted.maxBytes &&
    found.classes.length === wanted.classes.length &&
    found.classes.every((name, at) => name === wanted.classes[at]);
  if (!same) throw inUse(prefix, 'was packed with other classes or limits');
}

async function checkSameSamples(
  prefix: string,
  sidecar: ShardSidecar,
  source: SampleSource,
  start: number,
  limits: Limits,
): Promise<void> {
  checkSameLimits(prefix, { ...limits, classes: [...sidecar.classes] }, limits);
  if (start + sidecar.keys.length > source.length) throw inUse(prefix, 'holds more samples than the source');
  for (const at of new Set([0, sidecar.keys.length - 1])) {
    const sample = await source.read(start + at);
    const same =
      sample.key === sidecar.keys[at] &&
      sample.label === sidecar.labels[at] &&
      sample.extension === sidecar.extensions[at] &&
      sample.image.length === sidecar.sizes[at];
    if (!same) throw inUse(prefix, `has ${JSON.stringify(sidecar.keys[at])} where the source has another sample`);
  }
}

function inUse(prefix: string, why: string): PerceptError {
  return new PerceptError(
    'DATA_PREFIX_IN_USE',
    `Expected shards of the same source under "${prefix}/" but it ${why}; pack under another prefix or delete these`,
    { details: { prefix } },
  );
}
