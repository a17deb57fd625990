// Addresses, signatures (AWS Signature Version 4, by aws4fetch) and what is learnt from refusals: the bucket's region,
// the server's clock, fresh credentials.
import { PerceptError } from '@percept/core';
import { AwsV4Signer } from 'aws4fetch';
import type { HttpClient, OutgoingRequest, Refusal } from '../http/send.js';
import type { S3Credentials, S3Settings } from './s3-options.js';
import { elementText } from './s3-xml.js';

/** Credentials are renewed so long before they end. */
const renewBeforeMs = 5 * 60_000;

/** Longest life of a presigned address, by the rule of Signature Version 4. */
export const longestPresigned = 7 * 24 * 60 * 60;

/** Makes signed requests to one bucket. */
export interface S3Client extends HttpClient {
  /** Address of an object, or of the bucket for an empty key, with query parameters (`undefined` ones left out). */
  url(key: string, query?: Readonly<Record<string, string | undefined>>): string;
  /** An address that carries its own signature, valid for `expiresIn` seconds. */
  presign(method: 'GET' | 'PUT', url: string, expiresIn: number): Promise<string>;
}

/** Makes the client of a bucket. */
export function s3Client(settings: S3Settings): S3Client {
  let { region } = settings;
  let clockSkewMs = 0;
  let lent: Promise<S3Credentials> | undefined;
  let ends = Number.POSITIVE_INFINITY;
  const signingKeys = new Map<string, ArrayBuffer>();

  const credentials = async (): Promise<S3Credentials | undefined> => {
    if (settings.credentials === 'anonymous') return undefined;
    if (typeof settings.credentials !== 'function') return settings.credentials;
    const provider = settings.credentials;
    if (lent === undefined || Date.now() > ends - renewBeforeMs) {
      lent = Promise.resolve().then(provider);
      lent.catch(() => {
        lent = undefined;
      });
      // Keys that live shorter than that are renewed at each request.
      const { expiration } = await lent;
      ends = expiration?.getTime() ?? Number.POSITIVE_INFINITY;
    }
    return checkCredentials(await lent);
  };

  const signer = async (request: OutgoingRequest, query: boolean): Promise<AwsV4Signer | undefined> => {
    const keys = await credentials();
    if (keys === undefined) return undefined;
    if (signingKeys.size > 16) signingKeys.clear();
    return new AwsV4Signer({
      method: request.method,
      url: request.url,
      headers: { ...request.headers },
      accessKeyId: keys.accessKeyId,
      secretAccessKey: keys.secretAccessKey,
      ...(keys.sessionToken ? { sessionToken: keys.sessionToken } : {}),
      service: 's3',
      region,
      cache: signingKeys,
      signQuery: query,
      datetime: new Date(Date.now() + clockSkewMs).toISOString().replace(/[:-]|\.\d{3}/g, ''),
    });
  };

  return {
    transport: settings.transport,
    retry: settings.retry,

    url(key, query = {}) {
      const url = bucketUrl(settings, region);
      url.pathname += key.split('/').map(encodePart).join('/');
      const parameters = Object.entries(query).flatMap(([name, value]) =>
        value === undefined ? [] : [`${encodePart(name)}=${encodePart(value)}`],
      );
      // Spaces as %20: a plus would be signed as one by some and as a space by others.
      return parameters.length === 0 ? url.href : `${url.href}?${parameters.join('&')}`;
    },

    async authorize(asked) {
      // The region, and with it the host, may have been learnt since the request was made.
      const url = new URL(asked.url);
      url.host = bucketUrl(settings, region).host;
      const request = { ...asked, url: url.href };
      const signed = await (await signer(request, false))?.sign();
      return signed === undefined ? request : { ...request, headers: Object.fromEntries(signed.headers) };
    },

    async presign(method, url, expiresIn) {
      const dated = new URL(url);
      dated.searchParams.set('X-Amz-Expires', String(expiresIn));
      const signed = await (await signer({ method, url: dated.href }, true))?.sign();
      return signed === undefined ? url : signed.url.href;
    },

    mend(refusal) {
      const found = regionOf(refusal);
      if (found !== undefined && found !== region) {
        region = found;
        return true;
      }
      const code = elementText(refusal.text, 'Code');
      const now = Date.parse(refusal.headers.get('date') ?? '');
      if (code === 'RequestTimeTooSkewed' && !Number.isNaN(now)) {
        clockSkewMs = now - Date.now();
        return true;
      }
      if ((code === 'ExpiredToken' || code === 'InvalidToken') && typeof settings.credentials === 'function') {
        lent = undefined;
        return true;
      }
      return false;
    },

    isTransient({ status, text }) {
      const code = elementText(text, 'Code');
      return (
        (status === 409 && (code === 'ConditionalRequestConflict' || code === 'OperationAborted')) ||
        (status === 400 && code === 'RequestTimeout')
      );
    },
  };
}

/** Address of the bucket, with a slash at its end. */
function bucketUrl({ endpoint, bucket, pathStyle }: S3Settings, region: string): URL {
  const url = new URL(endpoint ?? `https://s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`);
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  if (pathStyle) url.pathname += `${bucket}/`;
  else url.hostname = `${bucket}.${url.hostname}`;
  return url;
}

/** The bucket's own region, when a server that was asked in another one tells it. */
function regionOf({ status, headers, text }: Refusal): string | undefined {
  if (![301, 307, 400].includes(status)) return undefined;
  const region = headers.get('x-amz-bucket-region') ?? elementText(text, 'Region');
  return region !== undefined && /^[a-z0-9-]{1,64}$/.test(region) ? region : undefined;
}

/** Percent-encodes all but the unreserved characters of RFC 3986, as Signature Version 4 wants it. */
function encodePart(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function checkCredentials(given: S3Credentials): S3Credentials {
  if (typeof given?.accessKeyId === 'string' && typeof given.secretAccessKey === 'string') return given;
  throw new PerceptError(
    'INVALID_ARGUMENT',
    'Expected accessKeyId and secretAccessKey from the credentials function of s3Storage() but received something else',
  );
}
