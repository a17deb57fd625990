// A file of the cache, fetched in parts that survive a cut connection and a killed process, and put together when all of
// them are there. Parts of another version than the one that is asked for are never mixed in.
import { isPerceptError, type LongCallOptions, PerceptError } from '@percept/core';
import type { ObjectInfo, Storage } from '@percept/storage';

/** Bytes of a part: what a cut may cost. */
export const partBytes = 4 << 20;
/** How often a file may change on the server while it is fetched. */
const mostChanges = 3;

/** An object to be fetched. */
export interface Remote {
  readonly storage: Storage;
  readonly key: string;
}

/** Options of {@link download}. */
export interface DownloadOptions extends LongCallOptions {
  /** SHA-256 that the file must have, 64 hexadecimal digits. */
  readonly sha256?: string | undefined;
}

/** What was fetched. */
export interface Downloaded {
  readonly size: number;
  /** The version that the server told. */
  readonly version?: string;
  /** SHA-256 of the file, where it was checked or computed. */
  readonly sha256?: string;
}

/**
 * Fetches `remote` into `cache` under `key`, going on with the parts of an earlier call that did not come to its end.
 *
 * @throws PerceptError `ONNX_DOWNLOAD_CORRUPT` when the bytes are not those that the SHA-256 asks for;
 *   `ONNX_DOWNLOAD_UNSTABLE` when the file keeps changing on the server; what the storages throw
 */
export async function download(
  remote: Remote,
  cache: Storage,
  key: string,
  options: DownloadOptions,
): Promise<Downloaded> {
  for (let change = 0; change < mostChanges; change++) {
    const info = await statOf(remote, options);
    try {
      return await downloadVersion(remote, info, cache, key, options);
    } catch (error) {
      if (!(await hasChanged(remote, info, error, options))) throw error;
    }
  }
  throw new PerceptError(
    'ONNX_DOWNLOAD_UNSTABLE',
    `Expected ${remote.key} of ${remote.storage.description} to stay the same while it is fetched but it changed ${mostChanges} times. Try again when it is published, or ask for a fixed revision`,
  );
}

/** Whether a download failed because there is another version now. */
async function hasChanged(
  remote: Remote,
  before: ObjectInfo | undefined,
  error: unknown,
  options: DownloadOptions,
): Promise<boolean> {
  if (isPerceptError(error, 'STORAGE_CHANGED')) return true;
  if (!isPerceptError(error, 'STORAGE_FAILED') || before?.version === undefined) return false;
  const now = await statOf(remote, options).catch(() => undefined);
  return now?.version !== undefined && now.version !== before.version;
}

/** What the server tells of an object; nothing where there is none, or where it can only be read. */
export async function statOf(
  { storage, key }: Remote,
  { signal }: Pick<LongCallOptions, 'signal'>,
): Promise<ObjectInfo | undefined> {
  try {
    return await storage.stat(key, { signal });
  } catch (error) {
    // A server that does not tell a size may still give the bytes; one that is down will say so again.
    if (!isPerceptError(error, 'STORAGE_FAILED')) throw error;
    return undefined;
  }
}

async function downloadVersion(
  remote: Remote,
  info: ObjectInfo | undefined,
  cache: Storage,
  key: string,
  { sha256 = info?.sha256, signal, onProgress }: DownloadOptions,
): Promise<Downloaded> {
  const parts = new Parts(cache, key, `${info?.version ?? ''} ${info?.size ?? ''} ${sha256 ?? ''}`);
  // Without a version or a digest nobody could tell whether two parts belong together.
  const isResumable = info !== undefined && (info.version !== undefined || sha256 !== undefined);
  const start = isResumable ? await parts.resume() : 0;
  if (start === 0) await parts.restart();
  const report = (done: number): void =>
    onProgress?.({ stage: 'download', done, unit: 'bytes', ...(info && { total: info.size }) });
  report(start);
  try {
    if (info === undefined || start < info.size) {
      const range = start > 0 ? { range: { start } } : {};
      const chunks = remote.storage.readStream(remote.key, { ...range, ifMatch: info?.version, signal });
      await parts.append(chunks, start, report);
    }
    const size = await parts.join(sha256, signal);
    await parts.remove();
    return {
      size,
      ...(info?.version !== undefined && { version: info.version }),
      ...(sha256 !== undefined && { sha256 }),
    };
  } catch (error) {
    if (!isPerceptError(error, 'STORAGE_CHECKSUM_MISMATCH')) throw error;
    // Nobody knows which part is wrong.
    await parts.remove();
    throw corrupt(remote, sha256, error);
  }
}

