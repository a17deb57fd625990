import type { LongCallOptions } from '@percept/core';

/** What is known of a stored object without reading it. */
export interface ObjectInfo {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Last change, in whole milliseconds since the epoch, where the backend knows it. */
  readonly modified?: number;
  /**
   * Changes whenever the object does, where the backend knows it: an opaque token (S3's and HTTP's ETag, Google's
   * generation, …) to hand to `ifMatch`. Tokens of different keys or storages mean nothing to each other.
   */
  readonly version?: string;
  /** SHA-256 of the whole object as 64 lower-case hexadecimal digits, where the backend knows it without reading. */
  readonly sha256?: string;
}

/**
 * Part of an object, in bytes: from `start` (0-based, inclusive) to `end` (exclusive). `end` is clamped to the object's
 * size and defaults to it; `start` may be the size itself, which gives no bytes.
 */
export interface ByteRange {
  readonly start: number;
  readonly end?: number | undefined;
}

/** Options of the calls of {@link Storage} that only take a signal. */
export interface SignalOptions {
  /** Stops the call, which then rejects with `ABORTED`. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of {@link Storage.read} and {@link Storage.readStream}. */
export interface ReadOptions extends SignalOptions {
  /** Reads only these bytes; the whole object by default. */
  readonly range?: ByteRange | undefined;
  /** Reads only this {@link ObjectInfo.version}; rejects with `STORAGE_CHANGED` when the object has become another. */
  readonly ifMatch?: string | undefined;
  /**
   * SHA-256 that the whole object must have (64 hexadecimal digits); rejects with `STORAGE_CHECKSUM_MISMATCH` otherwise,
   * a stream at its end. Not together with `range`. What the store itself tells of an object's checksum is always
   * checked when the object is read whole.
   */
  readonly sha256?: string | undefined;
}

/** Options of {@link Storage.write}. */
export interface WriteOptions {
  /** Rejects with `STORAGE_EXISTS` instead of replacing; of several writers, in any process, exactly one succeeds. */
  readonly ifAbsent?: boolean | undefined;
  /**
   * Replaces only this {@link ObjectInfo.version} (compare-and-set) and rejects with `STORAGE_CHANGED` when the object
   * has become another or is gone; of several writers that replace the same version, exactly one succeeds.
   */
  readonly ifMatch?: string | undefined;
  /**
   * SHA-256 that the data must have (64 hexadecimal digits); rejects with `STORAGE_CHECKSUM_MISMATCH` otherwise, and the
   * object stays as it was. Backends that keep metadata tell it back in {@link ObjectInfo.sha256}.
   */
  readonly sha256?: string | undefined;
  /** Stops the call, which then rejects with `ABORTED`; the object stays as it was. */
  readonly signal?: AbortSignal | undefined;
}

/** What a storage can do; what it cannot rejects with the named code before anything is changed. */
export interface StorageCapabilities {
  /** `write` and `delete`; `STORAGE_READ_ONLY` without. */
  readonly write: boolean;
  /** `list`; `STORAGE_UNSUPPORTED` without. */
  readonly list: boolean;
  /** `write` with `ifAbsent`, without races; `STORAGE_UNSUPPORTED` without. */
  readonly ifAbsent: boolean;
  /** `write` with `ifMatch`, without races; `STORAGE_UNSUPPORTED` without. */
  readonly ifMatch: boolean;
  /** `resumeWrite`, see {@link ResumableStorage}. */
  readonly resume: boolean;
  /** Whether `a` and `a/b` exclude each other (`STORAGE_KEY_CONFLICT`), as files and folders do; else both may exist. */
  readonly exclusiveFolders: boolean;
}

/**
 * Named bytes. What every backend guarantees, and the conformance suite in `@percept/storage/testing` proves:
 *
 * - Keys are checked by `checkKey` on every call (`STORAGE_INVALID_KEY`).
 * - A write is atomic: readers see the old object or the new one, whole, whatever happens to the writer.
 * - A read that has begun sees one version of the object to its end, or rejects; it never mixes two.
 * - The bytes that are handed out belong to the caller; the bytes that are handed in may be reused once `write` resolves.
 */
export interface Storage {
  /** Where the bytes are, for messages: `memory`, `fs:/data`, `http://host/path/`. */
  readonly description: string;
  /** What this storage can do. */
  readonly capabilities: StorageCapabilities;
  /**
   * Reads an object or a part of it.
   *
   * @throws PerceptError `STORAGE_NOT_FOUND` when there is none, `STORAGE_RANGE_INVALID` when the range starts beyond its
   *   end, `STORAGE_CHANGED` (only with `ifMatch`), `STORAGE_CHECKSUM_MISMATCH`, `STORAGE_PERMISSION`, `STORAGE_FAILED`,
   *   `ABORTED`
   */
  read(key: string, options?: ReadOptions): Promise<Uint8Array>;
  /** As {@link Storage.read}, chunk by chunk with bounded memory. Leaving the loop early releases all resources. */
  readStream(key: string, options?: ReadOptions): AsyncIterable<Uint8Array>;
  /**
   * Creates or replaces an object.
   *
   * @throws PerceptError `STORAGE_EXISTS` (only with `ifAbsent`), `STORAGE_CHANGED` (only with `ifMatch`),
   *   `STORAGE_CHECKSUM_MISMATCH`, `STORAGE_KEY_CONFLICT`, `STORAGE_FULL`, `STORAGE_PERMISSION`, `STORAGE_READ_ONLY`,
   *   `STORAGE_UNSUPPORTED`, `STORAGE_FAILED`, `ABORTED`; whatever `data` throws while it is read comes through unchanged
   */
  write(key: string, data: Uint8Array | AsyncIterable<Uint8Array>, options?: WriteOptions): Promise<ObjectInfo>;
  /** Tells size, time and version of an object; `undefined` when there is none. */
  stat(key: string, options?: SignalOptions): Promise<ObjectInfo | undefined>;
  /**
   * The objects whose key begins with `prefix` (any string that could be the beginning of a key; all by default),
   * ascending by key in the order of Unicode code points, which is that of their UTF-8 bytes. Never shows anything
   * half-written. Objects that are written or deleted meanwhile may or may not appear. Foreign objects whose names are no
   * keys are left out.
   */
  list(prefix?: string, options?: SignalOptions): AsyncIterable<ObjectInfo>;
  /** Deletes an object; does nothing when there is none. */
  delete(key: string, options?: SignalOptions): Promise<void>;
}

/** Bytes that can be read again from anywhere, so that an upload can go on after a crash. */
export interface ByteSource {
  /** Bytes in all. */
  readonly size: number;
  /** Reads the bytes from `start` (inclusive) to `end` (exclusive), exactly `end - start` of them. */
  read(range: { readonly start: number; readonly end: number }, options?: SignalOptions): Promise<Uint8Array>;
}

/** Options of {@link ResumableStorage.resumeWrite}. */
export interface ResumeWriteOptions extends LongCallOptions, Pick<WriteOptions, 'ifAbsent' | 'ifMatch' | 'sha256'> {
  /** What `onSession` told an earlier call that did not come to its end. */
  readonly session?: string | undefined;
  /**
   * Told the name of the upload as soon as there is one, before any byte is sent: keep it, and hand it to the call that
   * goes on after a crash as `session`. S3 finds an unfinished upload of the key also without.
   */
  readonly onSession?: ((session: string) => void | Promise<void>) | undefined;
}

/** A storage whose uploads go on where a killed process or a broken connection left them. */
export interface ResumableStorage extends Storage {
  /**
   * Creates or replaces an object from bytes that can be read again, going on with an unfinished upload if there is one.
   * What was sent before is compared with `source` by checksum and sent again where it differs. When the call fails or is
   * aborted, what has been sent stays at the store, invisible, for the next call.
   *
   * @throws PerceptError as {@link Storage.write}
   */
  resumeWrite(key: string, source: Uint8Array | Blob | ByteSource, options?: ResumeWriteOptions): Promise<ObjectInfo>;
}
