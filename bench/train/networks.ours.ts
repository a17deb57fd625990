// @percept/train as its users call it, on one of the networks; a contestant. An epoch is a round: the loader holds its first
// batch back until the round is asked for, and the time runs until the trainer asks for the next epoch.
//
// Arguments: NETWORK BATCH STEPS THREADS speed|memory. The figure is images/s, or the process's peak memory in MiB.
import { createInterface } from 'node:readline';
import { type Batch, type BatchSource, keyedRandom, tensor } from '@percept/core';
import { Trainer } from '@percept/train';
import { networks } from './networks.js';

const [name, ...rest] = process.argv.slice(2) as [string, ...string[]];
const [batch, steps, threads] = rest.map(Number) as [number, number, number];
const memory = rest[3] === 'memory';
const { model, size, channels, classes, optimizer } = networks[name]!;
const random = keyedRandom('bench');
const pixels = Float32Array.from({ length: batch * channels * size * size }, () => random.float());
const labels = BigInt64Array.from({ length: batch }, () => BigInt(random.integer(0, classes)));

/** A fresh batch, since the trainer owns what it is given. */
const makeBatch = (): Batch => ({
  keys: [],
  inputs: tensor('float32', [batch, channels, size, size], pixels.slice()),
  labels: tensor('int64', [batch], labels.slice()),
});

const commands = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
let started = 0;
const figure = (): number =>
  memory ? process.resourceUsage().maxRSS / 1024 : (steps * batch * 1000) / (performance.now() - started);

const data: BatchSource = {
  batchesPerEpoch: steps,
  classes: Array.from({ length: classes }, (_, index) => String(index)),
  async *batches({ epoch }) {
    if (epoch > 0) {
      if (epoch === 1) console.log('ready');
      else console.log(JSON.stringify({ value: figure() }));
      if ((await commands.next()).done) process.exit(0);
      started = performance.now();
    }
    for (let step = 0; step < steps; step++) yield makeBatch();
  },
};

await new Trainer({ model: model(), data, epochs: 1_000_000, optimizer: optimizer(), threads }).fit();
