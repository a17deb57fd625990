import { PerceptError } from '@percept/core';
import type { Storage } from './storage.js';

/** Schemes that lead to this machine's files. */
export const localSchemes: readonly string[] = [];

/** Opens a folder of this machine, which browsers have not. */
export async function openLocal(path: string | URL): Promise<Storage> {
  throw new PerceptError(
    'STORAGE_UNKNOWN_SCHEME',
    `Expected the address of a storage that browsers have but received ${JSON.stringify(String(path))}; use opfs:/folder for files of this origin`,
    { details: { url: String(path) } },
  );
}
