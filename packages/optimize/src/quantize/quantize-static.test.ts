import { keyedRandom, type Tensor, tensor } from '@percept/core';
import { GraphBuilder, type Model, readMetadata, withMetadata, writeModel } from '@percept/onnx';
import { describe, expect, it } from 'vitest';
import { quantizeStatic } from './quantize-static.js';
import {
  batches,
  conv,
  normal,
  optimizedOperators,
  residualNetwork,
  roundTrip,
  run,
  runtime,
  signalToNoise,
} from './test-networks.fixture.js';

const count = (operators: string[], opType: string) => operators.filter((name) => name === opType).length;
const operatorsOf = (model: Model) => model.graph.nodes.map((node) => node.opType);

/** Quantizes, and checks that every output stays within a signal-to-noise ratio of the float model's. */
async function quantized(float: Model, images: Tensor<'float32'>, decibels = 20): Promise<Model> {
  const calibration = (async function* () {
    yield images;
  })();
  const { model } = await quantizeStatic(float, { calibration, runtime });
  const exact = await run(float, images);
  const approximate = await run(roundTrip(model), images);
  expect(Object.keys(approximate)).toEqual(Object.keys(exact));
  for (const [name, { data }] of Object.entries(exact)) {
    const ratio = signalToNoise(data as Float32Array, approximate[name]!.data as Float32Array);
    expect(ratio, name).toBeGreaterThan(decibels);
  }
  return model;
}

const images = (...dims: number[]) => normal(keyedRandom('images', ...dims), dims);

describe('what onnxruntime makes of it', () => {
  it('is an integer kernel for every layer', async () => {
    const { model, float } = await quantizeStatic(residualNetwork(1), { calibration: batches(4, 8, 16), runtime });
    expect(float).toEqual([]);
    const operators = await optimizedOperators(model);
    expect(count(operators, 'QLinearConv')).toBe(4);
    expect(count(operators, 'QGemm')).toBe(1);
    expect(operators).toEqual(expect.arrayContaining(['QLinearAdd', 'QLinearGlobalAveragePool', 'NhwcMaxPool']));
    expect(operators.filter((name) => ['Conv', 'Relu', 'Add', 'Gemm', 'DequantizeLinear'].includes(name))).toEqual([]);
    expect(count(operators, 'QuantizeLinear')).toBe(1);
  });

  it('stays close to the float model on other images', async () => {
    const float = residualNetwork(2);
    const { model } = await quantizeStatic(float, { calibration: batches(8, 8, 16), runtime });
    const held = images(16, 3, 16, 16);
    const exact = (await run(float, held)).logits!.data as Float32Array;
    const approximate = (await run(roundTrip(model), held)).logits!.data as Float32Array;
    expect(signalToNoise(exact, approximate)).toBeGreaterThan(25);
  });

  it('fuses layers that share weights and biases, and carries Concat, Mul, Sigmoid, AveragePool and Clip', async () => {
    const random = keyedRandom('carried');
    const g = new GraphBuilder('carried');
    const x = g.input('x', 'float32', ['N', 3, 8, 8]);
    const weight = g.constant(normal(random, [4, 3, 3, 3], 0.3));
    const bias = g.constant(normal(random, [4], 0.3));
    const [a, b] = [1, 2].map((stride) =>
      g.node('Conv', [x, weight, bias], { strides: [stride, stride], pads: [1, 1, 1, 1] }),
    );
    const [zero, six] = [0, 6].map((limit) => g.constant(tensor('float32', [], [limit])));
    const clipped = g.node('Clip', [a!, zero!, six!]);
    const pooled = g.node('AveragePool', [clipped], { kernel_shape: [2, 2], strides: [2, 2] });
    const joined = g.node('Concat', [pooled, b!], { axis: 1 });
    const gate = g.node('Sigmoid', [conv(g, random, joined, [8, 8, 1])]);
    const scaled = g.node('Mul', [g.node('Mul', [joined, gate]), g.constant(normal(random, [1, 8, 1, 1]))]);
    g.output(conv(g, random, scaled, [8, 4, 1], { output: 'y' }), 'float32', undefined);
    const model = await quantized(g.build(), images(4, 3, 8, 8));
    expect(operatorsOf(model)).not.toContain('Clip');
    const operators = await optimizedOperators(model);
    expect(count(operators, 'QLinearConv')).toBe(4);
    expect(count(operators, 'QLinearMul')).toBe(2);
    expect(operators).toEqual(expect.arrayContaining(['QLinearConcat', 'QLinearSigmoid', 'QLinearAveragePool']));
    expect(count(operators, 'DequantizeLinear')).toBe(1);
  });

  it('absorbs a Relu behind pooling and reshaping', async () => {
    const random = keyedRandom('behind');
    const g = new GraphBuilder('behind');
    const x = g.input('x', 'float32', ['N', 3, 8, 8]);
    const pooled = g.node('MaxPool', [conv(g, random, x, [3, 4, 3])], { kernel_shape: [2, 2], strides: [2, 2] });
    const relu = g.node('Relu', [g.node('Flatten', [pooled])]);
    const hidden = g.node('Relu', [g.node('Gemm', [relu, g.constant(normal(random, [64, 8], 0.2))])]);
    g.output(
      g.node('MatMul', [hidden, g.constant(normal(random, [8, 5]))], {}, { outputs: ['y'] }),
      'float32',
      undefined,
    );
    const model = await quantized(g.build(), images(4, 3, 8, 8));
    expect(operatorsOf(model)).not.toContain('Relu');
    const operators = await optimizedOperators(model);
    expect(operators.filter((name) => /^QuantizeLinear$|^QLinearConv$|^QGemm$|^MatMul/.test(name))).toEqual([
      'QuantizeLinear',
      'QLinearConv',
      'QGemm',
      'MatMulIntegerToFloat',
    ]);
  });
});

