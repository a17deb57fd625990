// What loading a model needs of a browser: the origin private file system as a cache.
import type { Storage } from '@percept/storage';
import { opfsStorage } from '@percept/storage/backends/opfs';

/** Bytes that the cache may hold by default. */
export const defaultCacheBytes = 2e9;

/** The cache that is used when none is given. */
export async function defaultCache(): Promise<Storage> {
  return opfsStorage('percept-models');
}
