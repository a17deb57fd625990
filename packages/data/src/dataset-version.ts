// A dataset version is a small JSON manifest that names shards by their digests. Its id is the digest of the manifest, so
// it can never change, and versions share the shards they have in common.
import { isPerceptError, PerceptError, parseOptions } from '@percept/core';
import { readJson, type Storage } from '@percept/storage';
import * as z from 'zod/mini';
import { canonicalJson, jsonDigest } from './digest.js';
import { openShardRefs, requireSidecar } from './open-shards.js';
import { readAhead } from './read-ahead.js';
import type { ShardRef } from './shard-index.js';
import { checkSameClasses, type IndexedSource } from './source.js';

const digest = z.string().check(z.regex(/^sha256:[0-9a-f]{64}$/));
const count = z.int().check(z.gte(0));
const name = z.string().check(z.minLength(1));
const shard = z.strictObject({ key: name, digest, samples: count, bytes: count });

const manifestSchema = z.strictObject({
  name,
  classes: z.array(z.string()),
  splits: z.record(name, z.array(shard)),
  parents: z._default(z.array(digest), []),
  message: z._default(z.string(), ''),
});

/** What {@link commitDatasetVersion} takes. Equal content gives the same version. */
export interface DatasetVersionContent {
  /** Name of the dataset, the same for all its versions. */
  readonly name: string;
  readonly classes: readonly string[];
  /** Shards of each split, in order; take them from the {@link ShardIndex} of `packShards`. */
  readonly splits: Readonly<Record<string, readonly ShardRef[]>>;
  /** Ids of the versions that this one was made from; default none. */
  readonly parents?: readonly string[];
  /** What is new in it, for people; default empty. */
  readonly message?: string;
}

/** An immutable version of a dataset. */
export interface DatasetVersion extends Required<DatasetVersionContent> {
  /** `sha256:<hex>` of the canonical JSON (RFC 8785) of all other fields. */
  readonly id: string;
}

const folder = 'dataset-versions/';

/**
 * Makes a version of shards that are already packed in the same storage. Atomic; making the same version again does
 * nothing and gives the same id.
 *
 * @throws PerceptError `DATA_SHARDS_NOT_FOUND` when a shard or its index is not there as described,
 *   `DATA_CLASSES_DIFFER` when a shard was packed with other classes, `DATA_VERSION_NOT_FOUND` for an unknown parent,
 *   `INVALID_ARGUMENT`; what the storage rejects with
 */