describe('graphs of other shapes', () => {
  it('keep a Relu whose input is read elsewhere, and outputs in the middle', async () => {
    const random = keyedRandom('middle');
    const g = new GraphBuilder('middle');
    const x = g.input('x', 'float32', ['N', 3, 8, 8]);
    const features = conv(g, random, x, [3, 4, 3], { output: 'features' });
    const sum = g.node('Add', [features, g.node('Relu', [features])]);
    g.output(conv(g, random, sum, [4, 4, 1], { output: 'y' }), 'float32', undefined);
    g.output(features, 'float32', undefined);
    expect(operatorsOf(await quantized(g.build(), images(4, 3, 8, 8)))).toContain('Relu');
  });

  it('keep operators without an integer kernel, and what follows the last layer, in float', async () => {
    const random = keyedRandom('float');
    const g = new GraphBuilder('float');
    const x = g.input('x', 'float32', ['N', 3, 8, 8]);
    const swish = g.node('HardSwish', [conv(g, random, x, [3, 4, 3])]);
    const last = conv(g, random, g.node('Add', [swish, swish]), [4, 5, 1]);
    const pooled = g.node('Flatten', [g.node('GlobalAveragePool', [g.node('Relu', [last])])]);
    g.output(g.node('Softmax', [pooled], {}, { outputs: ['y'] }), 'float32', undefined);
    const operators = await optimizedOperators(await quantized(g.build(), images(4, 3, 8, 8)));
    expect(count(operators, 'QLinearConv')).toBe(2);
    expect(operators).toEqual(expect.arrayContaining(['QLinearAdd', 'GlobalAveragePool', 'Softmax']));
  });

  it('keep integer shape arithmetic and dynamic padding as they are', async () => {
    const random = keyedRandom('shapes');
    const g = new GraphBuilder('shapes');
    const x = g.input('x', 'float32', ['N', 3, 8, 8]);
    const shape = g.node('Shape', [x]);
    const batch = g.node('Slice', [shape, ...[0, 1].map((at) => g.constant(tensor('int64', [1], [at])))]);
    const target = g.node('Concat', [batch, g.constant(tensor('int64', [1], [-1]))], { axis: 0 });
    const pads = g.node('Add', [
      g.constant(tensor('int64', [8])),
      g.constant(tensor('int64', [8], [0, 0, 1, 1, 0, 0, 1, 1])),
    ]);
    const flat = g.node('Reshape', [conv(g, random, g.node('Pad', [x, pads]), [3, 4, 3]), target]);
    const weight = g.constant(normal(random, [400, 6], 0.1));
    g.output(g.node('Gemm', [flat, weight], {}, { outputs: ['y'] }), 'float32', undefined);
    const operators = await optimizedOperators(await quantized(g.build(), images(4, 3, 8, 8)));
    expect(operators).toEqual(expect.arrayContaining(['QLinearConv', 'QGemm', 'Reshape']));
  });

  it('say which layers stay float and why', async () => {
    const random = keyedRandom('reasons');
    const g = new GraphBuilder('reasons');
    const x = g.input('x', 'float32', ['N', 4]);
    const hidden = g.node('Gemm', [x, g.constant(normal(random, [4, 4]))], {}, { name: 'plain' });
    const attributes = { alpha: { type: 'float', value: 0.5 } } as const;
    const half = g.node('Gemm', [hidden, g.constant(normal(random, [4, 4]))], attributes, { name: 'half' });
    g.output(g.node('MatMul', [half, g.node('Transpose', [hidden])], {}, { name: 'dynamic' }), 'float32', undefined);
    const calibration = (async function* () {
      yield images(3, 4);
    })();
    const { float } = await quantizeStatic(g.build(), { calibration, runtime });
    expect(float).toEqual([
      { name: 'half', opType: 'Gemm', reason: 'only Gemm with transA 0, alpha 1 and beta 1 is supported' },
      { name: 'dynamic', opType: 'MatMul', reason: 'its weight is no float32 constant' },
    ]);
  });

  it('survive dead channels, dead layers and constant activations', async () => {
    const g = new GraphBuilder('dead');
    const x = g.input('x', 'float32', ['N', 1, 2, 2]);
    const weight = tensor('float32', [2, 1, 1, 1], [0, 1]);
    const half = g.node('Relu', [
      g.node('Conv', [x, g.constant(weight), g.constant(tensor('float32', [2], [0.3, 0]))]),
    ]);
    const dead = g.node('Relu', [
      g.node('Conv', [half, g.constant(tensor('float32', [2, 2, 1, 1])), g.constant(tensor('float32', [2], [-1, -2]))]),
    ]);
    const bias = tensor('float32', [2], [0.25, -3]);
    g.output(
      g.node(
        'Conv',
        [dead, g.constant(tensor('float32', [2, 2, 1, 1], [1, 2, 3, 4])), g.constant(bias)],
        {},
        { outputs: ['y'] },
      ),
      'float32',
      undefined,
    );
    await quantized(g.build(), images(4, 1, 2, 2));
  });
});

