// Reading an object over HTTP to its end: bodies that break off are continued where they broke, and two versions are
// never mixed.
import { isPerceptError, PerceptError, throwIfAborted } from '@percept/core';
import { sha256Checksums, verified } from '../checksum.js';
import { changed, notFound } from '../key-errors.js';
import { pause } from '../pause.js';
import { resolveRange } from '../range.js';
import type { ReadOptions } from '../storage.js';
import { type HttpBody, type HttpObject, openBody } from './body.js';
import { BodyReader } from './deadline.js';
import { delayMs } from './retry.js';
import { redacted } from './send.js';

/**
 * The bytes of an object or of a part of it, as arrays that belong to the caller. Options have been checked.
 *
 * @throws PerceptError as {@link Storage.readStream}
 */
export async function* readObject(object: HttpObject, options: ReadOptions): AsyncGenerator<Uint8Array> {
  const opened = await openObject(object, options);
  if (opened !== undefined) yield* opened.chunks;
}

/** An object whose first answer has come. */
export interface OpenObject {
  readonly body: HttpBody;
  /** The bytes that were asked for; either these are read to their end or left early, or `body.stream` is cancelled. */
  readonly chunks: AsyncGenerator<Uint8Array>;
}

/** As {@link readObject}, stopping after the first answer; `undefined` when no bytes were asked for. */
export async function openObject(object: HttpObject, options: ReadOptions): Promise<OpenObject | undefined> {
  const { range, signal, ifMatch } = options;
  throwIfAborted(signal);
  if (range !== undefined && range.end === range.start) {
    // HTTP has no empty ranges, but the object and the start are to be checked all the same.
    const info = await object.info(signal);
    if (info === undefined) throw notFound(object.key, object.description);
    if (ifMatch !== undefined && info.version !== ifMatch) throw changed(object.key, object.description);
    resolveRange(range, info.size, object.key);
    return undefined;
  }
  const body = await openBody(object, range, ifMatch, signal);
  if (body === undefined) throw changed(object.key, object.description);
  const chunks = continued(object, body, options);
  if (range !== undefined) return { body, chunks };
  const checksums = [...sha256Checksums(options.sha256), ...body.checksums];
  return { body, chunks: checksums.length === 0 ? chunks : verified(chunks, checksums, `"${object.key}"`) };
}

async function* continued(
  object: HttpObject,
  first: HttpBody,
  { range, signal, ifMatch }: ReadOptions,
): AsyncGenerator<Uint8Array> {
  const { attempts, timeoutMs } = object.client.retry;
  const start = range?.start ?? 0;
  let { end } = range ?? {};
  let position = start;
  let body = first;
  for (let failures = 0; ; ) {
    const reader = body.stream && new BodyReader(body.stream, timeoutMs, signal, `read "${object.key}"`);
    let cause: unknown;
    try {
      if (body.size !== undefined) end = resolveRange({ start, end }, body.size, object.key).end;
      // The server may begin earlier than asked, and go on longer; what comes after the end is not fetched.
      let at = body.offset;
      while (end === undefined || at < end) {
        const sent = await reader?.next();
        if (sent === undefined) break;
        const from = Math.max(position - at, 0);
        const to = end === undefined ? sent.length : Math.min(end - at, sent.length);
        at += sent.length;
        if (from >= to) continue;
        position += to - from;
        failures = 0;
        yield to - from === sent.length ? sent : sent.slice(from, to);
        throwIfAborted(signal);
      }
      if (position === end) return;
      if (body.size === undefined) {
        // Without a known size, the end of the body is the end of the object.
        resolveRange({ start: position }, at, object.key);
        return;
      }
    } catch (error) {
      throwIfAborted(signal);
      if (isPerceptError(error) && error.code !== 'STORAGE_FAILED') throw error;
      cause = error;
    } finally {
      reader?.end();
    }
    failures++;
    if (failures === attempts) throw brokenOff(object, position, `${attempts} times`, cause);
    await pause(delayMs(object.client.retry, failures), signal);
    const asked = position > 0 || range !== undefined ? { start: position, end } : undefined;
    // Before the first byte, any version will do if none was promised.
    const pinned = position > start || ifMatch !== undefined || first.checksums.length > 0;
    const next = await openBody(object, asked, pinned ? body.version : undefined, signal);
    if (pinned && (next === undefined || body.validator === undefined || next.validator !== body.validator)) {
      next?.stream?.cancel();
      throw brokenOff(object, position, 'and the object may have changed since', cause);
    }
    if (next === undefined) throw changed(object.key, object.description);
    body = next;
  }
}

function brokenOff(object: HttpObject, position: number, how: string, cause?: unknown): PerceptError {
  const url = redacted(object.request(undefined).url);
  return new PerceptError(
    'STORAGE_FAILED',
    `Could not read ${url} to its end: the body ended at byte ${position} ${how}; check the server and try again`,
    { details: { url, position }, cause },
  );
}
