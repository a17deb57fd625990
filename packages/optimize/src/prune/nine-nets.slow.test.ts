// The nine stock nets of the training suite lose two fifths of their channels, stay valid, run, and train.
import { elementCount, type Tensor, tensor } from '@percept/core';
import { writeModel } from '@percept/onnx';
import { checkModel } from '@percept/onnx/graph';
import { differentiate } from '@percept/train';
import { describe, expect, it } from 'vitest';
import { pruneChannels } from './prune-channels.js';
import { images, outputsOf, runtime, stockNets } from './pruned-networks.fixture.js';

describe('the nine stock nets', () => {
  it('are nine', () => expect(stockNets).toHaveLength(9));

  it.each(stockNets)('%s prunes to a valid model that trains', { timeout: 300_000 }, async (_, read) => {
    const { model, inputDims } = read();
    const { model: pruned, record } = pruneChannels(model, { target: { ratio: 0.4 } });
    expect(checkModel(pruned)).toEqual([]);
    const removed = record.groups.reduce((sum, { before, after }) => sum + before - after, 0);
    const all = record.groups.reduce((sum, { before }) => sum + before, 0);
    expect(removed / all).toBeGreaterThan(0.35);
    expect(record.macs.after / record.macs.before).toBeLessThan(0.7);
    expect(record.parameters.after / record.parameters.before).toBeLessThan(0.7);

    const input = images(inputDims);
    const [scores] = await outputsOf(pruned, input);
    expect(scores!.dims).toEqual([inputDims[0], 10]);
    expect((scores!.data as Float32Array).every(Number.isFinite)).toBe(true);

    const graph = differentiate(pruned, { inputDims });
    const session = await runtime.createSession(writeModel(graph), { threads: 1 });
    const names = graph.graph.outputs.map(({ name }) => name).filter((name) => name.startsWith('gradient.'));
    const weights = new Map<string, Tensor>(
      names.map((name) => [
        name.slice('gradient.'.length),
        pruned.graph.initializers.get(name.slice('gradient.'.length))!,
      ]),
    );
    const labels = tensor(
      'int64',
      [inputDims[0]!],
      Array.from({ length: inputDims[0]! }, (__, at) => BigInt(at % 10)),
    );
    const step = () => session.run({ input, labels, ...Object.fromEntries(weights) });
    const before = await step();
    let square = 0;
    for (const [name, { dims }] of weights) {
      const gradient = before[`gradient.${name}`]!;
      expect(gradient.dims, name).toEqual(dims);
      for (const value of gradient.data as Float32Array) square += value * value;
    }
    expect(square).toBeGreaterThan(0);
    // A step so small that the loss must not rise.
    const rate = 1e-3 / Math.sqrt(square);
    for (const [name, { dims, data }] of weights) {
      const gradient = before[`gradient.${name}`]!.data as Float32Array;
      const moved = Float32Array.from(
        { length: elementCount(dims) },
        (__, at) => Number(data[at]) - rate * gradient[at]!,
      );
      weights.set(name, tensor('float32', dims, moved));
    }
    const after = await step();
    await session.close();
    expect(Number(after.loss!.data[0])).toBeLessThanOrEqual(Number(before.loss!.data[0]));
  });
});