describe('the file', () => {
  it('is at least 3.5 times smaller with all its metadata, and keeps that', async () => {
    const metadata = {
      labels: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'],
      lineage: { runId: 'x'.repeat(8000) },
    };
    const float = withMetadata(residualNetwork(4, { width: 165 }), metadata);
    const { model, record } = await quantizeStatic(float, { calibration: batches(1, 4, 16), runtime });
    const [before, after] = [writeModel(float).length, writeModel(model).length];
    expect(before).toBeGreaterThan(2_000_000);
    expect(before / after).toBeGreaterThan(3.5);
    const { calibration, ...rest } = readMetadata(roundTrip(model));
    expect(rest).toEqual(metadata);
    expect(calibration).toEqual(record);
    expect(record).toMatchObject({ method: 'min-max', images: 4 });
    expect(Object.keys(record.ranges).length).toBeGreaterThan(5);
    expect(model.metadata['percept.calibration']!.length).toBeLessThan(2000);
  });
});

describe('calibration', () => {
  it('reads no more images than asked, tells its progress, and does not change the model', async () => {
    const float = residualNetwork(5);
    const before = writeModel(float);
    const reports: number[] = [];
    let read = 0;
    const calibration = (async function* () {
      for await (const batch of batches(10, 4, 16)) {
        read++;
        yield batch;
      }
    })();
    const onProgress = ({ done, total }: { done: number; total?: number }) => reports.push(done, total!);
    const { record } = await quantizeStatic(float, { calibration, runtime, images: 6, onProgress });
    expect(record.images).toBe(6);
    expect(read).toBe(2);
    expect(reports).toEqual([4, 6, 6, 6]);
    expect(writeModel(float)).toEqual(before);
  });

  it('sees the same ranges however the images are batched', async () => {
    const all = images(12, 3, 16, 16);
    const perImage = 3 * 16 * 16;
    const parts = (size: number) =>
      (async function* () {
        for (let at = 0; at < 12; at += size) {
          yield tensor('float32', [size, 3, 16, 16], all.data.slice(at * perImage, (at + size) * perImage));
        }
      })();
    const records = [];
    for (const size of [1, 4, 12]) {
      records.push((await quantizeStatic(residualNetwork(6), { calibration: parts(size), runtime })).record);
    }
    for (const { ranges } of records) {
      for (const [name, [low, high]] of Object.entries(ranges)) {
        const [expectedLow, expectedHigh] = records[0]!.ranges[name]!;
        expect(low).toBeCloseTo(expectedLow, 4);
        expect(high).toBeCloseTo(expectedHigh, 4);
      }
    }
  });

  it('takes a BatchSource', async () => {
    const source = {
      batchesPerEpoch: 2,
      classes: ['a', 'b'],
      async *batches() {
        for await (const inputs of batches(2, 3, 16)) {
          yield { keys: ['1', '2', '3'], inputs, labels: tensor('int64', [3]) };
        }
      },
    };
    expect((await quantizeStatic(residualNetwork(7), { calibration: source, runtime })).record.images).toBe(6);
  });
});

