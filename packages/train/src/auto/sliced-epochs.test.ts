import type { Batch, BatchSource } from '@percept/core';
import { describe, expect, it } from 'vitest';
import { toyBatches } from '../batches.fixture.js';
import { slicedEpochs } from './sliced-epochs.js';

const keysOf = async (batches: AsyncIterable<Batch>): Promise<string[]> => {
  const keys: string[] = [];
  for await (const batch of batches) keys.push(batch.keys.join());
  return keys;
};

/** The batches of the first epochs, one after another. */
const straight = async (data: BatchSource, epochs: number): Promise<string[]> =>
  (await Promise.all(Array.from({ length: epochs }, (_, epoch) => keysOf(data.batches({ epoch }))))).flat();

describe('slicedEpochs', () => {
  const data = toyBatches({ images: 40, batchSize: 8 });

  it.each([1, 3, 5, 7, 12])('deals out the batches of all epochs in rounds of %d', async (size) => {
    const sliced = slicedEpochs(data, size);
    expect(sliced.batchesPerEpoch).toBe(size);
    expect(await straight(sliced, 4)).toEqual((await straight(data, 10)).slice(0, 4 * size));
    const whole = await keysOf(sliced.batches({ epoch: 2 }));
    for (let start = 0; start <= size; start++) {
      expect(await keysOf(sliced.batches({ epoch: 2, start }))).toEqual(whole.slice(start));
    }
  });

  it('ends where the data has no batches', async () => {
    expect(await keysOf(slicedEpochs({ ...data, async *batches() {} }, 3).batches({ epoch: 0 }))).toEqual([]);
  });
});
