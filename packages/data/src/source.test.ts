import type { Sample } from '@percept/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexSource } from './index-source.js';
import { concatSources, memorySource, subset } from './source.js';
import { splitSource } from './split-source.js';

const classes = ['a', 'b', 'c'];

function sample(key: string, label: number): Sample {
  return { key, label, image: new TextEncoder().encode(key), extension: 'png' };
}

const anySamples = fc
  .array(fc.nat(2), { maxLength: 60 })
  .map((labels) => labels.map((label, at) => sample(`s${at}`, label)));

describe('subset and concatSources', () => {
  it('read what the sources read, at their indices', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anySamples, { minLength: 1, maxLength: 4 }), async (parts) => {
        const all = concatSources(...parts.map((samples) => memorySource(classes, samples)));
        const expected = parts.flat();
        expect(all.length).toBe(expected.length);
        expect(await Promise.all(expected.map((_, at) => all.read(at)))).toEqual(expected);
        const indices = [...expected.keys()].reverse();
        const turned = subset(all, indices);
        expect(turned.keys).toEqual(expected.map((each) => each.key).reverse());
        expect(await Promise.all(indices.map((_, at) => turned.read(at)))).toEqual([...expected].reverse());
      }),
      { numRuns: 50 },
    );
  });

  it('refuse indices outside, different classes and nothing at all', async () => {
    const source = memorySource(classes, [sample('s', 0)]);
    expect(() => subset(source, [1])).toThrow(/sample index in \[0, 1\) but received 1/);
    await expect(source.read(0.5)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(() => concatSources(source, memorySource(['a', 'c', 'b'], []))).toThrow(
      expect.objectContaining({ code: 'DATA_CLASSES_DIFFER' }),
    );
    expect(() => concatSources()).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});

describe('splitSource', () => {
  it('puts every sample into exactly one part, class by class, the same way for the same seed', () => {
    fc.assert(
      fc.property(anySamples, fc.double({ min: 0.01, max: 0.99, noNaN: true }), fc.integer(), (samples, test, seed) => {
        const source = memorySource(classes, samples);
        const split = splitSource(source, { test, seed });
        expect([...split.train.keys, ...split.test.keys].sort()).toEqual([...source.keys].sort());
        expect(splitSource(source, { test, seed }).test.keys).toEqual(split.test.keys);
        for (const [label] of classes.entries()) {
          const size = source.labels.filter((each) => each === label).length;
          const inTest = split.test.labels.filter((each) => each === label).length;
          if (size >= 2) {
            expect(inTest).toBeGreaterThanOrEqual(1);
            expect(inTest).toBeLessThan(size);
            expect(Math.abs(inTest - size * test)).toBeLessThanOrEqual(1);
          } else {
            expect(inTest).toBe(0);
          }
        }
      }),
    );
  });

  it('depends on the seed and names a share out of range', () => {
    const samples = Array.from({ length: 100 }, (_, at) => sample(`s${at}`, 0));
    const source = memorySource(classes, samples);
    const keys = [1, 2].map((seed) => splitSource(source, { test: 0.2, seed }).test.keys);
    expect(keys[0]).not.toEqual(keys[1]);
    expect(() => splitSource(source, { test: 1, seed: 0 })).toThrow(/below 1 for test of splitSource\(\) options/);
  });
});

describe('indexSource', () => {
  it('learns keys and labels of a foreign source', async () => {
    const samples = Array.from({ length: 40 }, (_, at) => sample(`s${at}`, at % 3));
    const foreign = { length: 40, classes, read: async (index: number) => samples[index]! };
    const seen: number[] = [];
    const source = await indexSource(foreign, { onProgress: ({ done }) => seen.push(done) });
    expect(source.keys).toEqual(samples.map((each) => each.key));
    expect(source.labels).toEqual(samples.map((each) => each.label));
    expect(seen.at(-1)).toBe(40);
    await expect(indexSource(foreign, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' });
  });
});
