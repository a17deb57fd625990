import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type BatchSource, keyedRandom, tensor } from '@percept/core';
import { type Model, writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { memoryStorage } from '@percept/storage/backends/memory';
import { adamw, chain, clipByGlobalNorm, Trainer, type TrainerOptions } from '@percept/train';
import { fromLayersModel, layersModelToOnnx, loadOnnxWeights, type TensorFlowModule } from '@percept/train/tfjs';
import { describe, expect, it } from 'vitest';
import { root } from '../setup/repository.js';

// What this file calls itself; the types of the package are not installed here.
// biome-ignore lint/suspicious/noExplicitAny: TensorFlow.js is loaded from a folder without its types
type Any = any;

const made = spawnSync(process.execPath, [join(root, 'bench/peers/tfjs-node.mjs')], { encoding: 'utf8' });

const size = 16;
const classes = ['red', 'green', 'blue'];

/** Images of noise in which one colour is brighter. */
function colours(images: number, batchSize: number): BatchSource {
  return {
    batchesPerEpoch: images / batchSize,
    classes,
    async *batches({ epoch, start = 0 }) {
      for (let batch = start; batch < images / batchSize; batch++) {
        const random = keyedRandom('colours', epoch, batch);
        const labels = Array.from({ length: batchSize }, () => random.integer(0, 3));
        const pixels = Float32Array.from({ length: batchSize * 3 * size * size }, (_, at) => {
          const [row, channel] = [Math.floor(at / (3 * size * size)), Math.floor(at / (size * size)) % 3];
          return random.uniform(-1, 1) + (labels[row] === channel ? 0.3 : 0);
        });
        const inputs = tensor('float32', [batchSize, 3, size, size], pixels);
        yield { keys: labels.map(String), inputs, labels: tensor('int64', [batchSize], labels.map(BigInt)) };
      }
    },
  };
}

/** A residual net with separable convolutions, every layer seeded and named: the same whenever it is built. */
function residualNet(tf: Any): Any {
  const kernel = () => ({ kernelInitializer: tf.initializers.glorotUniform({ seed: 5 }) });
  const separable = () => ({
    depthwiseInitializer: tf.initializers.glorotUniform({ seed: 6 }),
    pointwiseInitializer: tf.initializers.glorotUniform({ seed: 7 }),
  });
  const { layers } = tf;
  const inputs = tf.input({ shape: [size, size, 3], name: 'images' });
  let x = layers
    .conv2d({ filters: 8, kernelSize: 3, strides: 2, padding: 'same', name: 'stem', ...kernel() })
    .apply(inputs);
  for (const block of ['a', 'b']) {
    let y = layers.batchNormalization({ momentum: 0.9, name: `${block}.norm` }).apply(x);
    y = layers
      .separableConv2d({
        filters: 8,
        kernelSize: 3,
        padding: 'same',
        activation: 'relu',
        name: `${block}.conv`,
        ...separable(),
      })
      .apply(y);
    x = layers.add({ name: `${block}.sum` }).apply([x, y]);
  }
  x = layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same', name: 'pool' }).apply(x);
  x = layers.dropout({ rate: 0.2, name: 'dropout' }).apply(layers.flatten({ name: 'flatten' }).apply(x));
  const outputs = layers.dense({ units: 3, activation: 'softmax', name: 'head', ...kernel() }).apply(x);
  return tf.model({ inputs, outputs });
}

const weights = ({ graph }: Model): unknown[] =>
  [...graph.initializers].map(([name, { data }]) => [name, Array.from(data as Float32Array)]);

if (made.status !== 0) {
  it.skip(`LayersModels on tfjs-node (${made.stderr.trim().split('\n').at(-1)})`, () => {});
} else {
  const folder = made.stdout.trim().split('\n').at(-1)!;
  const tf: Any = createRequire(join(folder, 'package.json'))('@tensorflow/tfjs-node');
  const options = (layersModel: Any, given: Partial<TrainerOptions> = {}): TrainerOptions => ({
    model: fromLayersModel(tf as TensorFlowModule, layersModel),
    data: colours(384, 32),
    validation: colours(96, 32),
    epochs: 3,
    optimizer: chain(clipByGlobalNorm(1), adamw({ learningRate: 0.01 })),
    ...given,
  });

  describe('LayersModels on tfjs-node', () => {
    it('learn in Trainer, and onnxruntime computes what they do', async () => {
      expect(tf.getBackend()).toBe('tensorflow');
      const layersModel = residualNet(tf);
      const { model, history } = await new Trainer(options(layersModel)).fit();
      expect(history.at(-1)!.validationAccuracy).toBeGreaterThan(0.9);
      expect(model.graph.nodes.some(({ opType }) => opType === 'Transpose')).toBe(false);
      const session = await onnxruntimeNode({ worker: false }).createSession(writeModel(model), { threads: 1 });
      for await (const { inputs } of colours(32, 32).batches({ epoch: 9 })) {
        const images = tf.transpose(tf.tensor(inputs.data, inputs.dims), [0, 2, 3, 1]);
        const expected = layersModel.predict(images).dataSync() as Float32Array;
        const { output } = await session.run({ input: inputs });
        for (const [at, value] of expected.entries()) {
          expect(Math.abs(Number(output!.data[at]) - value)).toBeLessThanOrEqual(1e-5);
        }
      }
      await session.close();
      // Back into a model that was not trained.
      const fresh = residualNet(tf);
      await loadOnnxWeights(tf, fresh, model);
      expect(weights(await layersModelToOnnx(fresh))).toEqual(weights(model));
    });

    it('end with the same bits when the training is interrupted', async () => {
      const whole = await new Trainer(options(residualNet(tf))).fit();
      const checkpoint = { storage: memoryStorage(), key: 'net' };
      const controller = new AbortController();
      const onProgress = ({ done }: { done: number }): void => {
        if (done === 17) controller.abort();
      };
      const interrupted = new Trainer(options(residualNet(tf), { checkpoint }));
      await expect(interrupted.fit({ signal: controller.signal, onProgress })).rejects.toThrow();
      const resumed = await new Trainer(options(residualNet(tf), { checkpoint })).fit();
      expect(resumed.resumedAt!.epoch).toBe(1);
      expect(weights(resumed.model)).toEqual(weights(whole.model));
    });

    it('leave no tensors behind', async () => {
      const layersModel = residualNet(tf);
      const before = tf.memory().numTensors;
      const seen = new Set<number>();
      const callbacks = [{ onStep: () => void seen.add(tf.memory().numTensors) }];
      // The second epoch: the first has built what the steps need.
      await new Trainer(options(layersModel, { epochs: 1 })).fit();
      await new Trainer(options(layersModel, { epochs: 1, callbacks })).fit();
      expect(tf.memory().numTensors).toBe(before);
      expect([...seen].length).toBeLessThanOrEqual(3);
    });
  });
}
