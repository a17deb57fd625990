import { isPerceptError, type LongCallOptions, type OnProgress, PerceptError, parseOptions } from '@percept/core';
import type { ObjectInfo, OpenStorageOptions, Storage } from '@percept/storage';
import * as z from 'zod/mini';
import { defaultCache, defaultCacheBytes } from '#load-platform';
import { externalKey } from '../external/location.js';
import { locateWeights, readModelOf } from '../external/open-model.js';
import { externalTensors } from '../external/read.js';
import type { Model } from '../model.js';
import { modelDigest } from '../model-digest.js';
import { readModel } from '../read-model.js';
import { type Downloaded, download, type Remote, statOf } from './download.js';
import { withLease } from './lease.js';
import { ModelCache } from './model-cache.js';
import { type ConnectOptions, locate, type ModelRef, type Place, withoutSecrets } from './model-ref.js';
import { otherBytes, readChecked } from './read-checked.js';

/** Where models are kept that were loaded from afar. */
export interface ModelCacheOptions {
  /**
   * Default: in Node a folder of the user's caches (`$XDG_CACHE_HOME/percept/models` or what the platform has instead),
   * in browsers the origin private file system.
   */
  readonly storage?: Storage;
  /** Bytes that it may hold; the models that were not asked for the longest make room. Default 10e9, in browsers 2e9. */
  readonly maxBytes?: number;
}

/** Options of {@link loadModel}. */
export interface LoadModelOptions extends LongCallOptions, ConnectOptions {
  /** SHA-256 that the model file must have: 64 hexadecimal digits, `sha256:` before them is fine. */
  readonly sha256?: string;
  /** The cache, or `false` for none. Files, bytes and storages of one's own are only cached where this is given. */
  readonly cache?: ModelCacheOptions | false;
  /** Takes the model from the cache and asks nobody; rejects with `ONNX_MODEL_NOT_CACHED` when it is not there. */
  readonly offline?: boolean;
}

/** A model that was loaded. */
export interface LoadedModel {
  /** The model; weights that it keeps in other files stay references, see `openModel`. */
  readonly model: Model;
  /** The model file, to be given to a runtime. */
  readonly bytes: Uint8Array;
  /** `sha256:<hex>` of `bytes`, as `modelDigest` has it. */
  readonly digest: string;
  /** Whether it came from the cache. */
  readonly fromCache: boolean;
  /** Where the model file lies: in the cache, or where it was. Absent for bytes. */
  readonly location?: Remote;
}

const schema = z.strictObject({
  token: z.optional(z.string()),
  connect: z.optional(z.custom<OpenStorageOptions>((value) => typeof value === 'object', 'options by scheme')),
  signal: z.optional(z.custom<AbortSignal>((value) => value instanceof AbortSignal, 'an AbortSignal')),
  onProgress: z.optional(z.custom<OnProgress>((value) => typeof value === 'function', 'a function')),
  sha256: z.optional(z.string().check(z.regex(/^(sha256:)?[0-9a-f]{64}$/i, '64 hexadecimal digits'))),
  cache: z.optional(
    z.union([
      z.literal(false),
      z.strictObject({
        storage: z.optional(z.custom<Storage>((value) => typeof (value as Storage)?.read === 'function', 'a storage')),
        maxBytes: z.optional(z.number().check(z.minimum(0))),
      }),
    ]),
  ),
  offline: z.optional(z.boolean()),
});

/**
 * Loads a model from wherever it is, see {@link ModelRef}.
 *
 * What comes from afar is streamed to a cache, with the weights that the model keeps in files beside it; a download that
 * was cut, also by the end of the process, goes on where it was. Of several processes that want the same model one fetches
 * it and the others wait. The file is checked against `sha256`, or against the digest that the store tells (the hub does
 * for large files). Each call asks the server whether the model has changed, unless `sha256` or `offline` is given.
 *
 * Tokens and signatures stay out of messages and out of the cache.
 *
 * @throws PerceptError `ONNX_MODEL_NOT_CACHED` (only `offline`); `ONNX_DOWNLOAD_CORRUPT` when the file is not the one
 *   that its digest asks for; `ONNX_DOWNLOAD_UNSTABLE` when it keeps changing; `ONNX_MODEL_MALFORMED`;
 *   `ONNX_EXTERNAL_DATA_LOCATION`; `INVALID_ARGUMENT`; `ABORTED`; what the storage throws, such as `STORAGE_NOT_FOUND`
 */
