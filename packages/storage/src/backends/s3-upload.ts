// Objects on their way to S3: one request for small ones, multipart uploads for others, with their conditions and
// checksums. Multipart uploads are invisible until they are completed, in one atomic step.
import { PerceptError } from '@percept/core';
import { fromHex, sha256Of, toBase64, toHex } from '../hash/encoding.js';
import { md5 } from '../hash/md5.js';
import { strongTag } from '../http/body.js';
import { askText, type TextAnswer } from '../http/send.js';
import { alreadyExists, changed } from '../key-errors.js';
import { inParallel, type PartPool } from '../parts.js';
import type { ObjectInfo, WriteOptions } from '../storage.js';
import type { S3Client } from './s3-client.js';
import { explainS3 } from './s3-errors.js';
import type { S3Settings } from './s3-options.js';
import { elements, elementText, escapeXml } from './s3-xml.js';

/** Most parts of a multipart upload. */
export const mostParts = 10_000;
/** Metadata that tells a writer its own object from another's, when the answer to its request is lost. */
const writeId = 'x-amz-meta-percept-write';
/** Metadata with the SHA-256 that the writer knew beforehand; S3 itself has none of objects in several parts. */
export const metaSha256 = 'x-amz-meta-percept-sha256';

/** What the upload of one object needs to know. */
export interface S3Target {
  readonly client: S3Client;
  readonly settings: S3Settings;
  readonly key: string;
  /** Key within the bucket. */
  readonly path: string;
  readonly description: string;
}

/** A part that the server has. */
export interface UploadedPart {
  readonly number: number;
  readonly etag: string;
  /** In base64; absent where the server keeps none. */
  readonly sha256?: string | undefined;
}

/** Puts an object in one request. */
export async function putObject(target: S3Target, bytes: Uint8Array, options: WriteOptions): Promise<ObjectInfo> {
  const { client, path } = target;
  const id = crypto.randomUUID();
  const sha256 = await sha256Of(bytes);
  const headers = { ...contentHeaders(target, sha256), ...conditionHeaders(options), [writeId]: id };
  const answer = await askText(client, { method: 'PUT', url: client.url(path), headers, body: bytes }, options);
  const told = target.settings.checksums ? toHex(sha256) : options.sha256?.toLowerCase();
  return written(target, answer, bytes.length, options, told, (own) => own.headers.get(writeId) === id);
}

/** Begins a multipart upload; its id. */
export async function createUpload(target: S3Target, options: WriteOptions): Promise<string> {
  const { client, settings, path } = target;
  const headers: Record<string, string> = { 'content-type': 'application/octet-stream' };
  if (settings.checksums) headers['x-amz-checksum-algorithm'] = 'SHA256';
  if (options.sha256 !== undefined) headers[metaSha256] = options.sha256.toLowerCase();
  const answer = await askText(client, { method: 'POST', url: client.url(path, { uploads: '' }), headers }, options);
  const uploadId = answer.ok ? elementText(answer.text, 'UploadId') : undefined;
  if (!answer.ok) throw explain(target, answer);
  if (uploadId === undefined || uploadId === '') throw unexpected(target, 'an UploadId');
  return uploadId;
}

