import type { BatchSource, Tensor } from '@percept/core';
import { type Model, readMetadata, writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { memoryStorage } from '@percept/storage/backends/memory';
import { describe, expect, it } from 'vitest';
import { toyBatches } from '../batches.fixture.js';
import { fromOnnx } from '../models/from-onnx.js';
import { sgd } from '../optimizers/sgd.js';
import { emaWeights } from '../optimizers/weight-average.js';
import { stepLR } from '../schedules.js';
import { Trainer } from '../trainer.js';
import type { TrainerOptions } from '../trainer-options.js';
import { toyModel } from './engine.fixture.js';
import { fromLayersModel } from './from-layers-model.js';
import { layersModelToOnnx } from './layers-model-to-onnx.js';
import { loadOnnxWeights } from './load-onnx-weights.js';
import { tf } from './tf.fixture.js';

const data = toyBatches({ images: 40, batchSize: 8 });
const validation = toyBatches({ images: 16, batchSize: 8, shuffle: false });
const options = (given: Partial<TrainerOptions> = {}): TrainerOptions => ({
  model: fromLayersModel(tf, toyModel({ dropout: 0.2 })),
  data,
  validation,
  epochs: 4,
  optimizer: emaWeights(sgd({ learningRate: 0.1, momentum: 0.9 }), { decay: 0.8 }),
  schedule: stepLR({ stepSize: 2, gamma: 0.5 }),
  accumulate: 2,
  ...given,
});

const weights = ({ graph }: Model): Record<string, number[]> =>
  Object.fromEntries(
    [...graph.initializers].map(([name, { data: values }]) => [name, Array.from(values as Float32Array)]),
  );

describe('a LayersModel in Trainer', () => {
  it('learns, is validated, and comes out as ONNX', async () => {
    const seen: number[] = [];
    const layersModel = toyModel({ dropout: 0.2 });
    const model = fromLayersModel(tf, layersModel);
    const callbacks = [{ onStep: ({ loss }: { loss: number }) => void seen.push(loss) }];
    const result = await new Trainer(options({ model, callbacks, epochs: 8, best: { keep: 2 } })).fit();
    expect(seen).toHaveLength(40);
    expect(result.history.at(-1)!.validationAccuracy).toBeGreaterThan(0.9);
    expect(result.history.at(-1)!.trainLoss).toBeLessThan(result.history[0]!.trainLoss);
    expect(result.best!.model.graph.initializers.size).toBe(result.model.graph.initializers.size);
    expect(readMetadata(result.model)).toMatchObject({ labels: data.classes, lineage: { seed: 0 } });

    // The averaged weights, back in the layers, predict what onnxruntime does.
    await loadOnnxWeights(tf, layersModel, result.model);
    const session = await onnxruntimeNode({ worker: false }).createSession(writeModel(result.model), { threads: 1 });
    for await (const { inputs } of validation.batches({ epoch: 0 })) {
      const { output } = await session.run({ input: inputs });
      const images = tf.transpose(tf.tensor(inputs.data, [...inputs.dims]), [0, 2, 3, 1]);
      const predicted = (layersModel.predict(images) as ReturnType<typeof tf.tensor>).dataSync();
      for (const [at, value] of predicted.entries()) expect(Number(output!.data[at])).toBeCloseTo(value, 5);
    }
  });

  it('ends with the same bits when it is interrupted and built anew', async () => {
    const whole = await new Trainer(options()).fit();
    const storage = memoryStorage();
    const controller = new AbortController();
    const onProgress = ({ done }: { done: number }): void => {
      if (done === 7) controller.abort();
    };
    const checkpoint = { storage, key: 'layers' };
    await expect(new Trainer(options({ checkpoint })).fit({ signal: controller.signal, onProgress })).rejects.toThrow();
    const resumed = await new Trainer(options({ checkpoint })).fit();
    expect(resumed.resumedAt).toEqual({ epoch: 1, step: expect.any(Number) });
    expect(weights(resumed.model)).toEqual(weights(whole.model));
    const other = tf.sequential({
      layers: [tf.layers.flatten({ inputShape: [8, 8, 1] }), tf.layers.dense({ units: 4 })],
    });
    await expect(new Trainer(options({ checkpoint, model: fromLayersModel(tf, other) })).fit()).rejects.toMatchObject({
      code: 'TRAIN_CHECKPOINT_MISMATCH',
    });
  });

  it('is trained on onnxruntime instead, and gets the weights back', async () => {
    const layersModel = toyModel();
    const before = await layersModelToOnnx(layersModel);
    const onnx = fromOnnx(before);
    const runtime = onnxruntimeNode({ worker: false });
    const { model } = await new Trainer({ model: onnx, data, epochs: 2, threads: 1, runtime }).fit();
    await loadOnnxWeights(tf, layersModel, model);
    const after = weights(await layersModelToOnnx(layersModel));
    for (const [name, values] of Object.entries(after)) expect(values, name).toEqual(weights(model)[name]);
    expect(after).not.toEqual(weights(before));
  });

  it('names the tensor where numbers went wrong', async () => {
    const spoiled: BatchSource = {
      ...data,
      async *batches(where) {
        let position = where.start ?? 0;
        for await (const batch of data.batches(where)) {
          if (position++ === 2) (batch.inputs as Tensor<'float32'>).data[5] = Number.POSITIVE_INFINITY;
          yield batch;
        }
      },
    };
    await expect(new Trainer(options({ data: spoiled })).fit()).rejects.toMatchObject({
      code: 'TRAIN_DIVERGED',
      message: expect.stringMatching(/epoch 0, step 2.*images of the batch/),
    });
  });

  it('refuses what only ONNX models can have', () => {
    expect(() => new Trainer(options({ runtime: onnxruntimeNode() }))).toThrow(/no runtime .* brings its own engine/);
  });
});
