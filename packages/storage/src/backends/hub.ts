// Repositories of the Hugging Face Hub, read-only: models, datasets and spaces, at one commit. Files in LFS or Xet come by
// redirect from a CDN, which never sees the token. Works in browsers too.

import { PerceptError, parseOptions, throwIfAborted } from '@percept/core';
import * as z from 'zod/mini';
import { defaultTransport } from '#transport';
import { environment } from '../environment.js';
import type { HttpObject } from '../http/body.js';
import { wholeNumber } from '../http/body.js';
import { readObject } from '../http/read.js';
import { readWhole } from '../http/read-whole.js';
import { type RetryOptions, retrySchema } from '../http/retry.js';
import { askText, excerpt, type HttpClient, type Refusal } from '../http/send.js';
import { fetchTransport } from '../http/transport.js';
import { checkKey, checkPrefix, isKey } from '../key.js';
import { notFound } from '../key-errors.js';
import { compareKeys } from '../key-order.js';
import { checkReadOptions, checkSignalOptions, checkWriteOptions } from '../options.js';
import type { ObjectInfo, ReadOptions, SignalOptions, Storage, StorageCapabilities, WriteOptions } from '../storage.js';
import { field, parseJson, textField } from './json-answer.js';

/** Options of {@link hubStorage}. */
export interface HubStorageOptions {
  /** `owner/name` of the repository. */
  readonly repo: string;
  /** What it holds; `model` by default. */
  readonly type?: 'model' | 'dataset' | 'space' | undefined;
  /** Branch, tag or commit; `main` by default. It is resolved to a commit once, and everything is read from that. */
  readonly revision?: string | undefined;
  /** Prepended to every key, with a slash between; the whole repository by default. */
  readonly prefix?: string | undefined;
  /** Access token for private and gated repositories; by default HF_TOKEN of the environment. Only the hub gets it. */
  readonly token?: string | undefined;
  /** Address of the hub; by default HF_ENDPOINT of the environment, else `https://huggingface.co`. */
  readonly endpoint?: string | undefined;
  /** Bytes that are fetched in one of several parallel requests; 8 MiB by default. */
  readonly partSize?: number | undefined;
  /** Parts that are fetched at the same time, 1..64; 4 by default. */
  readonly concurrency?: number | undefined;
  /** Makes the requests; by default the global `fetch`, in Node its `http` and `https`. */
  readonly fetch?: typeof fetch | undefined;
  readonly retry?: RetryOptions | undefined;
}

/** A repository of the hub. */
export interface HubStorage extends Storage {
  /**
   * The commit that is read from (40 hexadecimal digits), which the revision meant when it was first used.
   *
   * @throws PerceptError `STORAGE_NOT_FOUND`, `STORAGE_PERMISSION`, `STORAGE_FAILED`, `ABORTED`
   */
  commit(options?: SignalOptions): Promise<string>;
}

const name = /^[\w.-]{1,96}$/;
const schema = z.strictObject({
  repo: z.string().check(
    z.refine((repo) => {
      const parts = repo.split('/');
      return parts.length === 2 && parts.every((part) => name.test(part) && !/^\.+$/.test(part));
    }, 'a repository as owner/name'),
  ),
  type: z._default(z.enum(['model', 'dataset', 'space']), 'model'),
  revision: z._default(z.string().check(z.minLength(1)), 'main'),
  prefix: z._default(z.string(), ''),
  token: z.optional(z.string().check(z.regex(/^[\x21-\x7e]+$/, 'an access token'))),
  endpoint: z.optional(z.url({ protocol: /^https?$/, error: 'an absolute http: or https: address' })),
  partSize: z._default(z.int().check(z.minimum(64 * 1024)), 8 * 1024 * 1024),
  concurrency: z._default(z.int().check(z.minimum(1), z.maximum(64)), 4),
  fetch: z.optional(z.custom<typeof fetch>((value) => typeof value === 'function', 'a function')),
  retry: retrySchema,
});

/** Objects whose size and checksum are remembered; a commit never changes. */
const mostRemembered = 10_000;
const commitPattern = /^[0-9a-f]{40}$/;

/**
 * Reads the files of a repository on the Hugging Face Hub, at the commit that `revision` means when it is first used.
 * Read-only. Files in LFS tell their SHA-256, which is checked whenever they are read whole; an object's version is that,
 * or the hash of its git blob. Listing holds one entry per file in memory, because the hub lists in another order.
 *
 * @throws PerceptError `INVALID_ARGUMENT`, `STORAGE_INVALID_KEY`
 */
export function hubStorage(options: HubStorageOptions): HubStorage {
  const settings = parseOptions(schema, options, 'hubStorage() options');
  const prefix = settings.prefix.replace(/^\/+|\/+$/g, '');
  if (prefix !== '') checkKey(prefix);
  const env = environment();
  const endpoint = new URL(settings.endpoint ?? env.HF_ENDPOINT ?? 'https://huggingface.co').href.replace(/\/+$/, '');
  const token = settings.token ?? env.HF_TOKEN;
  const client: HttpClient = {
    transport: settings.fetch === undefined ? defaultTransport : fetchTransport(settings.fetch),
    retry: settings.retry,
    followRedirects: true,
    authorize: (request) =>
      token === undefined ? request : { ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } },
  };
  return new Repository({ ...settings, endpoint }, client, prefix === '' ? '' : `${prefix}/`);
}

