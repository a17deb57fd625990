// Objects in a bucket of Google Cloud Storage, by its own JSON API. With HMAC keys the same buckets can be opened by
// s3Storage() on https://storage.googleapis.com, but without conditional writes. Works in browsers too, where the bucket
// must allow the page's origin and expose Location, Range, Content-Range and x-goog-* headers.
import { PerceptError, throwIfAborted } from '@percept/core';
import { toByteSource } from '../byte-source.js';
import { checksumMismatch, createDigest } from '../checksum.js';
import { writtenChunks } from '../chunks.js';
import { crc32c } from '../hash/crc32c.js';
import type { HttpObject } from '../http/body.js';
import { readObject } from '../http/read.js';
import { readWhole } from '../http/read-whole.js';
import { askText } from '../http/send.js';
import { checkKey, checkPrefix, isKey } from '../key.js';
import { checkReadOptions, checkResumeOptions, checkSignalOptions, checkWriteOptions } from '../options.js';
import { PartPool, partsOf } from '../parts.js';
import type {
  ByteSource,
  ObjectInfo,
  ReadOptions,
  ResumableStorage,
  ResumeWriteOptions,
  SignalOptions,
  StorageCapabilities,
  WriteOptions,
} from '../storage.js';
import { type GcsClient, gcsClient } from './gcs-client.js';
import { explainGcs } from './gcs-errors.js';
import { checksumsOf, fields, infoOf, isGeneration } from './gcs-object.js';
import { type GcsSettings, type GcsStorageOptions, parseGcsOptions } from './gcs-options.js';
import {
  abortSession,
  createSession,
  finished,
  type GcsTarget,
  isSessionOf,
  putObject,
  sendParts,
  sessionState,
} from './gcs-upload.js';
import { listField, parseJson, textField } from './json-answer.js';

export type { GcsServiceAccount, GcsStorageOptions, GcsToken, GcsTokenProvider } from './gcs-options.js';

/** Pages without any object in a row that a server may send. */
const mostEmptyPages = 1000;

/**
 * Objects in a bucket of Google Cloud Storage.
 *
 * Objects of up to `partSize` bytes are written in one request, others by a resumable upload; both are atomic and carry
 * a CRC-32C that the server verifies. `ifAbsent` and `ifMatch` are preconditions on the object's generation, which is
 * its version. Failures are tried again as {@link RetryOptions} say. `resumeWrite` needs the `session` that `onSession`
 * told, because Google lists no unfinished uploads; it lives for a week. It reads the source once before it sends.
 *
 * @throws PerceptError `INVALID_ARGUMENT`
 */
export function gcsStorage(options: GcsStorageOptions): ResumableStorage {
  const settings = parseGcsOptions(options);
  const prefix = settings.prefix.replace(/^\/+|\/+$/g, '');
  if (prefix !== '') checkKey(prefix);
  return new GcsStorage(settings, prefix === '' ? '' : `${prefix}/`);
}

class GcsStorage implements ResumableStorage {
  readonly description: string;
  readonly capabilities: StorageCapabilities = {
    write: true,
    list: true,
    ifAbsent: true,
    ifMatch: true,
    resume: true,
    exclusiveFolders: false,
  };
  readonly #settings: GcsSettings;
  readonly #root: string;
  readonly #client: GcsClient;

  constructor(settings: GcsSettings, root: string) {
    this.#settings = settings;
    this.#root = root;
    this.#client = gcsClient(settings);
    const { bucket, endpoint } = settings;
    this.description = `gs://${bucket}/${root}${endpoint === 'https://storage.googleapis.com' ? '' : ` at ${endpoint}`}`;
  }

