// Fetches an address that a client names, without letting it reach what only this server can reach (SSRF).
//
// Every hop of the redirect chain is checked twice: the host when it is an IP address, and every address that its name
// resolves to, inside the lookup of the very connection that is then made, so that a name cannot resolve to something
// else between check and use (DNS rebinding).
import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isPerceptError, PerceptError } from '@percept/core';
import ipaddr from 'ipaddr.js';
import { Agent, type Dispatcher, request } from 'undici';
import { isPublicAddress } from './public-address.js';
import type { FetchImage } from './uploaded-image.js';

const maxRedirects = 4;

/** What tests replace: how names resolve, which addresses count as public, and how long a fetch may take. */
export interface FetchPolicy {
  readonly lookup?: LookupFunction;
  readonly isAllowed?: (address: string) => boolean;
  readonly timeoutMs?: number;
}

/**
 * Makes the function that fetches images by address: http and https only, public addresses only, at most four
 * redirects, bounded in size and time (default 10 s for everything). No cookies, no credentials, no proxies.
 *
 * The function rejects with `SERVE_URL_REFUSED` for what it will not fetch, `SERVE_URL_UNREADABLE` for what it cannot,
 * `SERVE_BODY_TOO_LARGE` and `ABORTED`.
 */
export function createImageFetcher(policy: FetchPolicy = {}): FetchImage {
  const { lookup = systemLookup as LookupFunction, isAllowed = isPublicAddress, timeoutMs = 10_000 } = policy;
  return async (address, { maxBytes, signal }) => {
    const agent = new Agent({ connect: { lookup: checkedLookup(lookup, isAllowed) }, maxResponseSize: maxBytes });
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    try {
      return await follow(address, { agent, isAllowed, maxBytes, signal: limit });
    } catch (error) {
      throw explain(error, signal, timeoutMs, maxBytes);
    } finally {
      agent.destroy().catch(() => {});
    }
  };
}

interface Fetching {
  readonly agent: Agent;
  readonly isAllowed: (address: string) => boolean;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

async function follow(address: string, fetching: Fetching): Promise<Uint8Array> {
  let url = checkUrl(address, undefined, fetching.isAllowed);
  for (let hop = 0; hop <= maxRedirects; hop++) {
    const response = await request(url, {
      dispatcher: fetching.agent,
      signal: fetching.signal,
      headers: { accept: 'image/*', 'accept-encoding': 'identity', 'user-agent': 'percept-serve' },
    });
    const { location } = response.headers;
    if (response.statusCode >= 300 && response.statusCode < 400 && typeof location === 'string') {
      discard(response.body);
      url = checkUrl(location, url, fetching.isAllowed);
      continue;
    }
    if (response.statusCode !== 200) {
      discard(response.body);
      throw new PerceptError(
        'SERVE_URL_UNREADABLE',
        `Expected status 200 from the address but received ${response.statusCode}`,
      );
    }
    return collect(response.body, fetching.maxBytes);
  }
  throw new PerceptError('SERVE_URL_UNREADABLE', `Expected at most ${maxRedirects} redirects but received more`);
}

/** Drops the rest of an answer; without a listener the error that this raises inside would end the process. */
function discard(body: Dispatcher.ResponseData['body']): void {
  body.on('error', () => {}).destroy();
}

async function collect(body: Dispatcher.ResponseData['body'], maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function checkUrl(address: string, base: URL | undefined, isAllowed: (address: string) => boolean): URL {
  if (!URL.canParse(address, base)) throw refused('it is no address');
  const url = new URL(address, base);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw refused('only http and https are fetched');
  if (url.username !== '' || url.password !== '') throw refused('it carries credentials');
  // Connections to an IP address never ask the lookup, so it is checked here; URL has normalised every notation.
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (ipaddr.isValid(host) && !isAllowed(host)) throw refused('it is not on the public internet');
  return url;
}

/** A lookup that fails unless every address of the name is allowed, and hands out exactly what it checked. */
function checkedLookup(lookup: LookupFunction, isAllowed: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, '');
      const addresses = Array.isArray(found) ? found : [{ address: found, family: found.includes(':') ? 6 : 4 }];
      const first = addresses[0];
      if (first === undefined || !addresses.every(({ address }) => isAllowed(address))) {
        return callback(refused('it is not on the public internet'), '');
      }
      if (options.all === true) return callback(null, addresses);
      callback(null, first.address, first.family);
    });
  };
}

function refused(why: string): PerceptError {
  return new PerceptError('SERVE_URL_REFUSED', `Expected a public http(s) address of an image but ${why}`);
}

function tooLarge(maxBytes: number): PerceptError {
  return new PerceptError(
    'SERVE_BODY_TOO_LARGE',
    `Expected an image of at most ${maxBytes} bytes behind the address but it is larger`,
    { details: { maxBytes } },
  );
}

function explain(error: unknown, signal: AbortSignal, timeoutMs: number, maxBytes: number): PerceptError {
  if (isPerceptError(error)) return error;
  if (signal.aborted)
    return new PerceptError('ABORTED', 'The call was aborted by its signal', { cause: signal.reason });
  const { name, code } = error as { name?: string; code?: string };
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return tooLarge(maxBytes);
  const why = name === 'TimeoutError' ? `did not answer within ${timeoutMs} ms` : 'could not be reached';
  return new PerceptError('SERVE_URL_UNREADABLE', `Expected an image behind the address but it ${why}`, {
    cause: error,
  });
}
