// Objects on their way to Google Cloud Storage: one request for small ones, resumable sessions for others. Both make the
// object in one atomic step, under a precondition on its generation, and carry a CRC-32C that the server verifies.
import { isPerceptError, PerceptError } from '@percept/core';
import { checksumMismatch } from '../checksum.js';
import { crc32c } from '../hash/crc32c.js';
import { sha256Of, toHex } from '../hash/encoding.js';
import { delayMs } from '../http/retry.js';
import { askText, type TextAnswer } from '../http/send.js';
import { alreadyExists, changed } from '../key-errors.js';
import { pause } from '../pause.js';
import type { ObjectInfo, WriteOptions } from '../storage.js';
import type { GcsClient } from './gcs-client.js';
import { explainGcs } from './gcs-errors.js';
import { fields, generationOf, infoOf, isGeneration, metaSha256, toGcsCrc, writeId } from './gcs-object.js';
import { field, parseJson, textField } from './json-answer.js';

/** What the upload of one object needs to know. */
export interface GcsTarget {
  readonly client: GcsClient;
  readonly key: string;
  /** Name of the object in the bucket. */
  readonly name: string;
  readonly description: string;
  readonly partSize: number;
}

/** Puts an object in one request. */
export async function putObject(target: GcsTarget, bytes: Uint8Array, options: WriteOptions): Promise<ObjectInfo> {
  const { client, name } = target;
  const id = crypto.randomUUID();
  const crc = crc32c(bytes);
  const metadata = { [writeId]: id, [metaSha256]: toHex(await sha256Of(bytes)) };
  const resource = JSON.stringify({ name, contentType: 'application/octet-stream', crc32c: toGcsCrc(crc), metadata });
  const boundary = `percept-${id}`;
  const encoder = new TextEncoder();
  const head = encoder.encode(
    `--${boundary}\r\ncontent-type: application/json; charset=utf-8\r\n\r\n${resource}\r\n--${boundary}\r\ncontent-type: application/octet-stream\r\n\r\n`,
  );
  const tail = encoder.encode(`\r\n--${boundary}--\r\n`);
  const body = new Uint8Array(head.length + bytes.length + tail.length);
  body.set(head);
  body.set(bytes, head.length);
  body.set(tail, head.length + bytes.length);
  const answer = await askText(
    client,
    {
      method: 'POST',
      url: client.uploadUrl({ uploadType: 'multipart', fields, ...preconditions(target, options) }),
      headers: { 'content-type': `multipart/related; boundary=${boundary}` },
      body,
    },
    { signal: options.signal },
  );
  if (answer.status === 412 && answer.repeated) {
    // An attempt before may have done it, and its answer was lost.
    const found = await askText(
      client,
      { method: 'GET', url: client.url(name, { fields }) },
      { signal: options.signal },
    );
    const resource = parseJson(found.text);
    if (textField(field(resource, 'metadata'), writeId) === id) return finished(target, resource, crc, bytes.length);
  }
  if (!answer.ok) throw refused(target, answer, options);
  return finished(target, parseJson(answer.text), crc, bytes.length);
}

/** Begins a resumable upload; the address of its session. */
export async function createSession(
  target: GcsTarget,
  options: WriteOptions,
  known: { readonly size?: number; readonly crc?: number } = {},
): Promise<string> {
  const { client, name } = target;
  const answer = await askText(
    client,
    {
      method: 'POST',
      url: client.uploadUrl({ uploadType: 'resumable', fields, name, ...preconditions(target, options) }),
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'x-upload-content-type': 'application/octet-stream',
        ...(known.size === undefined ? {} : { 'x-upload-content-length': String(known.size) }),
      },
      body: JSON.stringify({
        name,
        contentType: 'application/octet-stream',
        ...(known.crc === undefined ? {} : { crc32c: toGcsCrc(known.crc) }),
        ...(options.sha256 === undefined ? {} : { metadata: { [metaSha256]: options.sha256.toLowerCase() } }),
      }),
    },
    { signal: options.signal },
  );
  if (!answer.ok) throw refused(target, answer, options);
  const session = answer.headers.get('location') ?? '';
  if (isSessionOf(target, session)) return session;
  throw new PerceptError(
    'STORAGE_FAILED',
    `Could not write "${target.key}": expected the address of an upload on ${target.description} but received ${JSON.stringify(session.slice(0, 200))}; check the endpoint (in browsers, the bucket must expose the Location header by CORS)`,
    { details: { key: target.key, session } },
  );
}

/** Whether an address is one that credentials may be sent to. */
export function isSessionOf({ client }: GcsTarget, session: string): boolean {
  if (!URL.canParse(session)) return false;
  const url = new URL(session);
  return (
    url.origin === new URL(client.url(undefined)).origin ||
    (url.protocol === 'https:' && url.hostname.endsWith('.googleapis.com'))
  );
}

/** How far an upload has come: all of it, with the object that was made, or so many bytes. */
export type SessionState = { readonly resource: unknown } | { readonly offset: number };

/** Asks how far an upload has come; `undefined` when there is no such upload any more. */
export async function sessionState(
  target: GcsTarget,
  session: string,
  options: WriteOptions,
): Promise<SessionState | undefined> {
  const answer = await askText(
    target.client,
    { method: 'PUT', url: session, headers: { 'content-range': 'bytes */*' }, body: '' },
    { signal: options.signal },
  );
  return stateOf(target, answer, options);
}

