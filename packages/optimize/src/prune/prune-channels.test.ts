import { type BatchSource, type Tensor, tensor } from '@percept/core';
import { GraphBuilder, type Model, writeModel } from '@percept/onnx';
import { assertValidModel, describe as describeModel } from '@percept/onnx/graph';
import { cifarResnet, differentiate, mobilenetV2, resnet18, smallCnn, vitTiny } from '@percept/train';
import { describe, expect, it } from 'vitest';
import { type PruneChannelsOptions, pruneChannels } from './prune-channels.js';
import { pruneIteratively } from './prune-iteratively.js';
import { difference, images, outputsOf, runtime } from './pruned-networks.fixture.js';
import { weightGradients } from './weight-gradients.js';

const small = { classes: 5, size: 32, seed: 3 };

/** A perceptron whose hidden channel c has weights of magnitude `magnitudes[c]`. */
function perceptron(
  magnitudes: readonly number[],
  change: (g: GraphBuilder, hidden: string) => string = (_, x) => x,
): Model {
  const g = new GraphBuilder('perceptron');
  const width = magnitudes.length;
  const x = g.input('x', 'float32', ['N', 2]);
  const rows = Float32Array.from({ length: 2 * width }, (_, at) => (at % 2 === 0 ? 1 : -1) * magnitudes[at >> 1]!);
  const weight = g.initializer('hidden.weight', tensor('float32', [width, 2], rows));
  const hidden = change(g, g.node('Gemm', [x, weight], { transB: 1 }, { name: 'hidden' }));
  const last = g.initializer(
    'fc.weight',
    tensor(
      'float32',
      [3, width],
      Float32Array.from({ length: 3 * width }, (_, at) => at % width),
    ),
  );
  g.output(g.node('Gemm', [hidden, last], { transB: 1 }, { name: 'fc' }), 'float32', ['N', 3]);
  return g.build();
}

/** Places of the hidden channels that are left. */
function left(model: Model): number[] {
  const { dims, data } = model.graph.initializers.get('fc.weight')!;
  return Array.from(data as Float32Array).slice(0, dims[1]);
}

