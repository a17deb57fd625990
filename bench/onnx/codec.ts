// Reading and writing a 102 MB model (the layers of a ResNet-50): @percept/onnx beside onnx-proto, whose rawData is a
// view, too. Every decoding starts from the bytes; an encoding ends in one new array, or in pieces for a stream, which
// onnx-proto cannot give. Most of the time of an encoding is the machine's time for fresh memory: see the row that only
// copies.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Contestant, interleave, startContestant } from '../harness/contestant.js';
import { printResult, type Row } from '../harness/result.js';
import { resnet50 } from './codec.model.js';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const peer = here('../../.cache/peers/onnx-proto');
const rounds = 15;

if (!existsSync(join(peer, 'node_modules/onnx-proto'))) {
  mkdirSync(peer, { recursive: true });
  writeFileSync(join(peer, 'package.json'), '{"private":true}\n');
  spawnSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', 'onnx-proto@8.0.1'], { cwd: peer });
}

const folder = mkdtempSync(join(tmpdir(), 'percept-codec-'));
try {
  const file = join(folder, 'resnet50.onnx');
  const bytes = resnet50();
  writeFileSync(file, bytes);
  const rows: Row[] = [];
  rows.push(copyRow(bytes));
  for (const what of ['decode', 'encode', 'pieces']) rows.push(await measure(file, what, bytes.length));
  printResult('onnx/codec', rows);
} finally {
  rmSync(folder, { recursive: true });
}

/** What it takes to copy as many bytes into a new array. */
function copyRow(bytes: Uint8Array): Row {
  const times = Array.from({ length: rounds }, () => {
    const started = performance.now();
    new Uint8Array(bytes.length).set(bytes);
    return performance.now() - started;
  }).sort((a, b) => a - b);
  const ours = times[rounds >> 1]!;
  return {
    row: `copy ${Math.round(bytes.length / 1e6)} MB, nothing else`,
    ours,
    peer: null,
    ratio: null,
    unit: 'ms',
    floor: null,
  };
}

async function measure(file: string, what: string, size: number): Promise<Row> {
  const args = ['--import', 'tsx', here('codec.ours.ts'), file, what];
  const ours = await startContestant('ours', process.execPath, args);
  if (typeof ours === 'string') throw new Error(ours);
  const other =
    what === 'pieces'
      ? 'onnx-proto gives no pieces'
      : existsSync(join(peer, 'node_modules/onnx-proto'))
        ? await startContestant('onnx-proto', process.execPath, [here('codec.onnx-proto.mjs'), file, what, peer])
        : 'onnx-proto is absent; it is installed into .cache/peers/onnx-proto when npm reaches its registry';
  const present: Contestant[] = [ours];
  if (typeof other === 'string') console.log(other);
  else present.push(other);
  const figures = await interleave(present, rounds);
  for (const contestant of present) contestant.close();
  const mine = figures.get('ours')!;
  const theirs = figures.get('onnx-proto') ?? null;
  const megabytes = Math.round(size / 1e6);
  // Milliseconds: less is better, so the ratio is the other way round.
  return {
    row: `${what} ${megabytes} MB, onnx-proto 8.0.1 (${(size / 1e6 / mine).toFixed(1)} GB/s)`,
    ours: mine,
    peer: theirs,
    ratio: theirs === null ? null : theirs / mine,
    unit: 'ms',
    floor: 1,
  };
}
