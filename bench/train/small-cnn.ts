// Training throughput of the small clothing CNN: @percept/train beside PyTorch eager and @tensorflow/tfjs (cpu).
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Contestant, interleave, startContestant } from '../harness/contestant.js';
import { higherIsBetter, printResult, type Row } from '../harness/result.js';
import { batch, hidden, width1, width2 } from './small-cnn.shape.js';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const python = here('../../.cache/peers/torch/bin/python');
const rounds = 7;

const rows: Row[] = [];
for (const threads of [1, 2]) {
  const steps = 10 * threads;
  rows.push(...(await measure(threads, steps)));
}
printResult('train/small-cnn', rows);

async function measure(threads: number, steps: number): Promise<Row[]> {
  const ours = await startContestant('ours', process.execPath, [
    '--import',
    'tsx',
    here('small-cnn.ours.ts'),
    String(steps),
    String(threads),
  ]);
  if (typeof ours === 'string') throw new Error(ours);
  const shape = [width1, width2, hidden, batch, steps, threads].map(String);
  const torch = existsSync(python)
    ? await startContestant('torch', python, [here('small-cnn.torch.py'), ...shape])
    : 'PyTorch is absent; make it with: node bench/peers/create.mjs torch';
  // The pure-JS backend has one thread and takes seconds a batch.
  const tfjs =
    threads === 1
      ? existsSync(here('../node_modules/@tensorflow/tfjs'))
        ? await startContestant('tfjs', process.execPath, [here('small-cnn.tfjs.mjs'), ...shape])
        : 'tfjs is absent; install it with: node bench/peers/create.mjs npm'
      : undefined;

  const present: Contestant[] = [ours];
  for (const peer of [torch, tfjs]) {
    if (typeof peer === 'string') console.log(peer);
    else if (peer !== undefined) present.push(peer);
  }
  const figures = await interleave(present, rounds);
  for (const contestant of present) contestant.close();

  const mine = figures.get('ours')!;
  const found = [
    higherIsBetter(
      `PyTorch 2.15, ${threads} thread${threads > 1 ? 's' : ''}`,
      mine,
      figures.get('torch') ?? null,
      'images/s',
    ),
  ];
  if (tfjs !== undefined)
    found.push(higherIsBetter('tfjs 4.22 cpu, 1 thread', mine, figures.get('tfjs') ?? null, 'images/s'));
  return found;
}
