import { type Tensor, tensor } from '@percept/core';
import { writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { describe, expect, it } from 'vitest';
import { smallCnn } from './builders/small-cnn.js';
import { bceWithLogits, crossEntropy, type Loss, mse } from './losses.js';
import { adamw } from './optimizers/adamw.js';
import { chain } from './optimizers/chain.js';
import { clipByGlobalNorm } from './optimizers/clipping.js';
import { sgd } from './optimizers/sgd.js';
import type { Optimizer } from './optimizers/transformation.js';
import { emaWeights } from './optimizers/weight-average.js';
import { trainable } from './trainable.js';
import { buildTrainingStep, initialState, namesForUse, nextPrefix, scalarName, stepNames } from './training-step.js';

const source = trainable(smallCnn({ classes: 3, size: 8, width: 2, seed: 4 }));
const inputDims = [6, 1, 8, 8];
const images = Float32Array.from({ length: 6 * 64 }, (_, index) => Math.sin(index * index));
const classes = [0, 2, 1, 1, 0, 2];
const oneHot = classes.flatMap((label) => [0, 1, 2].map((index) => (index === label ? 1 : 0)));
const indices = tensor('int64', [6], classes);
const probabilities = tensor('float32', [6, 3], oneHot);

async function step(loss: Loss, optimizer: Optimizer, labels: Tensor): Promise<Record<string, Tensor>> {
  const model = buildTrainingStep(source, { loss, optimizer, inputDims, classes: 3 });
  const feeds: Record<string, Tensor> = {
    ...Object.fromEntries(initialState(source, { loss, optimizer })),
    [stepNames.images]: tensor('float32', inputDims, images),
    [stepNames.labels]: labels,
    [scalarName('learningRate')]: tensor('float32', [], [optimizer.learningRate]),
  };
  for (const [name, at] of Object.entries(optimizer.scalars)) feeds[scalarName(name)] = tensor('float32', [], [at(1)]);
  const session = await onnxruntimeNode({ worker: false }).createSession(writeModel(model), { threads: 1 });
  const results = await session.run(feeds);
  await session.close();
  return results;
}

/** Length of the change of all parameters together. */
function changeOf(results: Record<string, Tensor>): number {
  let squares = 0;
  for (const name of source.parameters) {
    const before = source.constants.get(name)!.data as Float32Array;
    const after = results[nextPrefix + name]!.data as Float32Array;
    for (const [index, value] of after.entries()) squares += (value - before[index]!) ** 2;
  }
  return Math.sqrt(squares);
}

describe('the training step', () => {
  const plain = sgd({ learningRate: 1 });

  it('takes probabilities as it takes class indices', async () => {
    const byIndex = await step(crossEntropy(), plain, indices);
    const byProbability = await step(crossEntropy({ targets: 'probabilities' }), plain, probabilities);
    expect(byProbability[stepNames.loss]!.data[0]).toBeCloseTo(Number(byIndex[stepNames.loss]!.data[0]), 6);
    expect(byProbability[stepNames.correct]!.data).toEqual(byIndex[stepNames.correct]!.data);
    expect(changeOf(byProbability)).toBeCloseTo(changeOf(byIndex), 5);
  });

  it('counts right answers where targets name a class', async () => {
    const labelled = await step(bceWithLogits({ targets: 'indices' }), plain, indices);
    const soft = await step(bceWithLogits(), plain, probabilities);
    expect(soft[stepNames.correct]!.data).toEqual(labelled[stepNames.correct]!.data);
    expect((await step(mse(), plain, probabilities))[stepNames.correct]).toBeUndefined();
  });

  it('clips by the norm of all gradients together', async () => {
    const free = changeOf(await step(crossEntropy(), plain, indices));
    const half = chain(clipByGlobalNorm(free / 2), plain);
    expect(changeOf(await step(crossEntropy(), half, indices))).toBeCloseTo(free / 2, 4);
    const wide = chain(clipByGlobalNorm(free * 2), plain);
    expect(changeOf(await step(crossEntropy(), wide, indices))).toBeCloseTo(free, 4);
  });

  it('leaves parameters of a group with rate 0 as they are', async () => {
    const optimizer = adamw({ groups: [{ pattern: /^conv1\./, learningRateFactor: 0 }] });
    const results = await step(crossEntropy(), optimizer, indices);
    for (const name of source.parameters) {
      const same = Buffer.compare(
        Buffer.from((results[nextPrefix + name]!.data as Float32Array).slice().buffer),
        Buffer.from((source.constants.get(name)!.data as Float32Array).slice().buffer),
      );
      expect(same === 0, name).toBe(name.startsWith('conv1.'));
    }
  });

  it('begins an average with the weights, and shows it in their place', async () => {
    const optimizer = emaWeights(plain, { decay: 0.75 });
    const results = await step(crossEntropy(), optimizer, indices);
    const options = { loss: crossEntropy(), optimizer };
    const next = (name: string): number => (results[nextPrefix + name]!.data as Float32Array)[0]!;
    const [name] = source.parameters as [string];
    const before = (source.constants.get(name)!.data as Float32Array)[0]!;
    const shown = namesForUse(source, options).get(name)!;
    expect(next(shown)).toBeCloseTo(0.75 * before + 0.25 * next(name), 6);
    expect([...namesForUse(source, options).keys()]).toEqual(source.parameters);
    expect(namesForUse(source, { ...options, optimizer: plain }).get(name)).toBe(name);
  });
});