describe('pruneChannels', () => {
  it('takes the channels of the smallest norm, and tells what it did', () => {
    const { model, record } = pruneChannels(perceptron([5, 1, 4, 2, 3, 6]), { target: { ratio: 0.5 }, roundTo: 1 });
    expect(left(model)).toEqual([0, 2, 5]);
    expect(record).toEqual({
      groups: [{ layers: ['hidden'], before: 6, after: 3 }],
      staying: [{ layer: 'fc', channels: 3, reason: 'an output of the model' }],
      macs: { before: 30, after: 15 },
      parameters: { before: 30, after: 15 },
    });
  });

  it.each([
    [1, 0.4, 12],
    [8, 0.4, 16],
    [8, 0.6, 8],
    [8, 0.99, 8],
    [16, 0.7, 16],
    [16, 0.1, 16],
    [64, 0.5, 20],
  ])('rounds to %i at ratio %d', (roundTo, ratio, expected) => {
    const magnitudes = Array.from({ length: 20 }, (_, at) => at + 1);
    const { record } = pruneChannels(perceptron(magnitudes), { target: { ratio }, roundTo, maxRatio: 0.99 });
    expect(record.groups[0]!.after).toBe(expected);
  });

  it('never takes more than maxRatio, nor all', () => {
    const magnitudes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    const after = (maxRatio: number): number =>
      pruneChannels(perceptron(magnitudes), { target: { ratio: 0.99 }, roundTo: 1, maxRatio }).record.groups[0]!.after;
    expect([0.999, 0.9, 0.5, 0.25].map(after)).toEqual([1, 1, 5, 8]);
  });

  it.each([0.75, 0.5, 0.25])('comes to %d of the multiply-accumulates', (macs) => {
    for (const model of [resnet18(small), mobilenetV2(small), cifarResnet({ ...small, depth: 20 })]) {
      const { model: pruned, record } = pruneChannels(model, { target: { macs }, roundTo: 4 });
      assertValidModel(pruned);
      const share = record.macs.after / record.macs.before;
      expect(share).toBeLessThanOrEqual(macs);
      expect(share).toBeGreaterThan(macs - 0.03);
      for (const { before, after } of record.groups) expect(after === before || after % 4 === 0).toBe(true);
      const counted = describeModel(pruned, { inputDims: { input: [1, 3, 32, 32] } });
      expect([counted.macs, counted.parameters]).toEqual([record.macs.after, record.parameters.after]);
    }
  });

  it('takes ratios of their own for some layers, and none of excluded ones', () => {
    const { record } = pruneChannels(resnet18(small), {
      target: { ratio: 0.5, layers: [{ pattern: /^layer1\.0\.conv1$/, ratio: 0.25 }] },
      exclude: ['layer2.0.conv1', /^layer4/],
    });
    const after = new Map(record.groups.map(({ layers, after }) => [layers[0], after]));
    expect(after.get('layer1.0.conv1')).toBe(48);
    expect(after.get('layer1.1.conv1')).toBe(32);
    expect(after.has('layer2.0.conv1')).toBe(false);
    expect(record.staying).toContainEqual({ layer: 'layer2.0.conv1', channels: 128, reason: 'excluded' });
    expect(record.staying.filter(({ layer }) => layer.startsWith('layer4'))).toHaveLength(5);
  });

  it('says what stays in a transformer, and why', () => {
    const { record } = pruneChannels(vitTiny({ ...small, depth: 1 }), { target: { ratio: 0.5 } });
    expect(record.groups).toEqual([
      { layers: ['blocks.0.attn.qkv'], before: 576, after: 288 },
      { layers: ['blocks.0.mlp.fc1'], before: 768, after: 384 },
    ]);
    const reasons = record.staying.map(({ reason }) => reason);
    expect(new Set(reasons)).toEqual(
      new Set(['LayerNormalization computes over the channels', 'an output of the model']),
    );
  });

  it('judges by the scales of BatchNormalization', () => {
    const withNorm = (g: GraphBuilder, x: string): string => {
      const vector = (...values: number[]) => g.constant(tensor('float32', [4], values));
      return g.node('BatchNormalization', [
        x,
        vector(0.1, -4, 3, 0.2),
        vector(0, 0, 0, 0),
        vector(1, 1, 1, 1),
        vector(1, 1, 1, 1),
      ]);
    };
    const options: PruneChannelsOptions = { target: { ratio: 0.5 }, roundTo: 1, criterion: 'batchNorm' };
    expect(left(pruneChannels(perceptron([9, 1, 2, 8], withNorm), options).model)).toEqual([1, 2]);
    expect(() => pruneChannels(perceptron([9, 1, 2, 8]), options)).toThrow(
      expect.objectContaining({ code: 'OPTIMIZE_NOTHING_TO_PRUNE' }),
    );
  });

  it('chooses by chance as the seed says', () => {
    const magnitudes = Array.from({ length: 32 }, () => 1);
    const chosen = (seed: number) =>
      left(pruneChannels(perceptron(magnitudes), { target: { ratio: 0.5 }, criterion: 'random', seed }).model);
    expect(chosen(1)).toEqual(chosen(1));
    expect(chosen(1)).not.toEqual(chosen(2));
    expect(chosen(1)).toHaveLength(16);
  });

  it('leaves the given model as it is', () => {
    const model = cifarResnet({ ...small, depth: 8 });
    const before = JSON.stringify([model.graph.nodes, [...model.graph.initializers.values()].map(({ dims }) => dims)]);
    pruneChannels(model, { target: { ratio: 0.5 } });
    expect(JSON.stringify([model.graph.nodes, [...model.graph.initializers.values()].map(({ dims }) => dims)])).toBe(
      before,
    );
  });

  it('keeps what is an output as well', () => {
    const shown = perceptron([1, 2, 3, 4], (g, x) => g.node('Relu', [x], {}, { outputs: ['shown'] }));
    shown.graph.outputs.push({ name: 'shown', type: 'float32', dims: ['N', 4], docString: '' });
    expect(() => pruneChannels(shown, { target: { ratio: 0.5 } })).toThrow(
      expect.objectContaining({
        code: 'OPTIMIZE_NOTHING_TO_PRUNE',
        message: expect.stringContaining('an output of the model'),
      }),
    );
  });

  it('names operators that it does not know, and prunes the rest', async () => {
    const g = new GraphBuilder('unknown');
    const weight = (...dims: number[]) =>
      g.constant(
        tensor(
          'float32',
          dims,
          Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, at) => Math.sin(at + 1)),
        ),
      );
    const conv = (x: string, name: string, from: number, to: number) =>
      g.node('Conv', [x, weight(to, from, 1, 1)], {}, { name });
    const x = g.input('x', 'float32', ['N', 3, 4, 4]);
    const deep = g.node('DepthToSpace', [conv(x, 'before', 3, 16)], { blocksize: 2 });
    const y = conv(g.node('Relu', [conv(deep, 'middle', 4, 16)]), 'after', 16, 2);
    g.output(y, 'float32', ['N', 2, 8, 8]);
    const { model, record } = pruneChannels(g.build(), { target: { ratio: 0.5 } });
    expect(record.groups).toEqual([{ layers: ['middle'], before: 16, after: 8 }]);
    expect(record.staying).toContainEqual({
      layer: 'before',
      channels: 16,
      reason: 'DepthToSpace is not known to pruning',
    });
    expect((await outputsOf(model, images([1, 3, 4, 4])))[0]!.dims).toEqual([1, 2, 8, 8]);
  });

  it('prunes a model of open height and width by ratio, and asks for sizes to count by', () => {
    const model = resnet18(small);
    model.graph.inputs[0]!.dims = ['N', 3, 'H', 'W'];
    expect(pruneChannels(model, { target: { ratio: 0.5 } }).record.groups[0]!.after).toBe(32);
    expect(() => pruneChannels(model, { target: { macs: 0.5 } })).toThrow(
      expect.objectContaining({ code: 'OPTIMIZE_UNKNOWN_SIZES' }),
    );
    const { record } = pruneChannels(model, { target: { macs: 0.5 }, inputDims: { input: ['N', 3, 64, 64] } });
    expect(record.macs.after / record.macs.before).toBeLessThanOrEqual(0.5);
  });

  it.each([
    ['NaN weights', () => perceptron([1, Number.NaN, 3, 4]), { target: { ratio: 0.5 } }, 'OPTIMIZE_NOT_FINITE'],
    [
      'a target out of reach',
      () => perceptron([1, 2, 3, 4]),
      { target: { macs: 0.01 } },
      'OPTIMIZE_TARGET_UNREACHABLE',
    ],
    ['a ratio of all', () => perceptron([1, 2]), { target: { ratio: 1 } }, 'INVALID_ARGUMENT'],
    ['a macs of none', () => perceptron([1, 2]), { target: { macs: 0 } }, 'INVALID_ARGUMENT'],
    ['an unknown option', () => perceptron([1, 2]), { target: { macs: 1 }, amount: 2 }, 'INVALID_ARGUMENT'],
  ])('refuses %s', (_, model, options, code) => {
    expect(() => pruneChannels(model(), options as PruneChannelsOptions)).toThrow(expect.objectContaining({ code }));
  });
});

