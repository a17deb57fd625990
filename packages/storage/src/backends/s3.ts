// Objects in a bucket of AWS S3 or of a store that speaks its language (MinIO, Cloudflare R2, Google's HMAC keys, …). Works
// in browsers too, where the bucket must allow the page's origin and expose ETag, Content-Range and x-amz-* headers.
import { PerceptError, parseOptions, throwIfAborted } from '@percept/core';
import * as z from 'zod/mini';
import { toByteSource } from '../byte-source.js';
import type { Checksum } from '../checksum.js';
import { writtenChunks } from '../chunks.js';
import { base64ToHex } from '../hash/encoding.js';
import { contentLength, type HttpObject, modifiedOf, strongTag } from '../http/body.js';
import { readObject } from '../http/read.js';
import { readWhole } from '../http/read-whole.js';
import { askText } from '../http/send.js';
import { checkKey, checkPrefix } from '../key.js';
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
import { longestPresigned, type S3Client, s3Client } from './s3-client.js';
import { explainS3 } from './s3-errors.js';
import { listObjects } from './s3-list.js';
import { parseS3Options, type S3Settings, type S3StorageOptions } from './s3-options.js';
import { listUploads, resumeUpload } from './s3-resume.js';
import { abortUpload, metaSha256, putObject, type S3Target, uploadParts } from './s3-upload.js';

export type { RetryOptions } from '../http/retry.js';
export type { S3Credentials, S3CredentialsProvider, S3StorageOptions } from './s3-options.js';

/** Options of {@link S3Storage.presign}. */
export interface PresignOptions {
  /** What the address is for. */
  readonly method: 'GET' | 'PUT';
  /** Seconds that it is valid, 1..604,800; 3,600 by default. It ends earlier with credentials that were lent. */
  readonly expiresIn?: number | undefined;
}

/** Options of {@link S3Storage.abandonUploads}. */
export interface AbandonUploadsOptions extends SignalOptions {
  /** Only uploads that were begun so many milliseconds ago or earlier; all by default. */
  readonly olderThanMs?: number | undefined;
}

/** A storage in a bucket. */
export interface S3Storage extends ResumableStorage {
  /**
   * An address by which whoever has it may read or write one object, without credentials (Signature Version 4 in the
   * query).
   *
   * @throws PerceptError `STORAGE_INVALID_KEY`, `INVALID_ARGUMENT`
   */
  presign(key: string, options: PresignOptions): Promise<string>;
  /**
   * Deletes what unfinished uploads have left of keys that begin with `prefix`, which is invisible but paid for. MinIO
   * only knows those of a whole key.
   *
   * @returns how many uploads there were
   */
  abandonUploads(prefix?: string, options?: AbandonUploadsOptions): Promise<number>;
}

const presignSchema = z.strictObject({
  method: z.enum(['GET', 'PUT']),
  expiresIn: z._default(z.int().check(z.minimum(1), z.maximum(longestPresigned)), 3600),
});
const abandonSchema = z.strictObject({ olderThanMs: z._default(z.number(), 0), signal: z.optional(z.unknown()) });

/**
 * Objects in a bucket of S3, by requests that are signed with Signature Version 4.
 *
 * Objects of up to `partSize` bytes are written in one request, others as multipart uploads of parallel parts; both are
 * atomic and carry SHA-256 checksums that the server verifies. `ifAbsent` and `ifMatch` are the server's own conditional
 * writes. Failures are tried again as {@link RetryOptions} say. An object's version is its ETag.
 *
 * @throws PerceptError `INVALID_ARGUMENT`
 */
export function s3Storage(options: S3StorageOptions): S3Storage {
  const settings = parseS3Options(options);
  const prefix = settings.prefix.replace(/^\/+|\/+$/g, '');
  if (prefix !== '') checkKey(prefix);
  return new BucketStorage(settings, prefix === '' ? '' : `${prefix}/`);
}

class BucketStorage implements S3Storage {
  readonly description: string;
  readonly capabilities: StorageCapabilities;
  readonly #settings: S3Settings;
  readonly #root: string;
  readonly #client: S3Client;