export async function loadModel(ref: ModelRef, options: LoadModelOptions = {}): Promise<LoadedModel> {
  const { offline = false, cache, sha256: given } = parseOptions(schema, options, 'loadModel options');
  const sha256 = given?.toLowerCase().replace('sha256:', '');
  if (ref instanceof Uint8Array) {
    const digest = await modelDigest(ref);
    if (sha256 !== undefined && digest !== `sha256:${sha256}`) throw otherBytes('the bytes given', sha256, digest);
    return { model: readModel(ref), bytes: ref, digest, fromCache: false };
  }
  const place = await locate(ref, options);
  if (cache !== false && (place.isRemote || cache !== undefined)) {
    const storage = cache?.storage ?? (await defaultCache());
    return loadCached(place, new ModelCache(storage, cache?.maxBytes ?? defaultCacheBytes), sha256, offline, options);
  }
  if (offline && place.isRemote) throw notCached(place);
  const { storage, key } = place;
  const { bytes, digest } = await readChecked(place, sha256, options);
  const read = readModelOf(bytes, withoutSecrets(place.address));
  const model = await locateWeights(read, storage, key, options);
  return { model, bytes, digest, fromCache: false, location: { storage, key } };
}

async function loadCached(
  place: Place,
  cache: ModelCache,
  sha256: string | undefined,
  offline: boolean,
  options: LoadModelOptions,
  isRetry = false,
): Promise<LoadedModel> {
  const { address, key } = place;
  const id = (await modelDigest(new TextEncoder().encode(address))).slice('sha256:'.length, 'sha256:'.length + 32);
  const name = key.slice(key.lastIndexOf('/') + 1);
  const source = withoutSecrets(address);
  let fromCache = true;

  const fetchFile = async (file: string, from: Remote, digest?: string): Promise<void> => {
    fromCache = false;
    const fetched = await download(from, cache.storage, cache.fileKey(id, file), { ...options, sha256: digest });
    await cache.note(id, file, { ...fetched, source });
  };

  const ensure = async (file: string, digest?: string): Promise<void> => {
    const from = { storage: place.storage, key: siblingKey(key, name, file) };
    let current: Promise<ObjectInfo | undefined> | undefined;
    const isDone = async (): Promise<true | undefined> => {
      const known = await cache.find(id, file);
      if (known === undefined) return undefined;
      if (digest !== undefined) return known.sha256 === digest ? true : undefined;
      if (offline) return true;
      current ??= statOf(from, options);
      return isSame(known, await current) ? true : undefined;
    };
    if (offline) {
      if (!(await isDone())) throw notCached(place, file);
      return;
    }
    const work = async (): Promise<true> => {
      await fetchFile(file, from, digest);
      return true;
    };
    try {
      await withLease(cache.storage, cache.leaseKey(id), { isDone, work }, options);
    } catch (error) {
      const isDown = isPerceptError(error, 'STORAGE_FAILED') && digest === undefined;
      throw isDown && (await cache.find(id, file)) !== undefined ? butCached(error) : error;
    }
  };

  await ensure(name, sha256);
  await cache.touch(id);
  const location = { storage: cache.storage, key: cache.fileKey(id, name) };
  const known = await cache.find(id, name);
  let file: Awaited<ReturnType<typeof readChecked>>;
  let read: Model;
  try {
    file = await readChecked(location, known?.sha256, { signal: options.signal });
    read = readModelOf(file.bytes, source);
  } catch (error) {
    // A damaged cache must not stay one; nor must the page that a server gave in place of a model.
    const isDamaged = isPerceptError(error, 'ONNX_DOWNLOAD_CORRUPT');
    if (!isDamaged && !isPerceptError(error, 'ONNX_MODEL_MALFORMED')) throw error;
    await cache.forget(id, name);
    if (!isDamaged || isRetry || offline) throw error;
    return loadCached(place, cache, sha256, offline, options, true);
  }
  const { bytes, digest } = file;
  // Where the server told no digest, this one tells a damaged file from a whole one the next time.
  if (known !== undefined && known.sha256 === undefined) {
    await cache.note(id, name, { ...known, sha256: digest.slice('sha256:'.length) });
  }
  for (const weights of weightFiles(read, name)) await ensure(weights);
  const model = await locateWeights(read, location.storage, location.key, options);
  if (!fromCache) await cache.evict(id);
  return { model, bytes, digest, fromCache, location };
}

/** Whether what the cache has is what the server has. */
function isSame(known: Downloaded, info: ObjectInfo | undefined): boolean {
  if (info?.sha256 !== undefined && known.sha256 !== undefined) return info.sha256 === known.sha256;
  return info?.version !== undefined && info.version === known.version;
}

/** The files of weights that a model names, relative to its folder. */
function weightFiles(model: Model, name: string): Set<string> {
  return new Set(externalTensors(model).map(({ raw }) => externalKey(name, raw.location)));
}

/** Key of a file beside another one. */
function siblingKey(key: string, name: string, file: string): string {
  return key.slice(0, key.length - name.length) + file;
}

/** A refusal of a server that says what could be had without it. */
function butCached(cause: PerceptError): PerceptError {
  const message = `${cause.message}. The cache has what it gave last time: the option offline takes that, asking nobody`;
  return new PerceptError(cause.code, message, { cause, details: cause.details });
}

function notCached(place: Place, file?: string): PerceptError {
  const what = withoutSecrets(place.address);
  return new PerceptError(
    'ONNX_MODEL_NOT_CACHED',
    `Expected ${what} in the cache but ${file === undefined ? 'it' : `its file ${file}`} is not there. Load it once without the option offline`,
  );
}
