import { PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { defaultTransport } from '#transport';
import { environment } from '../environment.js';
import { type RetryOptions, retrySchema } from '../http/retry.js';
import { fetchTransport } from '../http/transport.js';

/** An access key of S3 or of a store that speaks its language. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** For keys that were lent for a while. */
  readonly sessionToken?: string | undefined;
  /** When the key ends; a provider is asked for another one five minutes before. */
  readonly expiration?: Date | undefined;
}

/** Gives the credentials when they are needed, and again when they end or are refused. */
export type S3CredentialsProvider = () => S3Credentials | Promise<S3Credentials>;

/** Options of {@link s3Storage}. */
export interface S3StorageOptions {
  readonly bucket: string;
  /** Prepended to every key, with a slash between; the whole bucket by default. */
  readonly prefix?: string | undefined;
  /**
   * Region of the bucket; by default AWS_REGION or AWS_DEFAULT_REGION of the environment, else `us-east-1`. The server's
   * word on another region is taken.
   */
  readonly region?: string | undefined;
  /**
   * Address of the server, such as `https://play.min.io`; by default AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL of the
   * environment, else that of AWS in the region.
   */
  readonly endpoint?: string | undefined;
  /** Whether the bucket stands in the path rather than in the host name; by default it does for an `endpoint`. */
  readonly pathStyle?: boolean | undefined;
  /**
   * The access key, or a function that gives one, or `anonymous` for public buckets; by default AWS_ACCESS_KEY_ID,
   * AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN of the environment.
   */
  readonly credentials?: S3Credentials | S3CredentialsProvider | 'anonymous' | undefined;
  /**
   * Whether the server understands `If-None-Match` and `If-Match` when it writes, which `ifAbsent` and `ifMatch` need. By
   * default yes (AWS, MinIO, R2, …), except for Google's `storage.googleapis.com`, which does not.
   */
  readonly conditionalWrites?: boolean | undefined;
  /**
   * Whether the server keeps SHA-256 checksums (`x-amz-checksum-sha256`). By default yes, except for Google's. Without,
   * uploads are protected by their signed content hash, and parts are compared by MD5.
   */
  readonly checksums?: boolean | undefined;
  /** Bytes of a part of a multipart upload, and of what is read in one of several parallel requests; 8 MiB by default. */
  readonly partSize?: number | undefined;
  /** Parts that are sent or fetched at the same time, 1..64; 4 by default. An upload holds so many parts in memory. */
  readonly concurrency?: number | undefined;
  /** Makes the requests; by default the global `fetch`, in Node its `http` and `https`. */
  readonly fetch?: typeof fetch | undefined;
  readonly retry?: RetryOptions | undefined;
}

const text = z.string().check(z.minLength(1));
const credentials = z.object({
  accessKeyId: text,
  secretAccessKey: text,
  sessionToken: z.optional(z.string()),
  expiration: z.optional(z.date()),
});
const aFunction = <T>() => z.custom<T>((value) => typeof value === 'function', 'a function');
const mebibyte = 1024 * 1024;

const schema = z.strictObject({
  bucket: z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{1,62}$/, 'the name of a bucket')),
  prefix: z._default(z.string(), ''),
  region: z.optional(text),
  endpoint: z.optional(z.url({ protocol: /^https?$/, error: 'an absolute http: or https: address' })),
  pathStyle: z.optional(z.boolean()),
  credentials: z.optional(
    z.union([z.literal('anonymous'), credentials, aFunction<S3CredentialsProvider>()], {
      error: 'credentials with accessKeyId and secretAccessKey, a function that gives them, or "anonymous"',
    }),
  ),
  conditionalWrites: z.optional(z.boolean()),
  checksums: z.optional(z.boolean()),
  partSize: z._default(z.int().check(z.minimum(5 * mebibyte), z.maximum(5 * 1024 * mebibyte)), 8 * mebibyte),
  concurrency: z._default(z.int().check(z.minimum(1), z.maximum(64)), 4),
  fetch: z.optional(aFunction<typeof fetch>()),
  retry: retrySchema,
});

/** Google's S3-compatible API has neither conditional writes nor S3's checksums. */
const lean = /(^|\.)storage\.googleapis\.com$/;

/** {@link S3StorageOptions} with nothing left open. */
export function parseS3Options(options: S3StorageOptions) {
  const parsed = parseOptions(schema, options, 's3Storage() options');
  const env = environment();
  const endpoint = parsed.endpoint ?? env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL;
  if (endpoint !== undefined && !URL.canParse(endpoint)) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected an absolute http: or https: address in AWS_ENDPOINT_URL but received ${JSON.stringify(endpoint)}`,
    );
  }
  const rich = endpoint === undefined || !lean.test(new URL(endpoint).hostname);
  return {
    ...parsed,
    endpoint,
    region: parsed.region ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? 'us-east-1',
    // A certificate for *.s3.region.amazonaws.com does not cover a bucket with dots.
    pathStyle: parsed.pathStyle ?? (endpoint !== undefined || parsed.bucket.includes('.')),
    conditionalWrites: parsed.conditionalWrites ?? rich,
    checksums: parsed.checksums ?? rich,
    credentials: parsed.credentials ?? (() => credentialsFrom(env)),
    transport: parsed.fetch === undefined ? defaultTransport : fetchTransport(parsed.fetch),
  };
}

/** What {@link parseS3Options} gives. */
export type S3Settings = ReturnType<typeof parseS3Options>;

function credentialsFrom(env: Readonly<Record<string, string | undefined>>): S3Credentials {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  if (accessKeyId && secretAccessKey) return { accessKeyId, secretAccessKey, sessionToken: env.AWS_SESSION_TOKEN };
  throw new PerceptError(
    'STORAGE_PERMISSION',
    "Expected credentials for S3 but none were given; pass credentials: { accessKeyId, secretAccessKey }, a function that gives them or 'anonymous', or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
  );
}
