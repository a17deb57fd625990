import { concatBytes, PerceptError, type Sample, sha256Digest } from '@percept/core';
import type { ShardSidecar } from './shard-index.js';
import { tarEnd, tarFile } from './tar-write.js';
import { webDatasetName } from './webdataset.js';

const encoder = new TextEncoder();

/** A sample as it stands in a tar file. */
export interface ShardMember {
  readonly sample: Sample;
  readonly pieces: readonly Uint8Array[];
  /** First byte of the image within the pieces. */
  readonly imageOffset: number;
  /** Length of all pieces. */
  readonly bytes: number;
}

/** Lays a sample out as two files, image and label; throws `DATA_SAMPLE_INVALID` when that cannot be. */
export function toShardMember(sample: Sample, classes: number): ShardMember {
  checkSample(sample, classes);
  const image = tarFile(webDatasetName(sample.key, sample.extension), sample.image);
  const label = tarFile(webDatasetName(sample.key, 'cls'), encoder.encode(String(sample.label)));
  const imageOffset = total(image.slice(0, image.indexOf(sample.image)));
  return { sample, pieces: [...image, ...label], imageOffset, bytes: total(image) + total(label) };
}

function total(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}

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
  fits({ bytes }: ShardMember): boolean {
    if (this.#keys.length === 0) return true;
    return this.#keys.length < this.#limits.maxSamples && this.#bytes + bytes + tarEnd.length <= this.#limits.maxBytes;
  }

  /** Appends a sample; throws `DATA_DUPLICATE_KEY`. */
  add({ sample, pieces, imageOffset, bytes }: ShardMember): void {
    if (this.#seen.has(sample.key)) {
      throw new PerceptError(
        'DATA_DUPLICATE_KEY',
        `Expected unique keys but received ${JSON.stringify(sample.key)} twice; give every sample its own key`,
        { details: { key: sample.key } },
      );
    }
    this.#seen.add(sample.key);
    this.#keys.push(sample.key);
    this.#labels.push(sample.label);
    this.#extensions.push(sample.extension);
    this.#offsets.push(this.#bytes + imageOffset);
    this.#sizes.push(sample.image.length);
    this.#pieces.push(...pieces);
    this.#bytes += bytes;
  }

  /** The bytes of the shard. */
  async build(): Promise<{ readonly tar: Uint8Array; readonly sidecar: ShardSidecar }> {
    const tar = concatBytes([...this.#pieces, tarEnd]);
    const sidecar: ShardSidecar = {
      version: 1,
      bytes: tar.length,
      digest: await sha256Digest(tar),
      classes: this.#limits.classes,
      keys: this.#keys,
      labels: this.#labels,
      extensions: this.#extensions,
      offsets: this.#offsets,
      sizes: this.#sizes,
    };
    return { tar, sidecar };
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
