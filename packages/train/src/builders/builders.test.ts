import { elementCount, tensor } from '@percept/core';
import { type Model, writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { describe, expect, it } from 'vitest';
import { trainable } from '../trainable.js';
import { cnn35 } from './cnn35.js';
import { smallCnn } from './small-cnn.js';

const builders: [string, (seed: number) => Model, number[]][] = [
  ['smallCnn', (seed) => smallCnn({ classes: 10, seed }), [1, 28, 28]],
  ['smallCnn of colour', (seed) => smallCnn({ classes: 3, channels: 3, size: 32, width: 4, seed }), [3, 32, 32]],
  ['cnn35', (seed) => cnn35({ classes: 7, seed }), [3, 35, 35]],
];

const parameterCount = (model: Model): number => {
  const { parameters, constants } = trainable(model);
  return parameters.reduce((sum, name) => sum + elementCount(constants.get(name)!.dims), 0);
};

describe.each(builders)('%s', (_, build, dims) => {
  it('runs on batches of any size and can be trained', async () => {
    const model = build(0);
    const session = await onnxruntimeNode({ worker: false }).createSession(writeModel(model));
    const classes = model.graph.outputs[0]!.dims![1] as number;
    for (const count of [1, 3]) {
      const { logits } = await session.run({ input: tensor('float32', [count, ...dims]) });
      expect(logits!.dims).toEqual([count, classes]);
    }
    await session.close();
    expect(trainable(model).statistics.length).toBeGreaterThan(0);
  });

  it('is a function of its seed', () => {
    const [first, again, other] = [5, 5, 6].map((seed) => Buffer.from(writeModel(build(seed)))) as [
      Buffer,
      Buffer,
      Buffer,
    ];
    expect(first.equals(again)).toBe(true);
    expect(first.equals(other)).toBe(false);
  });
});

describe('weights', () => {
  it('number more than 500,000 in smallCnn', () => {
    expect(parameterCount(smallCnn({ classes: 10 }))).toBe(522_442);
    expect(parameterCount(cnn35({ classes: 2 }))).toBe(241_442);
  });

  it('have the variance 2 / fan-in', () => {
    const { data } = smallCnn({ classes: 10 }).graph.initializers.get('hidden.weight')!;
    const values = Array.from(data as Float32Array);
    const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    expect(variance * 3136).toBeCloseTo(2, 1);
  });
});
