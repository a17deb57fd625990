import { throwIfAborted } from '@percept/core';
import { writtenChunks } from '../chunks.js';
import { checkKey, checkPrefix } from '../key.js';
import { alreadyExists, keyConflict, notFound } from '../key-errors.js';
import { checkReadOptions, checkWriteOptions } from '../options.js';
import { resolveRange } from '../range.js';
import type { ObjectInfo, ReadOptions, Storage, WriteOptions } from '../storage.js';

const description = 'memory';
/** Bytes handed out at once by `readStream`. */
const chunkSize = 64 * 1024;

interface Entry {
  readonly bytes: Uint8Array;
  readonly modified: number;
}

/** A storage that lives in this process and dies with it: for tests, browsers and small pipelines. Safe to share. */
export function memoryStorage(): Storage {
  const objects = new Map<string, Entry>();
  /** How many objects are below each folder, so that a conflict is found without looking at every key. */
  const folders = new Map<string, number>();

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

  const view = (key: string, options: ReadOptions): Uint8Array => {
    checkKey(key);
    checkReadOptions(options, key);
    throwIfAborted(options.signal);
    const { bytes } = entryOf(key);
    const { start, end } = resolveRange(options.range, bytes.length, key);
    return bytes.subarray(start, end);
  };

  return {
    description,

    async read(key, options = {}) {
      return view(key, options).slice();
    },

    async *readStream(key, options = {}) {
      const bytes = view(key, options);
      for (let at = 0; at < bytes.length; at += chunkSize) {
        throwIfAborted(options.signal);
        yield bytes.slice(at, at + chunkSize);
      }
    },

    async write(key, data, options: WriteOptions = {}) {
      checkKey(key);
      checkWriteOptions(options);
      if (options.ifAbsent && objects.has(key)) throw alreadyExists(key, description);
      const chunks: Uint8Array[] = [];
      for await (const chunk of writtenChunks(data, options.signal)) chunks.push(chunk.slice());
      // From here on nothing is awaited, so no other writer comes between the checks and the change.
      throwIfAborted(options.signal);
      if (options.ifAbsent && objects.has(key)) throw alreadyExists(key, description);
      if (folders.has(key) || foldersOf(key).some((folder) => objects.has(folder))) {
        throw keyConflict(key, description);
      }
      if (!objects.has(key)) count(key, 1);
      const entry = { bytes: joined(chunks), modified: Date.now() };
      objects.set(key, entry);
      return infoOf(key, entry);
    },

    async stat(key) {
      checkKey(key);
      const entry = objects.get(key);
      return entry && infoOf(key, entry);
    },

    async *list(prefix = '') {
      checkPrefix(prefix);
      for (const key of [...objects.keys()].filter((key) => key.startsWith(prefix)).sort()) {
        const entry = objects.get(key);
        if (entry !== undefined) yield infoOf(key, entry);
      }
    },

    async delete(key) {
      checkKey(key);
      if (objects.delete(key)) count(key, -1);
    },
  };
}

function infoOf(key: string, { bytes, modified }: Entry): ObjectInfo {
  return { key, size: bytes.length, modified };
}

/** `a/b/c` lies in `a` and `a/b`, which therefore cannot be objects: a file system could not hold them. */
function foldersOf(key: string): string[] {
  const folders: string[] = [];
  for (let slash = key.indexOf('/'); slash !== -1; slash = key.indexOf('/', slash + 1)) {
    folders.push(key.slice(0, slash));
  }
  return folders;
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [first] = chunks;
  if (first !== undefined && chunks.length === 1) return first;
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
