// The images of PERCEPT_DATA that the models are tried on.
import { spawn } from 'node:child_process';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Image } from '@percept/core';
import { readTar } from '@percept/data';
import { decodeImage } from '@percept/image';
import sharp from 'sharp';

/** The folder with models and images, or why there is none. */
export function dataFolder(): { folder: string } | { reason: string } {
  const folder = process.env.PERCEPT_DATA;
  if (folder !== undefined && existsSync(join(folder, 'golden.json'))) return { folder };
  return {
    reason: `no golden.json in ${folder ?? 'PERCEPT_DATA, which is not set'}; it names the folder with models and images`,
  };
}

/** The images of the CIFAR-10 test split with their classes; the file has an image of 32 × 32 in each row. */
export async function cifarImages(folder: string): Promise<{ images: Image[]; labels: number[] }> {
  const rows = await decodeImage(readFileSync(join(folder, 'cifar10/test_batch.png')), { color: 'rgb' });
  const size = 32 * 32 * 3;
  const images = Array.from(
    { length: rows.height },
    (_, at): Image => ({ width: 32, height: 32, channels: 3, data: rows.data.subarray(at * size, (at + 1) * size) }),
  );
  const labels = JSON.parse(readFileSync(join(folder, 'cifar10/test_labels.json'), 'utf8')) as number[];
  return { images, labels };
}

/** A JPEG file and the class of what it shows. */
export interface Photo {
  readonly name: string;
  readonly label: number;
  readonly jpeg: Uint8Array;
}

/** The photos of imagenet-1k-samples, one of each of the thousand classes. */
export async function imagenetPhotos(folder: string): Promise<Photo[]> {
  const samples = join(folder, 'imagenet-1k-samples');
  const jpegs = await filesOf(createReadStream(join(samples, 'imagenet-1k-samples-256.tar')));
  return manifestRows(samples).map(([name, label]) => photo(jpegs, `imagenet-1k-samples/${name}`, Number(label)));
}

/** The test photos of cats-vs-dogs: cats are 0, dogs are 1. */
export async function catDogPhotos(folder: string): Promise<Photo[]> {
  const samples = join(folder, 'cats-vs-dogs');
  const jpegs = await filesOf(createReadStream(join(samples, 'cats-vs-dogs-224.tar')));
  const test = manifestRows(samples).filter(([, split]) => split === 'test');
  return test.map(([name, , label]) => photo(jpegs, `cats-vs-dogs/${name}`, label === 'cat' ? 0 : 1));
}

const cifarClasses = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

/** The CIFAR-10 test split as JPEG files of low quality. */
export async function cifarPhotos(folder: string): Promise<Photo[]> {
  const packed = join(folder, 'cifar10/cifar10-test-jpeg.tar.xz');
  const unpacked = spawn('xz', ['--decompress', '--stdout', packed], { stdio: ['ignore', 'pipe', 'inherit'] });
  const jpegs = await filesOf(unpacked.stdout);
  return [...jpegs.keys()].map((name) => photo(jpegs, name, cifarClasses.indexOf(name.split('/')[2]!)));
}

async function filesOf(tar: Readable): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for await (const { name, data } of readTar(tar)) files.set(name, data);
  return files;
}

function manifestRows(folder: string): string[][] {
  const [, ...rows] = readFileSync(join(folder, 'manifest.csv'), 'utf8').trim().split('\n');
  return rows.map((row) => row.split(','));
}

function photo(jpegs: ReadonlyMap<string, Uint8Array>, name: string, label: number): Photo {
  const jpeg = jpegs.get(name);
  if (jpeg === undefined || Number.isNaN(label) || label < 0) {
    throw new Error(
      `Expected ${name} with a class in the archive of photos but received ${jpeg?.length} bytes of ${label}`,
    );
  }
  return { name, label, jpeg };
}

/**
 * The centre of a photo as it was when the figures were recorded: sharp decodes it, and half a pixel goes to the left and
 * to the top, where `@percept/image` rounds half to even, as torchvision does.
 */
export async function recordedImage({ jpeg }: Photo, side: number): Promise<Image> {
  const photo = sharp(jpeg);
  const { width, height } = await photo.metadata();
  const [left, top] = [Math.floor((width - side) / 2), Math.floor((height - side) / 2)];
  const data = await photo
    .extract({ left, top, width: side, height: side })
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer();
  return { width: side, height: side, channels: 3, data: new Uint8Array(data) };
}
