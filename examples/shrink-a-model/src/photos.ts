import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { keyedPermutation, PerceptError, type Sample } from '@percept/core';
import { type IndexedSource, memorySource, readTar, subset, validateSource } from '@percept/data';

/** Photos that can be read, in a mixed order. */
export interface Photos {
  readonly source: IndexedSource;
  /** Files that cannot be read as images, and why. */
  readonly skipped: readonly string[];
}

const isPhoto = /\.(jpe?g|png|webp)$/i;

/**
 * Opens all photos of a folder and the folders in it, or of a tar file: a choice of at most `most`, the same every time.
 *
 * @throws PerceptError `EXAMPLE_USAGE` where there are too few to calibrate and to judge by
 */
export async function openPhotos(path: string, most: number): Promise<Photos> {
  const info = await stat(path).catch(() => undefined);
  const samples = info?.isFile() === true ? await fromArchive(path) : await fromFolder(path);
  const order = keyedPermutation(samples.length, 'photos');
  const chosen = Array.from({ length: Math.min(most, samples.length) }, (_, at) => order.at(at));
  const { valid, report } = await validateSource(subset(memorySource(['unknown'], samples), chosen));
  if (valid.length < 8) {
    throw new PerceptError(
      'EXAMPLE_USAGE',
      `Expected at least 8 photos in ${path} but ${valid.length} can be read. Give some hundred JPEG, PNG or WebP files`,
    );
  }
  return { source: valid, skipped: report.skipped.map(({ key, reason }) => `${key}: ${reason}`) };
}

async function fromFolder(path: string): Promise<Sample[]> {
  const names = await readdir(path, { recursive: true }).catch((cause: unknown) => {
    throw new PerceptError('EXAMPLE_USAGE', `Expected a folder or tar file of photos but ${path} cannot be read`, {
      cause,
    });
  });
  const photos = names.filter((name) => isPhoto.test(name)).sort();
  return Promise.all(photos.map(async (name) => sampleOf(name, await readFile(join(path, name)))));
}

async function fromArchive(path: string): Promise<Sample[]> {
  const samples: Sample[] = [];
  for await (const { name, data } of readTar(createReadStream(path))) {
    if (isPhoto.test(name)) samples.push(sampleOf(name, data));
  }
  return samples;
}

function sampleOf(name: string, image: Uint8Array): Sample {
  return { key: name, label: 0, extension: isPhoto.exec(name)![1]!.toLowerCase(), image };
}
