// Storages by address. Each backend is loaded when it is first asked for, so that nobody carries those that they don't
// use.

import { describeValue, PerceptError } from '@percept/core';
import { localSchemes, openLocal } from '#local';
import type { GcsStorageOptions } from './backends/gcs.js';
import type { HttpStorageOptions } from './backends/http.js';
import type { HubStorageOptions } from './backends/hub.js';
import type { S3StorageOptions } from './backends/s3.js';
import type { Storage } from './storage.js';

/** Options of {@link openStorage}, by scheme: one set of them serves for many addresses. */
export interface OpenStorageOptions {
  /** For `http:` and `https:`. */
  readonly http?: HttpStorageOptions | undefined;
  /** For `s3:`. */
  readonly s3?: Omit<S3StorageOptions, 'bucket' | 'prefix'> | undefined;
  /** For `gs:`. */
  readonly gcs?: Omit<GcsStorageOptions, 'bucket' | 'prefix'> | undefined;
  /** For `hf:`. */
  readonly hub?: Omit<HubStorageOptions, 'repo' | 'type' | 'revision' | 'prefix'> | undefined;
}

type Opener = (url: URL, text: string, options: OpenStorageOptions) => Promise<Storage>;

const openers: Readonly<Record<string, Opener>> = {
  'memory:': async () => (await import('./backends/memory.js')).memoryStorage(),
  'http:': async (_url, text, { http }) => (await import('./backends/http.js')).httpStorage(text, http),
  'https:': async (_url, text, { http }) => (await import('./backends/http.js')).httpStorage(text, http),
  's3:': async (url, _text, { s3 }) =>
    (await import('./backends/s3.js')).s3Storage({ ...s3, bucket: url.host, prefix: pathOf(url) }),
  'gs:': async (url, _text, { gcs }) =>
    (await import('./backends/gcs.js')).gcsStorage({ ...gcs, bucket: url.host, prefix: pathOf(url) }),
  'hf:': async (_url, text, { hub }) => (await import('./backends/hub.js')).hubStorage({ ...hub, ...parseHub(text) }),
  'opfs:': async (url) => (await import('./backends/opfs.js')).opfsStorage(pathOf(url)),
};

/** Schemes that make something of every part of an address, or refuse it themselves. */
const takesAll: ReadonlySet<string> = new Set(['http:', 'https:', 'hf:']);

/**
 * Opens the storage at an address:
 *
 * - `memory:`, a new one each time
 * - `file:///folder` or a path (Node only)
 * - `http://host/folder`, `https://…` (read-only)
 * - `s3://bucket/prefix`, `gs://bucket/prefix`
 * - `hf://owner/repo@revision/prefix`, `hf://datasets/owner/repo`, `hf://spaces/owner/repo` (read-only)
 * - `opfs:/folder` (browsers only)
 *
 * Percent escapes in the path of an address are decoded, except for `http:`.
 *
 * @throws PerceptError `STORAGE_UNKNOWN_SCHEME`, `INVALID_ARGUMENT`, `STORAGE_INVALID_KEY`
 */
export async function openStorage(url: string | URL, options: OpenStorageOptions = {}): Promise<Storage> {
  if (!(typeof url === 'string' ? url !== '' : url instanceof URL)) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected an address or a path for openStorage() but received ${describeValue(url)}`,
    );
  }
  const text = String(url);
  // One letter before a colon is a drive of Windows.
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]+:/.exec(text)?.[0].toLowerCase();
  if (scheme === undefined) return openLocal(text);
  const opener = openers[scheme];
  if (localSchemes.includes(scheme)) return openLocal(parsePlain(text));
  if (opener !== undefined) return opener(takesAll.has(scheme) ? parse(text) : parsePlain(text), text, options);
  throw new PerceptError(
    'STORAGE_UNKNOWN_SCHEME',
    `Expected an address that begins with one of ${[...Object.keys(openers), ...localSchemes].join(' ')} but received ${describeValue(redactedUrl(text))}; put ./ before it if it is a path`,
    { details: { scheme } },
  );
}

/**
 * Opens the storage that holds one object, at the address of the object: all but the last segment is the storage's, the
 * last one is the key.
 *
 * @throws PerceptError as {@link openStorage}
 */
export async function openObject(
  url: string | URL,
  options: OpenStorageOptions = {},
): Promise<{ readonly storage: Storage; readonly key: string }> {
  const text = String(url);
  const isAddress = /^[A-Za-z][A-Za-z0-9+.-]+:/.test(text);
  const query = /^https?:/i.test(text) ? (/[?#].*$/s.exec(text)?.[0] ?? '') : '';
  const path = text.slice(0, text.length - query.length);
  const slash = isAddress ? path.lastIndexOf('/') : Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  const last = path.slice(slash + 1);
  const folder = path.slice(0, slash + 1);
  if (last === '' || (isAddress && slash === -1) || (isAddress && /^[a-z0-9+.-]+:\/*$/i.test(folder))) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected the address of an object for openObject() but received ${describeValue(redactedUrl(text))}, which names none`,
    );
  }
  const storage = await openStorage(folder === '' ? '.' : `${folder}${query}`, options);
  return { storage, key: isAddress ? decode(last) : last };
}

function parse(text: string): URL {
  if (URL.canParse(text)) return new URL(text);
  throw new PerceptError(
    'INVALID_ARGUMENT',
    `Expected an address for openStorage() but received ${describeValue(redactedUrl(text))}, which cannot be parsed`,
  );
}

/** What would be dropped without a word could lead to another folder than was meant. */
function parsePlain(text: string): URL {
  const url = parse(text);
  const { username, password, search, hash } = url;
  if (username !== '' || password !== '') {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected an address without user name and password for openStorage() but received ${describeValue(redactedUrl(text))} with them; pass credentials in the options`,
    );
  }
  if (search === '' && hash === '') return url;
  throw new PerceptError(
    'INVALID_ARGUMENT',
    `Expected an address without ? and # for openStorage() but received ${describeValue(redactedUrl(text))} with more behind it; write them as %3F and %23 where they belong to the path`,
  );
}

function pathOf(url: URL): string {
  return decode(url.pathname.replace(/^\/+|\/+$/g, ''));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected percent escapes of UTF-8 in an address but received ${describeValue(text)}; write a percent sign as %25`,
      { cause },
    );
  }
}

/** Without user name, password, query and fragment, which may be secret. */
function redactedUrl(text: string): string {
  return text.replace(/^([^/]*\/\/)[^/@]*@/, '$1').replace(/[?#].*$/s, '');
}

function parseHub(text: string): Pick<HubStorageOptions, 'repo' | 'type' | 'revision' | 'prefix'> {
  const match =
    /^hf:\/\/(?:(datasets|spaces|models)\/)?([^/@]+\/[^/@]+)(?:@(refs\/(?:pr|convert)\/[^/]+|[^/]+))?(?:\/(.*))?$/i.exec(
      text,
    );
  if (match === null) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected hf://owner/repo, hf://owner/repo@revision/path or hf://datasets/owner/repo but received ${describeValue(text)}`,
    );
  }
  const [, kind = 'models', repo = '', revision, prefix = ''] = match;
  const type = kind === 'datasets' ? 'dataset' : kind === 'spaces' ? 'space' : 'model';
  return {
    repo: decode(repo),
    type,
    ...(revision === undefined ? {} : { revision: decode(revision) }),
    prefix: decode(prefix),
  };
}
