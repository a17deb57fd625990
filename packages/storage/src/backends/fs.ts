// Objects as files below one folder. What this does not do: follow symbolic links out of the folder, list through
// linked folders, or hold `a` and `a/b` at once. Writing is in fs-write.ts, the wording of failures in fs-errors.ts.
import { type BigIntStats, constants, type Dirent } from 'node:fs';
import { type FileHandle, lstat, open, readdir, realpath, rm, rmdir, stat, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { describeValue, isPerceptError, PerceptError, throwIfAborted } from '@percept/core';
import { sha256Checksums, verified, verifyBytes } from '../checksum.js';
import { writtenChunks } from '../chunks.js';
import { checkKey, checkPrefix, isKeySegment, temporaryFolder } from '../key.js';
import { alreadyExists, changed, keyConflict, notFound } from '../key-errors.js';
import { compareKeys } from '../key-order.js';
import { checkReadOptions, checkSignalOptions, checkWriteOptions } from '../options.js';
import { allocate, resolveRange } from '../range.js';
import type { ObjectInfo, ReadOptions, SignalOptions, Storage, StorageCapabilities, WriteOptions } from '../storage.js';
import { explainFsError } from './fs-errors.js';
import { withKeyLock } from './fs-lock.js';
import { isInside, makeFolder, publish, removeAbandoned, syncFolder, versionOf, writeTemporary } from './fs-write.js';

/** Bytes read at once: large enough for full disk speed, small enough to notice an abort. */
const streamChunk = 256 * 1024;
const readChunk = 8 * 1024 * 1024;
/** Opening a named pipe must not wait for a writer. Windows has neither the flag nor such files. */
const readFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
/** Files whose size is asked for at the same time while listing. */
const statBatch = 64;

/**
 * Objects as files below the folder `root`, which is created by the first write. Node only.
 *
 * A write goes to a file in `<root>/.percept-tmp`, is flushed, named by `rename` (`link` with `ifAbsent`) and its folder
 * flushed: it survives `kill -9` and power cuts, and processes may share the folder. While a file gets its name, a lock
 * file keeps other writers of the key away, so that `ifMatch` knows no races. Files of dead writers are removed by the
 * first write that comes a day later. `root` must be one file system; `ifAbsent` needs hard links.
 *
 * @throws PerceptError `INVALID_ARGUMENT` when `root` is not a path
 */
export function fsStorage(root: string): Storage {
  if (typeof root !== 'string' || root === '' || root.includes('\0')) {
    throw new PerceptError('INVALID_ARGUMENT', `Expected a folder for fsStorage() but received ${describeValue(root)}`);
  }
  return new FsStorage(resolve(root));
}

class FsStorage implements Storage {
  readonly description: string;
  readonly capabilities: StorageCapabilities = {
    write: true,
    list: true,
    ifAbsent: true,
    ifMatch: true,
    resume: false,
    exclusiveFolders: true,
  };
  readonly #root: string;
  #swept: Promise<void> | undefined;

  constructor(root: string) {
    this.#root = root;
    this.description = `fs:${root}`;
  }

  async read(key: string, options: ReadOptions = {}): Promise<Uint8Array> {
    const { file, start, end } = await this.#open(key, options);
    try {
      const bytes = allocate(end - start, key);
      for (let at = 0; at < bytes.length; at += readChunk) {
        throwIfAborted(options.signal);
        await this.#readFully(file, bytes.subarray(at, at + readChunk), start + at, key);
      }
      await verifyBytes(bytes, sha256Checksums(options.sha256), join(this.#root, key));
      return bytes;
    } finally {
      await file.close();
    }
  }

  async *readStream(key: string, options: ReadOptions = {}): AsyncGenerator<Uint8Array> {
    const chunks = this.#chunks(key, options);
    if (options.sha256 === undefined) yield* chunks;
    else yield* verified(chunks, sha256Checksums(options.sha256), join(this.#root, key));
  }

  async *#chunks(key: string, options: ReadOptions): AsyncGenerator<Uint8Array> {
    const { file, start, end } = await this.#open(key, options);
    try {
      for (let at = start; at < end; at += streamChunk) {
        throwIfAborted(options.signal);
        const chunk = new Uint8Array(Math.min(streamChunk, end - at));
        await this.#readFully(file, chunk, at, key);
        yield chunk;
      }
    } finally {
      await file.close();
    }
  }

  async write(
    key: string,
    data: Uint8Array | AsyncIterable<Uint8Array>,
    options: WriteOptions = {},
  ): Promise<ObjectInfo> {
    const path = this.#pathOf(key);
    checkWriteOptions(options, this);
    throwIfAborted(options.signal);
    const { ifAbsent = false, ifMatch, signal } = options;
    let temporary: string | undefined;
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
      await this.#refuseEscape(dirname(path), key);
      const present = await kindOf(path);
      if (present === 'special') throw occupied(path, key);
      if (ifAbsent && present === 'object') throw alreadyExists(key, this.description);
      await this.#requireVersion(key, ifMatch);
      const folder = join(this.#root, temporaryFolder);
      this.#swept ??= removeAbandoned(folder);
      await this.#swept;
      const written = await writeTemporary(folder, chunks());
      temporary = written;
      throwIfAborted(signal);
      const info = await stat(written, { bigint: true });
      await withKeyLock(folder, key, async () => {
        await this.#requireVersion(key, ifMatch);
        await publish(written, path, ifAbsent);
      });
      return infoOf(key, info);
    } catch (error) {
      if (error === sourceError) throw error;
      const { code = '', syscall } = error as NodeJS.ErrnoException;
      const taken = code === 'EEXIST' && syscall === 'link' && (await kindOf(path)) !== 'folder';
      if (taken) throw alreadyExists(key, this.description, error);
      if (['EEXIST', 'EISDIR', 'ENOTDIR', 'ENOTEMPTY'].includes(code)) throw keyConflict(key, this.description, error);
      throw explainFsError(error, 'write', path);
    } finally {
      if (temporary !== undefined) await rm(temporary, { force: true }).catch(() => {});
    }
  }

  async stat(key: string, options: SignalOptions = {}): Promise<ObjectInfo | undefined> {
    const path = this.#pathOf(key);
    checkSignalOptions(options, 'stat()');
    throwIfAborted(options.signal);
    await this.#refuseEscape(path, key);
    return this.#infoOf(key);
  }

  async *list(prefix = '', options: SignalOptions = {}): AsyncGenerator<ObjectInfo> {
    checkPrefix(prefix);
    checkSignalOptions(options, 'list()');
    throwIfAborted(options.signal);
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    await this.#refuseEscape(join(this.#root, folder), prefix);
    for await (const info of this.#walk(folder, prefix)) {
      yield info;
      throwIfAborted(options.signal);
    }
  }

  async delete(key: string, options: SignalOptions = {}): Promise<void> {
    const path = this.#pathOf(key);
    checkSignalOptions(options, 'delete()');
    throwIfAborted(options.signal);
    const remove = async () => {
      if ((await kindOf(path)) === 'object') {
        await unlink(path);
        await syncFolder(dirname(path));
      }
    };
    try {
      await this.#refuseEscape(dirname(path), key);
      await lstat(path);
      await this.#locked(key, remove);
      await this.#removeEmptyFolders(dirname(path));
    } catch (error) {
      if (!isMissing(error)) throw explainFsError(error, 'delete', path);
    }
  }

  /** A full disk has no room for a lock either; deleting must work there all the same. */
  async #locked(key: string, work: () => Promise<void>): Promise<void> {
    const folder = join(this.#root, temporaryFolder);
    try {
      await makeFolder(folder);
      await withKeyLock(folder, key, work);
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (!['ENOSPC', 'EDQUOT'].includes(code)) throw error;
      await work();
    }
  }

  async #requireVersion(key: string, version: string | undefined): Promise<void> {
    if (version === undefined || (await this.#infoOf(key))?.version === version) return;
    throw changed(key, this.description);
  }

  async #infoOf(key: string): Promise<ObjectInfo | undefined> {
    const path = join(this.#root, key);
    try {
      const info = await stat(path, { bigint: true });
      return info.isFile() ? infoOf(key, info) : undefined;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw explainFsError(error, 'look at', path);
    }
  }

  #pathOf(key: string): string {
    checkKey(key);
    return join(this.#root, key);
  }

  async #open(key: string, options: ReadOptions): Promise<{ file: FileHandle; start: number; end: number }> {
    const path = this.#pathOf(key);
    checkReadOptions(options, key);
    throwIfAborted(options.signal);
    let file: FileHandle | undefined;
    try {
      await this.#refuseEscape(path, key);
      file = await open(path, readFlags);
      const info = await file.stat({ bigint: true });
      if (!info.isFile()) throw notFound(key, this.description);
      if (options.ifMatch !== undefined && options.ifMatch !== versionOf(info)) throw changed(key, this.description);
      return { file, ...resolveRange(options.range, Number(info.size), key) };
    } catch (error) {
      await file?.close();
      if (isMissing(error)) throw notFound(key, this.description, error);
      throw explainFsError(error, 'read', path);
    }
  }

  async #readFully(file: FileHandle, into: Uint8Array, position: number, key: string): Promise<void> {
    const path = join(this.#root, key);
    for (let at = 0; at < into.length; ) {
      let bytesRead: number;
      try {
        ({ bytesRead } = await file.read(into, at, into.length - at, position + at));
      } catch (error) {
        throw explainFsError(error, 'read', path);
      }
      if (bytesRead === 0) {
        throw new PerceptError(
          'STORAGE_FAILED',
          `Could not read ${path}: it was cut short while it was read; write it through a storage, which replaces files whole`,
          { details: { path, position: position + at } },
        );
      }
      at += bytesRead;
    }
  }

  /** Entries of one folder at a time, in an order that makes the whole walk ascend by key. */
  async *#walk(folder: string, prefix: string): AsyncGenerator<ObjectInfo> {
    const path = join(this.#root, folder);
    const entries = await readdir(path, { withFileTypes: true }).catch((error) => {
      if (isMissing(error)) return [];
      throw explainFsError(error, 'list', path);
    });
    const found = entries
      .filter((entry) => isKeySegment(entry.name))
      // A folder sorts as its name and a slash, because that is how the keys below it continue.
      .map((entry) => ({ entry, key: `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}` }))
      .filter(({ key }) => (key.endsWith('/') && prefix.startsWith(key)) || key.startsWith(prefix))
      .sort((a, b) => compareKeys(a.key, b.key));
    for (let at = 0; at < found.length; at += statBatch) {
      const batch = found.slice(at, at + statBatch);
      const infos = await Promise.all(batch.map(({ entry, key }) => this.#listed(entry, key)));
      for (const [index, { key }] of batch.entries()) {
        const info = infos[index];
        if (key.endsWith('/')) yield* this.#walk(key, prefix);
        else if (info !== undefined) yield info;
      }
    }
  }

  /** What listing shows of an entry. A link that leads outside cannot be read, so it is not shown either. */
  async #listed(entry: Dirent, key: string): Promise<ObjectInfo | undefined> {
    try {
      if (entry.isFile()) return await this.#infoOf(key);
      return entry.isSymbolicLink() ? await this.stat(key) : undefined;
    } catch (error) {
      if (isPerceptError(error, 'STORAGE_PERMISSION')) return undefined;
      throw error;
    }
  }

  /** Refuses paths that symbolic links lead out of the root. Whoever can change links at that moment can outrun it. */
  async #refuseEscape(path: string, key: string): Promise<void> {
    if (path === this.#root) return;
    try {
      const [root, real] = await Promise.all([realpath(this.#root), realpath(path)]);
      if (isInside(real, root)) return;
    } catch (error) {
      if (!isMissing(error)) throw explainFsError(error, 'follow', path);
      return this.#refuseEscape(dirname(path), key);
    }
    throw new PerceptError(
      'STORAGE_PERMISSION',
      `Expected "${key}" to stay inside ${this.#root} but a symbolic link leads out; open a storage on the folder it leads to`,
      { details: { key, path } },
    );
  }

  /** Folders exist only for what is in them, so that a deleted `a/b` leaves `a` free as a key. */
  async #removeEmptyFolders(from: string): Promise<void> {
    for (let folder = from; folder !== this.#root && isInside(folder, this.#root); folder = dirname(folder)) {
      try {
        await rmdir(folder);
      } catch {
        return;
      }
    }
  }
}

function infoOf(key: string, info: BigIntStats): ObjectInfo {
  return { key, size: Number(info.size), modified: Number(info.mtimeMs), version: versionOf(info) };
}

async function kindOf(path: string): Promise<'object' | 'folder' | 'special' | 'nothing'> {
  return lstat(path).then(
    (info) => (info.isDirectory() ? 'folder' : info.isFile() || info.isSymbolicLink() ? 'object' : 'special'),
    () => 'nothing',
  );
}

/** The error for a device, pipe or socket, which is no object and must not be lost to one. */
function occupied(path: string, key: string): PerceptError {
  return new PerceptError(
    'STORAGE_KEY_CONFLICT',
    `Could not write ${path}: it is a device, a pipe or a socket; choose another key`,
    { details: { key, path } },
  );
}

/** Nothing there; a link that leads in circles is nothing, too. */
function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'ELOOP'].includes((error as NodeJS.ErrnoException | null)?.code ?? '');
}
