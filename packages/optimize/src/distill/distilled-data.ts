import { type Batch, type BatchSource, PerceptError, sha256Digest } from '@percept/core';
import type { Loss } from '@percept/train';
import type { BatchPlace } from './running-teacher.js';
import { type TargetLayout, targetRows } from './target-layout.js';
import {
  type CachedBatch,
  cachedRows,
  computeViews,
  type TeacherCacheOptions,
  type TeacherPass,
} from './teacher-cache.js';
import { pairedBatches } from './teacher-data.js';
import { TeacherStore } from './teacher-store.js';

/** What makes distilled batches. */
export interface DistilledDataOptions {
  readonly pass: TeacherPass;
  /** Digest of the teacher as it is run. */
  readonly digest: string;
  readonly layout: TargetLayout;
  readonly loss: Loss;
  /** Default: the teacher runs on every batch. */
  readonly cache: TeacherCacheOptions | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: Parameters<typeof computeViews>[2]['onProgress'];
}

/** Distilled batches. */
export interface DistilledData {
  /** Names no classes: its labels hold more than one. */
  readonly source: BatchSource;
  /** Runs the teacher on what is to be kept; before the first batch is asked for. */
  prepare(): Promise<void>;
}

/**
 * The batches of a source with the teacher's outputs in their labels.
 *
 * @throws PerceptError `INVALID_ARGUMENT` where a storage is given and nothing names the data; `prepare` and the batches
 *   what the teacher, the data and the storage throw
 */
export async function distilledData(options: DistilledDataOptions): Promise<DistilledData> {
  const { pass, digest, layout, loss, cache, signal, onProgress } = options;
  const { teacher, data, own, role } = pass;
  const { batchesPerEpoch, classes } = data;
  const identity = cache?.augmentation ?? data.fingerprint;
  if (cache?.storage !== undefined) checkNamed(identity, own, role);
  const { per = 'view', views = 1, storage, key: folder = 'teacher' } = cache ?? {};
  const named = [digest, identity ?? null, own?.fingerprint ?? null, role, batchesPerEpoch, classes, own !== undefined];
  const key = await hexDigest(JSON.stringify(named));
  const used = cache === undefined ? 'every batch' : per === 'image' ? 'image' : `${views} views`;
  const store = storage && new TeacherStore(storage, `${folder}/${key}`, teacher.width);
  const seenIn = (epoch: number): number => (cache === undefined || per === 'image' ? epoch : epoch % views);
  let rowsOf: RowsOf | undefined;
  const source: BatchSource = {
    batchesPerEpoch,
    classes: [],
    fingerprint: `distilled ${key}, ${used}`,
    async *batches({ epoch, start = 0, signal: stop }) {
      const range = { epoch: seenIn(epoch), start, signal: stop };
      let position = start;
      for await (const { batch, images } of pairedBatches(data, rowsOf === undefined ? own : undefined, range)) {
        const place = { role, epoch: range.epoch, position: position++, keys: batch.keys };
        const rows = await (rowsOf?.(batch, place, stop) ?? teacher.rows(images, place, stop));
        yield { ...batch, labels: targetRows(batch, rows, layout, loss) };
      }
    },
  };
  const prepare = async (): Promise<void> => {
    if (cache === undefined) return;
    const found = await computeViews(pass, per === 'image' ? 1 : views, { store, signal, onProgress });
    rowsOf = per === 'image' ? byImage(pass, found[0]!) : byView(found);
  };
  return { source, prepare };
}

function checkNamed(identity: string | undefined, own: BatchSource | undefined, role: string): void {
  const nameless = identity === undefined ? `${role} data` : `${role} data of the teacher`;
  if (identity !== undefined && (own === undefined || own.fingerprint !== undefined)) return;
  throw new PerceptError(
    'INVALID_ARGUMENT',
    `Expected a name of data and augmentation for stored outputs of the teacher but received none: the ${nameless} has no fingerprint. Give ${identity === undefined ? 'cache.augmentation' : 'it one'}, and another one whenever images, preprocessing or augmentation change`,
  );
}

/** Finds kept rows of a batch. */
type RowsOf = (batch: Batch, place: BatchPlace, signal: AbortSignal | undefined) => Promise<Float32Array>;

function byView(views: readonly (readonly CachedBatch[])[]): RowsOf {
  return async (_, place) => cachedRows(views[place.epoch]!, place);
}

function byImage({ teacher, data, own }: TeacherPass, batches: readonly CachedBatch[]): RowsOf {
  const { width } = teacher;
  const known = new Map<string, Float32Array>();
  for (const { keys, rows } of batches) {
    for (const [at, key] of keys.entries()) known.set(key, rows.subarray(at * width, (at + 1) * width));
  }
  return async ({ keys, inputs }, place, signal) => {
    const found = keys.map((key) => known.get(key));
    // A batch with any unknown image is run whole, so that its rows do not depend on what was run before.
    if (found.includes(undefined)) {
      if (own === undefined) return teacher.rows(inputs, place, signal);
      for await (const { images } of pairedBatches(data, own, { epoch: place.epoch, start: place.position, signal })) {
        return teacher.rows(images, place, signal);
      }
    }
    const rows = new Float32Array(keys.length * width);
    for (const [at, row] of found.entries()) rows.set(row!, at * width);
    return rows;
  };
}

async function hexDigest(text: string): Promise<string> {
  return (await sha256Digest(new TextEncoder().encode(text))).slice('sha256:'.length);
}