function corrupt(remote: Remote, sha256: string | undefined, cause: PerceptError): PerceptError {
  return new PerceptError(
    'ONNX_DOWNLOAD_CORRUPT',
    `Expected SHA-256 ${sha256} for ${remote.key} of ${remote.storage.description} but received ${cause.details.received ?? 'other bytes'}. Fetch it again; if that does not help, the file at its source or the digest is wrong`,
    { cause, details: cause.details },
  );
}

/** The parts of one file. */
class Parts {
  readonly #cache: Storage;
  readonly #key: string;
  readonly #identity: string;
  #count = 0;

  constructor(cache: Storage, key: string, identity: string) {
    this.#cache = cache;
    this.#key = key;
    this.#identity = identity;
  }

  /** How many bytes are there already of the file that is asked for. */
  async resume(): Promise<number> {
    const identity = await this.#cache.read(this.#name('identity')).catch(absent);
    if (identity === undefined || new TextDecoder().decode(identity) !== this.#identity) return 0;
    for (;;) {
      const part = await this.#cache.stat(this.#name(this.#count));
      if (part?.size !== partBytes) return this.#count * partBytes;
      this.#count++;
    }
  }

  /** Forgets what is there, and begins. */
  async restart(): Promise<void> {
    await this.remove();
    this.#count = 0;
    await this.#cache.write(this.#name('identity'), new TextEncoder().encode(this.#identity));
  }

  /** Cuts a stream into parts. What came before the stream broke stays. */
  async append(chunks: AsyncIterable<Uint8Array>, start: number, report: (done: number) => void): Promise<void> {
    let buffer = new Uint8Array(partBytes);
    let filled = 0;
    let done = start;
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length; ) {
        const piece = chunk.subarray(at, at + buffer.length - filled);
        buffer.set(piece, filled);
        filled += piece.length;
        at += piece.length;
        if (filled < buffer.length) continue;
        await this.#cache.write(this.#name(this.#count++), buffer);
        buffer = new Uint8Array(partBytes);
        filled = 0;
      }
      done += chunk.length;
      report(done);
    }
    if (filled > 0) await this.#cache.write(this.#name(this.#count++), buffer.subarray(0, filled));
  }

  /**
   * Puts the file together.
   *
   * @throws PerceptError `STORAGE_CHECKSUM_MISMATCH`
   */
  async join(sha256: string | undefined, signal: AbortSignal | undefined): Promise<number> {
    const cache = this.#cache;
    const names = Array.from({ length: this.#count }, (_, part) => this.#name(part));
    const stream = async function* (): AsyncGenerator<Uint8Array> {
      for (const name of names) yield await cache.read(name, { signal });
    };
    return (await cache.write(this.#key, stream(), { sha256, signal })).size;
  }

  async remove(): Promise<void> {
    const prefix = this.#name('');
    for await (const { key } of this.#cache.list(prefix)) await this.#cache.delete(key);
  }

  #name(part: number | string): string {
    const name = typeof part === 'number' ? String(part).padStart(6, '0') : part;
    const slash = this.#key.indexOf('/');
    return `${this.#key.slice(0, slash)}/parts${this.#key.slice(slash)}.parts/${name}`;
  }
}

function absent(error: unknown): undefined {
  if (!isPerceptError(error, 'STORAGE_NOT_FOUND')) throw error;
}
