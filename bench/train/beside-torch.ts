// Trains one of the networks beside PyTorch in turns, with equal threads, and prints the result.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Contestant, interleave, startContestant } from '../harness/contestant.js';
import { higherIsBetter, printResult, type Row } from '../harness/result.js';

/** What is measured. */
export interface BesideTorch {
  /** Name in networks.ts. */
  readonly network: string;
  readonly batches: readonly number[];
  /** Ratio of images/s that every row should reach. */
  readonly floor: number;
  /** Batch size whose peak memory is compared as well, each side in a fresh process. */
  readonly memoryBatch?: number;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const python = here('../../.cache/peers/torch/bin/python');
const rounds = 5;
const steps = 2;

export async function besideTorch(name: string, measured: BesideTorch): Promise<void> {
  const { network, batches, floor, memoryBatch } = measured;
  if (!existsSync(python)) console.log('PyTorch is absent; make it with: node bench/peers/create.mjs torch');
  const rows: Row[] = [];
  for (const batch of batches) {
    for (const threads of [1, 2]) {
      const [ours, peer] = await figures([network, batch, steps, threads, 'speed'], rounds);
      rows.push(higherIsBetter(`PyTorch 2.15, batch ${batch}, threads ${threads}`, ours, peer, 'images/s', floor));
    }
  }
  if (memoryBatch !== undefined) {
    const [ours, peer] = await figures([network, memoryBatch, 5, 1, 'memory'], 1);
    const ratio = peer === null ? null : peer / ours;
    rows.push({ row: `PyTorch 2.15, batch ${memoryBatch}, peak`, ours, peer, ratio, unit: 'MiB', floor: 1 / 1.5 });
  }
  printResult(name, rows);
}

async function figures(args: readonly (string | number)[], count: number): Promise<[number, number | null]> {
  const given = args.map(String);
  const mine = await startContestant('ours', process.execPath, ['--import', 'tsx', here('networks.ours.ts'), ...given]);
  if (typeof mine === 'string') throw new Error(mine);
  const present: Contestant[] = [mine];
  const torch = existsSync(python)
    ? await startContestant('torch', python, [here('networks.torch.py'), ...given])
    : undefined;
  if (typeof torch === 'string') console.log(torch);
  else if (torch !== undefined) present.push(torch);
  const found = await interleave(present, count);
  for (const contestant of present) contestant.close();
  return [found.get('ours')!, found.get('torch') ?? null];
}
