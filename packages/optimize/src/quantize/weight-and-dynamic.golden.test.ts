import { readFile } from 'node:fs/promises';
import { keyedRandom, tensor } from '@percept/core';
import { GraphBuilder, type Model, readModel } from '@percept/onnx';
import { assertValidModel } from '@percept/onnx/graph';
import { describe, expect, it } from 'vitest';
import { type QuantizeDynamicOptions, quantizeDynamic } from './quantize-dynamic.js';
import { quantizeWeights4 } from './quantize-weights4.js';
import { normal, optimizedOperators, relativeDifference, roundTrip, run } from './test-networks.fixture.js';

interface Golden {
  model: string;
  images: { dims: number[]; data: string };
  weights4: {
    blockSize: 16 | 32 | 128;
    symmetric: boolean;
    values: number[];
    scales: number[];
    zeroPoints?: number[];
    logits: number[];
  }[];
  dynamic: {
    options: QuantizeDynamicOptions;
    weights: Record<string, { values: number[]; scales: number[]; zeroPoints: number[] }>;
    logits: number[];
  }[];
}

const path = new URL('../../../../test/goldens/optimize/weight-and-dynamic-quantization.json', import.meta.url);
const golden: Golden = JSON.parse(await readFile(path, 'utf8'));
const float = readModel(new Uint8Array(Buffer.from(golden.model, 'base64')));
const images = tensor(
  'float32',
  golden.images.dims,
  new Float32Array(new Uint8Array(Buffer.from(golden.images.data, 'base64')).buffer),
);
const stored = (model: Model, name: string) => Array.from(model.graph.initializers.get(name)!.data as Uint8Array);
const largest = (expected: number[], actual: number[]) => relativeDifference(expected, actual);
const logits = async (model: Model) => Array.from((await run(roundTrip(model), images)).logits!.data as Float32Array);

describe('quantizeWeights4, beside MatMulNBitsQuantizer', () => {
  it.each(golden.weights4)('rounds as it does in blocks of $blockSize, symmetric $symmetric', async (expected) => {
    const { blockSize, symmetric } = expected;
    const { model, quantized, float: left } = quantizeWeights4(float, { blockSize, symmetric, keep: ['second'] });
    expect(quantized).toEqual(['first']);
    expect(left.map(({ name }) => name)).toEqual(['conv', 'second']);
    assertValidModel(model);
    expect(stored(model, 'first.weight_Q4')).toEqual(expected.values);
    expect(largest(expected.scales, stored(model, 'first.weight_scales'))).toBeLessThanOrEqual(1e-6);
    if (!symmetric) expect(stored(model, 'first.weight_zero_points')).toEqual(expected.zeroPoints);
    expect(largest(expected.logits, await logits(model))).toBeLessThanOrEqual(1e-5);
  });

  it('takes Gemm with its bias, and is refused where there is nothing', async () => {
    const { model, quantized } = quantizeWeights4(float, { accuracyLevel: 1 });
    expect(quantized).toEqual(['first', 'second']);
    expect((await optimizedOperators(model)).filter((name) => name === 'MatMulNBits')).toHaveLength(2);
    const exact = Array.from((await run(float, images)).logits!.data as Float32Array);
    expect(largest(exact, await logits(model))).toBeLessThan(0.2);
    expect(() => quantizeWeights4(float, { keep: [/./] })).toThrow(
      expect.objectContaining({ code: 'OPTIMIZE_NOTHING_TO_QUANTIZE' }),
    );
    expect(() => quantizeWeights4(float, { blockSize: 20 as never })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });
});

describe('quantizeDynamic, beside quantize_dynamic', () => {
  it.each(golden.dynamic)('stores and computes the same with $options', async (expected) => {
    // The tool makes a MatMul of every Gemm.
    const operators = expected.options.operators ?? (['MatMul', 'Gemm'] as const);
    const { model } = quantizeDynamic(float, { ...expected.options, operators });
    assertValidModel(model);
    expect(Object.keys(expected.weights)).toHaveLength(operators.length);
    for (const [name, { values, scales, zeroPoints }] of Object.entries(expected.weights)) {
      // A Gemm's weight is stored transposed there as well.
      expect(stored(model, `${name}_quantized`), name).toEqual(values);
      expect(stored(model, `${name}_zero_point`), name).toEqual(zeroPoints);
      // Columns of zeros: any scale will do.
      const ours = stored(model, `${name}_scale`);
      const used = scales.flatMap((scale, channel) =>
        values.some((value, index) => value !== 0 && index % scales.length === channel)
          ? [[scale, ours[channel]!] as const]
          : [],
      );
      for (const [theirs, scale] of used) expect(Math.abs(scale / theirs - 1), name).toBeLessThanOrEqual(1e-6);
    }
    expect(largest(expected.logits, await logits(model))).toBeLessThanOrEqual(1e-5);
  });

  it('fuses in onnxruntime, and quantizes a value that several layers read once', async () => {
    const random = keyedRandom('dynamic');
    const g = new GraphBuilder('dynamic');
    const x = g.input('x', 'float32', ['N', 4, 8]);
    const project = () => g.node('MatMul', [x, g.constant(normal(random, [8, 8]))]);
    g.output(g.node('Add', [project(), project()], {}, { outputs: ['y'] }), 'float32', undefined);
    const { model, quantized, float: left } = quantizeDynamic(g.build());
    expect([quantized.length, left]).toEqual([2, []]);
    const operators = await optimizedOperators(model);
    expect(operators.sort()).toEqual(['Add', 'DynamicQuantizeLinear', 'MatMulIntegerToFloat', 'MatMulIntegerToFloat']);
  });

  it('is refused where there is nothing', () => {
    expect(() => quantizeDynamic(float, { operators: [] })).toThrow(
      expect.objectContaining({ code: 'OPTIMIZE_NOTHING_TO_QUANTIZE' }),
    );
  });
});
