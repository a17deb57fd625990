// Objects as files of the origin private file system (File System Standard, WHATWG), in windows and in workers. What this
// does not do: run where the browser has no FileSystemFileHandle.move() or createWritable(), because nothing else gives
// a finished file its name in one step.
import { describeValue, isPerceptError, PerceptError, throwIfAborted } from '@percept/core';
import { sha256Checksums, verified, verifyBytes } from '../checksum.js';
import { writtenChunks } from '../chunks.js';
import { checkKey, checkPrefix, isKeySegment, temporaryFolder } from '../key.js';
import { alreadyExists, changed, keyConflict, notFound } from '../key-errors.js';
import { compareKeys } from '../key-order.js';
import { checkReadOptions, checkSignalOptions, checkWriteOptions } from '../options.js';
import { resolveRange } from '../range.js';
import type { ObjectInfo, ReadOptions, SignalOptions, Storage, StorageCapabilities, WriteOptions } from '../storage.js';
import { explainOpfsError, isMissing, isOfOtherKind } from './opfs-errors.js';
import { folderAt, type MovableFile, removeAbandoned, removeEmptyFolders, writeTemporary } from './opfs-files.js';

/** Bytes handed out at once by `readStream`. */
const chunkSize = 512 * 1024;
/** A folder that another writer removes because it was empty is made again; more often than this is no coincidence. */
const publishAttempts = 20;

/**
 * Objects as files in the origin private file system of a browser, below the folder `folder` (the whole file system by
 * default). It belongs to the page's origin, survives reloads, and may be evicted unless `navigator.storage.persist()`
 * was granted.
 *
 * A write goes to a file in `.percept-tmp` and is moved to its name; Web Locks keep other writers of the key away
 * meanwhile, in all windows and workers of the origin, so that `ifAbsent` and `ifMatch` know no races.
 *
 * @throws PerceptError `INVALID_ARGUMENT`, `STORAGE_INVALID_KEY`
 */
