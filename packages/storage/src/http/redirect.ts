// Redirects, followed by hand so that nothing secret goes where it was not meant for. `fetch` itself drops only the
// Authorization header on the way to another origin; here every header that authorize() adds stays behind.
import { PerceptError } from '@percept/core';
import type { HttpClient } from './send.js';
import type { OutgoingRequest, TransportAnswer } from './transport.js';

const mostHops = 5;

/**
 * Makes a request and follows its redirects, if the client wants that. Browsers do not show where a redirect leads; there
 * the browser follows, by its own rules.
 *
 * @param request - as the storage asked it, without credentials
 * @param authorized - the same with credentials
 * @throws PerceptError `STORAGE_REDIRECTED` for a redirect from https: to http:, to nowhere, or one too many
 */
export async function exchange(
  client: HttpClient,
  request: OutgoingRequest,
  authorized: OutgoingRequest,
  signal: AbortSignal,
): Promise<TransportAnswer> {
  let current = authorized;
  for (let hops = 0; ; hops++) {
    const response = await client.transport(current, signal);
    if (!client.followRedirects) return response;
    if (response.opaque) return client.transport(current, signal, true);
    const location = response.headers.get('location');
    if (![301, 302, 303, 307, 308].includes(response.status) || location === null) return response;
    response.body?.cancel();
    const target = URL.canParse(location, current.url) ? new URL(location, current.url) : undefined;
    if (hops === mostHops || target === undefined || !/^https?:$/.test(target.protocol)) {
      // Addresses other than those of the web have the origin "null".
      throw astray(current.url, target === undefined || target.origin === 'null' ? location : target.origin, hops);
    }
    if (target.protocol === 'http:' && new URL(current.url).protocol === 'https:') {
      throw downgraded(current.url, target.origin);
    }
    const next = { ...request, url: target.href };
    current = target.origin === new URL(request.url).origin ? await client.authorize(next) : next;
  }
}

function astray(from: string, to: string, hops: number): PerceptError {
  return new PerceptError(
    'STORAGE_REDIRECTED',
    `Expected an answer from ${new URL(from).origin} but after ${hops} redirects it leads on to ${JSON.stringify(to.slice(0, 200))}; open the storage on the final address`,
    { details: { from: new URL(from).origin, hops } },
  );
}

function downgraded(from: string, to: string): PerceptError {
  return new PerceptError(
    'STORAGE_REDIRECTED',
    `Expected an encrypted address but ${new URL(from).origin} redirects to ${to}, where anyone can change the bytes; open the storage on the final address if you trust it`,
    { details: { from: new URL(from).origin, to } },
  );
}
