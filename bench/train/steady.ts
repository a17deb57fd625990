// What a long training costs beside its steps: 10,000 steps of the small CNN (batches of 32), validated and saved to disk after
// every 500, the memory that the process keeps after the first 500 and at the end, and how long the main thread's event loop is
// held up, from before the first step on. The lag is what perf_hooks.monitorEventLoopDelay tells beyond its interval of 1 ms.
// `--steps N` trains less.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type BatchSource, keyedRandom, tensor } from '@percept/core';
import { textTable } from '@percept/report';
import { fsStorage } from '@percept/storage/backends/fs';
import { adam, smallCnn, Trainer } from '@percept/train';
import { describeMachine } from '../harness/machine.js';

const steps = Number(process.argv[process.argv.indexOf('--steps') + 1]) || 10_000;
const settled = 500;
/** Steps over which the memory is taken: the garbage collector makes it go up and down. */
const window = 200;
const batch = 32;
const bars = { growth: 0.01, lagMs: 20 };

const random = keyedRandom('steady');
const pixels = new Float32Array(batch * 784);
random.fill(pixels);
const labels = BigInt64Array.from({ length: batch }, () => BigInt(random.integer(0, 10)));
const batchesOf = (count: number): BatchSource => ({
  batchesPerEpoch: count,
  classes: Array.from({ length: 10 }, (_, index) => String(index)),
  async *batches({ start = 0 }) {
    for (let step = start; step < count; step++) {
      yield {
        keys: [],
        inputs: tensor('float32', [batch, 1, 28, 28], pixels.slice()),
        labels: tensor('int64', [batch], labels.slice()),
      };
    }
  },
});

const memory: number[] = [];
const delay = monitorEventLoopDelay({ resolution: 1 });
const started = performance.now();
const folder = mkdtempSync(join(tmpdir(), 'percept-steady-'));
delay.enable();
await new Trainer({
  model: smallCnn({ classes: 10 }),
  data: batchesOf(settled),
  validation: batchesOf(20),
  checkpoint: { storage: fsStorage(folder), key: 'steady' },
  epochs: Math.ceil(steps / settled),
  optimizer: adam(),
  callbacks: [
    {
      onStep: () => void memory.push(process.memoryUsage.rss()),
    },
  ],
}).fit();
delay.disable();
rmSync(folder, { recursive: true });
const seconds = (performance.now() - started) / 1000;

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const before = mean(memory.slice(settled, settled + window));
const after = mean(memory.slice(-window));
const growth = after / before - 1;
const lag = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - 1);
const p99 = lag(delay.percentile(99));
console.log(`\n${describeMachine()}\n`);
const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
console.log(
  textTable([
    { what: `memory after ${settled} steps`, value: `${mebibytes(before)} MiB` },
    { what: `memory after ${steps} steps`, value: `${mebibytes(after)} MiB` },
    { what: 'growth', value: `${(growth * 100).toFixed(2)} %` },
    { what: 'lag of the event loop, p50', value: `${lag(delay.percentile(50)).toFixed(2)} ms` },
    { what: 'lag of the event loop, p99', value: `${p99.toFixed(2)} ms` },
    { what: 'longest lag', value: `${lag(delay.max).toFixed(1)} ms` },
    { what: 'steps per second', value: (steps / seconds).toFixed(1) },
  ]),
);
const met = growth < bars.growth && p99 < bars.lagMs;
console.log(JSON.stringify({ name: 'train/steady', growth, p99, unit: 'ms', below: bars, met }));
