import { fileURLToPath } from 'node:url';
import { PerceptError } from '@percept/core';
import type { Storage } from './storage.js';

/** Schemes that lead to this machine's files. */
export const localSchemes: readonly string[] = ['file:'];

/** Opens a folder of this machine, by path or `file:` address. */
export async function openLocal(path: string | URL): Promise<Storage> {
  const { fsStorage } = await import('./backends/fs.js');
  return fsStorage(typeof path === 'string' ? path : pathOf(path));
}

function pathOf(url: URL): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected a file: address of a folder on this machine for openStorage() but received ${JSON.stringify(url.href)}`,
      { cause },
    );
  }
}