function stateOf(target: GcsTarget, answer: TextAnswer, options: WriteOptions): SessionState | undefined {
  if (answer.status === 308) {
    const range = /^(?:bytes=)?0-(\d{1,15})$/.exec(answer.headers.get('range') ?? '');
    return { offset: range === null ? 0 : Number(range[1]) + 1 };
  }
  if (answer.ok) return { resource: parseJson(answer.text) };
  if (answer.status === 404 || answer.status === 410) return undefined;
  throw refused(target, answer, options);
}

/** Gives up an upload; that it fails is no one's concern. */
export async function abortSession({ client }: GcsTarget, session: string): Promise<void> {
  await askText(client, { method: 'DELETE', url: session }).catch(() => {});
}

/**
 * Sends parts one after the other, each but the last one `partSize` long, and finds out after a cut what has come through.
 *
 * @param parts - the bytes from `offset` on
 * @param crc - CRC-32C of the bytes before
 */
export async function sendParts(
  target: GcsTarget,
  session: string,
  parts: AsyncIterable<Uint8Array>,
  options: WriteOptions,
  start: { readonly offset: number; readonly crc: number },
  told: { sent(part: Uint8Array): void },
): Promise<ObjectInfo> {
  let { offset, crc } = start;
  const iterator = parts[Symbol.asyncIterator]();
  try {
    // One part ahead, because the last one must say so.
    for (let next = await iterator.next(); ; ) {
      const part = next.done ? new Uint8Array() : next.value;
      if (!next.done) next = await iterator.next();
      crc = crc32c(part, crc);
      const end = offset + part.length;
      const resource = await sendPart(
        target,
        session,
        part,
        offset,
        next.done === true ? { size: end, crc } : undefined,
        options,
      );
      told.sent(part);
      offset = end;
      if (next.done) return await finished(target, resource, crc, end);
    }
  } finally {
    await iterator.return?.();
  }
}

/** Sends one part to its end; the object's resource if it was the last one. */
async function sendPart(
  target: GcsTarget,
  session: string,
  part: Uint8Array,
  offset: number,
  last: { readonly size: number; readonly crc: number } | undefined,
  options: WriteOptions,
): Promise<unknown> {
  const { signal } = options;
  const { retry } = target.client;
  const once = { ...target.client, retry: { ...retry, attempts: 1 } };
  const end = offset + part.length;
  let from = offset;
  for (let failures = 0; ; ) {
    let state: SessionState | undefined;
    try {
      const range = from === end ? '*' : `${from}-${end - 1}`;
      const headers = {
        'content-range': `bytes ${range}/${last?.size ?? '*'}`,
        ...(last === undefined ? {} : { 'x-goog-hash': `crc32c=${toGcsCrc(last.crc)}` }),
      };
      const body = part.subarray(from - offset);
      state = stateOf(target, await askText(once, { method: 'PUT', url: session, headers, body }, { signal }), options);
    } catch (error) {
      if (!isPerceptError(error, 'STORAGE_FAILED') || error.details.reason !== undefined) throw error;
      failures++;
      if (failures === retry.attempts) throw error;
      await pause(delayMs(retry, failures), signal);
      state = await sessionState(target, session, options);
    }
    if (state === undefined) throw sessionGone(target);
    if ('resource' in state) {
      if (last !== undefined) return state.resource;
      throw lost(target, 'it was ended before all was sent');
    }
    if (state.offset < offset || state.offset > end) {
      throw lost(target, `the server has ${state.offset} bytes when ${offset} to ${end} were sent`);
    }
    if (state.offset > from) failures = 0;
    else if (from < end) failures++;
    from = state.offset;
    if (from === end && last === undefined) return undefined;
    if (failures >= retry.attempts) throw lost(target, `the server took no more than ${from} bytes`);
    if (from === end) failures++;
  }
}

/** Checks the object that was made against the bytes that were sent; what is wrong is removed. */
export async function finished(target: GcsTarget, resource: unknown, crc: number, size: number): Promise<ObjectInfo> {
  const { client, key, name, description } = target;
  const info = infoOf(key, resource);
  const told = textField(resource, 'crc32c');
  if (info === undefined) throw lost(target, 'no object came in the answer');
  const expected = toGcsCrc(crc);
  if (info.size === size && (told === undefined || told === expected)) return info;
  const generation = generationOf(resource);
  if (generation !== undefined) {
    await askText(client, { method: 'DELETE', url: client.url(name, { generation }) }).catch(() => {});
  }
  throw checksumMismatch(
    `"${key}" in ${description}`,
    { algorithm: 'crc32c', hex: (crc >>> 0).toString(16).padStart(8, '0') },
    `${told ?? 'none'} of ${info.size} bytes`,
  );
}

function preconditions(target: GcsTarget, { ifAbsent, ifMatch }: WriteOptions): { ifGenerationMatch?: string } {
  if (ifAbsent) return { ifGenerationMatch: '0' };
  if (ifMatch === undefined) return {};
  if (!isGeneration(ifMatch)) throw changed(target.key, target.description);
  return { ifGenerationMatch: ifMatch };
}

function refused(target: GcsTarget, answer: TextAnswer, options: WriteOptions): PerceptError {
  const { key, description } = target;
  if (answer.status === 412 && options.ifAbsent) return alreadyExists(key, description);
  if (options.ifMatch !== undefined && (answer.status === 412 || answer.status === 404))
    return changed(key, description);
  return explainGcs(answer, 'write', key, description);
}

function sessionGone(target: GcsTarget): PerceptError {
  return lost(target, 'the upload has expired or been ended by another');
}

function lost({ key, description }: GcsTarget, how: string): PerceptError {
  return new PerceptError('STORAGE_FAILED', `Could not write "${key}" to ${description}: ${how}; write it again`, {
    details: { key, storage: description, reason: how },
  });
}
