// Objects behind a web server: any static file server will do, one that knows ranges reads parts cheaply. Works in
// browsers too, where the server must allow the page's origin and expose Content-Range, ETag and Accept-Ranges.
import { isPerceptError, PerceptError, parseOptions, throwIfAborted } from '@percept/core';
import * as z from 'zod/mini';
import { checkKey, checkPrefix } from '../key.js';
import { checkReadOptions } from '../options.js';
import { resolveRange } from '../range.js';
import type { ObjectInfo, ReadOptions, Storage } from '../storage.js';
import { contentLength, type HttpBody, openBody, unexpectedStatus } from './http-body.js';
import { attempts, delayMs, type HttpClient, pause, redacted, request } from './http-request.js';

/** Options of {@link httpStorage}. */
export interface HttpStorageOptions {
  /** Makes the requests; the global `fetch` by default. */
  readonly fetch?: typeof fetch | undefined;
  /** Sent with every request, for instance `authorization`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

const schema = z.strictObject({
  fetch: z.optional(z.custom<typeof fetch>((value) => typeof value === 'function', 'a function')),
  headers: z.optional(z.record(z.string(), z.string())),
});

/**
 * Reads objects from `baseUrl` followed by their key, by HTTP(S) GET with ranges (RFC 9110) and HEAD. Read-only: `write`
 * and `delete` reject with `STORAGE_READ_ONLY`, `list` with `STORAGE_UNSUPPORTED`.
 *
 * Network failures and the statuses 408, 425, 429 and 5xx are tried four times in all, with pauses of 0.1, 0.2 and 0.4 s
 * or what `Retry-After` asks for, at most 5 s. A body that breaks off is continued where it broke, if the object is still
 * the same. Servers that ignore ranges are read from the beginning, and what is not asked for is dropped.
 *
 * @param baseUrl - absolute `http:` or `https:` address of the folder; a query is kept for every request
 * @throws PerceptError `INVALID_ARGUMENT`
 */
export function httpStorage(baseUrl: string, options: HttpStorageOptions = {}): Storage {
  const { fetch: fetchOption, headers = {} } = parseOptions(schema, options, 'httpStorage() options');
  const base = parseBase(baseUrl);
  // The global is looked up at each call, so that it can be replaced later.
  const client: HttpClient = { fetch: fetchOption ?? ((...call) => fetch(...call)), headers };
  return new HttpStorage(base, client);
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
  readonly #base: URL;
  readonly #client: HttpClient;

  constructor(base: URL, client: HttpClient) {
    this.#base = base;
    this.#client = client;
    this.description = redacted(base.href);
  }

  async read(key: string, options: ReadOptions = {}): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of this.readStream(key, options)) {
      chunks.push(chunk);
      length += chunk.length;
    }
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  }

  async *readStream(key: string, options: ReadOptions = {}): AsyncGenerator<Uint8Array> {
    const target = this.#target(key);
    checkReadOptions(options, key);
    const { range, signal } = options;
    throwIfAborted(signal);
    if (range !== undefined && range.end === range.start) {
      // HTTP has no empty ranges, but the object and the start are to be checked all the same.
      const info = await this.#info(key, signal);
      if (info === undefined) throw unexpectedStatus(404, target);
      resolveRange(range, info.size, key);
      return;
    }

    const start = range?.start ?? 0;
    let { end } = range ?? {};
    let position = start;
    let validator: string | undefined;
    for (let failures = 0; ; ) {
      const asked = position > 0 || range !== undefined ? { start: position, end } : undefined;
      const body = await openBody(this.#client, target, asked, signal);
      if (position > start && (validator === undefined || body.validator !== validator)) {
        await body.stream?.cancel();
        throw brokenOff(target.url, position, 'and the object may have changed since');
      }
      validator = body.validator;
      let cause: unknown;
      try {
        if (body.size !== undefined) end = resolveRange({ start, end }, body.size, key).end;
        for await (const chunk of wanted(body, position, end, key)) {
          position += chunk.length;
          failures = 0;
          yield chunk;
          throwIfAborted(signal);
        }
        // Without a known size, the end of the body is the end of the object.
        if (body.size === undefined || position === end) return;
      } catch (error) {
        throwIfAborted(signal);
        if (isPerceptError(error)) throw error;
        cause = error;
      } finally {
        await body.stream?.cancel().catch(() => {});
      }
      failures++;
      if (failures === attempts) throw brokenOff(target.url, position, `${attempts} times`, cause);
      await pause(delayMs(failures), signal);
    }
  }

  async write(key: string): Promise<ObjectInfo> {
    throw this.#readOnly('write', key);
  }

  async stat(key: string): Promise<ObjectInfo | undefined> {
    return this.#info(key, undefined);
  }

  // biome-ignore lint/correctness/useYield: the interface asks for an iterable, and this one only rejects
  async *list(prefix = ''): AsyncGenerator<ObjectInfo> {
    checkPrefix(prefix);
    throw new PerceptError(
      'STORAGE_UNSUPPORTED',
      `Expected a storage that can list but ${this.description} is plain HTTP, which has no listing; read objects by key, from an index object if there is one`,
      { details: { storage: this.description } },
    );
  }

  async delete(key: string): Promise<void> {
    throw this.#readOnly('delete', key);
  }

  #readOnly(action: string, key: string): PerceptError {
    checkKey(key);
    return new PerceptError(
      'STORAGE_READ_ONLY',
      `Could not ${action} "${key}": ${this.description} is read-only over HTTP; use the storage behind the server`,
      { details: { key, storage: this.description } },
    );
  }

  #target(key: string): { url: string; key: string; description: string } {
    checkKey(key);
    const url = new URL(this.#base);
    url.pathname += key.split('/').map(encodeURIComponent).join('/');
    return { url: url.href, key, description: this.description };
  }

  async #info(key: string, signal: AbortSignal | undefined): Promise<ObjectInfo | undefined> {
    const target = this.#target(key);
    const headers = { 'accept-encoding': 'identity' };
    const response = await request(this.#client, target.url, { method: 'HEAD', headers, signal });
    await response.body?.cancel();
    if (response.status === 404 || response.status === 410) return undefined;
    let size = response.ok ? contentLength(response.headers) : undefined;
    if (size === undefined) {
      if (!response.ok && response.status !== 405 && response.status !== 501) {
        throw unexpectedStatus(response.status, target);
      }
      size = await this.#sizeByGet(target, signal);
    }
    if (size === undefined) return undefined;
    const modified = Date.parse(response.headers.get('last-modified') ?? '');
    return Number.isNaN(modified) ? { key, size } : { key, size, modified };
  }

  /** For servers without HEAD, or whose HEAD tells no size. */
  async #sizeByGet(
    target: { url: string; key: string; description: string },
    signal: AbortSignal | undefined,
  ): Promise<number | undefined> {
    try {
      const body = await openBody(this.#client, target, { start: 0, end: 1 }, signal);
      await body.stream?.cancel();
      if (body.size !== undefined) return body.size;
    } catch (error) {
      if (isPerceptError(error, 'STORAGE_NOT_FOUND')) return undefined;
      throw error;
    }
    throw new PerceptError(
      'STORAGE_FAILED',
      `Expected ${redacted(target.url)} to tell its size but neither Content-Length nor Content-Range came; read the object instead of asking for its size`,
      { details: { key: target.key, url: redacted(target.url) } },
    );
  }
}

/** The bytes of a body that lie between `position` and `end` of the object; what comes after `end` is not fetched. */
async function* wanted(
  body: HttpBody,
  position: number,
  end: number | undefined,
  key: string,
): AsyncGenerator<Uint8Array> {
  const reader = body.stream?.getReader();
  let at = body.offset;
  try {
    while (reader !== undefined && (end === undefined || at < end)) {
      const { done, value } = await reader.read();
      if (done) break;
      const chunk = value.subarray(Math.max(position - at, 0), end === undefined ? undefined : end - at);
      at += value.length;
      // The network's buffer may be shared or pooled; what is handed out belongs to the caller.
      if (chunk.length > 0) yield chunk.slice();
    }
    if (body.size === undefined) resolveRange({ start: position }, at, key);
  } finally {
    reader?.releaseLock();
  }
}

function brokenOff(url: string, position: number, how: string, cause?: unknown): PerceptError {
  return new PerceptError(
    'STORAGE_FAILED',
    `Could not read ${redacted(url)} to its end: the body ended at byte ${position} ${how}; check the server and try again`,
    { details: { url: redacted(url), position }, cause },
  );
}
