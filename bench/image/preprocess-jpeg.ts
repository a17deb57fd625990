// JPEG bytes → [1, 3, 224, 224] float32, one thread: @percept/image beside OpenCV, Pillow and torchvision. Figures are
// images per second of processor time, all threads of a process together, which other work on the machine hardly changes.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Contestant, interleave, startContestant } from '../harness/contestant.js';
import { higherIsBetter, printResult, type Row } from '../harness/result.js';
import { composeLarge, unpackJpegs } from './preprocess-jpeg.photos.js';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const data = process.env.PERCEPT_DATA ?? '';
const rounds = 7;

/** One line: a peer, how much faster than it we are to be, and how we decode. */
interface Race {
  readonly peer: string;
  readonly title: string;
  readonly venv: 'image' | 'torch';
  readonly floor: number | null;
  /** Ours as usual unless given. `plain`: without antialiasing, as the peer; `scaled`: decoded at a reduced scale. */
  readonly variant?: Variant;
}

type Variant = 'usual' | 'plain' | 'scaled';

const races: readonly Race[] = [
  { peer: 'opencv', title: 'OpenCV 5.0 INTER_LINEAR', venv: 'image', floor: 1.1, variant: 'plain' },
  { peer: 'opencv-area', title: 'OpenCV 5.0 INTER_AREA', venv: 'image', floor: 1.1 },
  { peer: 'pillow', title: 'Pillow 13 BILINEAR', venv: 'image', floor: 2 },
  { peer: 'torchvision', title: 'torchvision 0.29 v2', venv: 'torch', floor: 2 },
];
const largeRaces: readonly Race[] = [
  ...races,
  { peer: 'opencv-reduced', title: 'OpenCV 5.0 REDUCED_4, ours scaled', venv: 'image', floor: null, variant: 'scaled' },
];

if (!existsSync(join(data, 'imagenet-1k-samples'))) {
  console.error(`Expected real photos; set PERCEPT_DATA to the folder that holds imagenet-1k-samples`);
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), 'percept-bench-'));
try {
  const [small, original, large] = ['small', 'original', 'large'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  unpackJpegs(join(data, 'imagenet-1k-samples/imagenet-1k-samples-256.tar'), /./, small, 200);
  unpackJpegs(join(data, 'cats-vs-dogs/cats-vs-dogs-224.tar'), /originals/, original, 30);
  await composeLarge(
    readdirSync(small).map((name) => join(small, name)),
    large,
    4,
  );
  printResult('image/preprocess-jpeg', [
    ...(await measure('ImageNet, 256 px', small, 1, races)),
    ...(await measure('photos of about 500 × 375', original, 6, races)),
    ...(await measure('12 megapixels', large, 3, largeRaces)),
  ]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Every round goes over the photos `passes` times. */
async function measure(set: string, photos: string, passes: number, entries: readonly Race[]): Promise<Row[]> {
  const variants = [...new Set(entries.map(({ variant = 'usual' }) => variant))];
  const present: Contestant[] = [];
  for (const variant of variants) present.push(await startOurs(photos, passes, variant));
  for (const { peer, venv } of entries) {
    const python = here(`../../.cache/peers/${venv}/bin/python`);
    const started = existsSync(python)
      ? await startContestant(peer, python, [here('preprocess-jpeg.py'), peer, photos, String(passes)], {
          OMP_NUM_THREADS: '1',
        })
      : `${peer} is absent; make it with: node bench/peers/create.mjs ${venv}`;
    if (typeof started === 'string') console.log(started);
    else present.push(started);
  }
  const figures = await interleave(present, rounds);
  for (const contestant of present) contestant.close();
  return entries.map(({ peer, title, floor, variant = 'usual' }) => {
    const mine = figures.get(variant)!;
    return higherIsBetter(`${set}: ${title}`, mine, figures.get(peer) ?? null, 'images/CPU s', floor);
  });
}

async function startOurs(photos: string, passes: number, variant: Variant): Promise<Contestant> {
  const args = ['--import', 'tsx', here('preprocess-jpeg.ours.ts'), photos, String(passes), variant];
  const started = await startContestant(variant, process.execPath, args, {
    UV_THREADPOOL_SIZE: '1',
    VIPS_CONCURRENCY: '1',
  });
  if (typeof started === 'string') throw new Error(started);
  return started;
}
