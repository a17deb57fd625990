// How WebDataset (https://github.com/webdataset/webdataset, 1.0.2: tariterators.py) makes samples of tar members.
import { PerceptError } from '@percept/core';
import type { TarEntry } from './tar-read.js';

/** Files of a tar archive that share a key: one sample. */
export interface WebDatasetSample {
  /** Path up to the first dot of its last component: `a/b` of `a/b.seg.png`. */
  readonly key: string;
  /** Contents by extension, lower case, which is everything after that dot: `seg.png`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * Groups members of a tar archive into samples exactly as WebDataset does: consecutive members of one key form a sample;
 * members without a key or an extension and metadata members (`__name__`) are passed over.
 *
 * @throws PerceptError `DATA_DUPLICATE_FILE` when an extension comes twice within a sample
 */
export async function* webDatasetSamples(entries: AsyncIterable<TarEntry>): AsyncIterable<WebDatasetSample> {
  let key: string | undefined;
  let files = new Map<string, Uint8Array>();
  for await (const entry of entries) {
    const parts = splitWebDatasetName(entry.name);
    if (parts === undefined) continue;
    if (key !== undefined && parts.key !== key) {
      yield { key, files };
      files = new Map();
    }
    key = parts.key;
    if (files.has(parts.extension)) {
      throw new PerceptError(
        'DATA_DUPLICATE_FILE',
        `Expected one file per extension in a sample but received a second .${parts.extension} for ${key}`,
        { details: { key, extension: parts.extension } },
      );
    }
    files.set(parts.extension, entry.data);
  }
  if (key !== undefined) yield { key, files };
}

/**
 * Splits a member's name into key and lower-case extension by WebDataset's expression
 * `^((?:.*\/|)[^.]+)[.]([^/]*)$`. `undefined` for members that WebDataset passes over.
 */
export function splitWebDatasetName(name: string): { key: string; extension: string } | undefined {
  if (isMetadata(name)) return undefined;
  // `.` and `$` as Python means them: any character but a newline; the end, or a newline at the end.
  const match = /^((?:[^\n]*\/|)[^.]+)[.]([^/]*)$/.exec(name);
  return match === null ? undefined : { key: match[1]!, extension: match[2]!.toLowerCase() };
}

function isMetadata(name: string): boolean {
  return (!name.includes('/') && name.startsWith('__') && name.endsWith('__')) || /^__[^/]*__(\n?$|\/)/.test(name);
}

/** Characters that a tar name must not hold here, besides the dots of the last component. Surrogates: unpaired ones. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const unsafe = /[\u0000-\u001f\u007f\\%\ud800-\udfff]|^\/|\/$|\/(?=\/)|(?<=^|\/)\.+(?=\/)|^__/gu;

/**
 * The name of a sample's file in a shard. WebDataset would cut a key at the first dot of its last component and skip keys
 * that look like metadata, so those characters (and `%`, control characters, backslashes, and slashes and dots that would
 * make a path absolute or climb) are percent-encoded. Distinct keys give distinct names.
 */
export function webDatasetName(key: string, extension: string): string {
  const safe = key.replace(unsafe, (text) => [...text].map(percent).join(''));
  const last = safe.lastIndexOf('/') + 1;
  return `${safe.slice(0, last)}${safe.slice(last).replaceAll('.', '%2E')}.${extension}`;
}

function percent(character: string): string {
  const code = character.charCodeAt(0);
  const hex = code.toString(16).toUpperCase().padStart(2, '0');
  return code > 0xff ? `%u${hex}` : `%${hex}`;
}
