import { elementCount, keyedRandom, type Tensor, tensor } from '@percept/core';
import { writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { memoryStorage } from '@percept/storage/backends/memory';
import { describe, expect, it } from 'vitest';
import { resnet18 } from '../builders/resnet.js';
import { smallCnn } from '../builders/small-cnn.js';
import { StepBuilder } from '../step-builder.js';
import { type ConvolutionShape, convolutionKey, type GradientPart } from './convolution-shape.js';
import { emitConvolutionGradient, fittingLowerings } from './lowering-choices.js';
import { tuneLowerings } from './tune-lowerings.js';

type Pair = readonly [number, number];

/** Two images of 5×7 through a convolution. */
function shape(
  [channels, filters, groups]: readonly [number, number, number],
  [kernel, strides, dilations]: readonly [Pair, Pair, Pair],
  [before, after]: readonly [Pair, Pair] = [
    [0, 0],
    [0, 0],
  ],
): ConvolutionShape {
  const inputSize: Pair = [5, 7];
  const count = (axis: 0 | 1): number => {
    const span = inputSize[axis] + before[axis] + after[axis] - dilations[axis] * (kernel[axis] - 1) - 1;
    return Math.floor(span / strides[axis]) + 1;
  };
  const output: Pair = [count(0), count(1)];
  return { batch: 2, channels, filters, groups, inputSize, kernel, strides, dilations, before, after, output };
}

const one: Pair = [1, 1];
const shapes = {
  'same size': shape([3, 4, 1], [[3, 3], one, one], [one, one]),
  'asymmetric pads': shape(
    [2, 3, 1],
    [[2, 3], one, one],
    [
      [1, 0],
      [0, 2],
    ],
  ),
  'strides that leave rows over': shape([3, 2, 1], [[2, 2], [3, 2], one], [one, [0, 1]]),
  dilations: shape([6, 2, 1], [[2, 3], one, [2, 1]], [[1, 1], one]),
  'pads beyond the kernel': shape([2, 2, 1], [one, one, one], [one, one]),
  pointwise: shape([3, 5, 1], [one, one, one]),
  'pointwise with strides': shape([3, 5, 1], [one, [2, 2], one]),
  groups: shape([4, 6, 2], [[3, 3], one, one], [one, one]),
  depthwise: shape([3, 3, 3], [[3, 3], one, one], [one, one]),
  'depthwise with strides': shape([3, 3, 3], [[3, 2], [2, 3], one], [one, one]),
  'depthwise with dilations': shape([3, 3, 3], [[2, 2], one, [2, 3]], [[0, 0], one]),
  'more filters by group': shape([2, 4, 2], [[3, 3], one, one], [one, one]),
};

/** By the definition, in float64: every product of an input and a gradient that meet at a weight. */
function gradientsByDefinition(
  of: ConvolutionShape,
  { x, w, dY }: Record<'x' | 'w' | 'dY', Tensor<'float32'>>,
): Record<GradientPart, Float64Array> {
  const { batch, channels, filters, groups, kernel, strides, dilations, before, output, inputSize } = of;
  const perGroup = channels / groups;
  const input = new Float64Array(x.data.length);
  const weight = new Float64Array(w.data.length);
  for (let n = 0; n < batch; n++) {
    for (let o = 0; o < filters; o++) {
      for (let c = 0; c < perGroup; c++) {
        const channel = Math.floor(o / (filters / groups)) * perGroup + c;
        for (let at = 0; at < output[0] * output[1] * kernel[0] * kernel[1]; at++) {
          const [j, i] = [at % kernel[1], Math.floor(at / kernel[1]) % kernel[0]];
          const position = Math.floor(at / (kernel[0] * kernel[1]));
          const row = Math.floor(position / output[1]) * strides[0] + i * dilations[0] - before[0];
          const column = (position % output[1]) * strides[1] + j * dilations[1] - before[1];
          if (row < 0 || row >= inputSize[0] || column < 0 || column >= inputSize[1]) continue;
          const atX = ((n * channels + channel) * inputSize[0] + row) * inputSize[1] + column;
          const atW = ((o * perGroup + c) * kernel[0] + i) * kernel[1] + j;
          const g = dY.data[(n * filters + o) * output[0] * output[1] + position]!;
          input[atX]! += g * w.data[atW]!;
          weight[atW]! += g * x.data[atX]!;
        }
      }
    }
  }
  return { input, weight };
}

const runtime = onnxruntimeNode({ worker: false });

describe('every lowering gives the gradient', () => {
  it.each(Object.entries(shapes))('%s', async (_, of) => {
    const random = keyedRandom('lowerings');
    const filled = (dims: readonly number[]): Tensor<'float32'> =>
      tensor(
        'float32',
        dims,
        Float32Array.from({ length: elementCount(dims) }, () => random.float() - 0.5),
      );
    const x = filled([of.batch, of.channels, ...of.inputSize]);
    const w = filled([of.filters, of.channels / of.groups, ...of.kernel]);
    const dY = filled([of.batch, of.filters, ...of.output]);
    const expected = gradientsByDefinition(of, { x, w, dY });
    for (const part of ['input', 'weight'] as const) {
      const names = fittingLowerings(part, of);
      expect(names.length).toBeGreaterThan(0);
      for (const name of names) {
        const g = new StepBuilder(name, { [convolutionKey(part, of)]: name });
        for (const [input, { dims }] of Object.entries({ x, w, dY })) g.input(input, 'float32', [...dims]);
        const other = part === 'input' ? 'w' : 'x';
        const gradient = emitConvolutionGradient(g, part, of, { other, dY: 'dY' });
        const dims = part === 'input' ? x.dims : w.dims;
        g.output(g.node('Identity', [gradient], {}, { outputs: ['gradient'] }), 'float32', [...dims]);
        const session = await runtime.createSession(writeModel(g.build()));
        const { gradient: found } = await session.run({ x, w, dY });
        await session.close();
        expect(found!.dims, `${part} ${name}`).toEqual(dims);
        for (const [at, value] of expected[part].entries()) {
          expect(Math.abs(Number(found!.data[at]) - value), `${part} ${name} at ${at}`).toBeLessThan(1e-5);
        }
      }
    }
  });

  it('refuses a choice that does not fit', () => {
    const of = shapes.groups;
    const g = new StepBuilder('wrong', { [convolutionKey('weight', of)]: 'rows' });
    expect(() => emitConvolutionGradient(g, 'weight', of, { other: 'x', dY: 'dY' })).toThrow(
      expect.objectContaining({ code: 'TRAIN_LOWERING_UNKNOWN', message: expect.stringContaining('taps') }),
    );
  });
});

describe('tuneLowerings', () => {
  const model = smallCnn({ classes: 2, size: 8, width: 2 });
  const dims = [2, 1, 8, 8];

  it('chooses for every shape once, tells how far it is, and keeps what it chose', async () => {
    const storage = memoryStorage();
    const cache = { storage, version: '1.30.0' };
    const seen: number[] = [];
    const onProgress = ({ done, total }: { done: number; total?: number }): void => {
      expect(total).toBe(3);
      seen.push(done);
    };
    const choices = await tuneLowerings(model, dims, { runtime, rounds: 1, threads: 1, cache, onProgress });
    expect(seen).toEqual([0, 1, 2, 3]);
    // The first convolution's input is the image, which needs no gradient.
    expect(Object.keys(choices).map((key) => key.split(' ')[0])).toEqual(['input', 'weight', 'weight']);

    const idle = { name: runtime.name, createSession: () => Promise.reject(new Error('nothing to time')) };
    expect(await tuneLowerings(model, dims, { runtime: idle, threads: 1, cache })).toEqual(choices);
    const another = { storage, version: '1.31.0' };
    await expect(tuneLowerings(model, dims, { runtime: idle, threads: 1, cache: another })).rejects.toThrow('nothing');
    await expect(tuneLowerings(model, dims, { runtime: idle, threads: 2, cache })).rejects.toThrow('nothing');
  });

  it('times again what a broken cache holds', async () => {
    const storage = memoryStorage();
    const key = 'lowerings/onnxruntime-node-1-cpu-all-threads.json';
    await storage.write(key, new TextEncoder().encode('{"half'));
    const choices = await tuneLowerings(model, dims, { runtime, rounds: 1, cache: { storage, version: '1' } });
    expect(JSON.parse(new TextDecoder().decode(await storage.read(key)))).toEqual(choices);
  });

  it('tunes only what is trained', async () => {
    const all = resnet18({ classes: 2, size: 8, stem: 'cifar' });
    const choices = await tuneLowerings(all, [2, 3, 8, 8], { runtime, rounds: 1, wrt: ['fc.weight', 'fc.bias'] });
    expect(choices).toEqual({});
  });

  it('ends when it is told to', async () => {
    const tuned = tuneLowerings(model, dims, { runtime, signal: AbortSignal.abort() });
    await expect(tuned).rejects.toEqual(expect.objectContaining({ code: 'ABORTED' }));
  });

  it('refuses options out of range', async () => {
    const tuned = tuneLowerings(model, dims, { runtime, rounds: 0 });
    await expect(tuned).rejects.toEqual(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});

it('has unlike shapes under unlike names', () => {
  const keys = Object.values(shapes).map((of) => convolutionKey('weight', of));
  expect(new Set(keys).size).toBe(keys.length);
});
