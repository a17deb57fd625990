// What loading a model needs of Node: a cache on disk.
import { homedir, platform } from 'node:os';
import { join } from 'node:path';
import type { Storage } from '@percept/storage';
import { fsStorage } from '@percept/storage/backends/fs';

/** Bytes that the cache may hold by default. */
export const defaultCacheBytes = 10e9;

/** The folder that the platform has for caches, below which models are kept. */
export function defaultCacheFolder(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (XDG_CACHE_HOME) return join(XDG_CACHE_HOME, 'percept', 'models');
  if (platform() === 'win32' && LOCALAPPDATA) return join(LOCALAPPDATA, 'percept', 'models');
  if (platform() === 'darwin') return join(homedir(), 'Library', 'Caches', 'percept', 'models');
  return join(homedir(), '.cache', 'percept', 'models');
}

/** The cache that is used when none is given. */
export async function defaultCache(): Promise<Storage> {
  return fsStorage(defaultCacheFolder());
}