/** Sends one part. */
export async function uploadPart(
  target: S3Target,
  uploadId: string,
  number: number,
  bytes: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<UploadedPart> {
  const { client, path } = target;
  const url = client.url(path, { partNumber: String(number), uploadId });
  const sha256 = await sha256Of(bytes);
  const { 'content-type': _, ...headers } = contentHeaders(target, sha256);
  const answer = await askText(client, { method: 'PUT', url, headers, body: bytes }, { signal });
  if (!answer.ok) throw explain(target, answer);
  const etag = answer.headers.get('etag');
  if (etag === null) throw unexpected(target, 'an ETag (in browsers, the bucket must expose it by CORS)');
  return { number, etag, sha256: target.settings.checksums ? toBase64(sha256) : undefined };
}

/** Makes one object of the parts, if the conditions still hold. */
export async function completeUpload(
  target: S3Target,
  uploadId: string,
  parts: readonly UploadedPart[],
  size: number,
  options: WriteOptions,
): Promise<ObjectInfo> {
  const { client, path } = target;
  const sorted = [...parts].sort((a, b) => a.number - b.number);
  const listed = sorted.map(
    ({ number, etag, sha256 }) =>
      `<Part><PartNumber>${number}</PartNumber><ETag>${escapeXml(etag)}</ETag>${sha256 === undefined ? '' : `<ChecksumSHA256>${sha256}</ChecksumSHA256>`}</Part>`,
  );
  const answer = await askText(
    client,
    {
      method: 'POST',
      url: client.url(path, { uploadId }),
      headers: { 'content-type': 'application/xml', ...conditionHeaders(options) },
      body: `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${listed.join('')}</CompleteMultipartUpload>`,
    },
    // The status comes before the work is done, so a failure may come in a successful answer.
    { signal: options.signal, failed: (text) => elements(text, 'Error').length > 0 },
  );
  const etag = multipartTag(sorted);
  return written(
    target,
    answer,
    size,
    options,
    options.sha256?.toLowerCase(),
    (own) => own.headers.get('etag') === etag,
  );
}

/** Gives up a multipart upload and what has been sent of it; that it fails is no one's concern. */
export async function abortUpload(
  { client, path }: Pick<S3Target, 'client' | 'path'>,
  uploadId: string,
): Promise<void> {
  await askText(client, { method: 'DELETE', url: client.url(path, { uploadId }) }).catch(() => {});
}

/** Sends parts as they come, and makes an object of them; whatever fails leaves nothing behind. */
export async function uploadParts(
  target: S3Target,
  parts: AsyncIterable<Uint8Array>,
  pool: PartPool,
  options: WriteOptions,
): Promise<ObjectInfo> {
  const uploadId = await createUpload(target, options);
  try {
    const sent: UploadedPart[] = [];
    let size = 0;
    await inParallel(
      numbered(target, parts),
      target.settings.concurrency,
      options.signal,
      async ([number, bytes], signal) => {
        sent.push(await uploadPart(target, uploadId, number, bytes, signal));
        size += bytes.length;
        pool.giveBack(bytes);
      },
    );
    return await completeUpload(target, uploadId, sent, size, options);
  } catch (error) {
    await abortUpload(target, uploadId);
    throw error;
  }
}

async function* numbered(
  target: S3Target,
  parts: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly [number, Uint8Array]> {
  let number = 0;
  for await (const part of parts) {
    number++;
    if (number > mostParts) {
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected at most ${mostParts} parts of ${target.settings.partSize} bytes for "${target.key}" but its stream goes on; open the storage with a larger partSize`,
        { details: { key: target.key, partSize: target.settings.partSize } },
      );
    }
    yield [number, part];
  }
}

/** What becomes of the answer to a request that makes an object, conditions and lost answers included. */
async function written(
  target: S3Target,
  answer: TextAnswer,
  size: number,
  options: WriteOptions,
  sha256: string | undefined,
  isOwn: (answer: TextAnswer) => boolean,
): Promise<ObjectInfo> {
  const { client, key, path, description } = target;
  const told = sha256 === undefined ? {} : { sha256 };
  if (answer.ok) {
    const version = strongTag(answer.headers) ?? elementText(answer.text, 'ETag');
    return { key, size, ...(version === undefined ? {} : { version }), ...told };
  }
  const conditional = options.ifAbsent === true || options.ifMatch !== undefined;
  const failed = conditional && (answer.status === 412 || (options.ifMatch !== undefined && answer.status === 404));
  const gone = answer.status === 404 && elementText(answer.text, 'Code') === 'NoSuchUpload';
  if (answer.repeated && (failed || gone)) {
    // An attempt before may have done it, and its answer was lost.
    const head = await askText(client, { method: 'HEAD', url: client.url(path) }, options);
    const version = strongTag(head.headers);
    if (head.ok && isOwn(head)) return { key, size, ...(version === undefined ? {} : { version }), ...told };
  }
  if (gone) {
    throw new PerceptError(
      'STORAGE_FAILED',
      `Could not complete the upload of "${key}" to ${description}: it has been ended by another; write it again`,
      { details: { key, storage: description } },
    );
  }
  if (failed) throw options.ifAbsent ? alreadyExists(key, description) : changed(key, description);
  throw explain(target, answer);
}

function contentHeaders({ settings }: S3Target, sha256: Uint8Array): Record<string, string> {
  return {
    'content-type': 'application/octet-stream',
    ...(settings.checksums ? { 'x-amz-checksum-sha256': toBase64(sha256) } : { 'x-amz-content-sha256': toHex(sha256) }),
  };
}

function conditionHeaders({ ifAbsent, ifMatch }: WriteOptions): Record<string, string> {
  if (ifAbsent) return { 'if-none-match': '*' };
  return ifMatch === undefined ? {} : { 'if-match': ifMatch };
}

/** The ETag that S3 gives to an object of several parts: MD5 of their MD5s, and their number. */
function multipartTag(parts: readonly UploadedPart[]): string {
  const digests = parts.map(({ etag }) => etag.replaceAll('"', '')).join('');
  return `"${toHex(md5(fromHex(digests)))}-${parts.length}"`;
}

function explain(target: S3Target, answer: TextAnswer): PerceptError {
  return explainS3(answer, 'write', target.key, target.description);
}

function unexpected({ key, description }: S3Target, what: string): PerceptError {
  return new PerceptError(
    'STORAGE_FAILED',
    `Could not write "${key}": expected ${what} from ${description} but none came; check that the endpoint is an S3 server`,
    { details: { key, storage: description } },
  );
}
