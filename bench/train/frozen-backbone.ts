// An epoch of fine-tuning the head of a MobileNetV2 on features that were computed once, beside an epoch of PyTorch's frozen
// loop, which computes the backbone in every step. The pass that computes the features is not in the figure: it costs about
// one epoch of the loop.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { interleave, startContestant } from '../harness/contestant.js';
import { higherIsBetter, printResult } from '../harness/result.js';
import { batch, classes, images, size } from './frozen-backbone.shape.js';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const python = here('../../.cache/peers/torch/bin/python');
const threads = 2;
const rounds = 5;

const program = ['--import', 'tsx', here('frozen-backbone.ours.ts'), String(threads)];
const ours = await startContestant('ours', process.execPath, program);
if (typeof ours === 'string') throw new Error(ours);
const shape = [images, batch, size, classes, threads].map(String);
const torch = existsSync(python)
  ? await startContestant('torch', python, [here('frozen-backbone.torch.py'), ...shape])
  : 'PyTorch is absent; make it with: node bench/peers/create.mjs torch';
if (typeof torch === 'string') console.log(torch);
const present = typeof torch === 'string' ? [ours] : [ours, torch];
const figures = await interleave(present, rounds);
for (const contestant of present) contestant.close();
printResult('train/frozen-backbone', [
  higherIsBetter(`PyTorch 2.15, ${threads} threads`, figures.get('ours')!, figures.get('torch') ?? null, 'images/s'),
]);
