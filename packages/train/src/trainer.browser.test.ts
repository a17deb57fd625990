import { type Progress, tensor } from '@percept/core';
import { type Model, readModel, writeModel } from '@percept/onnx';
import { onnxruntimeWeb } from '@percept/onnx/backends/web';
import { opfsStorage } from '@percept/storage/backends/opfs';
import { expect, it } from 'vitest';
import { toyBatches } from './batches.fixture.js';
import { smallCnn } from './builders/small-cnn.js';
import { freeze } from './models/freeze.js';
import { headParameters } from './models/head.js';
import { adam } from './optimizers/adam.js';
import { Trainer } from './trainer.js';
import type { TrainerOptions } from './trainer-options.js';

/** All batches of one size: each further one is a graph to be built and compiled, which takes seconds here. */
const small = (): TrainerOptions => ({
  model: smallCnn({ classes: 4, size: 8, width: 4 }),
  data: toyBatches({ images: 40 }),
  validation: toyBatches({ images: 16 }),
  epochs: 3,
  optimizer: adam({ learningRate: 0.01 }),
  // Threads of so small a network wait for each other most of the time, all the more beside other tests.
  threads: 1,
});

function weights({ graph }: Model): Float32Array[] {
  return [...graph.initializers.values()].map(({ data }) => data as Float32Array);
}

it('learns in a worker of the page, which stays responsive, and the model runs', async () => {
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 4);
  const progress: Progress[] = [];
  const { model, history } = await new Trainer(small()).fit({ onProgress: (report) => progress.push(report) });
  clearInterval(timer);
  expect(history.at(-1)!.trainLoss).toBeLessThan(history[0]!.trainLoss / 1.5);
  expect(history.at(-1)!.validationAccuracy).toBeGreaterThan(0.5);
  expect(progress.filter(({ stage }) => stage === 'train')).toHaveLength(15);
  // Not a speed: a page whose thread trains would not tick at all.
  expect(longest).toBeLessThan(2000);

  const session = await onnxruntimeWeb({ worker: true }).createSession(writeModel(readModel(writeModel(model))));
  const { logits } = await session.run({ input: tensor('float32', [2, 1, 8, 8]) });
  expect(logits!.dims).toEqual([2, 4]);
  await session.close();
});

it('goes on from a checkpoint in the private files of the page as if it had never ended', async () => {
  const storage = await opfsStorage('percept-train-test');
  try {
    const whole = await new Trainer(small()).fit();
    const controller = new AbortController();
    const checkpoint = { storage, key: 'runs/a' };
    const onProgress = ({ stage, done }: Progress): void => {
      if (stage === 'train' && done === 8) controller.abort();
    };
    const ended = new Trainer({ ...small(), checkpoint }).fit({ signal: controller.signal, onProgress });
    await expect(ended).rejects.toMatchObject({ code: 'ABORTED' });
    const resumed = await new Trainer({ ...small(), checkpoint }).fit();
    expect(resumed.resumedAt).toMatchObject({ epoch: 1 });
    expect(weights(resumed.model)).toEqual(weights(whole.model));
  } finally {
    for await (const { key } of storage.list('')) await storage.delete(key);
  }
});

it('trains a head on features that are computed once', async () => {
  const { model } = small() as { model: Model };
  const freezing = freeze(model, '*', { except: headParameters(model) });
  const options = { ...small(), model, freeze: freezing, features: {}, epochs: 8 };
  const { history } = await new Trainer({ ...options, optimizer: adam({ learningRate: 0.05 }) }).fit();
  expect(history.at(-1)!.trainLoss).toBeLessThan(history[0]!.trainLoss);
});
