import { readFileSync } from 'node:fs';
import { type BatchSource, type Tensor, tensor } from '@percept/core';
import { cloneModel, type Model, writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { describe, expect, it } from 'vitest';
import { smallCnn } from './builders/small-cnn.js';
import { differentiate } from './differentiate.js';
import { crossEntropy } from './losses.js';
import { adam } from './optimizers/adam.js';
import { sgd } from './optimizers/sgd.js';
import { Trainer } from './trainer.js';

interface Golden {
  state: Record<string, number[]>;
  images: number[][];
  labels: number[][];
  first: { loss: number; gradients: Record<string, number[]> };
  optimizers: Record<string, { losses: number[]; state: Record<string, number[]> }>;
}
const golden = JSON.parse(
  readFileSync(new URL('../../../test/goldens/train/training.json', import.meta.url), 'utf8'),
) as Golden;

/** The recorded network: ours, with the recorded weights. */
function recordedModel(): Model {
  const model = cloneModel(smallCnn({ classes: 4, size: 8, width: 3 }));
  const { initializers } = model.graph;
  expect([...initializers.keys()].sort()).toEqual(Object.keys(golden.state).sort());
  for (const [name, { dims }] of initializers) initializers.set(name, tensor('float32', dims, golden.state[name]!));
  return model;
}

const batchDims = [6, 1, 8, 8];
const batch = (index: number): { inputs: Tensor<'float32'>; labels: Tensor<'int64'> } => ({
  inputs: tensor('float32', batchDims, golden.images[index]!),
  labels: tensor('int64', [6], golden.labels[index]!),
});

/** Largest difference, relative to the largest expected value. */
function relativeError(actual: Tensor, expected: readonly number[]): number {
  let [difference, largest] = [0, 1e-6];
  for (const [index, value] of expected.entries()) {
    difference = Math.max(difference, Math.abs(Number(actual.data[index]) - value));
    largest = Math.max(largest, Math.abs(value));
  }
  return difference / largest;
}

describe('against PyTorch', () => {
  it('gives the same loss and gradients of a batch', async () => {
    const model = recordedModel();
    const runtime = onnxruntimeNode({ worker: false });
    const session = await runtime.createSession(writeModel(differentiate(model, { inputDims: batchDims })));
    const { inputs, labels } = batch(0);
    const feeds: Record<string, Tensor> = { input: inputs, labels };
    for (const name of Object.keys(golden.first.gradients)) feeds[name] = model.graph.initializers.get(name)!;
    const results = await session.run(feeds);
    await session.close();
    expect(Number(results.loss!.data[0])).toBeCloseTo(golden.first.loss, 6);
    for (const [name, expected] of Object.entries(golden.first.gradients)) {
      expect(relativeError(results[`gradient.${name}`]!, expected), name).toBeLessThan(1e-5);
    }
  });

  it.each([
    ['sgd', sgd({ learningRate: 0.05, momentum: 0.9, weightDecay: 0.01 }), crossEntropy()],
    ['nesterov', sgd({ learningRate: 0.05, momentum: 0.9, nesterov: true }), crossEntropy()],
    ['plain', sgd({ learningRate: 0.1 }), crossEntropy()],
    ['adam', adam({ learningRate: 0.01, weightDecay: 0.01 }), crossEntropy({ labelSmoothing: 0.1 })],
  ])('has the same weights and running statistics after five steps of %s', async (name, optimizer, loss) => {
    const data: BatchSource = {
      batchesPerEpoch: 5,
      classes: ['a', 'b', 'c', 'd'],
      async *batches() {
        for (let index = 0; index < 5; index++) yield { keys: [], ...batch(index) };
      },
    };
    const { model, history } = await new Trainer({ model: recordedModel(), data, optimizer, loss, epochs: 1 }).fit();
    const expected = golden.optimizers[name]!;
    expect(history[0]!.trainLoss).toBeCloseTo(expected.losses.reduce((sum, value) => sum + value, 0) / 5, 5);
    for (const [parameter, values] of Object.entries(expected.state)) {
      expect(relativeError(model.graph.initializers.get(parameter)!, values), parameter).toBeLessThan(1e-4);
    }
  });
});