const cnn = smallCnn({ classes: 3, size: 8, width: 8, seed: 4 });
const inputs = images([6, 1, 8, 8]);
const labels: Tensor<'int64'> = tensor('int64', [6], [0n, 2n, 1n, 1n, 0n, 2n]);
const data: BatchSource = {
  classes: ['a', 'b', 'c'],
  batchesPerEpoch: 3,
  async *batches() {
    for (let batch = 0; batch < 3; batch++) yield { keys: [], inputs, labels };
  },
};

describe('weightGradients', () => {
  it('gives the magnitudes that differentiate gives, by which Taylor chooses', async () => {
    const gradients = await weightGradients(cnn, { data, runtime, batches: 2 });
    const graph = differentiate(cnn, { inputDims: [6, 1, 8, 8] });
    const known = Object.fromEntries(
      graph.graph.inputs
        .filter(({ name }) => cnn.graph.initializers.has(name))
        .map(({ name }) => [name, cnn.graph.initializers.get(name)!]),
    );
    const session = await runtime.createSession(writeModel(graph));
    const results = await session.run({ ...known, input: inputs, labels });
    await session.close();
    for (const [name, magnitudes] of gradients) {
      const expected = Array.from(results[`gradient.${name}`]!.data as Float32Array, Math.abs);
      for (const [at, value] of expected.entries()) expect(magnitudes[at]).toBeCloseTo(value, 5);
    }
    const weight = cnn.graph.initializers.get('conv1.weight')!;
    const inner = weight.data.length / 8;
    const scores = Array.from({ length: 8 }, (_, channel) => {
      let sum = 0;
      for (let at = channel * inner; at < (channel + 1) * inner; at++) {
        sum += Math.abs(Number(weight.data[at]) * gradients.get('conv1.weight')![at]!);
      }
      return sum;
    });
    const best = [...scores.keys()]
      .sort((a, b) => scores[b]! - scores[a]!)
      .slice(0, 4)
      .sort((a, b) => a - b);
    const { model } = pruneChannels(cnn, { target: { ratio: 0.5 }, roundTo: 4, criterion: { taylor: gradients } });
    const kept = model.graph.initializers.get('conv1.weight')!.data as Float32Array;
    expect(kept).toEqual(
      Float32Array.from(
        best.flatMap((channel) =>
          Array.from((weight.data as Float32Array).subarray(channel * inner, (channel + 1) * inner)),
        ),
      ),
    );
  });

  it('refuses to judge by nothing', async () => {
    const none: BatchSource = { ...data, async *batches() {} };
    await expect(weightGradients(cnn, { data: none, runtime })).rejects.toMatchObject({ code: 'OPTIMIZE_NO_DATA' });
  });
});

