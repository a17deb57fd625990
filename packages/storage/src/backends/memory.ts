import { throwIfAborted } from '@percept/core';
import { sha256Checksums, verifyBytes } from '../checksum.js';
import { joinChunks, writtenChunks } from '../chunks.js';
import { checkKey, checkPrefix } from '../key.js';
import { alreadyExists, changed, keyConflict, notFound } from '../key-errors.js';
import { compareKeys } from '../key-order.js';
import { checkReadOptions, checkSignalOptions, checkWriteOptions } from '../options.js';
import { resolveRange } from '../range.js';
import type { ObjectInfo, ReadOptions, Storage, WriteOptions } from '../storage.js';

const description = 'memory';
/** Bytes handed out at once by `readStream`. */
const chunkSize = 64 * 1024;

interface Entry {
  readonly bytes: Uint8Array;
  readonly modified: number;
  readonly version: string;
  readonly sha256: string | undefined;
}

/** A storage that lives in this process and dies with it: for tests, browsers and small pipelines. Safe to share. */
export function memoryStorage(): Storage {
  const objects = new Map<string, Entry>();
  /** How many objects are below each folder, so that a conflict is found without looking at every key. */
  const folders = new Map<string, number>();
  let writes = 0;

  const count = (key: string, change: 1 | -1) => {
    for (const folder of foldersOf(key)) {
      const objectsBelow = (folders.get(folder) ?? 0) + change;
      if (objectsBelow === 0) folders.delete(folder);
      else folders.set(folder, objectsBelow);
    }
  };

  const entryOf = (key: string): Entry => {
    const entry = objects.get(key);
    if (entry === undefined) throw notFound(key, description);
    return entry;
  };

  const view = async (key: string, options: ReadOptions): Promise<Uint8Array> => {
    checkKey(key);
    checkReadOptions(options, key);
    throwIfAborted(options.signal);
    const { bytes, version } = entryOf(key);
    if (options.ifMatch !== undefined && options.ifMatch !== version) throw changed(key, description);
    await verifyBytes(bytes, sha256Checksums(options.sha256), `"${key}"`);
    const { start, end } = resolveRange(options.range, bytes.length, key);
    return bytes.subarray(start, end);
  };

  const storage: Storage = {
    description,
    capabilities: { write: true, list: true, ifAbsent: true, ifMatch: true, resume: false, exclusiveFolders: true },

    async read(key, options = {}) {
      return (await view(key, options)).slice();
    },

    async *readStream(key, options = {}) {
      const bytes = await view(key, options);
      for (let at = 0; at < bytes.length; at += chunkSize) {
        throwIfAborted(options.signal);
        yield bytes.slice(at, at + chunkSize);
      }
    },

    async write(key, data, options: WriteOptions = {}) {
      checkKey(key);
      checkWriteOptions(options, storage);
      const checkConditions = () => {
        const present = objects.get(key);
        if (options.ifAbsent && present !== undefined) throw alreadyExists(key, description);
        if (options.ifMatch !== undefined && options.ifMatch !== present?.version) throw changed(key, description);
      };
      checkConditions();
      const chunks: Uint8Array[] = [];
      for await (const chunk of writtenChunks(data, options)) chunks.push(new Uint8Array(chunk));
      // From here on nothing is awaited, so no other writer comes between the checks and the change.
      throwIfAborted(options.signal);
      checkConditions();
      if (folders.has(key) || foldersOf(key).some((folder) => objects.has(folder))) {
        throw keyConflict(key, description);
      }
      if (!objects.has(key)) count(key, 1);
      const [first] = chunks;
      const bytes = chunks.length === 1 && first !== undefined ? first : joinChunks(chunks);
      const sha256 = options.sha256?.toLowerCase();
      const entry = { bytes, modified: Date.now(), version: String(++writes), sha256 };
      objects.set(key, entry);
      return infoOf(key, entry);
    },

    async stat(key, options = {}) {
      checkKey(key);
      checkSignalOptions(options, 'stat()');
      throwIfAborted(options.signal);
      const entry = objects.get(key);
      return entry && infoOf(key, entry);
    },

    async *list(prefix = '', options = {}) {
      checkPrefix(prefix);
      checkSignalOptions(options, 'list()');
      for (const key of [...objects.keys()].filter((key) => key.startsWith(prefix)).sort(compareKeys)) {
        throwIfAborted(options.signal);
        const entry = objects.get(key);
        if (entry !== undefined) yield infoOf(key, entry);
      }
    },

    async delete(key, options = {}) {
      checkKey(key);
      checkSignalOptions(options, 'delete()');
      throwIfAborted(options.signal);
      if (objects.delete(key)) count(key, -1);
    },
  };
  return storage;
}

function infoOf(key: string, { bytes, modified, version, sha256 }: Entry): ObjectInfo {
  return { key, size: bytes.length, modified, version, ...(sha256 === undefined ? {} : { sha256 }) };
}

/** `a/b/c` lies in `a` and `a/b`, which therefore cannot be objects: a file system could not hold them. */
function foldersOf(key: string): string[] {
  const folders: string[] = [];
  for (let slash = key.indexOf('/'); slash !== -1; slash = key.indexOf('/', slash + 1)) {
    folders.push(key.slice(0, slash));
  }
  return folders;
}