export async function commitDatasetVersion(
  storage: Storage,
  content: DatasetVersionContent,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<DatasetVersion> {
  const manifest = parseOptions(manifestSchema, content, 'commitDatasetVersion() content');
  for (const parent of manifest.parents) await readDatasetVersion(storage, parent);
  const shards = Object.values(manifest.splits).flat();
  const checks = readAhead(shards.length, 8, async (at) => {
    const sidecar = await requireSidecar(storage, shards[at]!, options.signal);
    checkSameClasses(manifest.classes, sidecar.classes);
    await checkShard(storage, shards[at]!);
  });
  for await (const _ of checks);
  const id = await jsonDigest(manifest);
  try {
    const bytes = new TextEncoder().encode(canonicalJson(manifest));
    await storage.write(manifestKey(id), bytes, { ifAbsent: true, signal: options.signal });
  } catch (error) {
    if (!isPerceptError(error, 'STORAGE_EXISTS')) throw error;
  }
  return { id, ...manifest };
}

/**
 * Reads a version's manifest.
 *
 * @throws PerceptError `DATA_VERSION_NOT_FOUND`; `DATA_VERSION_INVALID` when the manifest no longer has the digest that
 *   its id promises; `INVALID_ARGUMENT` when `id` is not `sha256:<64 hex digits>`
 */
export async function readDatasetVersion(storage: Storage, id: string): Promise<DatasetVersion> {
  const key = manifestKey(parseOptions(digest, id, 'the dataset version id'));
  const json = await readJson<unknown>(storage, key);
  if (json === undefined) {
    throw new PerceptError(
      'DATA_VERSION_NOT_FOUND',
      `Expected dataset version ${id} in ${storage.description} but there is none; see listDatasetVersions()`,
      { details: { id, storage: storage.description } },
    );
  }
  const manifest = z.safeParse(manifestSchema, json);
  if (!manifest.success || (await jsonDigest(json)) !== id) {
    throw new PerceptError(
      'DATA_VERSION_INVALID',
      `Expected the manifest of dataset version ${id} in "${key}" but its content was changed; restore it`,
      { details: { id, key, storage: storage.description } },
    );
  }
  return { id, ...manifest.data };
}

/**
 * Opens a version for reading; `split('train')` opens the shards of a split.
 *
 * @throws PerceptError as {@link readDatasetVersion}; `split` rejects with `DATA_SPLIT_NOT_FOUND` for a name that the
 *   version does not have and with what {@link openShards} rejects with
 */
export async function openDatasetVersion(
  storage: Storage,
  id: string,
): Promise<{ readonly version: DatasetVersion; split(name: string): Promise<IndexedSource> }> {
  const version = await readDatasetVersion(storage, id);
  return {
    version,
    async split(splitName) {
      return openShardRefs(storage, splitOf(version, splitName), version.classes);
    },
  };
}

/** The shards of a split; throws `DATA_SPLIT_NOT_FOUND`. */
export function splitOf(version: DatasetVersion, splitName: string): readonly ShardRef[] {
  if (Object.hasOwn(version.splits, splitName)) return version.splits[splitName]!;
  throw new PerceptError(
    'DATA_SPLIT_NOT_FOUND',
    `Expected one of the splits ${Object.keys(version.splits).join(', ')} but received ${JSON.stringify(splitName)}`,
    { details: { id: version.id, split: splitName } },
  );
}

/** All versions in a storage, every parent before its children, otherwise ascending by id. */
export async function listDatasetVersions(storage: Storage): Promise<DatasetVersion[]> {
  const versions = new Map<string, DatasetVersion>();
  for await (const { key } of storage.list(folder)) {
    const id = `sha256:${key.slice(folder.length, -'.json'.length)}`;
    versions.set(id, await readDatasetVersion(storage, id));
  }
  const ordered = new Set<DatasetVersion>();
  const visit = (version: DatasetVersion | undefined): void => {
    if (version === undefined || ordered.has(version)) return;
    for (const parent of version.parents) visit(versions.get(parent));
    ordered.add(version);
  };
  for (const version of versions.values()) visit(version);
  return [...ordered];
}

/**
 * A version and everything it descends from, nearest first, each once.
 *
 * @throws PerceptError as {@link readDatasetVersion}
 */
export async function datasetHistory(storage: Storage, id: string): Promise<DatasetVersion[]> {
  const found: DatasetVersion[] = [];
  const queue = [id];
  const seen = new Set(queue);
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const version = await readDatasetVersion(storage, next);
    found.push(version);
    for (const parent of version.parents) {
      if (!seen.has(parent)) queue.push(parent);
      seen.add(parent);
    }
  }
  return found;
}

async function checkShard(storage: Storage, ref: ShardRef): Promise<void> {
  const info = await storage.stat(ref.key);
  if (info?.size === ref.bytes) return;
  throw new PerceptError(
    'DATA_SHARDS_NOT_FOUND',
    `Expected shard "${ref.key}" of ${ref.bytes} bytes in ${storage.description} but ` +
      `${info === undefined ? 'there is none' : `it has ${info.size}`}; pack the dataset again`,
    { details: { key: ref.key, storage: storage.description } },
  );
}

function manifestKey(id: string): string {
  return `${folder}${id.slice('sha256:'.length)}.json`;
}