describe('errors', () => {
  const none = async function* () {};
  const options = { runtime, calibration: none() };
  const code = (model: Model, changes: object = {}) =>
    quantizeStatic(model, { ...options, ...changes }).then(
      () => 'none',
      (error) => error.code,
    );

  it('tell what cannot be quantized', async () => {
    const float = residualNetwork(8);
    expect(await code(float)).toBe('OPTIMIZE_NO_CALIBRATION_DATA');
    expect(await code({ ...float, opsets: { '': 5 } })).toBe('OPTIMIZE_UNSUPPORTED_MODEL');
    const { model } = await quantizeStatic(float, { runtime, calibration: batches(1, 1, 16) });
    expect(await code(model)).toBe('OPTIMIZE_ALREADY_QUANTIZED');

    const g = new GraphBuilder('relu');
    g.output(g.node('Relu', [g.input('x', 'float32', ['N'])]), 'float32', ['N']);
    expect(await code(g.build())).toBe('OPTIMIZE_NOTHING_TO_QUANTIZE');
    const text = new GraphBuilder('text');
    text.output(text.node('Identity', [text.input('x', 'int64', ['N'])]), 'int64', ['N']);
    expect(await code(text.build())).toBe('OPTIMIZE_UNSUPPORTED_MODEL');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('tell where %f came up', async (value) => {
    const calibration = (async function* () {
      const bad = images(2, 3, 16, 16);
      bad.data[700] = value;
      yield images(2, 3, 16, 16);
      yield bad;
    })();
    const failure = quantizeStatic(residualNetwork(9), { runtime, calibration });
    await expect(failure).rejects.toMatchObject({
      code: 'OPTIMIZE_NOT_FINITE',
      details: { value: 'input', images: 2 },
    });
  });

  it('tell of wrong options and of being aborted', async () => {
    const float = residualNetwork(8);
    expect(await code(float, { images: 0 })).toBe('INVALID_ARGUMENT');
    expect(await code(float, { weightBits: 4 })).toBe('INVALID_ARGUMENT');
    expect(await code(float, { calibration: 3 })).toBe('INVALID_ARGUMENT');
    expect(await code(float, { method: 'entropy' })).toBe('INVALID_ARGUMENT');
    expect(await code(float, { runtime: undefined })).toBe('INVALID_ARGUMENT');
    expect(await code(float, { overrides: [{ match: 'nobody', weights: 'float' }] })).toBe('INVALID_ARGUMENT');
    expect(await code(float, { signal: AbortSignal.abort() })).toBe('ABORTED');
    const controller = new AbortController();
    const calibration = batches(1000, 2, 16);
    const onProgress = () => controller.abort();
    expect(await code(float, { calibration, onProgress, signal: controller.signal })).toBe('ABORTED');
  });
});
