// HTTP requests with bounded retries and time limits. Knows nothing of keys and ranges.
import { isPerceptError, PerceptError, throwIfAborted } from '@percept/core';
import { pause } from '../pause.js';
import { BodyReader, withDeadline } from './deadline.js';
import { exchange } from './redirect.js';
import { delayMs, type RetryPolicy } from './retry.js';
import type { ByteBody, OutgoingRequest, Transport } from './transport.js';

export type { OutgoingRequest } from './transport.js';

const transientStatuses = new Set([408, 425, 429, 500, 502, 503, 504]);
/** Most of a refusal that is read: enough for every error document. */
const refusalLimit = 64 * 1024;
/** Times that a client may mend its credentials or address within one request. */
const mostMends = 3;

/** What a storage needs to make requests. */
export interface HttpClient {
  readonly transport: Transport;
  readonly retry: RetryPolicy;
  /** Completes a request with credentials before each attempt, to the address that it is made to. */
  authorize(request: OutgoingRequest): OutgoingRequest | Promise<OutgoingRequest>;
  /** Follows redirects, without credentials to another origin; by default they are answers like any other. */
  readonly followRedirects?: boolean;
  /** Learns from a refusal; `true` when the request is to be made again at once, for instance with fresh credentials. */
  mend?(refusal: Refusal): boolean | Promise<boolean>;
  /** Whether a refusal will pass by itself, beyond the statuses of which that is always taken for granted. */
  isTransient?(refusal: Refusal): boolean;
}

/** An answer without success, with the beginning of its text. */
export interface Refusal {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** An answer whose body is still to be read, or has been read as text if it is a refusal. */
export interface OpenAnswer extends Refusal {
  readonly ok: boolean;
  /** `null` for a refusal. */
  readonly body: ByteBody | null;
  /** See {@link TransportAnswer.decoded}. */
  readonly decoded: boolean;
  /** Whether an attempt before may have been carried out although no answer came. */
  readonly repeated: boolean;
}

/** An answer that has been read as text. */
export interface TextAnswer extends Refusal {
  readonly ok: boolean;
  readonly repeated: boolean;
}

/** Options of {@link openAnswer} and {@link askText}. */
export interface SendOptions {
  readonly signal?: AbortSignal | undefined;
  /** Most characters of a text; 16 Mi by default. */
  readonly textLimit?: number;
  /** Whether a successful answer is to be taken for a transient failure. */
  readonly failed?: (text: string) => boolean;
}

/**
 * Makes a request, again after a pause when the network or a transient status (408, 425, 429, 5xx) fails it. Any other
 * answer is returned, whatever its status.
 *
 * @throws PerceptError `STORAGE_FAILED` after the last attempt, `ABORTED`
 */
export async function openAnswer(
  client: HttpClient,
  request: OutgoingRequest,
  options: SendOptions = {},
): Promise<OpenAnswer> {
  return attempt(client, request, options, async (answer) => answer);
}

/** As {@link openAnswer}, but reads the answer as text; an answer that breaks off counts as a failed attempt. */
export async function askText(
  client: HttpClient,
  request: OutgoingRequest,
  options: SendOptions = {},
): Promise<TextAnswer> {
  const { signal, textLimit = 16 * 1024 * 1024 } = options;
  return attempt(client, request, options, async ({ body, decoded: _, ...answer }) => {
    if (!answer.ok) return answer;
    const text = await readText(body, textLimit, client, request, signal);
    return options.failed?.(text) ? undefined : { ...answer, text };
  });
}

/** @param use - what is made of an answer; `undefined` takes it for a failed attempt */
async function attempt<T>(
  client: HttpClient,
  request: OutgoingRequest,
  { signal }: SendOptions,
  use: (answer: OpenAnswer) => Promise<T | undefined>,
): Promise<T> {
  const { attempts, timeoutMs } = client.retry;
  let repeated = false;
  let mends = 0;
  for (let failures = 0; ; ) {
    throwIfAborted(signal);
    const outgoing = await client.authorize(request);
    const patience = timeoutMs + (outgoing.body?.length ?? 0) / 100;
    let answer: OpenAnswer | undefined;
    let cause: unknown;
    try {
      const response = await withDeadline(
        (limit) => exchange(client, request, outgoing, limit),
        patience,
        signal,
        describe(request),
      );
      const { status, headers, decoded } = response;
      const ok = status >= 200 && status < 300;
      const text = ok ? '' : await readText(response.body, refusalLimit, client, request, signal, true);
      answer = { url: outgoing.url, status, headers, ok, text, body: ok ? response.body : null, decoded, repeated };
      if (!ok && mends < mostMends && (await client.mend?.(answer))) {
        mends++;
        continue;
      }
      if (!transientStatuses.has(status) && !client.isTransient?.(answer)) {
        const used = await use(answer);
        if (used !== undefined) return used;
      }
    } catch (error) {
      throwIfAborted(signal);
      if (isPerceptError(error) && error.code !== 'STORAGE_FAILED') throw error;
      cause = error;
    }
    repeated = true;
    failures++;
    if (failures === attempts) throw gaveUp(request, answer, attempts, cause);
    await pause(delayMs(client.retry, failures, answer?.headers.get('retry-after')), signal);
  }
}

function gaveUp(
  request: OutgoingRequest,
  answer: OpenAnswer | undefined,
  attempts: number,
  cause: unknown,
): PerceptError {
  const what =
    answer === undefined || answer.ok ? 'the network failed' : `the server answered ${answer.status}${excerpt(answer)}`;
  return new PerceptError(
    'STORAGE_FAILED',
    `Could not ${describe(request)}: ${what} ${attempts === 1 ? 'once' : `${attempts} times`}; check that the address is right and the server is up`,
    { details: { url: redacted(request.url), status: answer?.status }, cause },
  );
}

/** The beginning of a refusal's text, for messages. */
export function excerpt({ text }: { readonly text: string }): string {
  const plain = text.replace(/<[^>]*>|\s+/g, ' ').trim();
  return plain === '' ? '' : ` (${plain.replace(/ +/g, ' ').slice(0, 200)})`;
}

function describe(request: OutgoingRequest): string {
  return `${request.method} ${redacted(request.url)}`;
}

/** An address without the user name, password and query, which may be secret. */
export function redacted(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

async function readText(
  body: ByteBody | null,
  limit: number,
  client: HttpClient,
  request: OutgoingRequest,
  signal: AbortSignal | undefined,
  cut = false,
): Promise<string> {
  if (body === null) return '';
  const decoder = new TextDecoder();
  const reader = new BodyReader(body, client.retry.timeoutMs, signal, describe(request));
  let text = '';
  for (let chunk = await reader.next(); chunk !== undefined; chunk = await reader.next()) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length <= limit) continue;
    reader.end();
    if (cut) return text.slice(0, limit);
    throw new PerceptError(
      'STORAGE_FAILED',
      `Could not ${describe(request)}: the answer is longer than ${limit} characters; check that the address is that of a storage`,
      { details: { url: redacted(request.url), limit } },
    );
  }
  return text + decoder.decode();
}
