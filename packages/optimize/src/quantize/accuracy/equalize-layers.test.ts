import { keyedRandom, type Tensor, tensor } from '@percept/core';
import { GraphBuilder, type Model } from '@percept/onnx';
import { describe, expect, it } from 'vitest';
import { quantizeStatic } from '../quantize-static.js';
import { batches, batchNorm, conv, normal, run, runtime, signalToNoise } from '../test-networks.fixture.js';
import { equalizeLayers } from './equalize-layers.js';

/** A stem, a depthwise and a pointwise layer whose channels differ by up to four orders of magnitude. */
function uneven(activation: 'Relu' | 'Clip' = 'Relu'): Model {
  const g = new GraphBuilder('uneven');
  const random = keyedRandom('uneven');
  const act = (x: string): string =>
    activation === 'Relu'
      ? g.node('Relu', [x])
      : g.node('Clip', [x, g.constant(tensor('float32', [], [0])), g.constant(tensor('float32', [], [6]))]);
  const image = g.input('input', 'float32', ['N', 3, 12, 12]);
  const stem = act(batchNorm(g, random, conv(g, random, image, [3, 16, 3]), 16));
  const deep = act(conv(g, random, stem, [16, 16, 3], { group: 16 }));
  const wide = act(conv(g, random, deep, [16, 24, 1]));
  g.output(conv(g, random, g.node('GlobalAveragePool', [wide]), [24, 10, 1], { output: 'out' }), 'float32', [
    'N',
    10,
    1,
    1,
  ]);
  const model = g.build();
  for (const [name, { type, dims, data }] of model.graph.initializers) {
    if (type !== 'float32' || dims.length !== 4) continue;
    const perChannel = data.length / dims[0]!;
    const scaled = (data as Float32Array).map((value, at) => value * 10 ** ((Math.floor(at / perChannel) % 5) - 2));
    model.graph.initializers.set(name, tensor('float32', dims, scaled));
  }
  return model;
}

const image = (): Tensor<'float32'> => normal(keyedRandom('image'), [4, 3, 12, 12]);
const outputOf = async (model: Model): Promise<Float32Array> => (await run(model, image())).out!.data as Float32Array;

async function perTensorNoise(model: Model): Promise<number> {
  const calibration = batches(2, 8, 12);
  const { model: int8 } = await quantizeStatic(model, { calibration, runtime, perChannel: false });
  return signalToNoise(await outputOf(uneven()), await outputOf(int8));
}

describe('cross-layer equalization', () => {
  it('computes the same, through normalization, depthwise layers and pooling', async () => {
    const { model, pairs, unbounded } = equalizeLayers(uneven());
    expect([pairs.length, unbounded]).toEqual([3, []]);
    const [expected, actual] = [await outputOf(uneven()), await outputOf(model)];
    const largest = Math.max(...expected.map(Math.abs));
    for (const [at, value] of actual.entries()) expect(Math.abs(value - expected[at]!)).toBeLessThan(1e-5 * largest);
  });

  it('makes the ranges of both sides of a channel equal', () => {
    const { model } = equalizeLayers(uneven());
    const weights = [...model.graph.initializers.values()].filter(
      ({ dims }) => dims.length === 4,
    ) as Tensor<'float32'>[];
    const [stem, deep] = weights as [Tensor<'float32'>, Tensor<'float32'>];
    const largest = ({ dims, data }: Tensor<'float32'>, channel: number): number => {
      const size = data.length / dims[0]!;
      return Math.max(...data.subarray(channel * size, (channel + 1) * size).map(Math.abs));
    };
    for (let channel = 0; channel < 16; channel++)
      expect(largest(stem, channel) / largest(deep, channel)).toBeCloseTo(1, 2);
  });

  it('takes noise out of quantization with one scale for a weight', async () => {
    const [before, after] = [await perTensorNoise(uneven()), await perTensorNoise(equalizeLayers(uneven()).model)];
    expect(after).toBeGreaterThan(before + 6);
  });

  it('passes a ReLU6 only when its limit may go, and names it', () => {
    expect(equalizeLayers(uneven('Clip')).pairs).toEqual([]);
    const { pairs, unbounded, model } = equalizeLayers(uneven('Clip'), { unboundClips: true });
    expect([pairs.length, unbounded.length]).toEqual([3, 3]);
    expect(model.graph.nodes.some(({ opType }) => opType === 'Clip')).toBe(false);
  });

  it('leaves layers alone that others read, or that share weights', () => {
    const g = new GraphBuilder('shared');
    const random = keyedRandom('shared');
    const x = g.input('input', 'float32', ['N', 3, 8, 8]);
    const a = g.node('Relu', [conv(g, random, x, [3, 3, 3])]);
    const b = conv(g, random, a, [3, 3, 3]);
    g.output(g.node('Add', [a, b], {}, { outputs: ['out'] }), 'float32', ['N', 3, 8, 8]);
    expect(equalizeLayers(g.build()).pairs).toEqual([]);
  });
});
