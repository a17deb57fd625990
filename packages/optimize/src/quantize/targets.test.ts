import { keyedRandom, type Tensor, tensor } from '@percept/core';
import { GraphBuilder, type Model } from '@percept/onnx';
import { describe, expect, it } from 'vitest';
import { type Calibration, calibrate } from './calibrate.js';
import { quantizationTargets } from './quantization-scheme.js';
import { type QuantizeStaticOptions, quantizeStatic } from './quantize-static.js';
import {
  batches,
  conv,
  conversions,
  normal,
  optimizedOperators,
  residualNetwork,
  roundTrip,
  run,
  runtime,
  signalToNoise,
} from './test-networks.fixture.js';

const images = (...dims: number[]) => normal(keyedRandom('images', ...dims), dims);
const operatorsOf = (model: Model) => model.graph.nodes.map((node) => node.opType);

async function* once(batch: Tensor<'float32'>) {
  yield batch;
}

/** Convolutions with a hard swish, a squeeze-and-excitation gate and a residual sum between them, as MobileNetV3 has. */
function mobileNetwork(): Model {
  const random = keyedRandom('mobile');
  const g = new GraphBuilder('mobile');
  const x = g.input('input', 'float32', ['N', 3, 12, 12]);
  const swish = g.node('HardSwish', [conv(g, random, x, [3, 8, 3])]);
  const pooled = g.node('ReduceMean', [swish], { axes: [2, 3], keepdims: 1 });
  const reduced = g.node('Relu', [conv(g, random, pooled, [8, 4, 1])]);
  const gate = g.node('HardSigmoid', [conv(g, random, reduced, [4, 8, 1])], { alpha: 1 / 6, beta: 0.5 });
  const scaled = g.node('Mul', [gate, swish]);
  const sum = g.node('Add', [scaled, conv(g, random, scaled, [8, 8, 3], { group: 8 })]);
  g.output(conv(g, random, sum, [8, 4, 1], { output: 'y' }), 'float32', undefined);
  return g.build();
}

/** Signal-to-noise ratio of a quantized model's first output. */
async function decibels(float: Model, quantized: Model, batch: Tensor<'float32'>): Promise<number> {
  const [exact] = Object.values(await run(float, batch));
  const [approximate] = Object.values(await run(roundTrip(quantized), batch));
  return signalToNoise(exact!.data as Float32Array, approximate!.data as Float32Array);
}

