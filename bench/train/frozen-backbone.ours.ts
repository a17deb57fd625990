// @percept/train on features that a frozen backbone gave once; a contestant of train/frozen-backbone. A round is an epoch:
// the trainer waits at the end of each until the next round is asked for.
import { createInterface } from 'node:readline';
import { type BatchSource, keyedRandom, tensor } from '@percept/core';
import { adam, freeze, headParameters, mobilenetV2, Trainer } from '@percept/train';
import { batch, classes, images, size } from './frozen-backbone.shape.js';

const threads = Number(process.argv[2]);
const random = keyedRandom('bench');
const data: BatchSource = {
  batchesPerEpoch: images / batch,
  classes: Array.from({ length: classes }, (_, index) => String(index)),
  async *batches({ start = 0 }) {
    for (let position = start; position < images / batch; position++) {
      const inputs = tensor('float32', [batch, 3, size, size]);
      random.fill(inputs.data);
      const labels = BigInt64Array.from({ length: batch }, () => BigInt(random.integer(0, classes)));
      yield { keys: Array.from(labels, String), inputs, labels: tensor('int64', [batch], labels) };
    }
  },
};

const commands = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
let started = 0;
const model = mobilenetV2({ classes, dropout: 0 });
await new Trainer({
  model,
  data,
  freeze: freeze(model, '*', { except: headParameters(model) }),
  features: {},
  epochs: 1_000_000,
  optimizer: adam(),
  threads,
  callbacks: [
    {
      async onEpochEnd({ epoch }) {
        if (epoch === 2) console.log('ready');
        if (epoch > 2) console.log(JSON.stringify({ value: (images * 1000) / (performance.now() - started) }));
        if (epoch >= 2 && (await commands.next()).done) process.exit(0);
        started = performance.now();
        return undefined;
      },
    },
  ],
}).fit();
