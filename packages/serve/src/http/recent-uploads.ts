import type { Prediction } from '../prediction.js';

/** A recent prediction, with its upload while there is room for it. */
export interface RecentUpload {
  readonly prediction: Prediction;
  bytes: Uint8Array | undefined;
}

/** Predictions remembered after their uploads are gone; a few kB each. */
const maxPredictions = 2_000;

/** Remembers the latest predictions, and as many of their uploads as fit into a number of bytes, oldest dropped first. */
export class RecentUploads {
  readonly #maxBytes: number;
  readonly #entries = new Map<string, RecentUpload>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(prediction: Prediction, bytes: Uint8Array): void {
    this.#entries.set(prediction.id, { prediction, bytes });
    this.#bytes += bytes.length;
    for (const [id, entry] of this.#entries) {
      if (this.#bytes <= this.#maxBytes && this.#entries.size <= maxPredictions) break;
      this.#bytes -= entry.bytes?.length ?? 0;
      entry.bytes = undefined;
      if (this.#entries.size > maxPredictions) this.#entries.delete(id);
    }
  }

  get(id: string): RecentUpload | undefined {
    return this.#entries.get(id);
  }
}
