// The bytes of one GET, whatever part of the object the server chose to send.
import { PerceptError } from '@percept/core';
import type { Checksum } from '../checksum.js';
import type { ObjectInfo } from '../storage.js';
import { type HttpClient, type OpenAnswer, openAnswer, type Refusal, redacted } from './send.js';
import type { ByteBody } from './transport.js';

/** An object behind HTTP, as a backend describes it to the reader. */
export interface HttpObject {
  readonly client: HttpClient;
  readonly key: string;
  /** Where the object is, for messages. */
  readonly description: string;
  /** Whether its bytes are those that the store keeps, also if their owner gave them a content coding. */
  readonly stored?: boolean;
  /** Address and headers of a GET; with `version`, of one that refuses other versions if the server can. */
  request(version: string | undefined): {
    readonly url: string;
    readonly headers?: Readonly<Record<string, string>>;
  };
  /** What the headers of an answer tell: the version, and checksums of the whole object. */
  describe(headers: Headers): { readonly version?: string | undefined; readonly checksums?: readonly Checksum[] };
  /** The error for an answer that holds no object. */
  refuse(refusal: Refusal): PerceptError;
  /** Asks for the object without its bytes; `undefined` when there is none. */
  info(signal: AbortSignal | undefined): Promise<ObjectInfo | undefined>;
}

/** An answered GET, before its bytes are read. */
export interface HttpBody {
  /** Bytes of the object before the first byte of `stream`. */
  readonly offset: number;
  /** Size of the object, where the server told it. */
  readonly size: number | undefined;
  readonly version: string | undefined;
  /** Changes when the object does: the version, a strong entity tag or the time of the last change. */
  readonly validator: string | undefined;
  readonly checksums: readonly Checksum[];
  readonly stream: ByteBody | null;
}

/**
 * Asks for the bytes from `start` to `end` (exclusive; to the end of the object without) of an object. The answer may
 * begin earlier and end later, when the server ignores ranges.
 *
 * @returns `undefined` when the object is no longer `version`
 * @throws PerceptError `STORAGE_NOT_FOUND`, `STORAGE_PERMISSION`, `STORAGE_RANGE_INVALID`, `STORAGE_FAILED`, `ABORTED`
 */
export async function openBody(
  object: HttpObject,
  range: { readonly start: number; readonly end?: number | undefined } | undefined,
  version: string | undefined,
  signal: AbortSignal | undefined,
): Promise<HttpBody | undefined> {
  const { url, headers } = object.request(version);
  // A compressed answer would count its bytes in another way.
  const asked: Record<string, string> = { 'accept-encoding': 'identity' };
  if (range !== undefined) asked.range = `bytes=${range.start}-${range.end === undefined ? '' : range.end - 1}`;
  const { stored = false } = object;
  const request = { method: 'GET', url, headers: { ...headers, ...asked }, stored } as const;
  const answer = await openAnswer(object.client, request, { signal });
  if (stored && answer.ok && answer.decoded) {
    answer.body?.cancel();
    throw undone(object, answer);
  }
  if (answer.status === 412 && version !== undefined) return undefined;
  const contentRange = parseContentRange(answer.headers.get('content-range'));
  const described = object.describe(answer.headers);
  const told = {
    version: described.version,
    validator: described.version ?? validatorOf(answer.headers),
    checksums: described.checksums ?? [],
  };
  if (version !== undefined && answer.ok && told.version !== version) {
    answer.body?.cancel();
    return undefined;
  }
  if (answer.status === 206 && range !== undefined && contentRange?.start === range.start) {
    return { offset: range.start, size: contentRange.size, stream: answer.body, ...told };
  }
  if (answer.status === 200) {
    return { offset: 0, size: contentLength(answer.headers, stored), stream: answer.body, ...told };
  }
  answer.body?.cancel();
  if (answer.status !== 416 || range === undefined) throw object.refuse(answer);
  // Nothing to send is not an error when the range starts right at the end.
  const size = contentRange?.size ?? (await object.info(signal))?.size;
  if (size === range.start) return { offset: size, size, stream: null, ...told };
  throw unsatisfiable(answer, object.key, range, size);
}

function unsatisfiable(
  answer: OpenAnswer,
  key: string,
  range: { readonly start: number; readonly end?: number | undefined },
  size: number | undefined,
): PerceptError {
  if (size !== undefined && range.start < size) {
    return new PerceptError(
      'STORAGE_FAILED',
      `Could not read ${redacted(answer.url)}: the server refused a range that starts at ${range.start} of ${size} bytes; check the server`,
      { details: { key, range, size } },
    );
  }
  return new PerceptError(
    'STORAGE_RANGE_INVALID',
    `Expected a range that starts within the ${size ?? 'unknown number of'} bytes of "${key}" but received start ${range.start}`,
    { details: { key, range, size } },
  );
}

function undone({ key, description }: HttpObject, { headers }: OpenAnswer): PerceptError {
  const coding = headers.get('content-encoding');
  return new PerceptError(
    'STORAGE_UNSUPPORTED',
    `Could not read "${key}" as it is stored: it has Content-Encoding ${coding} in ${description}, which fetch() undoes; read it in Node without the fetch option, or store it without that header`,
    { details: { key, storage: description, coding } },
  );
}

/** Size by the `Content-Length` header of an answer that is not compressed, or whose bytes are wanted as they are stored. */
export function contentLength(headers: Headers, stored = false): number | undefined {
  const length = headers.get('content-length');
  const encoding = headers.get('content-encoding') ?? 'identity';
  return (stored || encoding === 'identity') && length !== null ? wholeNumber(length) : undefined;
}

/** The strong entity tag of an answer. */
export function strongTag(headers: Headers): string | undefined {
  const tag = headers.get('etag');
  return tag === null || tag === '' || tag.startsWith('W/') ? undefined : tag;
}

/** Time of the last change in milliseconds, as `{ modified }` when the server tells it. */
export function modifiedOf(text: string | null | undefined): { modified?: number } {
  const modified = Date.parse(text ?? '');
  return Number.isNaN(modified) ? {} : { modified };
}

/** A number of bytes that a server tells; `undefined` when it is none that can be counted with. */
export function wholeNumber(text: string): number | undefined {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}

/** `bytes 0-9/100`, or `bytes *` + `/100` when the range could not be satisfied (RFC 9110, section 14.4). */
function parseContentRange(header: string | null): { start: number | undefined; size: number | undefined } | undefined {
  const match = /^bytes (?:(\d+)-\d+|\*)\/(?:(\d+)|\*)$/.exec(header ?? '');
  if (match === null) return undefined;
  return { start: wholeNumber(match[1] ?? ''), size: wholeNumber(match[2] ?? '') };
}

function validatorOf(headers: Headers): string | undefined {
  return strongTag(headers) ?? headers.get('last-modified') ?? undefined;
}
