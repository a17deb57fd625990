// One HTTP request with bounded retries. Knows nothing of keys and ranges.
import { PerceptError, throwIfAborted } from '@percept/core';

/** Requests made before giving up. */
export const attempts = 4;
const firstDelayMs = 100;
/** Longest pause between two attempts, also when the server asks for more. */
const longestDelayMs = 5000;
const transientStatuses = new Set([408, 425, 429, 500, 502, 503, 504]);

/** What a storage needs to make requests. */
export interface HttpClient {
  readonly fetch: typeof fetch;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Makes a request, again after a pause when the network or a transient status (408, 425, 429, 5xx) fails it. Any other
 * response is returned, whatever its status.
 *
 * @throws PerceptError `STORAGE_FAILED` after the last attempt, `ABORTED`
 */
export async function request(
  client: HttpClient,
  url: string,
  init: { method: 'GET' | 'HEAD'; headers?: Record<string, string>; signal: AbortSignal | undefined },
): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    throwIfAborted(init.signal);
    let response: Response | undefined;
    let cause: unknown;
    try {
      response = await client.fetch(url, {
        method: init.method,
        headers: { ...client.headers, ...init.headers },
        signal: init.signal ?? null,
      });
    } catch (error) {
      throwIfAborted(init.signal);
      cause = error;
    }
    if (response !== undefined && !transientStatuses.has(response.status)) return response;
    await response?.body?.cancel();
    if (attempt === attempts) {
      throw new PerceptError(
        'STORAGE_FAILED',
        `Could not ${init.method} ${redacted(url)}: ${response === undefined ? 'the network failed' : `the server answered ${response.status}`} ${attempts} times; check that the address is right and the server is up`,
        { details: { url: redacted(url), status: response?.status }, cause },
      );
    }
    await pause(delayMs(attempt, response?.headers.get('retry-after')), init.signal);
  }
}

/** An address without the user name, password and query, which may be secret. */
export function redacted(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

/** Waits; an abort ends it with `ABORTED`. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });
  throwIfAborted(signal);
}

/** Doubles from attempt to attempt, or what the `Retry-After` header (RFC 9110: seconds or a date) asks for. */
export function delayMs(attempt: number, retryAfter?: string | null): number {
  const asked = /^\d+$/.test(retryAfter ?? '') ? Number(retryAfter) * 1000 : Date.parse(retryAfter ?? '') - Date.now();
  const delay = Number.isFinite(asked) ? asked : firstDelayMs * 2 ** (attempt - 1);
  return Math.min(Math.max(delay, 0), longestDelayMs);
}
