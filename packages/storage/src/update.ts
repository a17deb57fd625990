import { isPerceptError, PerceptError } from '@percept/core';
import { pause } from './pause.js';
import type { ObjectInfo, SignalOptions, Storage } from './storage.js';

/** Rounds lost to other writers before giving up; each of them means that another writer has come through. */
const mostRounds = 1000;
const longestPauseMs = 50;

/**
 * Changes an object by compare-and-set: reads it, lets `update` say what it becomes, writes that if nobody has come
 * between, and starts again if somebody has. No update of any process is lost.
 *
 * @param update - gets the object's bytes (`undefined` when there is none) and gives the new ones; may be called again,
 *   with other bytes
 * @returns what is known of the object as written
 * @throws PerceptError `STORAGE_UNSUPPORTED` when the storage cannot write with `ifAbsent` and `ifMatch`; what the
 *   storage and `update` throw
 */
export async function updateObject(
  storage: Storage,
  key: string,
  update: (bytes: Uint8Array | undefined) => Uint8Array | Promise<Uint8Array>,
  options: SignalOptions = {},
): Promise<ObjectInfo> {
  const { signal } = options;
  for (let round = 1; ; round++) {
    try {
      const info = await storage.stat(key, { signal });
      if (info === undefined) return await storage.write(key, await update(undefined), { ifAbsent: true, signal });
      const ifMatch = info.version ?? withoutVersions(storage, key);
      const bytes = await storage.read(key, { ifMatch, signal });
      return await storage.write(key, await update(bytes), { ifMatch, signal });
    } catch (error) {
      const overtaken = ['STORAGE_CHANGED', 'STORAGE_EXISTS', 'STORAGE_NOT_FOUND'].some((code) =>
        isPerceptError(error, code),
      );
      if (!overtaken || round === mostRounds) throw error;
    }
    await pause(Math.random() * Math.min(round, longestPauseMs), signal);
  }
}

function withoutVersions(storage: Storage, key: string): never {
  throw new PerceptError(
    'STORAGE_UNSUPPORTED',
    `Expected a storage that knows versions for updating "${key}" but ${storage.description} tells none; keep what several writers change in a storage with capabilities.ifMatch`,
    { details: { key, storage: storage.description } },
  );
}
