// What stands beside the tar files of a packed dataset:
//
//   <prefix>/shard-000000.tar    samples, WebDataset layout
//   <prefix>/shard-000000.json   where each sample of it lies; written after the tar, so its presence means "finished"
//   <prefix>/index.json          the list of shards; written last, so its presence means "all finished"
import { PerceptError, parseOptions } from '@percept/core';
import { readJson, type Storage } from '@percept/storage';
import * as z from 'zod/mini';

/** One finished shard, as dataset versions refer to it. */
export interface ShardRef {
  /** Key of the tar file in its storage. The sidecar index has the same key with `.json` for `.tar`. */
  readonly key: string;
  /** `sha256:<hex>` of the tar file. */
  readonly digest: string;
  /** Samples in it. */
  readonly samples: number;
  /** Size of the tar file. */
  readonly bytes: number;
}

/** A packed dataset. */
export interface ShardIndex {
  readonly prefix: string;
  readonly classes: readonly string[];
  /** Samples in all shards. */
  readonly samples: number;
  /** In pack order. */
  readonly shards: readonly ShardRef[];
}

/** The sidecar of a shard: columns with one entry per sample, in order. */
export interface ShardSidecar {
  readonly version: 1;
  readonly bytes: number;
  readonly digest: string;
  readonly classes: readonly string[];
  readonly keys: readonly string[];
  readonly labels: readonly number[];
  readonly extensions: readonly string[];
  /** First byte of each image in the tar file. */
  readonly offsets: readonly number[];
  /** Bytes of each image. */
  readonly sizes: readonly number[];
}

const count = z.int().check(z.gte(0));
const digest = z.string().check(z.regex(/^sha256:[0-9a-f]{64}$/));

const sidecarSchema = z.object({
  version: z.literal(1),
  bytes: count,
  digest,
  classes: z.array(z.string()),
  keys: z.array(z.string()),
  labels: z.array(count),
  extensions: z.array(z.string()),
  offsets: z.array(count),
  sizes: z.array(count),
});

const indexSchema = z.object({
  version: z.literal(1),
  classes: z.array(z.string()),
  maxSamples: count,
  maxBytes: count,
  shards: z.array(z.object({ name: z.string(), digest, samples: count, bytes: count })),
});

/** `index.json` of a packed dataset. Names are relative to it, so a folder of shards may be moved. */
export type PackedIndex = z.infer<typeof indexSchema>;

/** Key of the list of shards. */
export function indexKey(prefix: string): string {
  return `${prefix}/index.json`;
}

/** File name of the n-th shard. */
export function shardName(n: number): string {
  return `shard-${String(n).padStart(6, '0')}.tar`;
}

/** Key of a shard's sidecar. */
export function sidecarKey(shardKey: string): string {
  return `${shardKey.replace(/\.tar$/, '')}.json`;
}

/** Reads a sidecar; `undefined` when there is none, `DATA_INDEX_INVALID` when it is not one. */
export async function readSidecar(
  storage: Storage,
  shardKey: string,
  signal?: AbortSignal,
): Promise<ShardSidecar | undefined> {
  const key = sidecarKey(shardKey);
  const sidecar = await readChecked(storage, key, sidecarSchema, signal);
  if (sidecar === undefined) return undefined;
  const { keys, labels, extensions, offsets, sizes, classes } = sidecar;
  const whole = [labels, extensions, offsets, sizes].every((column) => column.length === keys.length);
  if (!whole || labels.some((label) => label >= classes.length)) {
    throw invalidIndex(storage, key, 'columns of equal length and labels of known classes');
  }
  let end = 0;
  for (const [row, offset] of offsets.entries()) {
    if (offset < end) throw invalidIndex(storage, key, 'images one after another');
    end = offset + sizes[row]!;
  }
  if (end > sidecar.bytes) throw invalidIndex(storage, key, 'images within the shard');
  return sidecar;
}

/** Reads `index.json`; `undefined` when there is none, `DATA_INDEX_INVALID` when it is not one. */
export async function readPackedIndex(
  storage: Storage,
  prefix: string,
  signal?: AbortSignal,
): Promise<PackedIndex | undefined> {
  return readChecked(storage, indexKey(prefix), indexSchema, signal);
}

/** The public form of an `index.json`. */
export function toShardIndex(prefix: string, packed: PackedIndex): ShardIndex {
  const shards = packed.shards.map(({ name, ...rest }) => ({ key: `${prefix}/${name}`, ...rest }));
  return { prefix, classes: packed.classes, samples: shards.reduce((sum, shard) => sum + shard.samples, 0), shards };
}

async function readChecked<Schema extends z.core.$ZodType>(
  storage: Storage,
  key: string,
  schema: Schema,
  signal: AbortSignal | undefined,
): Promise<z.output<Schema> | undefined> {
  const json = await readJson<unknown>(storage, key, { signal });
  if (json === undefined) return undefined;
  try {
    return parseOptions(schema, json, key);
  } catch (cause) {
    throw invalidIndex(storage, key, 'a shard index', cause);
  }
}

function invalidIndex(storage: Storage, key: string, expected: string, cause?: unknown): PerceptError {
  return new PerceptError(
    'DATA_INDEX_INVALID',
    `Expected ${expected} in "${key}" of ${storage.description}; delete it and pack the dataset again`,
    { details: { key, storage: storage.description }, cause },
  );
}
