import type { Batch, BatchSource, Image } from '@percept/core';
import { describe, expect, it } from 'vitest';
import { type BatchOptions, type Lesson, pictureBatches, splitLesson } from './lesson.js';

const lesson = (...counts: number[]): Lesson => ({
  id: 'a',
  classes: counts.map((count, label) => ({
    name: `class ${label}`,
    pictures: Array.from({ length: count }, (_, index) => `${label}/${index}`),
  })),
});

/** A picture whose red is its number. */
async function read(key: string): Promise<Image> {
  const [label, index] = key.split('/').map(Number) as [number, number];
  return { width: 2, height: 2, channels: 3, data: new Uint8Array(12).fill(10 * label + index) };
}

const options: BatchOptions = {
  classes: ['a', 'b'],
  preprocess: { color: 'rgb', scale: 1, mean: [0, 0, 0], std: [1, 1, 1] },
  batchSize: 4,
  read,
};

async function all(source: BatchSource, request = { epoch: 0 }): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of source.batches(request)) batches.push(batch);
  return batches;
}

describe('a lesson', () => {
  it('keeps the last fifth of every class aside', () => {
    const { learnt, kept } = splitLesson(lesson(10, 5));
    expect(kept.map(({ key }) => key)).toEqual(['0/8', '0/9', '1/4']);
    expect(learnt).toHaveLength(12);
  });

  it('keeps nothing aside when a class has few pictures', () => {
    const { learnt, kept } = splitLesson(lesson(50, 4));
    expect([learnt.length, kept.length]).toEqual([54, 0]);
  });

  it('makes batches of nearly equal size, with the pixels and classes of their pictures', async () => {
    const source = pictureBatches(splitLesson(lesson(3, 2)).learnt, options);
    const batches = await all(source);
    expect(batches.map(({ keys }) => keys)).toEqual([
      ['0/0', '0/1', '0/2'],
      ['1/0', '1/1'],
    ]);
    expect(source.batchesPerEpoch).toBe(2);
    expect(batches[1]!.inputs.dims).toEqual([2, 3, 2, 2]);
    expect([batches[1]!.inputs.data[0], batches[1]!.inputs.data[12]]).toEqual([10, 11]);
    expect(batches[1]!.labels.data).toEqual(BigInt64Array.of(1n, 1n));
  });

  it('has no batch of one picture beside others', async () => {
    for (let count = 2; count < 40; count++) {
      const sizes = (await all(pictureBatches(splitLesson(lesson(count)).learnt, options))).map(
        ({ keys }) => keys.length,
      );
      expect(Math.min(...sizes)).toBeGreaterThan(1);
    }
  });

  it('shuffles by epoch, the same every time', async () => {
    const source = pictureBatches(splitLesson(lesson(20, 20)).learnt, { ...options, shuffleSeed: 1 });
    const keysOf = async (epoch: number): Promise<string[]> =>
      (await all(source, { epoch })).flatMap(({ keys }) => keys);
    const first = await keysOf(0);
    expect(await keysOf(0)).toEqual(first);
    expect(await keysOf(1)).not.toEqual(first);
    expect([...first].sort()).toEqual([...(await keysOf(1))].sort());
    const later = source.batches({ epoch: 0, start: 2 })[Symbol.asyncIterator]();
    expect((await later.next()).value.keys).toEqual(first.slice(8, 12));
  });
});
