// A training in a process of its own, to be killed by its parent, with everything that has a memory: dropout, momentum,
// averaged weights, accumulated gradients, a schedule that follows the validation, early stopping, the best models.
// Argument: the folder of the checkpoint. The last line is the digest of the weights.
import { createHash } from 'node:crypto';
import { type BatchSource, keyedPermutation, keyedRandom, tensor } from '@percept/core';
import { GraphBuilder, type Model } from '@percept/onnx';
import { fsStorage } from '@percept/storage/backends/fs';
import {
  chain,
  clipByGlobalNorm,
  emaWeights,
  reduceLROnPlateau,
  sgd,
  Trainer,
  type TrainerOptions,
} from '@percept/train';

const [folder, ...flags] = process.argv.slice(2);
const size = 16;

/** A network with running statistics and dropout, small enough to be started fifty times. */
function network(): Model {
  const g = new GraphBuilder('network');
  const weights = (name: string, dims: readonly number[]): string => {
    const value = tensor('float32', dims);
    keyedRandom('weights', name).fill(value.data);
    for (const [at, x] of value.data.entries()) value.data[at] = (x - 0.5) / 2;
    return g.initializer(name, value);
  };
  const channels = (name: string, value: number): string =>
    g.initializer(name, tensor('float32', [8], new Float32Array(8).fill(value)));
  const x = g.input('images', 'float32', ['N', 1, size, size]);
  const maps = g.node('Conv', [x, weights('conv', [8, 1, 3, 3])], { kernel_shape: [3, 3], strides: [2, 2] });
  const norm = [channels('scale', 1), channels('shift', 0), channels('mean', 0), channels('variance', 1)];
  const features = g.node('Flatten', [g.node('Relu', [g.node('BatchNormalization', [maps, ...norm])])]);
  const ratio = g.constant(tensor('float32', [], [0.3]));
  const kept = g.node('Dropout', [features, ratio], {}, { name: 'dropout' });
  const count = 8 * (size / 2 - 1) ** 2;
  const scores = g.node('Gemm', [kept, weights('head', [count, 2]), weights('bias', [2])], {}, { outputs: ['logits'] });
  g.output(scores, 'float32', ['N', 2]);
  return g.build();
}

/** Noise with a bright half that tells the class. */
function batches(images: number, batchSize: number): BatchSource {
  const batchesPerEpoch = Math.ceil(images / batchSize);
  return {
    classes: ['left', 'right'],
    batchesPerEpoch,
    fingerprint: `halves ${images}`,
    async *batches({ epoch, start = 0 }) {
      const order = keyedPermutation(images, 'order', epoch);
      for (let batch = start; batch < batchesPerEpoch; batch++) {
        const count = Math.min(batchSize, images - batch * batchSize);
        const chosen = Array.from({ length: count }, (_, at) => order.at(batch * batchSize + at));
        const pixels = new Float32Array(count * size * size);
        for (const [row, image] of chosen.entries()) {
          const random = keyedRandom(image, epoch);
          for (let at = 0; at < size * size; at++) {
            const right = at % size >= size / 2 ? 1 : 0;
            pixels[row * size * size + at] = random.uniform(-1, 1) + (right === image % 2 ? 0.3 : 0);
          }
        }
        yield {
          keys: chosen.map(String),
          inputs: tensor('float32', [count, 1, size, size], pixels),
          labels: tensor(
            'int64',
            [count],
            chosen.map((image) => image % 2),
          ),
        };
      }
    },
  };
}

const options: TrainerOptions = {
  model: network(),
  data: batches(44, 8),
  validation: batches(16, 8),
  epochs: 30,
  optimizer: emaWeights(chain(clipByGlobalNorm(1), sgd({ learningRate: 0.05, momentum: 0.9 })), { decay: 0.9 }),
  schedule: reduceLROnPlateau({ patience: 1 }),
  accumulate: 2,
  best: { keep: 2 },
  earlyStopping: { patience: 20, restoreBest: true },
  seed: 7,
  threads: 1,
};
const checkpoint = { storage: fsStorage(folder!), key: 'checkpoint', everySteps: 1 };
const { model, history } = await new Trainer({ ...options, ...(flags.includes('--whole') ? {} : { checkpoint }) }).fit({
  onProgress: ({ stage, done }) => stage === 'train' && console.log(`step ${done}`),
});
const hash = createHash('sha256');
for (const [name, { data }] of model.graph.initializers) hash.update(name).update(data as Float32Array);
for (const { trainLoss, validationLoss } of history) hash.update(`${trainLoss} ${validationLoss}\n`);
console.log(hash.digest('hex'));
