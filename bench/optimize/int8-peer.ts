// Our int8 models beside those that onnxruntime's Python tool makes of the same float files and images, at its defaults and at its
// best settings (uint8 × int8 per channel, the faster of its two forms), all on onnxruntime-node with one thread. The ratio is our
// speed-up over that of its best settings.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { printResult, type Row } from '../harness/result.js';
import { writeNetwork } from './int8.files.js';
import { networks } from './int8.networks.js';
import { race } from './race.js';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const python = here('../../.cache/peers/onnxruntime/bin/python');
const [rounds, floor] = [5, 0.97];
if (!existsSync(python)) {
  console.error('onnxruntime of Python is absent; make it with: node bench/peers/create.mjs onnxruntime');
  process.exit(2);
}

const rows: Row[] = [];
const ratios: number[] = [];
for (const name of Object.keys(networks)) {
  const { float, int8, images } = await writeNetwork(name);
  const folder = dirname(float);
  const { status, stderr } = spawnSync(python, [here('int8-peer.py'), float, images, folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`onnxruntime's tool failed on ${name}: ${stderr.trim().split('\n').at(-1)}`);
  const made = (file: string): string => join(folder, `${file}.onnx`);
  const files = { float, int8, default: made('default'), qdq: made('best-qdq'), qoperator: made('best-qoperator') };
  const times = await race(files, { threads: 1, rounds });
  const of = (file: keyof typeof files): number => times.get(file)!;
  const best = Math.min(of('qdq'), of('qoperator'));
  const compared = (row: string, peer: number, least: number | null): Row => ({
    row: `${name}, ${row}`,
    ours: of('float') / of('int8'),
    peer: of('float') / peer,
    ratio: peer / of('int8'),
    unit: '× float',
    floor: least,
  });
  rows.push(compared("onnxruntime's tool at its defaults", of('default'), null));
  rows.push(compared("onnxruntime's tool at its best", best, floor));
  ratios.push(best / of('int8'));
}
const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
rows.push({ row: 'geometric mean, at its best', ours: mean, peer: 1, ratio: mean, unit: '×', floor: 1 });
printResult('optimize/int8-peer', rows);