describe('one calibration', () => {
  it('makes a variant for every target, the same as calibrating for it alone', async () => {
    const float = residualNetwork(11);
    const record = await calibrate(float, { data: batches(4, 8, 16), runtime });
    const calibration: Calibration = JSON.parse(JSON.stringify(record));
    for (const target of quantizationTargets) {
      const { model } = await quantizeStatic(float, { calibration, target });
      const alone = await quantizeStatic(float, { calibration: batches(4, 8, 16), runtime, target });
      const [ours, theirs] = [conversions(model).activations, conversions(alone.model).activations];
      expect(Object.keys(ours)).toEqual(Object.keys(theirs));
      for (const [name, { scale, zeroPoint }] of Object.entries(ours)) {
        expect(zeroPoint, name).toBe(theirs[name]!.zeroPoint);
        // Measuring more values makes the runtime fuse less, which shows in the last digit.
        expect(Math.abs(scale / theirs[name]!.scale - 1), name).toBeLessThan(1e-6);
      }
      expect(await decibels(float, model, images(16, 3, 16, 16)), target).toBeGreaterThan(20);
    }
  });

  it('tells of what each target wants', async () => {
    const float = residualNetwork(12);
    const calibration = await calibrate(float, { data: batches(2, 8, 16), runtime });
    const numbers = async (target: QuantizeStaticOptions['target'] & string) => {
      const { model } = await quantizeStatic(float, { calibration, target });
      const { activations, weights } = conversions(model);
      const largest = Object.entries(weights)
        .filter(([name]) => !name.includes('bias'))
        .flatMap(([, { values }]) => values)
        .reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const types = new Set(Object.values(activations).map(({ type }) => type));
      const zeros = Object.values(activations).map(({ zeroPoint }) => zeroPoint);
      return { largest, types: [...types], zeros, activations, model };
    };
    const [x64, vnni, arm, wasm, tensorrt] = [
      await numbers('x64'),
      await numbers('x64-vnni'),
      await numbers('arm64'),
      await numbers('wasm'),
      await numbers('tensorrt'),
    ];
    expect([x64, vnni, arm, wasm, tensorrt].map(({ largest }) => largest)).toEqual([64, 127, 127, 127, 127]);
    expect([x64, vnni, arm, wasm, tensorrt].map(({ types }) => types.join())).toEqual([
      ...['uint8', 'uint8', 'int8', 'uint8', 'int8'],
    ]);
    // Unsigned and signed types convert into each other by 128.
    expect(arm.zeros.map((zero) => zero + 128)).toEqual(x64.zeros);
    expect(new Set(tensorrt.zeros)).toEqual(new Set([0]));
    // TensorRT has no int32 biases, and a Relu is not the saturation of a symmetric type.
    const { initializers } = tensorrt.model.graph;
    expect([...initializers.values()].filter(({ type }) => type === 'int32')).toEqual([]);
    expect(operatorsOf(tensorrt.model).filter((name) => name === 'Relu')).toHaveLength(4);
    expect(operatorsOf(x64.model)).not.toContain('Relu');
  });

  it('is refused for another model, or when a value is missing', async () => {
    const calibration = await calibrate(residualNetwork(13), { data: batches(1, 2, 16), runtime });
    const code = (model: Model, given: Calibration) =>
      quantizeStatic(model, { calibration: given }).then(
        () => 'none',
        (error) => error.code,
      );
    expect(await code(residualNetwork(14), calibration)).toBe('OPTIMIZE_CALIBRATION_MISMATCH');
    expect(await code(residualNetwork(13), { ...calibration, ranges: {} })).toBe('OPTIMIZE_CALIBRATION_MISMATCH');
    expect(await code(residualNetwork(13), { ...calibration, version: 2 } as never)).toBe('INVALID_ARGUMENT');
  });

  it.each([
    { method: 'moving-average' },
    { method: 'percentile', percentile: 99.9 },
    { method: 'percentile', percentile: 99.9, symmetric: true },
    { method: 'entropy' },
    { method: 'mse' },
  ] as const)('may use $method', async (method) => {
    const float = residualNetwork(15);
    const calibration = await calibrate(float, { data: batches(3, 4, 16), runtime, method });
    expect(calibration).toMatchObject({ method: method.method, settings: method, images: 12 });
    const { model } = await quantizeStatic(float, { calibration });
    expect(await decibels(float, model, images(16, 3, 16, 16))).toBeGreaterThan(15);
  });
});

describe('hard swish and hard sigmoid', () => {
  it('are sums and products of integers', async () => {
    const float = mobileNetwork();
    const batch = images(8, 3, 12, 12);
    for (const target of ['x64', 'arm64'] as const) {
      const { model, float: left } = await quantizeStatic(float, { calibration: once(batch), runtime, target });
      expect(left).toEqual([]);
      expect(operatorsOf(model).filter((name) => /^Hard/.test(name))).toEqual([]);
      expect(await decibels(float, model, batch)).toBeGreaterThan(20);
    }
    const { model } = await quantizeStatic(float, { calibration: once(batch), runtime });
    const operators = await optimizedOperators(model);
    const count = (opType: string) => operators.filter((name) => name === opType).length;
    expect([count('QLinearConv'), count('QLinearAdd'), count('QLinearMul')]).toEqual([5, 3, 2]);
    expect(count('QLinearGlobalAveragePool')).toBe(1);
    expect([count('QuantizeLinear'), count('DequantizeLinear')]).toEqual([1, 1]);
  });

  it('stay nodes for TensorRT', async () => {
    const options = { calibration: once(images(8, 3, 12, 12)), runtime, target: 'tensorrt' } as const;
    const { model } = await quantizeStatic(mobileNetwork(), options);
    expect(operatorsOf(model)).toEqual(expect.arrayContaining(['HardSwish', 'HardSigmoid', 'Relu']));
  });
});

