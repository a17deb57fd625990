// Atomic, durable files: the bytes go to a hidden file, are flushed, and only then get their name. A reader, or whoever
// comes after a crash, sees the old file or the new one. What a crash leaves behind has no name in the storage.
import { randomUUID } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { type FileHandle, link, mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { PerceptError } from '@percept/core';

/** A temporary file that no one has written to for so long was left behind by a process that died. */
const abandonedAfterMs = 24 * 60 * 60 * 1000;
/** A folder that another process removes because it was empty is made again; more often than this is no coincidence. */
const publishAttempts = 100;

/** Writes `chunks` to a new flushed file in `folder`; on any failure the file is gone and the error is thrown. */
export async function writeTemporary(folder: string, chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const path = join(folder, randomUUID());
  await makeFolder(folder);
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'wx');
    for await (const chunk of chunks) await writeFully(file, chunk);
    // The kernel's own times are so coarse that two versions could share one; see versionOf().
    const now = (performance.timeOrigin + performance.now()) / 1000;
    await file.utimes(now, now);
    await file.sync();
    await file.close();
    return path;
  } catch (error) {
    await file?.close().catch(() => {});
    await rm(path, { force: true }).catch(() => {});
    throw error;
  }
}

/**
 * What tells two files apart that have the same name one after the other: inode, size and time of the last change in
 * nanoseconds, which {@link writeTemporary} sets to the microsecond.
 */
export function versionOf(info: BigIntStats): string {
  return `${info.ino.toString(36)}-${info.size.toString(36)}-${info.mtimeNs.toString(36)}`;
}

async function writeFully(file: FileHandle, chunk: Uint8Array): Promise<void> {
  let written = 0;
  while (written < chunk.length) {
    // A write may come back short, for instance just before the disk is full.
    written += (await file.write(chunk, written, chunk.length - written)).bytesWritten;
  }
}

/**
 * Gives the finished file `temporary` the name `path`: by `link`, which fails with `EEXIST` if the name is taken, or by
 * `rename`, which replaces. Makes the folders in between, and flushes every folder that changed.
 */
export async function publish(temporary: string, path: string, ifAbsent: boolean): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    await makeFolder(dirname(path));
    try {
      if (ifAbsent) await link(temporary, path);
      else await rename(temporary, path);
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (attempt === publishAttempts) throw error;
      if (code === 'ENOENT' && (await exists(temporary))) continue;
      // A writer that died may have left folders without anything in them.
      if (['EISDIR', 'EEXIST', 'ENOTEMPTY'].includes(code) && (await removeEmptyTree(path))) continue;
      throw error;
    }
    return syncFolder(dirname(path));
  }
}

/** Makes a folder with its parents, and flushes the folders that got a new name in them. */
export async function makeFolder(path: string): Promise<void> {
  for (let attempt = 1; !(await exists(path)); attempt++) {
    const parent = dirname(path);
    await makeFolder(parent);
    try {
      // One level at a time: Node 20 never comes back from a recursive mkdir where the system cannot make folders (/proc).
      await mkdir(path);
      return syncFolder(parent);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') return;
      // Either another process has removed the parent since, or this file system has no folders to make.
      if (code !== 'ENOENT') throw error;
      if (attempt === publishAttempts || (await exists(parent))) throw cannotMake(path, error);
    }
  }
}

function cannotMake(path: string, cause: unknown): PerceptError {
  return new PerceptError(
    'STORAGE_READ_ONLY',
    `Could not make the folder ${path}: its file system takes no new folders`,
    {
      details: { path },
      cause,
    },
  );
}

/** Removes a folder that has nothing but folders in it; `false` when it is not such a folder. */
async function removeEmptyTree(path: string): Promise<boolean> {
  try {
    for (const name of await readdir(path)) if (!(await removeEmptyTree(join(path, name)))) return false;
    await rmdir(path);
    return true;
  } catch {
    return false;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Makes the names in a folder survive a power cut. Windows and some network file systems cannot, and need not. */
export async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, 'r');
    await handle.sync();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // ENOENT: another process has removed the folder since, with what was to be flushed.
    if (!['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'ENOTSUP', 'ENOENT'].includes(code ?? '')) throw error;
  } finally {
    await handle?.close();
  }
}

/** Removes what processes that died have left in the temporary folder; what cannot be removed stays. */
export async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    const info = await stat(path).catch(() => undefined);
    if (info !== undefined && Date.now() - info.mtimeMs > abandonedAfterMs)
      await rm(path, { force: true }).catch(() => {});
  }
}

/** Whether `path` is `folder` or lies below it; both are real, absolute paths. */
export function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