  constructor(settings: S3Settings, root: string) {
    this.#settings = settings;
    this.#root = root;
    this.#client = s3Client(settings);
    const { endpoint, bucket, conditionalWrites } = settings;
    this.description = `s3://${bucket}/${root}${endpoint === undefined ? '' : ` at ${new URL(endpoint).origin}`}`;
    this.capabilities = {
      write: true,
      list: true,
      ifAbsent: conditionalWrites,
      ifMatch: conditionalWrites,
      resume: true,
      exclusiveFolders: false,
    };
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
      return await uploadParts(target, followed([first.value, second.value], parts), pool, options);
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
    return resumeUpload(target, toByteSource(source), options);
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
    yield* listObjects(this.#targetOf(prefix), this.#root, prefix, options.signal);
  }

  async delete(key: string, options: SignalOptions = {}): Promise<void> {
    const target = this.#target(key);
    checkSignalOptions(options, 'delete()');
    const answer = await askText(this.#client, { method: 'DELETE', url: this.#client.url(target.path) }, options);
    if (!answer.ok && answer.status !== 404) throw explainS3(answer, 'delete', key, this.description);
  }

  async presign(key: string, options: PresignOptions): Promise<string> {
    const { path } = this.#target(key);
    const { method, expiresIn } = parseOptions(presignSchema, options, 'presign() options');
    return this.#client.presign(method, this.#client.url(path), expiresIn);
  }

  async abandonUploads(prefix = '', options: AbandonUploadsOptions = {}): Promise<number> {
    checkPrefix(prefix);
    const { olderThanMs } = parseOptions(abandonSchema, options, 'abandonUploads() options');
    const uploads = [];
    for await (const upload of listUploads(this.#targetOf(prefix), `${this.#root}${prefix}`, options.signal)) {
      if (upload.initiated <= Date.now() - olderThanMs) uploads.push(upload);
    }
    for (const { path, uploadId } of uploads) await abortUpload({ client: this.#client, path }, uploadId);
    return uploads.length;
  }

  #target(key: string): S3Target {
    checkKey(key);
    return this.#targetOf(key);
  }

  #targetOf(key: string): S3Target {
    const { description } = this;
    return { client: this.#client, settings: this.#settings, key, path: `${this.#root}${key}`, description };
  }

  #object(key: string): HttpObject {
    const { path } = this.#target(key);
    const url = this.#client.url(path);
    const checked = { 'x-amz-checksum-mode': 'ENABLED' };
    const always = this.#settings.checksums ? checked : {};
    return {
      client: this.#client,
      key,
      description: this.description,
      stored: true,
      request: (version) => ({
        url: this.#client.url(path),
        headers: version === undefined ? always : { ...always, 'if-match': version },
      }),
      describe: (headers) => ({ version: strongTag(headers), checksums: checksumsOf(headers) }),
      refuse: (refusal) => explainS3(refusal, 'read', key, this.description),
      info: async (signal) => {
        const answer = await askText(this.#client, { method: 'HEAD', url, headers: always }, { signal });
        if (answer.status === 404 || answer.status === 410) return undefined;
        if (!answer.ok) throw explainS3(answer, 'look at', key, this.description);
        return infoOf(key, answer.headers, this.description);
      },
    };
  }
}

function infoOf(key: string, headers: Headers, description: string): ObjectInfo {
  const size = contentLength(headers, true);
  if (size === undefined) {
    throw new PerceptError(
      'STORAGE_FAILED',
      `Expected the size of "${key}" from ${description} but no Content-Length came; check that the endpoint is an S3 server (in browsers, the bucket must expose the header by CORS)`,
      { details: { key, storage: description } },
    );
  }
  const version = strongTag(headers);
  const [checksum] = checksumsOf(headers);
  return {
    key,
    size,
    ...modifiedOf(headers.get('last-modified')),
    ...(version === undefined ? {} : { version }),
    ...(checksum === undefined ? {} : { sha256: checksum.hex }),
  };
}

/** SHA-256 of the whole object: the server's, or what its writer verified. That of an object in parts is of the parts. */
function checksumsOf(headers: Headers): readonly Checksum[] {
  const told = headers.get(metaSha256);
  const hex =
    base64ToHex(headers.get('x-amz-checksum-sha256') ?? '', 32) ??
    (told !== null && /^[0-9a-f]{64}$/.test(told) ? told : undefined);
  return hex === undefined ? [] : [{ algorithm: 'sha256', hex }];
}

async function* followed<T>(first: readonly T[], rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield* first;
  yield* rest;
}
