// Uploads that go on where a killed process left them. The state is the server's own: its list of unfinished uploads and
// of their parts. What it has is compared with the source by checksum, so that a changed source is sent anew.
import { type LongCallOptions, throwIfAborted } from '@percept/core';
import { checksumMismatch, createDigest, sha256Checksums, verifyBytes } from '../checksum.js';
import { sha256Of, toBase64, toHex } from '../hash/encoding.js';
import { md5 } from '../hash/md5.js';
import { askText } from '../http/send.js';
import { inParallel } from '../parts.js';
import type { ByteSource, ObjectInfo, ResumeWriteOptions } from '../storage.js';
import { explainS3 } from './s3-errors.js';
import {
  abortUpload,
  completeUpload,
  createUpload,
  mostParts,
  putObject,
  type S3Target,
  type UploadedPart,
  uploadPart,
} from './s3-upload.js';
import { elementNumber, elements, elementText } from './s3-xml.js';

const mebibyte = 1024 * 1024;

/** An unfinished upload. */
export interface UnfinishedUpload {
  readonly path: string;
  readonly uploadId: string;
  /** Milliseconds since the epoch; 0 when the server does not tell. */
  readonly initiated: number;
}

/** Uploads `source`, going on with an unfinished upload of the same key. */
export async function resumeUpload(
  target: S3Target,
  source: ByteSource,
  options: ResumeWriteOptions,
): Promise<ObjectInfo> {
  const { signal, sha256, ifAbsent, ifMatch } = options;
  const conditions = { signal, sha256, ifAbsent, ifMatch };
  const { size } = source;
  const report = progress(size, options);
  if (size <= target.settings.partSize) {
    const bytes = await source.read({ start: 0, end: size }, { signal });
    await verifyBytes(bytes, sha256Checksums(sha256), `the source of "${target.key}"`);
    const info = await putObject(target, bytes, conditions);
    report(size);
    return info;
  }
  const found = await findUpload(target, options);
  const uploadId = found?.uploadId ?? (await createUpload(target, conditions));
  await options.onSession?.(uploadId);
  const parts = await sendMissing(target, uploadId, found?.parts ?? new Map(), source, options, report);
  return completeUpload(target, uploadId, parts, size, conditions);
}

async function sendMissing(
  target: S3Target,
  uploadId: string,
  found: ReadonlyMap<number, FoundPart>,
  source: ByteSource,
  { signal, sha256 }: ResumeWriteOptions,
  report: (bytes: number) => void,
): Promise<UploadedPart[]> {
  const { key, settings } = target;
  const partSize = Math.max(settings.partSize, Math.ceil(source.size / mostParts / mebibyte) * mebibyte);
  const parts: UploadedPart[] = [];
  const digest = sha256 === undefined ? undefined : createDigest('sha256');
  const pieces = async function* () {
    for (let number = 1, start = 0; start < source.size; number++, start += partSize) {
      throwIfAborted(signal);
      const bytes = await source.read({ start, end: Math.min(start + partSize, source.size) }, { signal });
      digest?.update(bytes);
      const present = found.get(number);
      if (present !== undefined && (await isSame(present, bytes))) {
        parts.push(present);
        report(bytes.length);
      } else yield { number, bytes };
    }
  };
  await inParallel(pieces(), settings.concurrency, signal, async ({ number, bytes }, stop) => {
    parts.push(await uploadPart(target, uploadId, number, bytes, stop));
    report(bytes.length);
  });
  const received = digest?.hex();
  if (sha256 !== undefined && received !== undefined && received !== sha256.toLowerCase()) {
    await abortUpload(target, uploadId);
    throw checksumMismatch(`the source of "${key}"`, { algorithm: 'sha256', hex: sha256.toLowerCase() }, received);
  }
  return parts;
}

interface FoundPart extends UploadedPart {
  readonly size: number;
}