describe('overrides', () => {
  const quantize = (overrides: QuantizeStaticOptions['overrides'] & object) =>
    quantizeStatic(residualNetwork(16), { calibration: batches(2, 4, 16), runtime, overrides });

  it('keep nodes float and say so', async () => {
    const { model, float } = await quantize([{ match: 'fc', weights: 'float' }]);
    expect(float).toEqual([{ name: 'fc', opType: 'Gemm', reason: 'an override keeps it float' }]);
    const { inputs } = model.graph.nodes.find((node) => node.name === 'fc')!;
    expect(model.graph.initializers.get(inputs[1]!)!.type).toBe('float32');
    expect(await decibels(residualNetwork(16), model, images(4, 3, 16, 16))).toBeGreaterThan(25);
  });

  it('keep values float, with what makes and reads them', async () => {
    const [first] = residualNetwork(16).graph.nodes;
    const { float } = await quantize([{ match: 'input', activations: 'float' }]);
    expect(float).toEqual([{ name: first!.name, opType: 'Conv', reason: 'an override keeps input float' }]);
  });

  it('give weights and values another format', async () => {
    const weight = residualNetwork(16).graph.nodes.at(-1)!.inputs[1]!;
    const { model } = await quantize([
      { match: /weight/, weights: { perChannel: false } },
      { match: weight, weights: { bits: 8 } },
      { match: 'input', activations: { range: [-2, 2] } },
      { match: /^input$/, activations: { type: 'uint16' } },
    ]);
    const { activations, weights } = conversions(model);
    expect(activations.input).toEqual({ scale: Math.fround(4 / 65_535), zeroPoint: 32_768, type: 'uint16' });
    expect(Object.values(activations).filter(({ type }) => type === 'uint8').length).toBeGreaterThan(4);
    expect(Object.values(weights).every(({ scales }) => scales.length === 1)).toBe(true);
    expect(Math.max(...weights[weight]!.values.map(Math.abs))).toBe(127);
    expect(await decibels(residualNetwork(16), model, images(4, 3, 16, 16))).toBeGreaterThan(10);
  });
});

describe('moving operators', () => {
  it('move integers: Resize, Split, Gather, DepthToSpace, Expand, Tile', async () => {
    const random = keyedRandom('moving');
    const g = new GraphBuilder('moving');
    const ints = (...values: number[]) => g.constant(tensor('int64', [values.length], values));
    const x = g.input('x', 'float32', ['N', 3, 6, 6]);
    const wide = conv(g, random, x, [3, 8, 3]);
    const [left, right] = g.multi('Split', [wide, ints(4, 4)], { axis: 1 }, { outputs: 2 });
    const twice = g.node('Resize', [g.node('Relu', [left!]), '', g.constant(tensor('float32', [4], [1, 1, 2, 2]))], {
      mode: 'nearest',
      coordinate_transformation_mode: 'asymmetric',
      nearest_mode: 'floor',
    });
    const deep = g.node('DepthToSpace', [g.node('Gather', [right!, ints(3, 1, 2, 0)], { axis: 1 })], { blocksize: 2 });
    const tiled = g.node('Tile', [deep, ints(1, 2, 1, 1)]);
    const joined = g.node('Concat', [twice, conv(g, random, tiled, [2, 4, 1])], { axis: 1 });
    g.output(conv(g, random, joined, [8, 4, 3], { output: 'y' }), 'float32', undefined);
    const float = g.build();
    const batch = images(4, 3, 6, 6);
    const { model } = await quantizeStatic(float, { calibration: once(batch), runtime });
    expect(await decibels(float, model, batch)).toBeGreaterThan(20);
    const operators = await optimizedOperators(model);
    // The Relu behind Split has other readers of its tensor, so it stays a float island of its own.
    expect(operators.filter((name) => name === 'QLinearConv')).toHaveLength(3);
    expect(operators).toEqual(expect.arrayContaining(['Split', 'Gather', 'DepthToSpace', 'Tile', 'Resize']));
  });

  it('leave linear Resize and Pad float', async () => {
    const random = keyedRandom('linear');
    const g = new GraphBuilder('linear');
    const x = g.input('x', 'float32', ['N', 3, 6, 6]);
    const sizes = g.constant(tensor('float32', [4], [1, 1, 2, 2]));
    const larger = g.node('Resize', [conv(g, random, x, [3, 4, 3]), '', sizes], { mode: 'linear' });
    g.output(conv(g, random, larger, [4, 4, 1], { output: 'y' }), 'float32', undefined);
    const float = g.build();
    const batch = images(4, 3, 6, 6);
    const { model } = await quantizeStatic(float, { calibration: once(batch), runtime });
    expect(await decibels(float, model, batch)).toBeGreaterThan(20);
    const operators = await optimizedOperators(model);
    expect(operators.filter((name) => name === 'QLinearConv')).toHaveLength(2);
  });
});

