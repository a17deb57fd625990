import { isPerceptError, PerceptError } from '@percept/core';
import type { Storage } from '@percept/storage';
import { ByteReader } from './byte-reader.js';
import type { ShardSidecar } from './shard-index.js';

/** Images up to this mean size are worth keeping: reading one takes longer than copying it a thousand times. */
const smallImage = 16 * 1024;

/** Bytes that the readers of one source may still keep. */
export interface MemoryBudget {
  room: number;
}

/**
 * Reads the images of one shard by range requests. A shard of small images that is read again and again is read once as a
 * whole, and its images, which are much smaller than the tar around them, stay in memory.
 */
export class ShardReader {
  readonly #storage: Storage;
  readonly #key: string;
  readonly #sidecar: ShardSidecar;
  readonly #budget: MemoryBudget;
  readonly #imageBytes: number;
  #reads = 0;
  #kept: Promise<readonly Uint8Array[]> | undefined;

  constructor(storage: Storage, key: string, sidecar: ShardSidecar, budget: MemoryBudget) {
    this.#storage = storage;
    this.#key = key;
    this.#sidecar = sidecar;
    this.#budget = budget;
    this.#imageBytes = sidecar.sizes.reduce((sum, size) => sum + size, 0);
  }

  /** The bytes of an image; rejects with `DATA_SHARD_TRUNCATED` when the tar file ends before them. */
  async read(row: number): Promise<Uint8Array> {
    if (this.#kept === undefined && this.#isWorthKeeping()) this.#keep();
    if (this.#kept !== undefined) return (await this.#kept)[row]!.slice();
    this.#reads++;
    const start = this.#sidecar.offsets[row]!;
    const size = this.#sidecar.sizes[row]!;
    let image: Uint8Array;
    try {
      image = await this.#storage.read(this.#key, { range: { start, end: start + size } });
    } catch (error) {
      throw isPerceptError(error, 'STORAGE_RANGE_INVALID') ? this.#truncated() : error;
    }
    if (image.length !== size) throw this.#truncated();
    return image;
  }

  #isWorthKeeping(): boolean {
    const { length } = this.#sidecar.keys;
    return (
      this.#reads >= Math.max(8, length / 64) &&
      this.#imageBytes <= length * smallImage &&
      this.#imageBytes <= this.#budget.room
    );
  }

  #keep(): void {
    this.#budget.room -= this.#imageBytes;
    this.#kept = this.#readAll();
    this.#kept.catch(() => {
      this.#budget.room += this.#imageBytes;
      this.#kept = undefined;
      this.#reads = 0;
    });
  }

  async #readAll(): Promise<readonly Uint8Array[]> {
    const { offsets, sizes } = this.#sidecar;
    const reader = new ByteReader(this.#storage.readStream(this.#key));
    const images: Uint8Array[] = [];
    try {
      for (const [row, offset] of offsets.entries()) {
        await reader.skip(offset - reader.position);
        const image = await reader.read(sizes[row]!);
        if (image.length !== sizes[row]) throw this.#truncated();
        images.push(image);
      }
    } finally {
      await reader.close();
    }
    return images;
  }

  #truncated(): PerceptError {
    return new PerceptError(
      'DATA_SHARD_TRUNCATED',
      `Expected more bytes in shard "${this.#key}" of ${this.#storage.description}; it was cut off after packing. ` +
        'Restore it or pack the dataset again',
      { details: { key: this.#key, storage: this.#storage.description } },
    );
  }
}
