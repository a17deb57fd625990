import type { ModelResolver } from '@percept/core';
import type { Storage } from '@percept/storage';
import { readBlob } from './blobs.js';
import { aliasedVersion, getVersion, latestVersion } from './models.js';
import type { ModelVersion } from './records.js';
import type { Store } from './store.js';
import { parseModelUri } from './uri.js';

/** Resolves addresses in the registry of `store`; it only reads, so the storage may be read-only. */
export function resolverOf(store: Store): ModelResolver {
  return {
    async resolve(uri, options = {}) {
      const storage = await store.reading();
      const record = await findVersion(storage, uri);
      const bytes = await readBlob(storage, record, options);
      return { bytes, name: record.name, version: record.version, digest: record.digest };
    },
    async currentVersion(uri) {
      const { name, version, digest } = await findVersion(await store.reading(), uri);
      return { name, version, digest };
    },
  };
}

/** The version that an address names now. */
export async function findVersion(storage: Storage, uri: string): Promise<ModelVersion> {
  const { name, version, alias } = parseModelUri(uri);
  if (version !== undefined) return getVersion(storage, name, version);
  const number = alias === undefined ? await latestVersion(storage, name) : await aliasedVersion(storage, name, alias);
  return getVersion(storage, name, number);
}
