import {
  type Correction,
  isPerceptError,
  type LongCallOptions,
  PerceptError,
  parseOptions,
  type Sample,
  sha256Digest,
  throwIfAborted,
} from '@percept/core';
import { decodeImage, encodeImage } from '@percept/image';
import type { Storage } from '@percept/storage';
import * as z from 'zod/mini';
import { commitDatasetVersion, type DatasetVersion, openDatasetVersion, splitOf } from './dataset-version.js';
import { jsonDigest } from './digest.js';
import { packShards } from './pack-shards.js';
import { memorySource } from './source.js';
import type { SampleSkip } from './validate-source.js';

const optionsSchema = z.strictObject({
  parent: z.string(),
  split: z._default(z.string(), 'train'),
  prefix: z._default(z.string(), 'corrections'),
  message: z.optional(z.string()),
});

/** Options of {@link applyCorrections}. */
export interface ApplyCorrectionsOptions extends LongCallOptions {
  /** Id of the version to add to. */
  readonly parent: string;
  /** What users corrected, as `feedbackStore().list()` gives it. */
  readonly corrections: AsyncIterable<Correction> | Iterable<Correction>;
  /** Split that gets the images; default `train`. */
  readonly split?: string;
  /** Where the new shards go: `<prefix>/<digest of the corrections>/`; default `corrections`. */
  readonly prefix?: string;
  /** Message of the new version; default says how many corrections it has. */
  readonly message?: string;
  /** Told of every correction whose image cannot be decoded and which is left out; `key` is its prediction's id. */
  readonly onSkip?: (skip: SampleSkip) => void;
}

/**
 * Makes a version with the corrected images added to a split, under the corrected labels, as PNG (lossless, upright; grey
 * stays grey). The parent's shards are shared, not copied. Of several corrections of one prediction the latest counts.
 *
 * Idempotent: the order of the corrections does not matter, the same ones give the same id, and those that the parent has
 * already are not added again. Without anything to add the parent itself is returned.
 *
 * @throws PerceptError `DATA_UNKNOWN_CLASS` when a corrected label is none of the dataset's classes,
 *   `DATA_VERSION_NOT_FOUND`, `DATA_SPLIT_NOT_FOUND`, `ABORTED`, `INVALID_ARGUMENT`; what the storage rejects with
 */
export async function applyCorrections(storage: Storage, options: ApplyCorrectionsOptions): Promise<DatasetVersion> {
  const { signal, onProgress, onSkip, corrections, ...rest } = options;
  const { parent, split, prefix, message } = parseOptions(optionsSchema, rest, 'applyCorrections() options');
  const { version, split: openSplit } = await openDatasetVersion(storage, parent);
  const known = new Set((await openSplit(split)).keys);

  const latest = new Map<string, Correction>();
  for await (const correction of corrections) {
    throwIfAborted(signal);
    if (!version.classes.includes(correction.correctLabel)) throw unknownClass(correction, version.classes);
    const earlier = latest.get(correction.predictionId);
    if (earlier === undefined || isLater(correction, earlier)) latest.set(correction.predictionId, correction);
  }
  const samples: Sample[] = [];
  let done = 0;
  for (const correction of latest.values()) {
    throwIfAborted(signal);
    const sample = await toSample(correction, version.classes, onSkip);
    if (sample !== undefined && !known.has(sample.key)) samples.push(sample);
    onProgress?.({ stage: 'apply corrections', done: ++done, total: latest.size, unit: 'images' });
  }
  if (samples.length === 0) return version;

  samples.sort((a, b) => (a.key < b.key ? -1 : 1));
  // The keys hold digests of images and labels, so this one stands for the content.
  const content = await jsonDigest({ classes: version.classes, keys: samples.map((sample) => sample.key) });
  const folder = `${prefix}/${content.slice('sha256:'.length, 'sha256:'.length + 32)}`;
  const { shards } = await packShards(memorySource(version.classes, samples), storage, { prefix: folder, signal });
  return commitDatasetVersion(
    storage,
    {
      name: version.name,
      classes: version.classes,
      splits: { ...version.splits, [split]: [...splitOf(version, split), ...shards] },
      parents: [parent],
      message: message ?? `${samples.length} ${samples.length === 1 ? 'correction' : 'corrections'}`,
    },
    { signal },
  );
}

/** Later in time; at the same time, the greater label, so that the order of arrival does not matter. */
function isLater(a: Correction, b: Correction): boolean {
  return a.time > b.time || (a.time === b.time && a.correctLabel > b.correctLabel);
}

/** Key `corrections/<prediction id>-<digest of pixels and label>`: unique, traceable and the same every time. */
async function toSample(
  correction: Correction,
  classes: readonly string[],
  onSkip: ApplyCorrectionsOptions['onSkip'],
): Promise<Sample | undefined> {
  let image: Uint8Array;
  let pixels: string;
  try {
    const source = await decodeImage(correction.image, { color: 'source' });
    const opaque = source.channels === 4 ? await decodeImage(correction.image) : source;
    image = await encodeImage(opaque, { format: 'png' });
    pixels = await sha256Digest(opaque.data);
  } catch (error) {
    if (!isPerceptError(error) || !error.code.startsWith('IMAGE_')) throw error;
    onSkip?.({ key: correction.predictionId, code: error.code, reason: error.message });
    return undefined;
  }
  const label = classes.indexOf(correction.correctLabel);
  // Of the pixels, because the bytes of a PNG are not the same with every version of zlib.
  const digest = await jsonDigest({ pixels, label: correction.correctLabel });
  const suffix = digest.slice('sha256:'.length, 'sha256:'.length + 16);
  return { key: `corrections/${correction.predictionId}-${suffix}`, image, extension: 'png', label };
}

function unknownClass(correction: Correction, classes: readonly string[]): PerceptError {
  return new PerceptError(
    'DATA_UNKNOWN_CLASS',
    `Expected one of the classes ${classes.join(', ')} but prediction ${correction.predictionId} was corrected to ` +
      `${JSON.stringify(correction.correctLabel)}; leave it out or make a version with that class`,
    { details: { predictionId: correction.predictionId, label: correction.correctLabel, classes } },
  );
}
