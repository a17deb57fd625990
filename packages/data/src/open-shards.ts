import { PerceptError } from '@percept/core';
import type { Storage } from '@percept/storage';
import { readAhead } from './read-ahead.js';
import { readPackedIndex, readSidecar, type ShardRef, type ShardSidecar, toShardIndex } from './shard-index.js';
import { ShardReader } from './shard-reader.js';
import { checkSameClasses, createSource, type IndexedSource, lastAtMost } from './source.js';

/** Encoded small images that a source keeps in memory at most; 60,000 of 28 × 28 take half of it. */
const keptBytes = 2 ** 26;

/**
 * Opens a dataset that {@link packShards} has finished: samples in pack order, each read by one range request, so a
 * storage over HTTP transfers no more than the images asked for. Keys and labels are kept in memory; so are up to 64 MiB of
 * images of shards whose images are small (16 KiB in the mean), once a part of such a shard has been read.
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
  const budget = { room: keptBytes };
  const readers: ShardReader[] = [];
  const extensions: (readonly string[])[] = [];
  const starts: number[] = [];
  const keys: string[] = [];
  const labels: number[] = [];
  for await (const sidecar of readAhead(shards.length, 8, (at) => requireSidecar(storage, shards[at]!, signal))) {
    checkSameClasses(classes, sidecar.classes);
    readers.push(new ShardReader(storage, shards[readers.length]!.key, sidecar, budget));
    extensions.push(sidecar.extensions);
    starts.push(keys.length);
    for (const key of sidecar.keys) keys.push(key);
    for (const label of sidecar.labels) labels.push(label);
  }
  return createSource(classes, keys, labels, async (index) => {
    const at = lastAtMost(starts, index);
    const row = index - starts[at]!;
    return { image: await readers[at]!.read(row), extension: extensions[at]![row]! };
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
