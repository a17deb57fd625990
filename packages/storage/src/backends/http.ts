// Objects behind a web server: any static file server will do, one that knows ranges reads parts cheaply. Works in
// browsers too, where the server must allow the page's origin and expose Content-Range, ETag and Accept-Ranges.

import { isPerceptError, PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { defaultTransport } from '#transport';
import { joinChunks } from '../chunks.js';
import { contentLength, type HttpObject, modifiedOf, openBody, strongTag } from '../http/body.js';
import { readObject } from '../http/read.js';
import { type RetryOptions, retrySchema } from '../http/retry.js';
import { askText, excerpt, type HttpClient, type Refusal, redacted } from '../http/send.js';
import { fetchTransport } from '../http/transport.js';
import { checkKey, checkPrefix } from '../key.js';
import { notFound } from '../key-errors.js';
import { checkReadOptions, checkSignalOptions, checkWriteOptions } from '../options.js';
import type { ObjectInfo, ReadOptions, SignalOptions, Storage, StorageCapabilities, WriteOptions } from '../storage.js';

/** Options of {@link httpStorage}. */
export interface HttpStorageOptions {
  /** Makes the requests; by default the global `fetch`, in Node its `http` and `https`. */
  readonly fetch?: typeof fetch | undefined;
  /** Sent with every request to the server, for instance `authorization`; not sent on by redirects to other origins. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly retry?: RetryOptions | undefined;
}

const schema = z.strictObject({
  fetch: z.optional(z.custom<typeof fetch>((value) => typeof value === 'function', 'a function')),
  headers: z._default(z.record(z.string(), z.string()), {}),
  retry: retrySchema,
});

/**
 * Reads objects from `baseUrl` followed by their key, by HTTP(S) GET with ranges (RFC 9110) and HEAD. Read-only: `write`
 * and `delete` reject with `STORAGE_READ_ONLY`, `list` with `STORAGE_UNSUPPORTED`.
 *
 * Network failures, silence and the statuses 408, 425, 429 and 5xx are tried again as {@link RetryOptions} say. A body
 * that breaks off is continued where it broke, if the object is still the same. Servers that ignore ranges are read from
 * the beginning, and what is not asked for is dropped. An object's version is its strong entity tag.
 *
 * @param baseUrl - absolute `http:` or `https:` address of the folder; a query is kept for every request
 * @throws PerceptError `INVALID_ARGUMENT`
 */
export function httpStorage(baseUrl: string, options: HttpStorageOptions = {}): Storage {
  const { fetch: fetchOption, headers, retry } = parseOptions(schema, options, 'httpStorage() options');
  return new HttpStorage(parseBase(baseUrl), {
    transport: fetchOption === undefined ? defaultTransport : fetchTransport(fetchOption),
    retry,
    followRedirects: true,
    authorize: (request) => ({ ...request, headers: { ...headers, ...request.headers } }),
  });
}

function parseBase(baseUrl: string): URL {
  const base = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (base === undefined || !/^https?:$/.test(base.protocol)) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected an absolute http: or https: address for httpStorage() but received ${JSON.stringify(baseUrl)}`,
    );
  }
  if (base.username !== '' || base.password !== '') {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      'Expected an address without user name and password for httpStorage(); pass them as an authorization header in the headers option',
    );
  }
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  base.hash = '';
  return base;
}

class HttpStorage implements Storage {
  readonly description: string;
  readonly capabilities: StorageCapabilities = {
    write: false,
    list: false,
    ifAbsent: false,
    ifMatch: false,
    resume: false,
    exclusiveFolders: false,
  };
  readonly #base: URL;
  readonly #client: HttpClient;

  constructor(base: URL, client: HttpClient) {
    this.#base = base;
    this.#client = client;
    this.description = redacted(base.href);
  }

  async read(key: string, options: ReadOptions = {}): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.readStream(key, options)) chunks.push(chunk);
    return joinChunks(chunks);
  }

  async *readStream(key: string, options: ReadOptions = {}): AsyncGenerator<Uint8Array> {
    const object = this.#object(key);
    checkReadOptions(options, key);
    yield* readObject(object, options);
  }

  async write(key: string, _data: unknown, options: WriteOptions = {}): Promise<ObjectInfo> {
    checkKey(key);
    checkWriteOptions({ ...options, ifAbsent: undefined, ifMatch: undefined }, this);
    throw this.#readOnly('write', key);
  }

  async stat(key: string, options: SignalOptions = {}): Promise<ObjectInfo | undefined> {
    const object = this.#object(key);
    checkSignalOptions(options, 'stat()');
    return object.info(options.signal);
  }

  // biome-ignore lint/correctness/useYield: the interface asks for an iterable, and this one only rejects
  async *list(prefix = '', options: SignalOptions = {}): AsyncGenerator<ObjectInfo> {
    checkPrefix(prefix);
    checkSignalOptions(options, 'list()');
    throw new PerceptError(
      'STORAGE_UNSUPPORTED',
      `Expected a storage that can list but ${this.description} is plain HTTP, which has no listing; read objects by key, from an index object if there is one`,
      { details: { storage: this.description } },
    );
  }

  async delete(key: string, options: SignalOptions = {}): Promise<void> {
    checkKey(key);
    checkSignalOptions(options, 'delete()');
    throw this.#readOnly('delete', key);
  }

  #readOnly(action: string, key: string): PerceptError {
    return new PerceptError(
      'STORAGE_READ_ONLY',
      `Could not ${action} "${key}": ${this.description} is read-only over HTTP; use the storage behind the server`,
      { details: { key, storage: this.description } },
    );
  }

  #object(key: string): HttpObject {
    checkKey(key);
    const url = new URL(this.#base);
    url.pathname += key.split('/').map(encodeURIComponent).join('/');
    const object: HttpObject = {
      client: this.#client,
      key,
      description: this.description,
      request: (version) => ({ url: url.href, ...(version === undefined ? {} : { headers: { 'if-match': version } }) }),
      describe: (headers) => ({ version: strongTag(headers) }),
      refuse: (refusal) => refused(refusal, key, this.description),
      info: (signal) => this.#info(object, url.href, signal),
    };
    return object;
  }

  async #info(object: HttpObject, url: string, signal: AbortSignal | undefined): Promise<ObjectInfo | undefined> {
    const { key } = object;
    const answer = await askText(
      this.#client,
      { method: 'HEAD', url, headers: { 'accept-encoding': 'identity' } },
      { signal },
    );
    if (answer.status === 404 || answer.status === 410) return undefined;
    const size = answer.ok ? contentLength(answer.headers) : undefined;
    if (size !== undefined) return infoOf(key, size, answer.headers);
    if (!answer.ok && answer.status !== 405 && answer.status !== 501) throw object.refuse(answer);
    return this.#infoByGet(object, signal);
  }

  /** For servers without HEAD, or whose HEAD tells no size. */
  async #infoByGet(object: HttpObject, signal: AbortSignal | undefined): Promise<ObjectInfo | undefined> {
    const { key } = object;
    // With a size of its own, a refused range asks for no more.
    const probe: HttpObject = { ...object, info: async () => undefined };
    try {
      const body = await openBody(probe, { start: 0, end: 1 }, undefined, signal);
      body?.stream?.cancel();
      if (body?.size !== undefined) {
        return { key, size: body.size, ...(body.version === undefined ? {} : { version: body.version }) };
      }
    } catch (error) {
      if (isPerceptError(error, 'STORAGE_NOT_FOUND')) return undefined;
      throw error;
    }
    const { url } = object.request(undefined);
    throw new PerceptError(
      'STORAGE_FAILED',
      `Expected ${redacted(url)} to tell its size but neither Content-Length nor Content-Range came; read the object instead of asking for its size`,
      { details: { key, url: redacted(url) } },
    );
  }
}

function infoOf(key: string, size: number, headers: Headers): ObjectInfo {
  const version = strongTag(headers);
  return { key, size, ...modifiedOf(headers.get('last-modified')), ...(version === undefined ? {} : { version }) };
}

/** The error for a response that holds no object. */
function refused(refusal: Refusal, key: string, description: string): PerceptError {
  const { status } = refusal;
  if (status === 404 || status === 410) return notFound(key, description);
  const url = redacted(refusal.url);
  const details = { key, url, status };
  if (status === 401 || status === 403) {
    return new PerceptError(
      'STORAGE_PERMISSION',
      `Could not read ${url}: the server answered ${status}${excerpt(refusal)}; pass credentials in the headers option of httpStorage()`,
      { details },
    );
  }
  return new PerceptError(
    'STORAGE_FAILED',
    `Could not read ${url}: expected the object but the server answered ${status}${excerpt(refusal)}; check the address`,
    { details },
  );
}
