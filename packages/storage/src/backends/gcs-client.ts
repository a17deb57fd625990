// Addresses and tokens of Google Cloud Storage's JSON API.
import { PerceptError } from '@percept/core';
import { askText, type HttpClient } from '../http/send.js';
import type { GcsServiceAccount, GcsSettings, GcsToken } from './gcs-options.js';
import { field, parseJson } from './json-answer.js';

/** Tokens are renewed so long before they end. */
const renewBeforeMs = 5 * 60_000;
const scope = 'https://www.googleapis.com/auth/devstorage.read_write';

/** Makes authorized requests to one bucket. */
export interface GcsClient extends HttpClient {
  /** Address of an object's resource, or of the bucket's list of objects without key. */
  url(key: string | undefined, query?: Readonly<Record<string, string | undefined>>): string;
  /** Address that an object is uploaded to. */
  uploadUrl(query: Readonly<Record<string, string | undefined>>): string;
}

/** Makes the client of a bucket. */
export function gcsClient(settings: GcsSettings): GcsClient {
  const { endpoint, bucket, credentials } = settings;
  const plain: HttpClient = { transport: settings.transport, retry: settings.retry, authorize: (request) => request };
  let lent: Promise<GcsToken> | undefined;
  let ends = Number.POSITIVE_INFINITY;

  const token = async (): Promise<string | undefined> => {
    if (credentials === 'anonymous') return undefined;
    if (credentials === undefined) throw noCredentials();
    if (lent === undefined || Date.now() > ends - renewBeforeMs) {
      lent = typeof credentials === 'function' ? Promise.resolve().then(credentials) : exchange(credentials, plain);
      lent.catch(() => {
        lent = undefined;
      });
      ends = (await lent).expiration?.getTime() ?? Number.POSITIVE_INFINITY;
    }
    const given = (await lent).token;
    if (typeof given === 'string') return given;
    throw new PerceptError(
      'INVALID_ARGUMENT',
      'Expected { token } from the credentials function of gcsStorage() but received something else',
    );
  };

  const objects = `storage/v1/b/${encodeURIComponent(bucket)}/o`;
  return {
    ...plain,
    url: (key, query = {}) =>
      withQuery(`${endpoint}/${objects}${key === undefined ? '' : `/${encodeURIComponent(key)}`}`, query),
    uploadUrl: (query) => withQuery(`${endpoint}/upload/${objects}`, query),
    async authorize(request) {
      const bearer = await token();
      if (bearer === undefined) return request;
      return { ...request, headers: { ...request.headers, authorization: `Bearer ${bearer}` } };
    },
    mend({ status }) {
      if (status !== 401 || lent === undefined) return false;
      lent = undefined;
      return true;
    },
  };
}

function withQuery(url: string, query: Readonly<Record<string, string | undefined>>): string {
  const parameters = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  return parameters.length === 0 ? url : `${url}?${parameters.join('&')}`;
}

/** A token for a service account: a claim signed with its key (RFC 7523). */
async function exchange(account: GcsServiceAccount, client: HttpClient): Promise<GcsToken> {
  const audience = account.token_uri ?? 'https://oauth2.googleapis.com/token';
  const { importPKCS8, SignJWT } = await import('jose');
  let assertion: string;
  try {
    assertion = await new SignJWT({ scope })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
      .setIssuer(account.client_email)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(await importPKCS8(account.private_key, 'RS256'));
  } catch (cause) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      'Expected an RSA key in PKCS #8 PEM for private_key of the service account but it cannot be read; pass the key file as Google made it',
      { cause },
    );
  }
  const answer = await askText(client, {
    method: 'POST',
    url: audience,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }).toString(),
  });
  const json = parseJson(answer.text);
  const token = field(json, 'access_token');
  if (answer.ok && typeof token === 'string') {
    const seconds = Number(field(json, 'expires_in') ?? 3600);
    return { token, expiration: new Date(Date.now() + (Number.isFinite(seconds) ? seconds : 3600) * 1000) };
  }
  throw new PerceptError(
    'STORAGE_PERMISSION',
    `Could not get a token for ${account.client_email}: ${new URL(audience).origin} answered ${answer.status}; check that the key is still valid and the clock is right`,
    { details: { status: answer.status } },
  );
}

function noCredentials(): PerceptError {
  return new PerceptError(
    'STORAGE_PERMISSION',
    "Expected credentials for Google Cloud Storage but none were given; pass credentials: the JSON of a service account's key file, a function that gives tokens, or 'anonymous'",
  );
}
