import type { SampleSource } from '@percept/core';
import { describe, expect, it } from 'vitest';
import { quarters } from './samples.fixture.js';
import { splitData } from './split-data.js';

const samplesOf = async (source: SampleSource) =>
  Promise.all(Array.from({ length: source.length }, (_, index) => source.read(index)));

describe('splitData', () => {
  it('puts a fifth of every class aside, each sample in one part, the same for the same seed', async () => {
    const { train, validation } = await splitData(quarters(90), 4, {});
    const [learnt, judged] = [await samplesOf(train), await samplesOf(validation)];
    for (const label of [0, 1, 2]) expect(judged.filter((sample) => sample.label === label)).toHaveLength(6);
    expect(new Set([...learnt, ...judged].map(({ key }) => key)).size).toBe(90);
    const again = await samplesOf((await splitData(quarters(90), 4, {})).validation);
    expect(again).toEqual(judged);
    expect(await samplesOf((await splitData(quarters(90), 5, {})).validation)).not.toEqual(judged);
  });

  it('reads no images where the source knows its labels, and puts aside at most 2,500', async () => {
    let reads = 0;
    const known = {
      ...quarters(60_000),
      labels: Array.from({ length: 60_000 }, (_, index) => index % 3),
      read: () => {
        reads++;
        return Promise.reject(new Error('not needed'));
      },
    };
    const { train, validation } = await splitData(known, 0, {});
    expect([train.length, validation.length, reads]).toEqual([57_501, 2499, 0]);
  });

  it('leaves a class of one sample to learn from', async () => {
    const { train, validation } = await splitData(quarters(4, ['a', 'b', 'c']), 0, {});
    expect([train.length, validation.length]).toEqual([3, 1]);
    await expect(train.read(7)).rejects.toThrow('no sample');
  });
});