describe('models of other kinds', () => {
  it('may have several inputs, when the data name them', async () => {
    const random = keyedRandom('several');
    const g = new GraphBuilder('several');
    const [a, b] = [g.input('a', 'float32', ['N', 3, 6, 6]), g.input('b', 'float32', ['N', 3, 6, 6])];
    g.output(conv(g, random, g.node('Add', [a, b]), [3, 4, 3], { output: 'y' }), 'float32', undefined);
    const float = g.build();
    const feeds = { a: images(4, 3, 6, 6), b: images(5, 3, 6, 6) };
    feeds.b = tensor('float32', feeds.a.dims, feeds.b.data.slice(0, feeds.a.data.length));
    for (const method of ['min-max', 'mse'] as const) {
      const calibration = (async function* () {
        yield feeds;
      })();
      const { model, record } = await quantizeStatic(float, { calibration, runtime, images: 3, method: { method } });
      expect(record.images).toBe(3);
      expect(operatorsOf(model).filter((name) => name === 'QuantizeLinear')).toHaveLength(4);
    }
    const single = quantizeStatic(float, { calibration: once(feeds.a), runtime });
    await expect(single).rejects.toMatchObject({ code: 'OPTIMIZE_UNSUPPORTED_MODEL' });
  });

  it('may be of an older opset', async () => {
    const float = { ...residualNetwork(17), opsets: { '': 11 } };
    const { model, float: left } = await quantizeStatic(float, { calibration: batches(1, 4, 16), runtime });
    expect(model.opsets['']).toBe(13);
    expect(left).toEqual([]);
    expect(await decibels(residualNetwork(17), model, images(4, 3, 16, 16))).toBeGreaterThan(20);
  });

  it('may hold layers of non-finite weights and operators that nobody knows', async () => {
    const random = keyedRandom('odd');
    const g = new GraphBuilder('odd');
    const x = g.input('x', 'float32', ['N', 3, 6, 6]);
    const good = conv(g, random, x, [3, 4, 3]);
    const odd = g.node('Gelu', [good], {}, { domain: 'com.microsoft' });
    g.output(conv(g, random, odd, [4, 4, 1], { output: 'y' }), 'float32', undefined);
    const weight = normal(random, [4, 4, 1, 1]);
    weight.data[3] = Number.POSITIVE_INFINITY;
    const zero = g.node('Mul', [good, g.constant(tensor('float32', [], [0]))]);
    const bad = g.node('Conv', [zero, g.constant(weight)], {}, { name: 'bad', outputs: ['infinite'] });
    g.output(bad, 'float32', undefined);
    const float = g.build();
    float.opsets['com.microsoft'] = 1;
    const { model, float: left } = await quantizeStatic(float, { calibration: once(images(4, 3, 6, 6)), runtime });
    expect(left).toEqual([{ name: 'bad', opType: 'Conv', reason: 'its weight holds non-finite numbers' }]);
    expect((await optimizedOperators(model)).filter((name) => name === 'QLinearConv')).toHaveLength(2);
  });
});
