import type { Batch, BatchSource, Image, Sample } from '@percept/core';
import { encodeImage, plainPreset } from '@percept/image';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createLoader, type LoaderOptions, type TransformContext } from './loader.js';
import { type IndexedSource, memorySource } from './source.js';

const classes = ['a', 'b', 'c'];
const preprocess = plainPreset({ width: 4, height: 4, color: 'gray' });
let source: IndexedSource;

async function makeSample(at: number, width = 4): Promise<Sample> {
  const data = new Uint8Array(width * 4).fill(at);
  const image = await encodeImage({ width, height: 4, channels: 1, data }, { format: 'png' });
  return { key: `k${at}`, label: at % 3, extension: 'png', image };
}

beforeAll(async () => {
  source = memorySource(classes, await Promise.all(Array.from({ length: 23 }, (_, at) => makeSample(at))));
});

async function collect(loader: BatchSource, options: Parameters<BatchSource['batches']>[0]): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of loader.batches(options)) batches.push(batch);
  return batches;
}

function load(options: Partial<LoaderOptions> = {}): BatchSource {
  return createLoader({ source, batchSize: 5, preprocess, ...options });
}

describe('createLoader', () => {
  it('makes tensors of images and labels', async () => {
    const [first] = await collect(load(), { epoch: 0 });
    expect(first!.keys).toEqual(['k0', 'k1', 'k2', 'k3', 'k4']);
    expect(first!.inputs.dims).toEqual([5, 1, 4, 4]);
    expect([...first!.inputs.data.subarray(16, 32)]).toEqual(new Array(16).fill(Math.fround(1 / 255)));
    expect(first!.labels).toEqual({ type: 'int64', dims: [5], data: BigInt64Array.of(0n, 1n, 2n, 0n, 1n) });
  });

  it('gives every sample once an epoch, in an order that is a function of seed and epoch', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.nat(1000), fc.integer({ min: 1, max: 30 }), async (seed, epoch, batchSize) => {
        const loader = load({ seed, batchSize, shuffle: true });
        const keys = (await collect(loader, { epoch })).map((batch) => batch.keys);
        expect(keys).toHaveLength(loader.batchesPerEpoch);
        expect(keys.flat().sort()).toEqual([...source.keys].sort());
        const again = load({ seed, batchSize: 7, shuffle: true, prefetch: 1 });
        expect((await collect(again, { epoch })).flatMap((batch) => batch.keys)).toEqual(keys.flat());
      }),
      { numRuns: 30 },
    );
  });

  it('gives exactly the tail of the epoch from any start, however much is prepared or in memory', async () => {
    const transform = (image: Image, { seed, epoch, key }: TransformContext): Image => ({
      ...image,
      data: Uint8Array.from(image.data, (value) => (value + seed + 3 * epoch + key.length) % 256),
    });
    const options = { seed: 3, shuffle: true, transform, repeat: 2 };
    const whole = await collect(load(options), { epoch: 4 });
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length),
        fc.integer({ min: 1, max: 6 }),
        fc.constantFrom(0, 600, 2 ** 28),
        fc.boolean(),
        async (start, prefetch, cacheBytes, warm) => {
          const loader = load({ ...options, prefetch, cacheBytes });
          if (warm) await collect(loader, { epoch: 3 });
          expect(await collect(loader, { epoch: 4, start })).toEqual(whole.slice(start));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('leaves out an incomplete batch when told to, and handles sources smaller than a batch', async () => {
    expect(load().batchesPerEpoch).toBe(5);
    expect((await collect(load(), { epoch: 0 })).at(-1)!.inputs.dims).toEqual([3, 1, 4, 4]);
    const dropping = load({ dropLast: true });
    expect(dropping.batchesPerEpoch).toBe(4);
    expect((await collect(dropping, { epoch: 0 })).every((batch) => batch.keys.length === 5)).toBe(true);
    expect(await collect(load({ batchSize: 24, dropLast: true }), { epoch: 0 })).toEqual([]);
    expect(await collect(load({ source: memorySource(classes, []) }), { epoch: 0 })).toEqual([]);
  });

  it('repeats samples, transformed anew each time', async () => {
    const contexts: string[] = [];
    const transform = async (image: Image, context: TransformContext): Promise<Image> => {
      contexts.push(`${context.key}@${context.epoch}`);
      return image;
    };
    const batches = await collect(load({ repeat: 2, transform, shuffle: true }), { epoch: 1 });
    expect(batches.flatMap((batch) => batch.keys).sort()).toEqual([...source.keys, ...source.keys].sort());
    expect(contexts.sort()).toEqual(source.keys.flatMap((key) => [`${key}@2`, `${key}@3`]).sort());
  });

  it('gives every batch buffers of its own', async () => {
    const loader = load();
    const before = await collect(loader, { epoch: 0 });
    const expected = structuredClone(before);
    for (const batch of before) structuredClone(batch.inputs.data.buffer, { transfer: [batch.inputs.data.buffer] });
    expect(await collect(loader, { epoch: 0 })).toEqual(expected);
  });

  it('reads no more than it prepares, and stops when the loop is left', async () => {
    let reads = 0;
    const counting = {
      ...source,
      read: (index: number) => {
        reads++;
        return source.read(index);
      },
    };
    const loader = load({ source: counting, prefetch: 2, batchSize: 3 });
    for await (const _ of loader.batches({ epoch: 0 })) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(reads).toBeLessThanOrEqual(6);
    expect(await collect(loader, { epoch: 0 })).toHaveLength(8);
  });

  it('reads each image once while it fits into memory', async () => {
    const seen: number[] = [];
    const counting = {
      ...source,
      read: (index: number) => {
        seen.push(index);
        return source.read(index);
      },
    };
    const loader = load({ source: counting, shuffle: true });
    for (let epoch = 0; epoch < 3; epoch++) await collect(loader, { epoch });
    expect(seen.length).toBe(23);
    const without = load({ source: counting, cacheBytes: 0 });
    for (let epoch = 0; epoch < 2; epoch++) await collect(without, { epoch });
    expect(seen.length).toBe(23 * 3);
  });

  it('names the sample that cannot be decoded, transformed or batched', async () => {
    const good = await Promise.all([0, 1, 2].map((at) => makeSample(at)));
    const corrupt = memorySource(classes, [good[0]!, { ...good[1]!, image: good[1]!.image.subarray(0, 40) }]);
    await expect(collect(load({ source: corrupt }), { epoch: 0 })).rejects.toMatchObject({
      code: 'DATA_SAMPLE_UNREADABLE',
      message: expect.stringMatching(/"k1"/),
      details: { key: 'k1', index: 1, code: 'IMAGE_DECODE_FAILED' },
    });
    const wrong = memorySource(classes, [{ ...good[0]!, label: 3 }]);
    await expect(collect(load({ source: wrong }), { epoch: 0 })).rejects.toMatchObject({
      code: 'DATA_SAMPLE_UNREADABLE',
    });
    for (const transform of [
      () => Promise.reject(new Error('no')),
      () => {
        throw new Error('no');
      },
    ]) {
      const failing = load({ transform });
      const expected = { code: 'DATA_TRANSFORM_FAILED', message: expect.stringMatching(/"k0".*no/) };
      await expect(collect(failing, { epoch: 0 })).rejects.toMatchObject(expected);
    }
    const mixed = memorySource(classes, [good[0]!, await makeSample(1, 6)]);
    const { resize: _, ...free } = preprocess;
    await expect(collect(load({ source: mixed, preprocess: free }), { epoch: 0 })).rejects.toMatchObject({
      code: 'DATA_SHAPES_DIFFER',
      message: expect.stringMatching(/"k0" is 4 × 4 and "k1" is 6 × 4/),
    });
  });

  it('has one failure answer for a batch in which several samples fail', async () => {
    const good = await Promise.all([0, 1, 2].map((at) => makeSample(at)));
    const samples = [{ ...good[0]!, image: new Uint8Array(3) }, good[1]!, { ...good[2]!, image: new Uint8Array(3) }];
    let passes = 0;
    const transform = (image: Image): Image => {
      if (passes++ > 0) throw new Error('second time');
      return image;
    };
    const loader = load({ source: memorySource(classes, samples), batchSize: 3, transform });
    const failures = [0, 1].map(() => collect(loader, { epoch: 0 }));
    for (const failure of await Promise.allSettled(failures)) expect(failure.status).toBe('rejected');
    await expect(collect(loader, { epoch: 1 })).rejects.toMatchObject({ code: expect.stringMatching(/^DATA_/) });
    await new Promise((resolve) => setTimeout(resolve, 10));
  });

  it('stops at its signal', async () => {
    const controller = new AbortController();
    const loop = async (): Promise<void> => {
      for await (const _ of load().batches({ epoch: 0, signal: controller.signal })) controller.abort();
    };
    await expect(loop()).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('refuses impossible options and positions', async () => {
    expect(() => load({ batchSize: 0 })).toThrow(/of at least 1 for batchSize of createLoader\(\) options/);
    for (const position of [{ epoch: -1 }, { epoch: 0, start: 6 }]) {
      await expect(collect(load(), position)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
  });
});