interface Settings {
  readonly repo: string;
  readonly type: 'model' | 'dataset' | 'space';
  readonly revision: string;
  readonly endpoint: string;
  readonly partSize: number;
  readonly concurrency: number;
}

class Repository implements HubStorage {
  readonly description: string;
  readonly capabilities: StorageCapabilities = {
    write: false,
    list: true,
    ifAbsent: false,
    ifMatch: false,
    resume: false,
    exclusiveFolders: true,
  };
  readonly #settings: Settings;
  readonly #client: HttpClient;
  readonly #root: string;
  readonly #known = new Map<string, ObjectInfo>();
  #commit: string | undefined;

  constructor(settings: Settings, client: HttpClient, root: string) {
    this.#settings = settings;
    this.#client = client;
    this.#root = root;
    const { repo, type, revision } = settings;
    this.description = `hf://${type === 'model' ? '' : `${type}s/`}${repo}@${revision}/${root}`;
    if (commitPattern.test(revision)) this.#commit = revision;
  }

  async commit(options: SignalOptions = {}): Promise<string> {
    checkSignalOptions(options, 'commit()');
    return this.#resolve(options.signal);
  }

  async read(key: string, options: ReadOptions = {}): Promise<Uint8Array> {
    checkKey(key);
    checkReadOptions(options, key);
    return readWhole(await this.#object(key, options.signal), options, this.#settings);
  }

  async *readStream(key: string, options: ReadOptions = {}): AsyncGenerator<Uint8Array> {
    checkKey(key);
    checkReadOptions(options, key);
    yield* readObject(await this.#object(key, options.signal), options);
  }

  async write(key: string, _data: unknown, options: WriteOptions = {}): Promise<ObjectInfo> {
    checkKey(key);
    checkWriteOptions({ ...options, ifAbsent: undefined, ifMatch: undefined }, this);
    throw this.#readOnly('write', key);
  }

  async delete(key: string, options: SignalOptions = {}): Promise<void> {
    checkKey(key);
    checkSignalOptions(options, 'delete()');
    throw this.#readOnly('delete', key);
  }

  async stat(key: string, options: SignalOptions = {}): Promise<ObjectInfo | undefined> {
    checkKey(key);
    checkSignalOptions(options, 'stat()');
    return this.#info(key, options.signal);
  }

  async *list(prefix = '', options: SignalOptions = {}): AsyncGenerator<ObjectInfo> {
    checkPrefix(prefix);
    checkSignalOptions(options, 'list()');
    const { signal } = options;
    throwIfAborted(signal);
    const path = `${this.#root}${prefix}`;
    const folder = path.slice(0, Math.max(path.lastIndexOf('/'), 0));
    const first = `${await this.#api('tree', signal)}${folder === '' ? '' : `/${encodePath(folder)}`}?recursive=true`;
    const found: ObjectInfo[] = [];
    const seen = new Set<string>();
    for (let url: string | undefined = first; url !== undefined; ) {
      if (seen.has(url)) throw this.#strange('its pages lead in circles');
      seen.add(url);
      const answer = await askText(this.#client, { method: 'GET', url }, { signal });
      if (answer.status === 404 && answer.headers.get('x-error-code') === 'EntryNotFound') break;
      if (!answer.ok) throw this.#refused(answer, 'list', prefix);
      const page = parseJson(answer.text);
      if (!Array.isArray(page)) throw this.#strange('its listing is no JSON list');
      for (const entry of page) {
        const info = this.#infoOf(entry);
        if (info?.key.startsWith(prefix)) found.push(info);
      }
      url = this.#nextPage(answer.headers.get('link'), url);
    }
    for (const info of found.sort((a, b) => compareKeys(a.key, b.key))) {
      yield info;
      throwIfAborted(signal);
    }
  }

  async #object(key: string, signal: AbortSignal | undefined): Promise<HttpObject> {
    const info = await this.#info(key, signal);
    if (info === undefined) throw notFound(key, this.description);
    const { endpoint, repo, type } = this.#settings;
    const kind = type === 'model' ? '' : `${type}s/`;
    const url = `${endpoint}/${kind}${repo}/resolve/${await this.#resolve(signal)}/${encodePath(`${this.#root}${key}`)}`;
    return {
      client: this.#client,
      key,
      description: this.description,
      request: () => ({ url }),
      // A commit never changes, so whatever it answers is this version; the CDN's own tags are others.
      describe: () => ({
        version: info.version,
        checksums: info.sha256 === undefined ? [] : [{ algorithm: 'sha256', hex: info.sha256 }],
      }),
      refuse: (refusal) => this.#refused(refusal, 'read', key),
      info: async () => info,
    };
  }

  async #info(key: string, signal: AbortSignal | undefined): Promise<ObjectInfo | undefined> {
    throwIfAborted(signal);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const url = await this.#api('paths-info', signal);
    const body = JSON.stringify({ paths: [`${this.#root}${key}`], expand: false });
    const headers = { 'content-type': 'application/json' };
    const answer = await askText(this.#client, { method: 'POST', url, headers, body }, { signal });
    if (!answer.ok) throw this.#refused(answer, 'look at', key);
    const entries = parseJson(answer.text);
    if (!Array.isArray(entries)) throw this.#strange('what it tells of files is no JSON list');
    const info = entries.map((entry) => this.#infoOf(entry)).find((entry) => entry?.key === key);
    if (info !== undefined) {
      if (this.#known.size >= mostRemembered) this.#known.clear();
      this.#known.set(key, info);
    }
    return info;
  }

  #infoOf(entry: unknown): ObjectInfo | undefined {
    const path = textField(entry, 'path');
    const size = wholeNumber(String(field(entry, 'size') ?? ''));
    if (textField(entry, 'type') !== 'file' || path === undefined || size === undefined) return undefined;
    const key = path.slice(this.#root.length);
    if (!path.startsWith(this.#root) || !isKey(key)) return undefined;
    const sha256 = textField(field(entry, 'lfs'), 'oid')?.replace(/^sha256:/, '');
    const isDigest = sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256);
    const version = isDigest ? sha256 : textField(entry, 'oid');
    return { key, size, ...(version === undefined ? {} : { version }), ...(isDigest ? { sha256 } : {}) };
  }

  /** Address of a call of the API on the commit. */
  async #api(call: 'tree' | 'paths-info', signal: AbortSignal | undefined): Promise<string> {
    const { endpoint, repo, type } = this.#settings;
    return `${endpoint}/api/${type}s/${repo}/${call}/${await this.#resolve(signal)}`;
  }

  async #resolve(signal: AbortSignal | undefined): Promise<string> {
    if (this.#commit !== undefined) return this.#commit;
    const { endpoint, repo, type, revision } = this.#settings;
    const url = `${endpoint}/api/${type}s/${repo}/revision/${encodeURIComponent(revision)}`;
    const answer = await askText(this.#client, { method: 'GET', url }, { signal });
    if (!answer.ok) throw this.#refused(answer, 'resolve the revision of', revision);
    const commit = textField(parseJson(answer.text), 'sha');
    if (commit === undefined || !commitPattern.test(commit)) throw this.#strange('no commit came for the revision');
    // Of calls that began together, all go on with the one commit that came first.
    this.#commit ??= commit;
    return this.#commit;
  }

  /** The page that a `Link` header (RFC 8288) names as the next one, on the hub itself. */
  #nextPage(link: string | null, url: string): string | undefined {
    const next = /<([^>]*)>\s*;\s*rel="?next"?/.exec(link ?? '')?.[1];
    if (next === undefined) return undefined;
    const target = URL.canParse(next, url) ? new URL(next, url) : undefined;
    if (target?.origin !== new URL(this.#settings.endpoint).origin) throw this.#strange('its pages lead elsewhere');
    return target.href;
  }

  #refused(refusal: Refusal, action: string, key: string): PerceptError {
    const { status, headers } = refusal;
    const code = headers.get('x-error-code') ?? '';
    const said = `${status}${code === '' ? '' : ` ${code}`}${excerpt({ text: headers.get('x-error-message') ?? '' })}`;
    const options = { details: { key, storage: this.description, status, code } };
    if (status === 401 || status === 403) {
      return new PerceptError(
        'STORAGE_PERMISSION',
        `Could not ${action} "${key}": ${this.description} answered ${said}; check the name of the repository, accept its terms on the hub if it is gated, and pass token or set HF_TOKEN`,
        options,
      );
    }
    if (status === 404 && (code === 'RepoNotFound' || code === 'RevisionNotFound')) {
      return new PerceptError(
        'STORAGE_FAILED',
        `Could not ${action} "${key}": ${this.description} answered ${said}; check repository, type and revision`,
        options,
      );
    }
    if (status === 404 || status === 410) return notFound(key, this.description);
    return new PerceptError(
      'STORAGE_FAILED',
      `Could not ${action} "${key}": ${this.description} answered ${said}; check the address and try again`,
      options,
    );
  }

  #readOnly(action: string, key: string): PerceptError {
    return new PerceptError(
      'STORAGE_READ_ONLY',
      `Could not ${action} "${key}": ${this.description} is read-only here; push to the hub with git or its own tools`,
      { details: { key, storage: this.description } },
    );
  }

  #strange(how: string): PerceptError {
    return new PerceptError(
      'STORAGE_FAILED',
      `Expected answers of the hub from ${this.description} but ${how}; check the endpoint`,
      { details: { storage: this.description } },
    );
  }
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
