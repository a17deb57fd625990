// Reading an object over HTTP to its end: bodies that break off are continued where they broke, and two versions are
// never mixed.
import { isPerceptError, PerceptError, throwIfAborted } from '@percept/core';
import { sha256Checksums, verified } from '../checksum.js';
import { changed, notFound } from '../key-errors.js';
import { resolveRange } from '../range.js';
import type { ReadOptions } from '../storage.js';
import { type HttpBody, type HttpObject, openBody } from './body.js';
import { bodyChunks } from './deadline.js';
import { delayMs, pause } from './retry.js';
import { redacted } from './send.js';

/**
 * The bytes of an object or of a part of it, as arrays that belong to the caller. Options have been checked.
 *
 * @param borrowed - the caller copies each chunk before it asks for the next one, so they may be the network's buffers
 * @throws PerceptError as {@link Storage.readStream}
 */
export async function* readObject(
  object: HttpObject,
  options: ReadOptions,
  borrowed = false,
): AsyncGenerator<Uint8Array> {
  const opened = await openObject(object, options, borrowed);
  if (opened === undefined) return;
  yield* opened.chunks;
}

/** An object whose first answer has come. */
export interface OpenObject {
  readonly body: HttpBody;
  /** The bytes that were asked for; either these are read to their end or left early, or `body.stream` is cancelled. */
  readonly chunks: AsyncGenerator<Uint8Array>;
}

/** As {@link readObject}, stopping after the first answer; `undefined` when no bytes were asked for. */
export async function openObject(
  object: HttpObject,
  options: ReadOptions,
  borrowed = false,
): Promise<OpenObject | undefined> {
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
  const chunks = continued(object, body, options, borrowed);
  if (range !== undefined) return { body, chunks };
  const checksums = [...sha256Checksums(options.sha256), ...body.checksums];
  return { body, chunks: checksums.length === 0 ? chunks : verified(chunks, checksums, `"${object.key}"`) };
}

async function* continued(
  object: HttpObject,
  first: HttpBody,
  { range, signal, ifMatch }: ReadOptions,
  borrowed: boolean,
): AsyncGenerator<Uint8Array> {
  const { attempts } = object.client.retry;
  const start = range?.start ?? 0;
  let { end } = range ?? {};
  let position = start;
  let body = first;
  for (let failures = 0; ; ) {
    let cause: unknown;
    try {
      if (body.size !== undefined) end = resolveRange({ start, end }, body.size, object.key).end;
      for await (const chunk of wanted(object, body, position, end, signal)) {
        position += chunk.length;
        failures = 0;
        // The network's buffer may be shared or pooled; what is handed out belongs to the caller.
        yield borrowed ? chunk : new Uint8Array(chunk);
        throwIfAborted(signal);
      }
      // Without a known size, the end of the body is the end of the object.
      if (body.size === undefined || position === end) return;
    } catch (error) {
      throwIfAborted(signal);
      if (isPerceptError(error) && error.code !== 'STORAGE_FAILED') throw error;
      cause = error;
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

/** The bytes of a body that lie between `position` and `end` of the object; what comes after `end` is not fetched. */
async function* wanted(
  object: HttpObject,
  body: HttpBody,
  position: number,
  end: number | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  let at = body.offset;
  const { timeoutMs } = object.client.retry;
  const ended = () => end !== undefined && at >= end;
  if (ended()) {
    body.stream?.cancel();
    return;
  }
  for await (const value of bodyChunks(body.stream, timeoutMs, signal, `read "${object.key}"`)) {
    const chunk = value.subarray(Math.max(position - at, 0), end === undefined ? undefined : end - at);
    at += value.length;
    if (chunk.length > 0) yield chunk;
    if (ended()) return;
  }
  if (body.size === undefined) resolveRange({ start: position }, at, object.key);
}

function brokenOff(object: HttpObject, position: number, how: string, cause?: unknown): PerceptError {
  const url = redacted(object.request(undefined).url);
  return new PerceptError(
    'STORAGE_FAILED',
    `Could not read ${url} to its end: the body ended at byte ${position} ${how}; check the server and try again`,
    { details: { url, position }, cause },
  );
}
