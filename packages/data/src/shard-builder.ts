import { PerceptError, type Sample } from '@percept/core';
import { sha256 } from './digest.js';
import type { ShardSidecar } from './shard-index.js';
import { tarEnd, tarFile } from './tar-write.js';
import { webDatasetName } from './webdataset.js';

const encoder = new TextEncoder();

/** Collects the samples of one shard and turns them into the bytes of a tar file and its sidecar. */
export class ShardBuilder {
  readonly #limits: { readonly classes: readonly string[]; readonly maxSamples: number; readonly maxBytes: number };
  readonly #seen: Set<string>;
  readonly #pieces: Uint8Array[] = [];
  readonly #keys: string[] = [];
  readonly #labels: number[] = [];
  readonly #extensions: string[] = [];
  readonly #offsets: number[] = [];
  readonly #sizes: number[] = [];
  #bytes = 0;

  /** `seen` holds the keys of the whole dataset so far and is added to. */
  constructor(
    limits: { readonly classes: readonly string[]; readonly maxSamples: number; readonly maxBytes: number },
    seen: Set<string>,
  ) {
    this.#limits = limits;
    this.#seen = seen;
  }

  /** Samples added so far. */
  get samples(): number {
    return this.#keys.length;
  }

  /** Whether the sample may still go into this shard. An empty shard takes anything. */
  fits(sample: Sample): boolean {
    if (this.#keys.length === 0) return true;
    // Two headers, the label's block and the image with its padding; the rare PAX header may overshoot the limit.
    const size = 3 * 512 + Math.ceil(sample.image.length / 512) * 512;
    return this.#keys.length < this.#limits.maxSamples && this.#bytes + size + tarEnd.length <= this.#limits.maxBytes;
  }

  /** Appends a sample; throws `DATA_SAMPLE_INVALID` or `DATA_DUPLICATE_KEY`. */
  add(sample: Sample): void {
    checkSample(sample, this.#limits.classes.length);
    if (this.#seen.has(sample.key)) {
      throw new PerceptError(
        'DATA_DUPLICATE_KEY',
        `Expected unique keys but received ${JSON.stringify(sample.key)} twice; give every sample its own key`,
        { details: { key: sample.key } },
      );
    }
    this.#seen.add(sample.key);
    const file = tarFile(webDatasetName(sample.key, sample.extension), sample.image);
    const before = file.slice(0, file.indexOf(sample.image));
    this.#keys.push(sample.key);
    this.#labels.push(sample.label);
    this.#extensions.push(sample.extension);
    this.#offsets.push(this.#bytes + before.reduce((sum, piece) => sum + piece.length, 0));
    this.#sizes.push(sample.image.length);
    this.#append(file);
    this.#append(tarFile(webDatasetName(sample.key, 'cls'), encoder.encode(String(sample.label))));
  }

  /** The bytes of the shard. */
  async build(): Promise<{ readonly tar: Uint8Array; readonly sidecar: ShardSidecar }> {
    const tar = new Uint8Array(this.#bytes + tarEnd.length);
    let offset = 0;
    for (const piece of this.#pieces) {
      tar.set(piece, offset);
      offset += piece.length;
    }
    const sidecar: ShardSidecar = {
      version: 1,
      bytes: tar.length,
      digest: await sha256(tar),
      classes: this.#limits.classes,
      keys: this.#keys,
      labels: this.#labels,
      extensions: this.#extensions,
      offsets: this.#offsets,
      sizes: this.#sizes,
    };
    return { tar, sidecar };
  }

  #append(pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) {
      this.#pieces.push(piece);
      this.#bytes += piece.length;
    }
  }
}

function checkSample(sample: Sample, classes: number): void {
  const wrong =
    sample.key === ''
      ? 'a key that is not empty'
      : !/^[a-z0-9]+(\.[a-z0-9]+)*$/.test(sample.extension) || sample.extension === 'cls'
        ? `a lower-case file extension other than cls, not ${JSON.stringify(sample.extension)}`
        : !Number.isInteger(sample.label) || sample.label < 0 || sample.label >= classes
          ? `a label in [0, ${classes}), not ${sample.label}`
          : undefined;
  if (wrong === undefined) return;
  throw new PerceptError('DATA_SAMPLE_INVALID', `Expected ${wrong}, for the sample ${JSON.stringify(sample.key)}`, {
    details: { key: sample.key, label: sample.label, extension: sample.extension },
  });
}
