// Training throughput of the small clothing CNN beside what npm offers without a native build: @tensorflow/tfjs on its
// JavaScript backend and @jax-js/jax on WebAssembly, each with one thread.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Contestant, interleave, startContestant } from '../harness/contestant.js';
import { higherIsBetter, printResult } from '../harness/result.js';
import { hidden, width1, width2 } from './small-cnn.shape.js';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const [steps, rounds, floor] = [10, 5, 50];
const peers = [
  { name: 'tfjs 4.22 cpu', needs: '@tensorflow/tfjs', file: 'small-cnn.tfjs.mjs' },
  { name: 'jax-js 0.1.25 wasm', needs: '@jax-js/jax', file: 'small-cnn.jax.mjs' },
];

const start = async (name: string, args: readonly string[]): Promise<Contestant> => {
  const started = await startContestant(name, process.execPath, [...args]);
  if (typeof started === 'string') throw new Error(started);
  return started;
};
const present = [await start('ours', ['--import', 'tsx', here('small-cnn.ours.ts'), String(steps), '1'])];
for (const { name, needs, file } of peers) {
  if (existsSync(here(`../node_modules/${needs}`))) {
    present.push(await start(name, [here(file), ...[width1, width2, hidden].map(String)]));
  } else console.log(`${name} is absent; install it with: node bench/peers/create.mjs npm`);
}
const figures = await interleave(present, rounds);
for (const contestant of present) contestant.close();
printResult(
  'train/js',
  peers.map(({ name }) =>
    higherIsBetter(`${name}, 1 thread`, figures.get('ours')!, figures.get(name) ?? null, 'images/s', floor),
  ),
);
