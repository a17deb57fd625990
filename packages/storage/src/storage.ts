/** What is known of a stored object without reading it. */
export interface ObjectInfo {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Last change, in whole milliseconds since the epoch, where the backend knows it. */
  readonly modified?: number;
}

/**
 * Part of an object, in bytes: from `start` (0-based, inclusive) to `end` (exclusive). `end` is clamped to the object's
 * size and defaults to it; `start` may be the size itself, which gives no bytes.
 */
export interface ByteRange {
  readonly start: number;
  readonly end?: number | undefined;
}

/** Options of {@link Storage.read} and {@link Storage.readStream}. */
export interface ReadOptions {
  /** Reads only these bytes; the whole object by default. */
  readonly range?: ByteRange | undefined;
  /** Stops the call, which then rejects with `ABORTED`. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of {@link Storage.write}. */
export interface WriteOptions {
  /** Rejects with `STORAGE_EXISTS` instead of replacing; of several writers, in any process, exactly one succeeds. */
  readonly ifAbsent?: boolean | undefined;
  /** Stops the call, which then rejects with `ABORTED`; the object stays as it was. */
  readonly signal?: AbortSignal | undefined;
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
  /**
   * Reads an object or a part of it.
   *
   * @throws PerceptError `STORAGE_NOT_FOUND` when there is none, `STORAGE_RANGE_INVALID` when the range starts beyond its
   *   end, `STORAGE_PERMISSION`, `STORAGE_FAILED`, `ABORTED`
   */
  read(key: string, options?: ReadOptions): Promise<Uint8Array>;
  /** As {@link Storage.read}, chunk by chunk with bounded memory. Leaving the loop early releases all resources. */
  readStream(key: string, options?: ReadOptions): AsyncIterable<Uint8Array>;
  /**
   * Creates or replaces an object.
   *
   * @throws PerceptError `STORAGE_EXISTS` (only with `ifAbsent`), `STORAGE_KEY_CONFLICT` when a part of the key is itself
   *   an object (`a` and `a/b` exclude each other), `STORAGE_FULL`, `STORAGE_PERMISSION`, `STORAGE_READ_ONLY`,
   *   `STORAGE_FAILED`, `ABORTED`; whatever `data` throws while it is read comes through unchanged
   */
  write(key: string, data: Uint8Array | AsyncIterable<Uint8Array>, options?: WriteOptions): Promise<ObjectInfo>;
  /** Tells size and time of an object; `undefined` when there is none. */
  stat(key: string): Promise<ObjectInfo | undefined>;
  /**
   * The objects whose key begins with `prefix` (any string that could be the beginning of a key; all by default),
   * ascending by key in UTF-16 code-unit order, the order of `<`. Never shows anything half-written. Objects that are
   * written or deleted meanwhile may or may not appear.
   */
  list(prefix?: string): AsyncIterable<ObjectInfo>;
  /** Deletes an object; does nothing when there is none. */
  delete(key: string): Promise<void>;
}
