import { PerceptError } from '@percept/core';
import type { Storage } from '@percept/storage';
import { readAhead } from './read-ahead.js';
import { readPackedIndex, readSidecar, type ShardRef, type ShardSidecar, toShardIndex } from './shard-index.js';
import { checkSameClasses, createSource, type IndexedSource, lastAtMost } from './source.js';

/**
 * Opens a dataset that {@link packShards} has finished: samples in pack order, each read by one range request, so a
 * storage over HTTP transfers no more than the images asked for. Keys and labels are kept in memory.
 *
 * @throws PerceptError `DATA_SHARDS_NOT_FOUND` when nothing was packed under the prefix or packing did not finish;
 *   `DATA_INDEX_INVALID`; `ABORTED`; what the storage rejects with. Reading a sample rejects with `DATA_SHARD_TRUNCATED`
 *   when the shard is shorter than its index says
 */
export async function openShards(
  storage: Storage,
  prefix: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<IndexedSource> {
  const packed = await readPackedIndex(storage, prefix, options.signal);
  if (packed === undefined) {
    throw new PerceptError(
      'DATA_SHARDS_NOT_FOUND',
      `Expected packed shards under "${prefix}/" of ${storage.description} but there is no index.json; ` +
        'run packShards() to the end first',
      { details: { prefix, storage: storage.description } },
    );
  }
  return openShardRefs(storage, toShardIndex(prefix, packed).shards, packed.classes, options.signal);
}

/** One source over shards that may lie under different prefixes, all of the same classes. */
export async function openShardRefs(
  storage: Storage,
  shards: readonly ShardRef[],
  classes: readonly string[],
  signal?: AbortSignal,
): Promise<IndexedSource> {
  const sidecars: ShardSidecar[] = [];
  const starts: number[] = [];
  const keys: string[] = [];
  const labels: number[] = [];
  for await (const sidecar of readAhead(shards.length, 8, (at) => requireSidecar(storage, shards[at]!, signal))) {
    checkSameClasses(classes, sidecar.classes);
    starts.push(keys.length);
    sidecars.push(sidecar);
    for (const key of sidecar.keys) keys.push(key);
    for (const label of sidecar.labels) labels.push(label);
  }
  return createSource(classes, keys, labels, async (index) => {
    const at = lastAtMost(starts, index);
    const row = index - starts[at]!;
    const [shard, sidecar] = [shards[at]!, sidecars[at]!];
    const start = sidecar.offsets[row]!;
    const size = sidecar.sizes[row]!;
    const image = await storage.read(shard.key, { range: { start, end: start + size } });
    if (image.length !== size) throw truncated(storage, shard.key);
    return { image, extension: sidecar.extensions[row]! };
  });
}

/** The sidecar of a shard; it must be there and speak of the same tar file. */
export async function requireSidecar(
  storage: Storage,
  shard: ShardRef,
  signal: AbortSignal | undefined,
): Promise<ShardSidecar> {
  const sidecar = await readSidecar(storage, shard.key, signal);
  if (sidecar?.digest === shard.digest && sidecar.keys.length === shard.samples) return sidecar;
  throw new PerceptError(
    'DATA_SHARDS_NOT_FOUND',
    `Expected the index of shard "${shard.key}" (${shard.digest}) in ${storage.description} but ` +
      `${sidecar === undefined ? 'there is none' : 'it is of another shard'}; restore it or pack the dataset again`,
    { details: { key: shard.key, storage: storage.description } },
  );
}

function truncated(storage: Storage, key: string): PerceptError {
  return new PerceptError(
    'DATA_SHARD_TRUNCATED',
    `Expected more bytes in shard "${key}" of ${storage.description}; it was cut off after packing. Restore it`,
    { details: { key, storage: storage.description } },
  );
}
