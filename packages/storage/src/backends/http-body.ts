// The bytes of one GET, whatever part of the object the server chose to send.
import { PerceptError } from '@percept/core';
import { notFound } from '../key-errors.js';
import { type HttpClient, redacted, request } from './http-request.js';

/** An answered GET, before its bytes are read. */
export interface HttpBody {
  /** Bytes of the object before the first byte of `stream`. */
  readonly offset: number;
  /** Size of the object, where the server told it. */
  readonly size: number | undefined;
  /** Changes when the object does: strong entity tag or time of the last change. */
  readonly validator: string | undefined;
  readonly stream: ReadableStream<Uint8Array> | null;
}

/**
 * Asks for the bytes from `start` to `end` (exclusive; to the end of the object without) of an object. The answer may
 * begin earlier and end later, when the server ignores ranges.
 *
 * @throws PerceptError `STORAGE_NOT_FOUND`, `STORAGE_PERMISSION`, `STORAGE_RANGE_INVALID`, `STORAGE_FAILED`, `ABORTED`
 */
export async function openBody(
  client: HttpClient,
  target: { readonly url: string; readonly key: string; readonly description: string },
  range: { readonly start: number; readonly end?: number | undefined } | undefined,
  signal: AbortSignal | undefined,
): Promise<HttpBody> {
  // A compressed answer would count its bytes in another way; with ranges, fetch itself asks for none.
  const headers: Record<string, string> =
    range === undefined
      ? { 'accept-encoding': 'identity' }
      : { range: `bytes=${range.start}-${range.end === undefined ? '' : range.end - 1}` };
  const response = await request(client, target.url, { method: 'GET', headers, signal });
  const contentRange = parseContentRange(response.headers.get('content-range'));
  const validator = validatorOf(response.headers);
  if (response.status === 206 && range !== undefined && contentRange?.start === range.start) {
    return { offset: range.start, size: contentRange.size, validator, stream: response.body };
  }
  if (response.status === 200) {
    return { offset: 0, size: contentLength(response.headers), validator, stream: response.body };
  }
  await response.body?.cancel();
  if (response.status === 416 && range !== undefined) {
    // Nothing to send is not an error when the range starts right at the end.
    if (contentRange?.size === range.start) return { offset: range.start, size: range.start, validator, stream: null };
    throw new PerceptError(
      'STORAGE_RANGE_INVALID',
      `Expected a range that starts within the ${contentRange?.size ?? 'unknown number of'} bytes of "${target.key}" but received start ${range.start}`,
      { details: { key: target.key, range, size: contentRange?.size } },
    );
  }
  throw unexpectedStatus(response.status, target);
}

/** The error for a response that holds no object. */
export function unexpectedStatus(
  status: number,
  target: { readonly url: string; readonly key: string; readonly description: string },
): PerceptError {
  if (status === 404 || status === 410) return notFound(target.key, target.description);
  const details = { key: target.key, url: redacted(target.url), status };
  if (status === 401 || status === 403) {
    return new PerceptError(
      'STORAGE_PERMISSION',
      `Could not read ${redacted(target.url)}: the server answered ${status}; pass credentials in the headers option of httpStorage()`,
      { details },
    );
  }
  return new PerceptError(
    'STORAGE_FAILED',
    `Could not read ${redacted(target.url)}: expected the object but the server answered ${status}; check the address`,
    { details },
  );
}

/** Size by the `Content-Length` header of an answer that is not compressed. */
export function contentLength(headers: Headers): number | undefined {
  const length = headers.get('content-length');
  const encoding = headers.get('content-encoding') ?? 'identity';
  return encoding === 'identity' && length !== null && /^\d+$/.test(length) ? Number(length) : undefined;
}

/** `bytes 0-9/100`, or `bytes *` + `/100` when the range could not be satisfied (RFC 9110, section 14.4). */
function parseContentRange(header: string | null): { start?: number; size?: number } | undefined {
  const match = /^bytes (?:(\d+)-\d+|\*)\/(?:(\d+)|\*)$/.exec(header ?? '');
  if (match === null) return undefined;
  const [, start, size] = match;
  return {
    ...(start === undefined ? {} : { start: Number(start) }),
    ...(size === undefined ? {} : { size: Number(size) }),
  };
}

function validatorOf(headers: Headers): string | undefined {
  const tag = headers.get('etag');
  return tag !== null && !tag.startsWith('W/') ? tag : (headers.get('last-modified') ?? undefined);
}
