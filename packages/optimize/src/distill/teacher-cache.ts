// What the teacher says of every image, computed once.
import { type BatchSource, PerceptError, type Progress, tensor, throwIfAborted } from '@percept/core';
import type { Storage } from '@percept/storage';
import type { BatchPlace, RunningTeacher } from './running-teacher.js';
import { pairedBatches } from './teacher-data.js';
import type { TeacherPart, TeacherStore } from './teacher-store.js';

/** How outputs of the teacher are kept. */
export interface TeacherCacheOptions {
  /**
   * What is kept. `view` (default): the outputs of whole epochs, so many as {@link views}; the epochs of the training see
   * the images of these epochs in turn, order and augmentation included. `image`: one output for every key, for data whose
   * images are the same in every epoch; the epochs keep their own order, and batches with an image that epoch 0 did not
   * have are run when they come.
   */
  readonly per?: 'view' | 'image';
  /** Epochs that are kept, at least 1; `image` keeps one. Default 1. */
  readonly views?: number;
  /** Where they are kept for other trainings and after an interruption. Default: in memory. */
  readonly storage?: Storage;
  /** What their keys begin with. Default `teacher`. */
  readonly key?: string;
  /**
   * Names the data, its preprocessing and its augmentation, for the key. Default: the fingerprint of the data. Needed with
   * a storage where the data has none.
   */
  readonly augmentation?: string;
}

/** One pass over the data. */
export interface TeacherPass {
  readonly teacher: RunningTeacher;
  readonly data: BatchSource;
  /** The teacher's own images of the same samples. */
  readonly own: BatchSource | undefined;
  /** `training` or `validation`: which data it is. */
  readonly role: string;
}

/** The rows of a batch, and whose they are. */
export interface CachedBatch {
  readonly keys: readonly string[];
  readonly rows: Float32Array;
}

/** Bytes of rows in one stored part: what an interruption costs at most. */
const partBytes = 2 ** 22;

/** Batches of each of `views` epochs, those that are stored already read instead of computed. */
export async function computeViews(
  pass: TeacherPass,
  views: number,
  {
    store,
    signal,
    onProgress,
  }: {
    store: TeacherStore | undefined;
    signal: AbortSignal | undefined;
    onProgress: ((progress: Progress) => void) | undefined;
  },
): Promise<CachedBatch[][]> {
  const { data, role } = pass;
  const found: CachedBatch[][] = [];
  for (let view = 0; view < views; view++) {
    const progress = (batches: number): void =>
      onProgress?.({
        stage: `teacher on the ${role} data`,
        done: view * data.batchesPerEpoch + batches,
        total: views * data.batchesPerEpoch,
        unit: 'batches',
      });
    found.push(await computeView(pass, view, { store, signal, progress }));
  }
  return found;
}

async function computeView(
  { teacher, data, own, role }: TeacherPass,
  view: number,
  {
    store,
    signal,
    progress,
  }: {
    store: TeacherStore | undefined;
    signal: AbortSignal | undefined;
    progress: (batches: number) => void;
  },
): Promise<CachedBatch[]> {
  const batches: CachedBatch[] = [];
  let parts = 0;
  for (let stored = await store?.read(view, 0); stored !== undefined; stored = await store?.read(view, parts)) {
    batches.push(...splitPart(stored));
    parts++;
    progress(batches.length);
  }
  if (batches.length === data.batchesPerEpoch) return batches;
  let pending: CachedBatch[] = [];
  const finishPart = async (): Promise<void> => {
    await store?.write(view, parts++, joinPart(pending, teacher.width));
    pending = [];
  };
  for await (const { batch, images } of pairedBatches(data, own, { epoch: view, start: batches.length, signal })) {
    const { keys } = batch;
    const rows = await teacher.rows(images, { role, epoch: view, position: batches.length, keys }, signal);
    const cached = { keys, rows };
    batches.push(cached);
    pending.push(cached);
    progress(batches.length);
    if (pending.reduce((sum, { rows: { byteLength } }) => sum + byteLength, 0) >= partBytes) await finishPart();
  }
  throwIfAborted(signal);
  if (pending.length > 0) await finishPart();
  return batches;
}

function joinPart(batches: readonly CachedBatch[], width: number): TeacherPart {
  const sizes = batches.map(({ rows }) => rows.length / width);
  const images = sizes.reduce((sum, size) => sum + size, 0);
  const rows = tensor('float32', [images, width]);
  let offset = 0;
  for (const batch of batches) {
    rows.data.set(batch.rows, offset);
    offset += batch.rows.length;
  }
  return { keys: batches.flatMap(({ keys }) => keys), sizes, rows };
}

function splitPart({ keys, sizes, rows: { dims, data } }: TeacherPart): CachedBatch[] {
  let first = 0;
  return sizes.map((size) => {
    const [from, to] = [first, first + size];
    first = to;
    return { keys: keys.slice(from, to), rows: data.subarray(from * dims[1]!, to * dims[1]!) };
  });
}

/**
 * The rows of a batch at a place, which must be of the same images.
 *
 * @throws PerceptError `OPTIMIZE_TEACHER_CACHE_INVALID`
 */
export function cachedRows(view: readonly CachedBatch[], { keys, epoch, position, role }: BatchPlace): Float32Array {
  const cached = view[position];
  if (cached?.keys.length === keys.length && cached.keys.every((key, at) => key === keys[at])) return cached.rows;
  throw new PerceptError(
    'OPTIMIZE_TEACHER_CACHE_INVALID',
    `Expected the images of batch ${position} of epoch ${epoch} of the ${role} data to be those that the teacher saw there but they are others. Data must give the same batches for the same epoch and position; after a change of the data change its fingerprint or cache.augmentation`,
    { details: { role, epoch, batch: position } },
  );
}
