import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FolderSkip, imageFolder } from './image-folder.js';
import { compareNaturally } from './natural-order.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'percept-folder-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function put(...paths: string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), path);
  }
}

describe('imageFolder', () => {
  it('takes classes and samples in natural order, at any depth, with unicode names', async () => {
    await put('class10/a.png', 'class2/img10.jpg', 'class2/img2.JPG', 'class2/deep/er/x.png', 'ネコ/é.webp');
    const source = await imageFolder(folder);
    expect(source.classes).toEqual(['class2', 'class10', 'ネコ']);
    expect(source.keys).toEqual(['class2/deep/er/x', 'class2/img2', 'class2/img10', 'class10/a', 'ネコ/é']);
    expect(source.labels).toEqual([0, 0, 0, 1, 2]);
    const sample = await source.read(1);
    expect(sample).toMatchObject({ key: 'class2/img2', label: 0, extension: 'jpg' });
    expect(Buffer.from(sample.image).toString()).toBe('class2/img2.JPG');
  });

  it('gives the same keys whichever way the file system spells accents', async () => {
    await put('cafe\u0301/e\u0301.png');
    const source = await imageFolder(folder);
    expect(source.classes).toEqual(['caf\u00e9']);
    expect(source.keys).toEqual(['caf\u00e9/\u00e9']);
    expect((await source.read(0)).image.length).toBeGreaterThan(0);
  });

  it('keeps extensions where keys would be the same without', async () => {
    await put('a/x.png', 'a/x.jpg', 'a/y.png', 'a/v1.2.png');
    expect((await imageFolder(folder)).keys).toEqual(['a/v1.2', 'a/x.jpg', 'a/x.png', 'a/y']);
  });

  it('passes over hidden files silently and over others with a reason', async () => {
    await put('a/x.png', 'a/.DS_Store', '.git/x.png', 'a/notes.txt', 'readme.md');
    await writeFile(join(folder, 'a/empty.png'), '');
    await symlink(join(folder, 'gone'), join(folder, 'a/dangling.png'));
    const skips: FolderSkip[] = [];
    const source = await imageFolder(folder, { onSkip: (skip) => skips.push(skip) });
    expect(source.keys).toEqual(['a/x']);
    expect(skips.map(({ path, code }) => [path.slice(folder.length + 1), code])).toEqual([
      ['a/dangling.png', 'DATA_UNREADABLE'],
      ['a/empty.png', 'DATA_EMPTY_FILE'],
      ['a/notes.txt', 'DATA_NOT_AN_IMAGE'],
      ['readme.md', 'DATA_OUTSIDE_CLASS'],
    ]);
  });

  it('follows links, but not into themselves', async () => {
    await put('real/cat/x.png', 'root/dog/y.png');
    await symlink(join(folder, 'real/cat'), join(folder, 'root/cat'));
    await symlink(join(folder, 'root/dog'), join(folder, 'root/dog/again'));
    const skips: FolderSkip[] = [];
    const source = await imageFolder(join(folder, 'root'), { onSkip: (skip) => skips.push(skip) });
    expect(source.keys).toEqual(['cat/x', 'dog/y']);
    expect(skips).toEqual([expect.objectContaining({ code: 'DATA_UNREADABLE', reason: 'it leads into itself' })]);
  });

  it('reads train and test with the classes of both', async () => {
    await put('train/a/1.png', 'train/c/1.png', 'test/b/1.png', 'test/c/2.png');
    const test = await imageFolder(folder, { split: 'test' });
    expect(test.classes).toEqual(['a', 'b', 'c']);
    expect(test.keys).toEqual(['b/1', 'c/2']);
    expect(test.labels).toEqual([1, 2]);
    await expect(imageFolder(folder)).rejects.toMatchObject({
      code: 'DATA_FOLDER_INVALID',
      message: expect.stringMatching(/pass split: 'train' or 'test'/),
    });
  });

  it('says what is wrong with a folder', async () => {
    const refused = async (options: Parameters<typeof imageFolder>[1] = {}, path = folder): Promise<void> => {
      await expect(imageFolder(path, options)).rejects.toMatchObject({ code: 'DATA_FOLDER_INVALID' });
    };
    await refused();
    await refused({}, join(folder, 'none'));
    await refused({ split: 'train' });
    await put('a/readme.txt');
    await refused();
    await expect(imageFolder(folder, { split: 'all' as 'test' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('rejects when a file has gone since, and stops at its signal', async () => {
    await put('a/x.png');
    const source = await imageFolder(folder);
    await rm(join(folder, 'a/x.png'));
    await expect(source.read(0)).rejects.toMatchObject({ code: 'DATA_UNREADABLE' });
    await expect(imageFolder(folder, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' });
  });
});

describe('compareNaturally', () => {
  it('orders numbers by value and everything else by code unit, totally', () => {
    expect(['a10', 'a2', 'a02', 'B', 'a', '10', '9', 'a2b'].sort(compareNaturally)).toEqual([
      '9',
      '10',
      'B',
      'a',
      'a02',
      'a2',
      'a2b',
      'a10',
    ]);
    const name = fc.stringMatching(/^[ab01]{0,6}$/);
    fc.assert(
      fc.property(name, name, name, (a, b, c) => {
        const [x, y, z] = [a, b, c].sort(compareNaturally) as [string, string, string];
        expect(compareNaturally(x, y)).toBeLessThanOrEqual(0);
        expect(compareNaturally(y, z)).toBeLessThanOrEqual(0);
        expect(compareNaturally(x, z)).toBeLessThanOrEqual(0);
        expect(compareNaturally(a, b) === 0).toBe(a === b);
        expect(Math.sign(compareNaturally(a, b)) + Math.sign(compareNaturally(b, a))).toBe(0);
      }),
    );
  });
});
