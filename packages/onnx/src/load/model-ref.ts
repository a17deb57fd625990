import { describeValue, PerceptError } from '@percept/core';
import { type OpenStorageOptions, openObject, type Storage } from '@percept/storage';

/**
 * Where a model is:
 *
 * - the path of a file or a `file:` URL (Node only),
 * - an `https:` (or `http:`) URL,
 * - `hf://owner/repo@revision/path/model.onnx` on the Hugging Face hub; without `@revision` it is `main`,
 * - `s3://bucket/path/model.onnx`, `gs://bucket/path/model.onnx` or whatever else `openStorage` opens,
 * - a key in a storage of your own,
 * - or the bytes themselves.
 */
export type ModelRef = string | URL | Uint8Array | { readonly storage: Storage; readonly key: string };

/** How stores are spoken to. */
export interface ConnectOptions {
  /**
   * Token of the Hugging Face hub, for private and gated models. Nothing is taken from the environment: pass
   * `process.env.HF_TOKEN` if you mean it. It goes to the hub alone, not to the servers that it redirects to.
   */
  readonly token?: string;
  /** Everything else by scheme: headers, credentials, endpoints, retries. See `openStorage` of `@percept/storage`. */
  readonly connect?: OpenStorageOptions;
}

/** An object of a storage. */
export interface Place {
  readonly storage: Storage;
  readonly key: string;
  /** What it is known by, with whatever is secret in it. */
  readonly address: string;
  /** Whether it has to come over a network. */
  readonly isRemote: boolean;
}

/**
 * Finds the object that a reference means. Nothing is read.
 *
 * @throws PerceptError `INVALID_ARGUMENT`, `STORAGE_UNKNOWN_SCHEME`, `STORAGE_INVALID_KEY` when it is none
 */
export async function locate(ref: Exclude<ModelRef, Uint8Array>, options: ConnectOptions): Promise<Place> {
  if (typeof ref === 'string' || ref instanceof URL) {
    const address = String(ref);
    const object = await openObject(address, connections(options));
    return { ...object, address, isRemote: /^(https?|hf|s3|gs):/i.test(address) };
  }
  if (typeof ref?.key === 'string' && typeof ref.storage?.read === 'function') {
    const { storage, key } = ref;
    return { storage, key, address: `${storage.description}/${key}`, isRemote: false };
  }
  throw new PerceptError(
    'INVALID_ARGUMENT',
    `Expected a model as a path, a URL (https:, hf://owner/repo@revision/path, s3://bucket/path), a storage with a key, or bytes but received ${describeValue(ref)}`,
  );
}

/** The options of `openStorage`. The hub gets the token that is given here, and no other one. */
function connections({ token, connect = {} }: ConnectOptions): OpenStorageOptions {
  const given = token ?? connect.hub?.token;
  if (given !== undefined) return { ...connect, hub: { ...connect.hub, token: given } };
  const { fetch: own } = connect.hub ?? {};
  const anonymous: typeof fetch = (input, init) => {
    const headers = new Headers(init?.headers);
    headers.delete('authorization');
    return (own ?? fetch)(input, { ...init, headers });
  };
  return { ...connect, hub: { ...connect.hub, fetch: anonymous } };
}

/** An address as it may be shown: without query, which may be a signature, and without user and password. */
export function withoutSecrets(address: string): string {
  return address.replace(/^([^/]*\/\/)[^/@]*@/, '$1').replace(/[?#].*$/s, '?…');
}
