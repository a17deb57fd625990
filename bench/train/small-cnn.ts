// Training throughput of the small clothing CNN: @percept/train beside PyTorch eager.
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
  rows.push(await measure(threads, steps));
}
printResult('train/small-cnn', rows);

async function measure(threads: number, steps: number): Promise<Row> {
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
  const present: Contestant[] = [ours];
  if (typeof torch === 'string') console.log(torch);
  else present.push(torch);
  const figures = await interleave(present, rounds);
  for (const contestant of present) contestant.close();

  return higherIsBetter(
    `PyTorch 2.15, ${threads} thread${threads > 1 ? 's' : ''}`,
    figures.get('ours')!,
    figures.get('torch') ?? null,
    'images/s',
    0.7,
  );
}
