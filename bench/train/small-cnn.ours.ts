// @percept/train as its users call it; a contestant of train/small-cnn. An epoch is a round: the loader holds its first
// batch back until the round is asked for, and the time runs until the trainer asks for the next epoch.
import { createInterface } from 'node:readline';
import { type Batch, type BatchSource, keyedRandom, tensor } from '@percept/core';
import { adam, smallCnn, Trainer } from '@percept/train';
import { batch } from './small-cnn.shape.js';

const [steps, threads] = process.argv.slice(2).map(Number) as [number, number];
const random = keyedRandom('bench');
const pixels = Float32Array.from({ length: batch * 784 }, () => random.float());
const labels = BigInt64Array.from({ length: batch }, () => BigInt(random.integer(0, 10)));

/** A fresh batch, since the trainer owns what it is given. */
const makeBatch = (): Batch => ({
  keys: [],
  inputs: tensor('float32', [batch, 1, 28, 28], pixels.slice()),
  labels: tensor('int64', [batch], labels.slice()),
});

const commands = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
let started = 0;

const data: BatchSource = {
  batchesPerEpoch: steps,
  classes: Array.from({ length: 10 }, (_, index) => String(index)),
  async *batches({ epoch }) {
    if (epoch > 0) {
      if (epoch === 1) console.log('ready');
      else console.log(JSON.stringify({ value: (steps * batch * 1000) / (performance.now() - started) }));
      if ((await commands.next()).done) process.exit(0);
      started = performance.now();
    }
    for (let step = 0; step < steps; step++) yield makeBatch();
  },
};

await new Trainer({ model: smallCnn({ classes: 10 }), data, epochs: 1_000_000, optimizer: adam(), threads }).fit();