async function isSame(part: FoundPart, bytes: Uint8Array): Promise<boolean> {
  if (part.size !== bytes.length) return false;
  if (part.sha256 !== undefined) return part.sha256 === toBase64(await sha256Of(bytes));
  return part.etag.replaceAll('"', '') === toHex(md5(bytes));
}

/** The unfinished upload of this key that was named or else begun last, with its parts. */
async function findUpload(
  target: S3Target,
  { session, signal }: ResumeWriteOptions,
): Promise<{ readonly uploadId: string; readonly parts: ReadonlyMap<number, FoundPart> } | undefined> {
  const candidates: string[] = session === undefined ? [] : [session];
  if (session === undefined) {
    const uploads: UnfinishedUpload[] = [];
    for await (const upload of listUploads(target, target.path, signal)) {
      if (upload.path === target.path) uploads.push(upload);
    }
    candidates.push(...uploads.sort((a, b) => b.initiated - a.initiated).map(({ uploadId }) => uploadId));
  }
  for (const uploadId of candidates) {
    const parts = await listParts(target, uploadId, signal);
    if (parts !== undefined) return { uploadId, parts };
  }
  return undefined;
}

/** Parts that the server has; `undefined` when the upload has come to an end meanwhile. */
async function listParts(
  target: S3Target,
  uploadId: string,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<number, FoundPart> | undefined> {
  const { client, settings, path } = target;
  const parts = new Map<number, FoundPart>();
  for (let marker = 0; ; ) {
    const url = client.url(path, { uploadId, 'part-number-marker': marker === 0 ? undefined : String(marker) });
    const answer = await askText(client, { method: 'GET', url }, { signal });
    if (answer.status === 404 && elementText(answer.text, 'Code') !== 'NoSuchBucket') return undefined;
    if (!answer.ok) throw explainS3(answer, 'resume', target.key, target.description);
    const before = marker;
    for (const xml of elements(answer.text, 'Part')) {
      const number = elementNumber(xml, 'PartNumber');
      const size = elementNumber(xml, 'Size');
      const etag = elementText(xml, 'ETag');
      if (number === undefined || size === undefined || etag === undefined) continue;
      const sha256 = elementText(xml, 'ChecksumSHA256');
      // Parts of an upload that was begun with checksums must be completed with them, others without.
      if (settings.checksums === (sha256 !== undefined)) parts.set(number, { number, size, etag, sha256 });
      marker = Math.max(marker, number);
    }
    if (elementText(answer.text, 'IsTruncated') !== 'true' || marker === before) return parts;
  }
}

/** Uploads of keys that begin with `prefix` and have not come to an end. */
export async function* listUploads(
  { client, key, description }: S3Target,
  prefix: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<UnfinishedUpload> {
  let markers: Record<string, string | undefined> = {};
  for (;;) {
    const url = client.url('', { uploads: '', prefix, ...markers });
    const answer = await askText(client, { method: 'GET', url }, { signal });
    if (!answer.ok) throw explainS3(answer, 'list the unfinished uploads of', key, description);
    for (const xml of elements(answer.text, 'Upload')) {
      const [path, uploadId] = [elementText(xml, 'Key'), elementText(xml, 'UploadId')];
      if (path === undefined || uploadId === undefined) continue;
      yield { path, uploadId, initiated: Date.parse(elementText(xml, 'Initiated') ?? '') || 0 };
    }
    const next = {
      'key-marker': elementText(answer.text, 'NextKeyMarker'),
      'upload-id-marker': elementText(answer.text, 'NextUploadIdMarker'),
    };
    const same =
      next['key-marker'] === markers['key-marker'] && next['upload-id-marker'] === markers['upload-id-marker'];
    if (elementText(answer.text, 'IsTruncated') !== 'true' || same) return;
    markers = next;
  }
}

function progress(total: number, { onProgress }: LongCallOptions): (bytes: number) => void {
  let done = 0;
  return (bytes) => {
    done += bytes;
    onProgress?.({ stage: 'upload', done, total, unit: 'bytes' });
  };
}
