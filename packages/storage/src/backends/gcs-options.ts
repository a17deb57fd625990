import { parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { defaultTransport } from '#transport';
import { environment } from '../environment.js';
import { type RetryOptions, retrySchema } from '../http/retry.js';
import { fetchTransport } from '../http/transport.js';

/** The parts of a service account's key file that are needed. */
export interface GcsServiceAccount {
  readonly client_email: string;
  /** PKCS #8 in PEM. */
  readonly private_key: string;
  /** Where the signed claim becomes a token; Google's by default. */
  readonly token_uri?: string | undefined;
}

/** An OAuth 2 access token. */
export interface GcsToken {
  readonly token: string;
  /** When it ends; it is asked for anew five minutes before. */
  readonly expiration?: Date | undefined;
}

/** Gives a token when it is needed, and again when it ends or is refused. */
export type GcsTokenProvider = () => GcsToken | Promise<GcsToken>;

/** Options of {@link gcsStorage}. */
export interface GcsStorageOptions {
  readonly bucket: string;
  /** Prepended to every key, with a slash between; the whole bucket by default. */
  readonly prefix?: string | undefined;
  /**
   * Key of a service account, a function that gives tokens, or `anonymous` for public buckets and emulators. Needed,
   * except for an emulator that STORAGE_EMULATOR_HOST names.
   */
  readonly credentials?: GcsServiceAccount | GcsTokenProvider | 'anonymous' | undefined;
  /** Address of the server; by default STORAGE_EMULATOR_HOST of the environment, else Google's. */
  readonly endpoint?: string | undefined;
  /**
   * Bytes that are sent in one request of a resumable upload or fetched in one of several parallel requests, a multiple of
   * 256 KiB; 8 MiB by default.
   */
  readonly partSize?: number | undefined;
  /** Parts that are fetched at the same time, 1..64; 4 by default. */
  readonly concurrency?: number | undefined;
  /** Makes the requests; by default the global `fetch`, in Node its `http` and `https`. */
  readonly fetch?: typeof fetch | undefined;
  readonly retry?: RetryOptions | undefined;
}

const text = z.string().check(z.minLength(1));
const aFunction = <T>() => z.custom<T>((value) => typeof value === 'function', 'a function');
/** Resumable uploads go in multiples of this. */
const granule = 256 * 1024;

const schema = z.strictObject({
  bucket: z.string().check(z.regex(/^[a-z0-9][a-z0-9._-]{1,220}$/, 'the name of a bucket')),
  prefix: z._default(z.string(), ''),
  credentials: z.optional(
    z.union(
      [
        z.literal('anonymous'),
        z.object({ client_email: text, private_key: text, token_uri: z.optional(z.url()) }),
        aFunction<GcsTokenProvider>(),
      ],
      { error: 'a service account with client_email and private_key, a function that gives tokens, or "anonymous"' },
    ),
  ),
  endpoint: z.optional(z.url({ protocol: /^https?$/, error: 'an absolute http: or https: address' })),
  partSize: z._default(z.int().check(z.minimum(granule), z.multipleOf(granule)), 32 * granule),
  concurrency: z._default(z.int().check(z.minimum(1), z.maximum(64)), 4),
  fetch: z.optional(aFunction<typeof fetch>()),
  retry: retrySchema,
});

/** {@link GcsStorageOptions} with nothing left open but credentials. */
export function parseGcsOptions(options: GcsStorageOptions) {
  const parsed = parseOptions(schema, options, 'gcsStorage() options');
  const named = environment().STORAGE_EMULATOR_HOST;
  const emulator = named === undefined || /^https?:\/\//.test(named) ? named : `http://${named}`;
  const endpoint = new URL(parsed.endpoint ?? emulator ?? 'https://storage.googleapis.com').origin;
  return {
    ...parsed,
    endpoint,
    credentials:
      parsed.credentials ?? (parsed.endpoint === undefined && emulator !== undefined ? 'anonymous' : undefined),
    transport: parsed.fetch === undefined ? defaultTransport : fetchTransport(parsed.fetch),
  };
}

/** What {@link parseGcsOptions} gives. */
export type GcsSettings = ReturnType<typeof parseGcsOptions>;
