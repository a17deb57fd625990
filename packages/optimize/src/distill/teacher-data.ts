// The data as teacher and student see it, batch by batch.
import { type Batch, type BatchSource, PerceptError, type Tensor, throwIfAborted } from '@percept/core';

/** A batch of the student, and what the teacher sees of it. */
export interface PairedBatch {
  readonly batch: Batch;
  readonly images: Tensor<'float32'>;
}

/** Where to begin. */
export interface BatchRange {
  readonly epoch: number;
  readonly start?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The batches of both, one after the other: `own` holds the teacher's own images of the same samples; without, the teacher
 * sees the student's.
 *
 * @throws PerceptError `OPTIMIZE_TEACHER_DATA_MISMATCH` where the two do not go together; `ABORTED`; what they throw
 */
export async function* pairedBatches(
  data: BatchSource,
  own: BatchSource | undefined,
  range: BatchRange,
): AsyncIterable<PairedBatch> {
  const theirs = own?.batches(range)[Symbol.asyncIterator]();
  let position = range.start ?? 0;
  try {
    for await (const batch of data.batches(range)) {
      throwIfAborted(range.signal);
      const next = await theirs?.next();
      if (next !== undefined) checkKeys(batch, next.done === true ? undefined : next.value, range.epoch, position);
      yield { batch, images: next === undefined ? batch.inputs : (next.value as Batch).inputs };
      position++;
    }
  } finally {
    await theirs?.return?.();
  }
}

function checkKeys(batch: Batch, own: Batch | undefined, epoch: number, position: number): void {
  const same = own?.keys.length === batch.keys.length && own.keys.every((key, at) => key === batch.keys[at]);
  if (same && own.inputs.dims[0] === batch.inputs.dims[0]) return;
  const differs = own?.keys.find((key, at) => key !== batch.keys[at]);
  const received =
    own === undefined ? 'none' : differs === undefined ? `${own.keys.length} images` : `key ${JSON.stringify(differs)}`;
  throw new PerceptError(
    'OPTIMIZE_TEACHER_DATA_MISMATCH',
    `Expected the ${batch.keys.length} images of batch ${position} of epoch ${epoch} in the teacher's data, under the same keys in the same order, but received ${received}. Make both sources of the same samples, order and batch size`,
    { details: { epoch, batch: position } },
  );
}
