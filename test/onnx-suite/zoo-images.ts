// The images of PERCEPT_DATA that the models are tried on.
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Image } from '@percept/core';
import { readTar } from '@percept/data';
import { decodeImage } from '@percept/image';
import sharp from 'sharp';

/** The folder with models and images, or why there is none. */
export function dataFolder(): { folder: string } | { reason: string } {
  const folder = process.env.PERCEPT_DATA ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));
  if (existsSync(join(folder, 'golden.json'))) return { folder };
  return { reason: `no models and images in ${folder}; PERCEPT_DATA names the folder that has golden.json` };
}

/** The first images of the CIFAR-10 test split with their classes; the file has an image of 32 × 32 in each row. */
export async function cifarImages(folder: string, count: number): Promise<{ images: Image[]; labels: number[] }> {
  const rows = await decodeImage(readFileSync(join(folder, 'cifar10/test_batch.png')), { color: 'rgb' });
  const size = 32 * 32 * 3;
  const images = Array.from(
    { length: count },
    (_, at): Image => ({ width: 32, height: 32, channels: 3, data: rows.data.subarray(at * size, (at + 1) * size) }),
  );
  const labels = JSON.parse(readFileSync(join(folder, 'cifar10/test_labels.json'), 'utf8')) as number[];
  return { images, labels: labels.slice(0, count) };
}

/** A photo of one of the thousand classes of ImageNet. */
export interface Photo {
  readonly name: string;
  readonly label: number;
  readonly jpeg: Uint8Array;
}

/** The first photos of imagenet-1k-samples. */
export async function imagenetPhotos(folder: string, count: number): Promise<Photo[]> {
  const samples = join(folder, 'imagenet-1k-samples');
  const jpegs = new Map<string, Uint8Array>();
  for await (const { name, data } of readTar(createReadStream(join(samples, 'imagenet-1k-samples-256.tar')))) {
    jpegs.set(name.replace(/^imagenet-1k-samples\//, ''), data);
  }
  const [, ...rows] = readFileSync(join(samples, 'manifest.csv'), 'utf8').trim().split('\n');
  return rows.slice(0, count).map((row) => {
    const [name, label] = row.split(',') as [string, string];
    const jpeg = jpegs.get(name);
    if (jpeg === undefined) throw new Error(`Expected ${name} in the archive of photos but it is not there`);
    return { name, label: Number(label), jpeg };
  });
}

/**
 * The centre of a photo as it was when the figures were recorded: sharp decodes it, and half a pixel goes to the left and
 * to the top, where `@percept/image` rounds half to even, as torchvision does.
 */
export async function recordedCentre({ jpeg }: Photo): Promise<Image> {
  const photo = sharp(jpeg);
  const { width, height } = await photo.metadata();
  const [left, top] = [Math.floor((width - 224) / 2), Math.floor((height - 224) / 2)];
  const data = await photo
    .extract({ left, top, width: 224, height: 224 })
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer();
  return { width: 224, height: 224, channels: 3, data: new Uint8Array(data) };
}