  async read(key: string, options: ReadOptions = {}): Promise<Uint8Array> {
    const object = this.#object(key);
    checkReadOptions(options, key);
    return readWhole(object, options, this.#settings);
  }

  async *readStream(key: string, options: ReadOptions = {}): AsyncGenerator<Uint8Array> {
    const object = this.#object(key);
    checkReadOptions(options, key);
    yield* readObject(object, options);
  }

  async write(
    key: string,
    data: Uint8Array | AsyncIterable<Uint8Array>,
    options: WriteOptions = {},
  ): Promise<ObjectInfo> {
    const target = this.#target(key);
    checkWriteOptions(options, this);
    throwIfAborted(options.signal);
    const { partSize } = this.#settings;
    const pool = new PartPool(partSize);
    const parts = partsOf(writtenChunks(data, options), partSize, pool, data instanceof Uint8Array);
    try {
      const first = await parts.next();
      const second = first.done ? first : await parts.next();
      throwIfAborted(options.signal);
      if (first.done || second.done) return await putObject(target, first.value ?? new Uint8Array(), options);
      const session = await createSession(target, options);
      try {
        return await sendParts(target, session, followed([first.value, second.value], parts), options, start, {
          sent: (part) => pool.giveBack(part),
        });
      } catch (error) {
        await abortSession(target, session);
        throw error;
      }
    } finally {
      await parts.return(undefined);
    }
  }

  async resumeWrite(
    key: string,
    source: Uint8Array | Blob | ByteSource,
    options: ResumeWriteOptions = {},
  ): Promise<ObjectInfo> {
    const target = this.#target(key);
    checkResumeOptions(options, this);
    throwIfAborted(options.signal);
    const { signal, sha256, ifAbsent, ifMatch } = options;
    const conditions = { signal, sha256, ifAbsent, ifMatch };
    const bytes = toByteSource(source);
    const { size } = bytes;
    const crc = await digestOf(target, bytes, conditions);
    const fingerprint = `${crc.toString(16)}-${size.toString(16)}`;

    // The session's name says what it is for, so that a source that has changed since is sent anew.
    const [, former, address = ''] = /^([0-9a-f]+-[0-9a-f]+) (.*)$/.exec(options.session ?? '') ?? [];
    let session = isSessionOf(target, address) ? address : undefined;
    if (session !== undefined && former !== fingerprint) {
      await abortSession(target, session);
      session = undefined;
    }
    let state = session === undefined ? undefined : await sessionState(target, session, conditions);
    if (session === undefined || state === undefined || ('offset' in state && state.offset > size)) {
      session = await createSession(target, conditions, { size, crc });
      state = { offset: 0 };
    }
    await options.onSession?.(`${fingerprint} ${session}`);
    if ('resource' in state) return finished(target, state.resource, crc, size);

    let done = 0;
    const report = (count: number) => {
      done += count;
      options.onProgress?.({ stage: 'upload', done, total: size, unit: 'bytes' });
    };
    const { offset } = state;
    if (offset > 0) report(offset);
    let before = 0;
    for await (const part of partsFrom(target, bytes, 0, offset, signal)) before = crc32c(part, before);
    const parts = partsFrom(target, bytes, offset, size, signal);
    return sendParts(
      target,
      session,
      parts,
      conditions,
      { offset, crc: before },
      {
        sent: ({ length }) => report(length),
      },
    );
  }

  async stat(key: string, options: SignalOptions = {}): Promise<ObjectInfo | undefined> {
    const object = this.#object(key);
    checkSignalOptions(options, 'stat()');
    return object.info(options.signal);
  }

  async *list(prefix = '', options: SignalOptions = {}): AsyncGenerator<ObjectInfo> {
    checkPrefix(prefix);
    checkSignalOptions(options, 'list()');
    throwIfAborted(options.signal);
    const { description } = this;
    let pageToken: string | undefined;
    for (let empty = 0; ; ) {
      const query = {
        prefix: `${this.#root}${prefix}`,
        pageToken,
        maxResults: '1000',
        fields: `nextPageToken,items(${fields})`,
      };
      const answer = await askText(this.#client, { method: 'GET', url: this.#client.url(undefined, query) }, options);
      if (!answer.ok) throw explainGcs(answer, 'list', prefix, description);
      const page = parseJson(answer.text);
      if (typeof page !== 'object' || page === null) throw strange(description, 'its pages are no JSON');
      const items = listField(page, 'items');
      for (const item of items) {
        const name = textField(item, 'name') ?? '';
        const key = name.slice(this.#root.length);
        const info =
          name.startsWith(this.#root) && key.startsWith(prefix) && isKey(key) ? infoOf(key, item) : undefined;
        if (info !== undefined) yield info;
        throwIfAborted(options.signal);
      }
      const next = textField(page, 'nextPageToken');
      if (next === undefined || next === '') return;
      empty = items.length === 0 ? empty + 1 : 0;
      if (next === pageToken || empty > mostEmptyPages) throw strange(description, 'its pages lead nowhere');
      pageToken = next;
    }
  }

  async delete(key: string, options: SignalOptions = {}): Promise<void> {
    const { name } = this.#target(key);
    checkSignalOptions(options, 'delete()');
    const answer = await askText(this.#client, { method: 'DELETE', url: this.#client.url(name) }, options);
    if (!answer.ok && answer.status !== 404) throw explainGcs(answer, 'delete', key, this.description);
  }

  #target(key: string): GcsTarget {
    checkKey(key);
    const { description } = this;
    const { partSize } = this.#settings;
    return { client: this.#client, key, name: `${this.#root}${key}`, description, partSize };
  }

  #object(key: string): HttpObject {
    const { client, name, description } = this.#target(key);
    return {
      client,
      key,
      description,
      // A version that is no generation matches none; the answer will show another.
      request: (version) => ({
        url: client.url(name, { alt: 'media', ifGenerationMatch: isGeneration(version ?? null) ? version : undefined }),
      }),
      describe: (headers) => {
        const generation = headers.get('x-goog-generation');
        return { version: isGeneration(generation) ? generation : undefined, checksums: checksumsOf(headers) };
      },
      refuse: (refusal) => explainGcs(refusal, 'read', key, description),
      info: async (signal) => {
        const answer = await askText(client, { method: 'GET', url: client.url(name, { fields }) }, { signal });
        if (answer.status === 404) return undefined;
        if (!answer.ok) throw explainGcs(answer, 'look at', key, description);
        const info = infoOf(key, parseJson(answer.text));
        if (info === undefined) throw strange(description, `it does not tell the size of "${key}"`);
        return info;
      },
    };
  }
}

const start = { offset: 0, crc: 0 };

/** CRC-32C of a source; its SHA-256 is checked by the way if one was given. */
async function digestOf(target: GcsTarget, source: ByteSource, { signal, sha256 }: WriteOptions): Promise<number> {
  let crc = 0;
  const digest = sha256 === undefined ? undefined : createDigest('sha256');
  for await (const part of partsFrom(target, source, 0, source.size, signal)) {
    crc = crc32c(part, crc);
    digest?.update(part);
  }
  const received = digest?.hex();
  if (sha256 === undefined || received === undefined || received === sha256.toLowerCase()) return crc;
  throw checksumMismatch(`the source of "${target.key}"`, { algorithm: 'sha256', hex: sha256.toLowerCase() }, received);
}

async function* partsFrom(
  { partSize }: GcsTarget,
  source: ByteSource,
  start: number,
  end: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end; at += partSize) {
    throwIfAborted(signal);
    yield await source.read({ start: at, end: Math.min(at + partSize, end) }, { signal });
  }
}

async function* followed<T>(first: readonly T[], rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield* first;
  yield* rest;
}

function strange(description: string, how: string): PerceptError {
  return new PerceptError(
    'STORAGE_FAILED',
    `Expected answers of Google Cloud Storage from ${description} but ${how}; check the endpoint`,
    { details: { storage: description } },
  );
}
