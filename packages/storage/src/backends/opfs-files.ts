// Files and folders of the origin private file system, by path.
import { PerceptError } from '@percept/core';

/** A temporary file that no one has written to for so long was left behind by a page that was closed. */
const abandonedAfterMs = 24 * 60 * 60 * 1000;

/** A file with the methods that are newer than TypeScript's own types. */
export interface MovableFile extends FileSystemFileHandle {
  /** Gives the file another place and name, in one step; replaces a file that has the name. */
  move(folder: FileSystemDirectoryHandle, name: string): Promise<void>;
  remove?(): Promise<void>;
}

/** The folder at a path; with `create`, made where it is missing. */
export async function folderAt(path: readonly string[], create: boolean): Promise<FileSystemDirectoryHandle> {
  if (globalThis.navigator?.storage?.getDirectory === undefined) {
    throw new PerceptError(
      'STORAGE_UNSUPPORTED',
      'Expected a browser with an origin private file system but there is none here; use https: (or localhost), a current browser, and memoryStorage() elsewhere',
    );
  }
  let folder = await navigator.storage.getDirectory();
  for (const name of path) folder = await folder.getDirectoryHandle(name, { create });
  return folder;
}

/** Writes `chunks` to a new file in `folder`; on any failure the file is gone and the error is thrown. */
export async function writeTemporary(
  folder: FileSystemDirectoryHandle,
  chunks: AsyncIterable<Uint8Array>,
): Promise<MovableFile> {
  const file = (await folder.getFileHandle(crypto.randomUUID(), { create: true })) as MovableFile;
  try {
    if (typeof file.move !== 'function' || typeof file.createWritable !== 'function') {
      throw new PerceptError(
        'STORAGE_UNSUPPORTED',
        'Expected a browser whose files have move() and createWritable() but this one has not, so it cannot write without showing half-written objects; use a current browser, or memoryStorage()',
      );
    }
    const writable = await file.createWritable();
    try {
      // The cast drops SharedArrayBuffer, which write() refuses and nothing here hands in.
      for await (const chunk of chunks) await writable.write(chunk as Uint8Array<ArrayBuffer>);
      await writable.close();
    } catch (error) {
      await writable.abort().catch(() => {});
      throw error;
    }
    return file;
  } catch (error) {
    await folder.removeEntry(file.name).catch(() => {});
    throw error;
  }
}

/** Removes folders from the end of `path` up to the first `kept` ones, as long as they are empty. */
export async function removeEmptyFolders(path: readonly string[], kept: number): Promise<void> {
  for (let length = path.length; length > kept; length--) {
    try {
      await (await folderAt(path.slice(0, length - 1), false)).removeEntry(path[length - 1]!);
    } catch {
      return;
    }
  }
}

/** Removes what pages that were closed have left in the temporary folder; what cannot be removed stays. */
export async function removeAbandoned(folder: FileSystemDirectoryHandle): Promise<void> {
  for await (const [name, handle] of folder.entries()) {
    const file =
      handle.kind === 'file' ? await (handle as FileSystemFileHandle).getFile().catch(() => undefined) : undefined;
    if (file !== undefined && Date.now() - file.lastModified > abandonedAfterMs) {
      await folder.removeEntry(name).catch(() => {});
    }
  }
}