export function opfsStorage(folder = ''): Storage {
  if (typeof folder !== 'string') {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected the name of a folder for opfsStorage() but received ${describeValue(folder)}`,
    );
  }
  const name = folder.replace(/^\/+|\/+$/g, '');
  if (name !== '') checkKey(name);
  return new OpfsStorage(name);
}

class OpfsStorage implements Storage {
  readonly description: string;
  readonly capabilities: StorageCapabilities;
  readonly #folder: string;
  #swept: Promise<void> | undefined;

  constructor(folder: string) {
    this.#folder = folder;
    this.description = `opfs:/${folder}`;
    const locks = globalThis.navigator?.locks !== undefined;
    this.capabilities = {
      write: true,
      list: true,
      ifAbsent: locks,
      ifMatch: locks,
      resume: false,
      exclusiveFolders: true,
    };
  }

  async read(key: string, options: ReadOptions = {}): Promise<Uint8Array> {
    checkKey(key);
    checkReadOptions(options, key);
    throwIfAborted(options.signal);
    const bytes = await this.#locked('shared', key, options.signal, async () => {
      const file = await this.#open(key, options.ifMatch);
      const { start, end } = resolveRange(options.range, file.size, key);
      return new Uint8Array(await file.slice(start, end).arrayBuffer());
    });
    throwIfAborted(options.signal);
    await verifyBytes(bytes, sha256Checksums(options.sha256), `"${key}"`);
    return bytes;
  }

  async *readStream(key: string, options: ReadOptions = {}): AsyncGenerator<Uint8Array> {
    checkKey(key);
    checkReadOptions(options, key);
    const chunks = this.#chunks(key, options);
    if (options.sha256 === undefined) yield* chunks;
    else yield* verified(chunks, sha256Checksums(options.sha256), `"${key}"`);
  }

  /** A lock is held for each chunk, not for the whole stream: a reader that stops reading must not stop the writers. */
  async *#chunks(key: string, options: ReadOptions): AsyncGenerator<Uint8Array> {
    let { ifMatch } = options;
    let at: number | undefined;
    for (;;) {
      throwIfAborted(options.signal);
      const next = await this.#locked('shared', key, options.signal, async () => {
        const file = await this.#open(key, ifMatch);
        ifMatch = versionOf(file);
        const { start, end } = resolveRange(options.range, file.size, key);
        const from = at ?? start;
        const to = Math.min(from + chunkSize, end);
        return { bytes: new Uint8Array(await file.slice(from, to).arrayBuffer()), to, end };
      });
      throwIfAborted(options.signal);
      if (next.bytes.length > 0) yield next.bytes;
      at = next.to;
      if (at >= next.end) return;
    }
  }

  async write(
    key: string,
    data: Uint8Array | AsyncIterable<Uint8Array>,
    options: WriteOptions = {},
  ): Promise<ObjectInfo> {
    checkKey(key);
    checkWriteOptions(options, this);
    throwIfAborted(options.signal);
    const { signal } = options;
    let temporary: MovableFile | undefined;
    let sourceError: unknown;
    const chunks = async function* () {
      try {
        yield* writtenChunks(data, options);
      } catch (error) {
        sourceError = error;
        throw error;
      }
    };
    try {
      await this.#requireConditions(key, options);
      const hidden = await folderAt([...this.#path(), temporaryFolder], true);
      this.#swept ??= removeAbandoned(hidden);
      await this.#swept;
      temporary = await writeTemporary(hidden, chunks());
      const written = temporary;
      const info = await this.#locked('exclusive', key, signal, async () => {
        throwIfAborted(signal);
        const present = await this.#requireConditions(key, options);
        await makeLater(written, present?.lastModified);
        await this.#publish(written, key);
        return infoOf(key, await written.getFile());
      });
      temporary = undefined;
      return info;
    } catch (error) {
      if (error === sourceError) throw error;
      if (isOfOtherKind(error)) throw keyConflict(key, this.description, error);
      throw explainOpfsError(error, 'write', key, this.description);
    } finally {
      await temporary?.remove?.().catch(() => {});
    }
  }

  async stat(key: string, options: SignalOptions = {}): Promise<ObjectInfo | undefined> {
    checkKey(key);
    checkSignalOptions(options, 'stat()');
    throwIfAborted(options.signal);
    const file = await this.#find(key);
    return file && infoOf(key, file);
  }

  async *list(prefix = '', options: SignalOptions = {}): AsyncGenerator<ObjectInfo> {
    checkPrefix(prefix);
    checkSignalOptions(options, 'list()');
    throwIfAborted(options.signal);
    for await (const info of this.#walk(prefix.slice(0, prefix.lastIndexOf('/') + 1), prefix)) {
      yield info;
      throwIfAborted(options.signal);
    }
  }

  async delete(key: string, options: SignalOptions = {}): Promise<void> {
    checkKey(key);
    checkSignalOptions(options, 'delete()');
    throwIfAborted(options.signal);
    try {
      await this.#locked('exclusive', key, options.signal, async () => {
        const file = await this.#find(key);
        if (file === undefined) return;
        // What is created after must not look like what is deleted now.
        while (Date.now() === file.lastModified) await new Promise((resolve) => setTimeout(resolve, 1));
        const path = this.#path(key);
        await (await folderAt(path.slice(0, -1), false)).removeEntry(path.at(-1)!);
      });
      await removeEmptyFolders(this.#path(key).slice(0, -1), this.#path().length);
    } catch (error) {
      if (!isMissing(error)) throw explainOpfsError(error, 'delete', key, this.description);
    }
  }

  async #publish(temporary: MovableFile, key: string): Promise<void> {
    const path = this.#path(key);
    const name = path.at(-1)!;
    for (let attempt = 1; ; attempt++) {
      try {
        const folder = await folderAt(path.slice(0, -1), true);
        // Finds out whether the name is a folder's; one that a dead writer left empty gives way.
        await folder.getFileHandle(name).catch(async (error) => {
          if (isOfOtherKind(error)) await folder.removeEntry(name).catch(() => Promise.reject(error));
        });
        return await temporary.move(folder, name);
      } catch (error) {
        if (!isMissing(error) || attempt === publishAttempts) throw error;
      }
    }
  }

  async #requireConditions(key: string, { ifAbsent, ifMatch }: WriteOptions): Promise<File | undefined> {
    const present = await this.#find(key);
    if (ifAbsent && present !== undefined) throw alreadyExists(key, this.description);
    if (ifMatch !== undefined && (present === undefined || versionOf(present) !== ifMatch)) {
      throw changed(key, this.description);
    }
    return present;
  }

  async #open(key: string, ifMatch: string | undefined): Promise<File> {
    const file = await this.#find(key);
    if (file === undefined) throw notFound(key, this.description);
    if (ifMatch !== undefined && versionOf(file) !== ifMatch) throw changed(key, this.description);
    return file;
  }

  async #find(key: string): Promise<File | undefined> {
    const path = this.#path(key);
    try {
      const folder = await folderAt(path.slice(0, -1), false);
      return await (await folder.getFileHandle(path.at(-1)!)).getFile();
    } catch (error) {
      if (isMissing(error) || isOfOtherKind(error)) return undefined;
      throw explainOpfsError(error, 'look at', key, this.description);
    }
  }

  async *#walk(folder: string, prefix: string): AsyncGenerator<ObjectInfo> {
    const found: { readonly key: string; readonly handle: FileSystemHandle }[] = [];
    try {
      const handle = await folderAt(folder === '' ? this.#path() : this.#path(folder.slice(0, -1)), false);
      for await (const [name, entry] of handle.entries()) {
        if (!isKeySegment(name)) continue;
        // A folder sorts as its name and a slash, because that is how the keys below it continue.
        const key = `${folder}${name}${entry.kind === 'directory' ? '/' : ''}`;
        if ((key.endsWith('/') && prefix.startsWith(key)) || key.startsWith(prefix)) found.push({ key, handle: entry });
      }
    } catch (error) {
      if (!isMissing(error) && !isOfOtherKind(error)) {
        throw explainOpfsError(error, 'list', prefix, this.description);
      }
    }
    for (const { key, handle } of found.sort((a, b) => compareKeys(a.key, b.key))) {
      if (key.endsWith('/')) {
        yield* this.#walk(key, prefix);
        continue;
      }
      const file = await (handle as FileSystemFileHandle).getFile().catch((error) => {
        if (!isMissing(error)) throw explainOpfsError(error, 'list', key, this.description);
      });
      if (file !== undefined) yield infoOf(key, file);
    }
  }

  async #locked<T>(mode: LockMode, key: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    try {
      if (!this.capabilities.ifMatch) return await work();
      const name = `percept-storage:${this.#path(key).join('/')}`;
      const options = signal === undefined ? { mode } : { mode, signal };
      return (await navigator.locks.request(name, options, work)) as T;
    } catch (error) {
      throwIfAborted(signal);
      if (isPerceptError(error) || isMissing(error) || isOfOtherKind(error)) throw error;
      throw explainOpfsError(error, mode === 'shared' ? 'read' : 'change', key, this.description);
    }
  }

  /** Names of the folders that lead to a key, and its own. */
  #path(key = ''): string[] {
    return [this.#folder, key].filter((part) => part !== '').flatMap((part) => part.split('/'));
  }
}

/** Times are whole milliseconds; a version that comes after another must have a later one, so that none comes twice. */
async function makeLater(file: MovableFile, than: number | undefined): Promise<void> {
  if (than === undefined || than > Date.now() + 1000) return;
  while ((await file.getFile()).lastModified <= than) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    await (await file.createWritable({ keepExistingData: true })).close();
  }
}

function versionOf(file: File): string {
  return `${file.lastModified}-${file.size}`;
}

function infoOf(key: string, file: File): ObjectInfo {
  return { key, size: file.size, modified: file.lastModified, version: versionOf(file) };
}
