import { type BatchSource, PerceptError } from '@percept/core';

/** The error of data that gives another number of batches than it announces. */
export function wrongBatchCount({ batchesPerEpoch }: BatchSource, epoch: number, received: string): PerceptError {
  return new PerceptError(
    'TRAIN_DATA_INVALID',
    `Expected ${batchesPerEpoch} batches in epoch ${epoch} but received ${received}. Make batchesPerEpoch tell the truth`,
  );
}
