import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PerceptError } from '@percept/core';
import { compareNaturally } from './natural-order.js';
import { readAhead } from './read-ahead.js';

/** Something in a folder, links followed. */
export interface FolderEntry {
  /** Name in Unicode NFC, whichever way the file system spells it. */
  readonly name: string;
  /** Path to open it by. */
  readonly path: string;
  readonly kind: 'folder' | 'file' | 'other' | 'unreadable';
  /** Bytes of a file. */
  readonly size: number;
  /** The same for every way that leads to the same file or folder. */
  readonly identity: string;
  /** Why it is unreadable. */
  readonly reason: string;
}

/**
 * What is in a folder, in natural order, without hidden entries.
 *
 * @throws PerceptError `DATA_FOLDER_INVALID` when it cannot be read
 */
export async function scanFolder(folder: string): Promise<FolderEntry[]> {
  let names: string[];
  try {
    names = (await readdir(folder)).filter((name) => !name.startsWith('.'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PerceptError('DATA_FOLDER_INVALID', `Expected a readable folder at ${folder} but ${reason}`, {
      details: { folder },
      cause,
    });
  }
  const entries: FolderEntry[] = [];
  for await (const entry of readAhead(names.length, 16, (at) => inspect(folder, names[at]!))) entries.push(entry);
  return entries.sort((a, b) => compareNaturally(a.name, b.name));
}

async function inspect(folder: string, rawName: string): Promise<FolderEntry> {
  const path = join(folder, rawName);
  const name = rawName.normalize('NFC');
  try {
    const info = await stat(path);
    return { name, path, kind: kindOf(info), size: info.size, identity: `${info.dev}:${info.ino}`, reason: '' };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { name, path, kind: 'unreadable', size: 0, identity: '', reason };
  }
}

function kindOf(info: Stats): FolderEntry['kind'] {
  if (info.isDirectory()) return 'folder';
  return info.isFile() ? 'file' : 'other';
}