describe('pruneIteratively', () => {
  it('comes to the target in equal shares, with training between', async () => {
    const seen: number[] = [];
    const { model, steps } = await pruneIteratively(resnet18(small), {
      target: { macs: 0.25 },
      steps: 3,
      roundTo: 4,
      finetune: (current, { macs }) => {
        assertValidModel(current);
        seen.push(macs);
        return current;
      },
    });
    expect(steps.map(({ step }) => step)).toEqual([1, 2, 3]);
    expect(seen).toEqual(steps.map(({ macs }) => macs));
    for (const [at, macs] of seen.entries()) {
      const target = 0.25 ** ((at + 1) / 3);
      expect(macs).toBeLessThanOrEqual(target + 1e-9);
      expect(macs).toBeGreaterThan(target - 0.03);
    }
    expect(await difference(model, model, images([1, 3, 32, 32]))).toBe(0);
  });

  it('finds the criterion anew for every round, and stops when asked to', async () => {
    const stop = new AbortController();
    let asked = 0;
    const promise = pruneIteratively(cnn, {
      target: { macs: 0.5 },
      steps: 4,
      roundTo: 1,
      signal: stop.signal,
      criterion: async (model) => {
        asked++;
        return { taylor: await weightGradients(model, { data, runtime }) };
      },
      finetune: (model, { step }) => {
        if (step === 2) stop.abort();
        return model;
      },
    });
    await expect(promise).rejects.toMatchObject({ code: 'ABORTED' });
    expect(asked).toBe(2);
  });
});
