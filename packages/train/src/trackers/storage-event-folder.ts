import { concatBytes } from '@percept/core';
import type { Storage } from '@percept/storage';
import { CoalescedWrites } from './coalesced-writes.js';
import { type EventFolder, eventFilePrefix } from './event-folder.js';

/** Event files in a storage. Storages replace whole objects, so what was written is kept and written again with the rest. */
export function storageEventFolder(storage: Storage, key: string): EventFolder {
  const folder = `${key.replace(/\/$/, '')}/`;
  let file = '';
  let written = new Uint8Array(0);
  let waiting: Uint8Array[] = [];
  const writes = new CoalescedWrites(async () => {
    const added = waiting;
    waiting = [];
    const whole = concatBytes([written, ...added]);
    try {
      await storage.write(folder + file, whole);
      written = whole;
    } catch (error) {
      waiting = [...added, ...waiting];
      throw error;
    }
  });
  return {
    suffix: 'percept',
    async eventFiles() {
      const names: string[] = [];
      for await (const { key: found } of storage.list(folder + eventFilePrefix)) names.push(found.slice(folder.length));
      return names;
    },
    async append(name, bytes) {
      file = name;
      waiting.push(bytes);
      await writes.request();
    },
    async writeFile(path, bytes) {
      await storage.write(folder + path, bytes);
    },
  };
}
