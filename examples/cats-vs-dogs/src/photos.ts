import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { PerceptError, type Sample } from '@percept/core';
import { type IndexedSource, imageFolder, memorySource, readTar, subset, validateSource } from '@percept/data';

/** Photos to learn from, and photos to be judged by. */
export interface Photos {
  readonly train: IndexedSource;
  readonly test: IndexedSource;
  /** Files that cannot be read as images, and why. */
  readonly skipped: readonly string[];
}

/**
 * Opens a folder or a tar file of photos.
 *
 * @throws PerceptError `EXAMPLE_USAGE` where there are no photos in `train/` and `test/`
 */
export async function openPhotos(path: string, quick: boolean): Promise<Photos> {
  const inTar = (await stat(path).catch(() => undefined))?.isFile() === true ? await readArchive(path) : undefined;
  const skipped: string[] = [];
  const open = async (split: 'train' | 'test'): Promise<IndexedSource> => {
    const all = inTar === undefined ? await imageFolder(path, { split }) : inTar[split];
    const { valid, report } = await validateSource(quick ? everyTenth(all) : all);
    skipped.push(...report.skipped.map(({ key, reason }) => `${split}/${key}: ${reason}`));
    return valid;
  };
  return { train: await open('train'), test: await open('test'), skipped };
}

/** Photos of a tar file, in memory: some thousands of small ones are a few dozen megabytes. */
async function readArchive(path: string): Promise<Record<'train' | 'test', IndexedSource>> {
  const found: { split: 'train' | 'test'; label: string; key: string; extension: string; image: Uint8Array }[] = [];
  for await (const { name, data } of readTar(createReadStream(path))) {
    const parts = /(?:^|\/)(train|test)\/(([^/]+)\/.+)\.(jpe?g|png|webp)$/i.exec(name);
    if (parts === null) continue;
    const [, split, key, label, extension] = parts as unknown as [string, 'train' | 'test', string, string, string];
    found.push({ split, key, label, extension: extension.toLowerCase(), image: data });
  }
  const classes = [...new Set(found.map(({ label }) => label))].sort();
  const source = (split: 'train' | 'test'): IndexedSource => {
    const samples = found
      .filter((photo) => photo.split === split)
      .map(({ key, extension, image, label }): Sample => ({ key, extension, image, label: classes.indexOf(label) }));
    if (samples.length === 0) {
      throw new PerceptError(
        'EXAMPLE_USAGE',
        `Expected photos in ${split}/<class>/ of ${path} but there are none. Pack a folder per class`,
      );
    }
    return memorySource(classes, samples);
  };
  return { train: source('train'), test: source('test') };
}

function everyTenth(source: IndexedSource): IndexedSource {
  return subset(
    source,
    source.keys.flatMap((_, index) => (index % 10 === 0 ? [index] : [])),
  );
}
