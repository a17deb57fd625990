import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PerceptError, parseOptions, throwIfAborted } from '@percept/core';
import * as z from 'zod/mini';
import { compareNaturally } from './natural-order.js';
import { scanFolder } from './scan-folder.js';
import { createSource, type IndexedSource } from './source.js';

/** A file that was passed over. */
export interface FolderSkip {
  /** Path of the file. */
  readonly path: string;
  readonly code: 'DATA_NOT_AN_IMAGE' | 'DATA_EMPTY_FILE' | 'DATA_OUTSIDE_CLASS' | 'DATA_UNREADABLE';
  /** The reason, for people. */
  readonly reason: string;
}

/** Options of {@link imageFolder}. */
export interface ImageFolderOptions {
  /** Reads `<folder>/<split>/<class>/…`, with the classes of both splits together. */
  readonly split?: 'train' | 'test';
  /** Told of every file that is passed over. Hidden files are passed over silently. */
  readonly onSkip?: (skip: FolderSkip) => void;
  readonly signal?: AbortSignal | undefined;
}

const optionsSchema = z.strictObject({ split: z.optional(z.enum(['train', 'test'])) });

const imageExtension = /\.(jpe?g|png|webp|gif|avif|tiff?)$/i;

/**
 * A folder with a sub-folder per class, as torchvision's ImageFolder reads it: images in any depth below a class folder
 * belong to it, and links are followed. Classes and samples are in natural order (`img2` before `img10`), the same on every system. A sample's key
 * is its path without the extension, with forward slashes and in Unicode NFC; two files that differ by the extension alone
 * keep it. Images are read when asked for and are not checked here: see {@link validateSource}.
 *
 * @throws PerceptError `DATA_FOLDER_INVALID` when there is no such folder, it has no class folders or no images, or it is
 *   divided into `train` and `test` and no `split` was given; `ABORTED`. Reading a sample rejects with `DATA_UNREADABLE`
 *   when its file has gone
 */
export async function imageFolder(folder: string, options: ImageFolderOptions = {}): Promise<IndexedSource> {
  const { signal, onSkip, ...rest } = options;
  const { split } = parseOptions(optionsSchema, rest, 'imageFolder() options');
  const classes = await findClasses(folder, split);
  const root = split === undefined ? folder : join(folder, split);
  const files: { path: string; name: string; label: number }[] = [];
  const skip = (path: string, code: FolderSkip['code'], reason: string): void => onSkip?.({ path, code, reason });

  const walk = async (folderPath: string, name: string, label: number, above: readonly string[]): Promise<void> => {
    throwIfAborted(signal);
    for (const entry of await scanFolder(folderPath)) {
      const { path, kind, identity } = entry;
      const innerName = `${name}/${entry.name}`;
      if (kind === 'unreadable') skip(path, 'DATA_UNREADABLE', entry.reason);
      else if (kind === 'folder' && above.includes(identity)) skip(path, 'DATA_UNREADABLE', 'it leads into itself');
      else if (kind === 'folder') await walk(path, innerName, label, [...above, identity]);
      else if (kind === 'other') skip(path, 'DATA_NOT_AN_IMAGE', 'it is not a file');
      else if (!imageExtension.test(entry.name)) skip(path, 'DATA_NOT_AN_IMAGE', 'its name does not end as an image');
      else if (entry.size === 0) skip(path, 'DATA_EMPTY_FILE', 'it is empty');
      else files.push({ path, name: innerName, label });
    }
  };
  for (const { name, path, kind, identity } of await scanFolder(root)) {
    if (kind === 'folder') await walk(path, name, classes.indexOf(name), [identity]);
    else skip(path, 'DATA_OUTSIDE_CLASS', 'it is not in the folder of a class');
  }
  if (files.length === 0) throw invalid(root, 'image files in class folders', 'there are none');
  return createSource(
    classes,
    uniqueKeys(files.map((file) => file.name)),
    files.map((file) => file.label),
    async (index) => {
      const { path } = files[index]!;
      return { image: await readImageFile(path), extension: path.slice(path.lastIndexOf('.') + 1).toLowerCase() };
    },
  );
}

async function findClasses(folder: string, split: 'train' | 'test' | undefined): Promise<string[]> {
  const inside = await folderNames(folder);
  const divided = inside.includes('train') && inside.includes('test');
  if (split === undefined) {
    if (divided) throw invalid(folder, 'a folder per class', "it has train and test; pass split: 'train' or 'test'");
    if (inside.length === 0) throw invalid(folder, 'a folder per class', 'there is none');
    return inside;
  }
  if (!inside.includes(split)) throw invalid(folder, `a folder ${split}`, 'there is none');
  const parts = ['train', 'test'].filter((part) => inside.includes(part));
  const names = await Promise.all(parts.map((part) => folderNames(join(folder, part))));
  return [...new Set(names.flat())].sort(compareNaturally);
}

async function folderNames(folder: string): Promise<string[]> {
  return (await scanFolder(folder)).filter((entry) => entry.kind === 'folder').map((entry) => entry.name);
}

/** Names without their extensions where that leaves them unique. */
function uniqueKeys(names: readonly string[]): string[] {
  const bare = names.map((name) => name.slice(0, name.lastIndexOf('.')));
  const uses = new Map<string, number>();
  for (const key of bare) uses.set(key, (uses.get(key) ?? 0) + 1);
  return bare.map((key, at) => (uses.get(key) === 1 ? key : names[at]!));
}

async function readImageFile(path: string): Promise<Uint8Array> {
  try {
    const bytes = await readFile(path);
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  } catch (cause) {
    throw new PerceptError('DATA_UNREADABLE', `Expected to read ${path} but it failed; was it moved or deleted?`, {
      details: { path },
      cause,
    });
  }
}

function invalid(folder: string, expected: string, found: string): PerceptError {
  return new PerceptError('DATA_FOLDER_INVALID', `Expected ${expected} in ${folder} but ${found}`, {
    details: { folder },
  });
}
