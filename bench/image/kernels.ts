// The WebAssembly kernels of @percept/image beside OpenCV 5 and OpenCV 4, one thread each, on 512 × 512 × 3 bytes. The
// peer of a row is the faster of the two.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Contestant, startContestant } from '../harness/contestant.js';
import { printResult, type Row } from '../harness/result.js';
import { tasks } from './kernels.tasks.js';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const rounds = 9;

const ours = await startContestant('ours', process.execPath, ['--import', 'tsx', here('kernels.ours.ts')]);
if (typeof ours === 'string') throw new Error(ours);
const peers: Contestant[] = [];
for (const [name, venv] of [
  ['OpenCV 5', 'opencv'],
  ['OpenCV 4', 'opencv4'],
] as const) {
  const python = here(`../../.cache/peers/${venv}/bin/python`);
  const started = existsSync(python)
    ? await startContestant(name, python, [here('kernels.py'), ...tasks.map((task) => task.name)])
    : `${name} is absent; make it with: node bench/peers/create.mjs ${venv}`;
  if (typeof started === 'string') console.log(started);
  else peers.push(started);
}

// A contestant answers its tasks in turn; all do the same one before the next begins.
const times = new Map([ours, ...peers].map(({ name }) => [name, tasks.map((): number[] => [])]));
for (let round = 0; round < rounds; round++) {
  for (let task = 0; task < tasks.length; task++) {
    for (const contestant of [ours, ...peers]) times.get(contestant.name)![task]!.push(await contestant.round());
  }
}
for (const contestant of [ours, ...peers]) contestant.close();

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;
const rows = tasks.map(({ title, floor }, task): Row => {
  const mine = median(times.get('ours')![task]!);
  const figures = peers.map(({ name }) => ({ name, time: median(times.get(name)![task]!) }));
  const fastest = figures.sort((a, b) => a.time - b.time)[0];
  const row = fastest ? `${title} (${fastest.name})` : title;
  return {
    row,
    ours: mine,
    peer: fastest?.time ?? null,
    ratio: fastest ? fastest.time / mine : null,
    unit: 'µs',
    floor,
  };
});
printResult('image/kernels', rows);
const asked = rows.flatMap(({ ratio, floor }) => (floor !== null && ratio !== null ? [ratio] : []));
if (asked.length > 0) console.log(`median of the rows with a floor: ${median(asked).toFixed(2)}x`);
