import { keyedRandom, tensor } from '@percept/core';
import { type Model, writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { layersModelToOnnx } from './layers-model-to-onnx.js';
import { loadOnnxWeights } from './load-onnx-weights.js';
import { tf } from './tf.fixture.js';
import { layerConverters } from './to-onnx/table.js';

const L = tf.layers;
const runtime = onnxruntimeNode({ worker: false });
const met = new Set<string>();

/** Weights that no two of are alike, variances above 0. */
function scramble(model: LayersModel): void {
  for (const [index, weight] of model.weights.entries()) {
    const random = keyedRandom('weights', index);
    const low = weight.name.endsWith('variance') ? 0.5 : -0.6;
    const size = weight.shape.reduce<number>((a, b) => a * b!, 1);
    const values = Float32Array.from({ length: size }, () => random.uniform(low, low + 1.2));
    weight.write(tf.tensor(values, weight.shape as number[]));
  }
}

function note(model: LayersModel): void {
  for (const layer of model.layers) {
    met.add(layer.getClassName());
    if ('layers' in layer) note(layer as LayersModel);
  }
}

/** Converts and compares what onnxruntime and the layers compute for two images. */
async function expectSame(model: LayersModel, sizes: readonly number[] = []): Promise<Model> {
  scramble(model);
  note(model);
  const onnx = await layersModelToOnnx(model);
  const first = model.layers.some((layer) => layer.getConfig().dataFormat === 'channelsFirst');
  const session = await runtime.createSession(writeModel(onnx), { threads: 1 });
  const shapes = model.inputs.map(({ shape }) =>
    shape.map((size, axis) => size ?? (axis === 0 ? 2 : sizes[axis - 1]!)),
  );
  const toOnnx = (value: ReturnType<typeof tf.tensor>) =>
    value.shape.length === 4 && !first ? tf.transpose(value, [0, 3, 1, 2]) : value;
  const inputs = shapes.map((shape, index) => {
    const random = keyedRandom('input', index);
    const values = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.uniform(-1, 1));
    return tf.tensor(values, shape);
  });
  const feeds = Object.fromEntries(
    inputs.map((input, index) => {
      const value = toOnnx(input);
      return [onnx.graph.inputs[index]!.name, tensor('float32', value.shape, value.dataSync() as Float32Array)];
    }),
  );
  const results = await session.run(feeds);
  await session.close();
  const predicted = [model.predict(inputs.length === 1 ? inputs[0]! : inputs)].flat();
  for (const [index, output] of predicted.entries()) {
    const expected = toOnnx(output);
    const actual = results[onnx.graph.outputs[index]!.name]!;
    expect(actual.dims).toEqual(expected.shape);
    const values = expected.dataSync();
    const largest = Math.max(1, ...Array.from(values, Math.abs));
    for (const [at, value] of values.entries()) {
      expect(Math.abs(Number(actual.data[at]) - value) / largest).toBeLessThanOrEqual(1e-5);
    }
  }
  return onnx;
}

const operators = ({ graph }: Model): string[] => graph.nodes.map(({ opType }) => opType);
const sequential = (...layers: Parameters<LayersModel['getLayer']>[0][] | unknown[]) =>
  tf.sequential({ layers: layers as never });
/** A functional model over one input. */
function functional(
  shape: (number | null)[],
  build: (x: SymbolicTensor) => SymbolicTensor | SymbolicTensor[],
): LayersModel {
  const inputs = tf.input({ shape });
  return tf.model({ inputs, outputs: build(inputs) });
}
const apply = (layer: { apply(x: SymbolicTensor | SymbolicTensor[]): unknown }, x: SymbolicTensor | SymbolicTensor[]) =>
  layer.apply(x) as SymbolicTensor;

const inputShape = [9, 7, 3];
const windows = [
  { kernelSize: 3 },
  { kernelSize: [2, 3], strides: [2, 1], padding: 'same' },
  { kernelSize: 3, strides: 2, padding: 'same' },
  { kernelSize: 2, strides: 3, padding: 'same' },
  { kernelSize: 3, dilationRate: 2, padding: 'same' },
  { kernelSize: 3, useBias: false },
] as { kernelSize: number }[];

describe('layersModelToOnnx', () => {
  it.each(windows)('converts convolutions with %j', async (window) => {
    for (const layer of [
      L.conv2d({ ...window, filters: 4, inputShape }),
      L.depthwiseConv2d({ ...window, depthMultiplier: 2, inputShape }),
      L.separableConv2d({ ...window, filters: 4, depthMultiplier: 2, inputShape }),
      ...('dilationRate' in window ? [] : [L.conv2dTranspose({ ...window, filters: 4, inputShape })]),
    ]) {
      const model = await expectSame(sequential(layer));
      expect(operators(model).filter((name) => !/^Conv/.test(name))).toEqual([]);
    }
  });

  it.each([2, 3, [3, 2]])('converts pooling over %j', async (poolSize) => {
    for (const options of [{}, { strides: 2 }, { strides: 2, padding: 'same' }, { strides: 1, padding: 'same' }]) {
      const config = { poolSize, inputShape, ...options } as object;
      await expectSame(sequential(L.maxPooling2d(config)));
      await expectSame(sequential(L.averagePooling2d(config)));
    }
  });

  it('leaves the padding to ONNX where the size of images is open', async () => {
    const model = functional([null, null, 3], (x) => {
      const conv = apply(L.conv2d({ filters: 2, kernelSize: 3, strides: 2, padding: 'same' }), x);
      const pooled = apply(L.maxPooling2d({ poolSize: 2, padding: 'same', strides: 2 }), conv);
      const cropping: [[number, number], [number, number]] = [
        [0, 1],
        [1, 0],
      ];
      return apply(L.globalMaxPooling2d({}), apply(L.cropping2D({ cropping }), pooled));
    });
    const onnx = await expectSame(model, [13, 16]);
    expect(onnx.graph.inputs[0]!.dims).toEqual(['N', 3, undefined, undefined]);
  });

  it.each([
    'linear',
    'relu',
    'relu6',
    'elu',
    'selu',
    'sigmoid',
    'hardSigmoid',
    'softplus',
    'softsign',
    'tanh',
    'softmax',
    'logSoftmax',
    'swish',
    'mish',
    'gelu',
    'gelu_new',
  ] as const)('converts the activation %s', async (activation) => {
    // TensorFlow.js has the last one for the innermost axis alone, as it is here.
    await expectSame(sequential(L.conv2d({ filters: 4, kernelSize: 1, inputShape, activation: activation as 'relu' })));
    await expectSame(
      sequential(L.dense({ units: 5, inputShape: [6] }), L.activation({ activation: activation as 'relu' })),
    );
  });

  it('converts activations that are layers', async () => {
    const first = () => L.conv2d({ filters: 4, kernelSize: 1, inputShape });
    for (const layer of [
      L.reLU({}),
      L.reLU({ maxValue: 0.5 }),
      L.leakyReLU({ alpha: 0.2 }),
      L.elu(),
      L.thresholdedReLU({ theta: 0.3 }),
      L.softmax({ axis: -1 }),
      L.prelu({}),
      L.prelu({ sharedAxes: [1, 2] }),
    ]) {
      expect(operators(await expectSame(sequential(first(), layer)))).toHaveLength(2);
    }
    await expectSame(sequential(L.flatten({ inputShape }), L.prelu({})));
    await expectSame(sequential(L.flatten({ inputShape }), L.prelu({ sharedAxes: [1] })));
  });

  it('converts a classifier without a single Transpose', async () => {
    const model = sequential(
      L.rescaling({ scale: 1 / 127.5, offset: -1, inputShape: [12, 10, 3] } as never),
      L.zeroPadding2d({
        padding: [
          [0, 1],
          [2, 1],
        ],
      }),
      L.conv2d({ filters: 6, kernelSize: 3, strides: 2, useBias: false }),
      L.batchNormalization({ epsilon: 0.01 }),
      L.reLU({ maxValue: 6 }),
      L.gaussianNoise({ stddev: 1 }),
      L.gaussianDropout({ rate: 0.5 }),
      L.alphaDropout({ rate: 0.5 } as never),
      L.flatten(),
      L.batchNormalization({ scale: false }),
      L.dropout({ rate: 0.5 }),
      L.activation({ activation: 'tanh' }),
      L.dense({ units: 5, activation: 'relu' }),
      L.batchNormalization({ center: false }),
      L.dense({ units: 3, useBias: false, activation: 'softmax' }),
    );
    const onnx = await expectSame(model);
    expect(operators(onnx)).toEqual([
      'Mul',
      'Add',
      'Pad',
      'Conv',
      'BatchNormalization',
      'Clip',
      'Flatten',
      'BatchNormalization',
      'Tanh',
      'Gemm',
      'Relu',
      'BatchNormalization',
      'Gemm',
      'Softmax',
    ]);
    expect(onnx.graph.inputs[0]).toMatchObject({ name: 'input', dims: ['N', 3, 12, 10] });
    expect(onnx.graph.outputs[0]).toMatchObject({ name: 'output', dims: ['N', 3] });
  });

  it('keeps the order of flattened images where it shows', async () => {
    expect(operators(await expectSame(sequential(L.flatten({ inputShape }))))).toContain('Transpose');
    expect(operators(await expectSame(sequential(L.flatten({ inputShape: [5, 4, 1] }))))).toEqual(['Flatten']);
    const back = await expectSame(sequential(L.flatten({ inputShape }), L.reshape({ targetShape: inputShape })));
    expect(operators(back)).toEqual(['Flatten', 'Reshape']);
    await expectSame(
      functional(inputShape, (x) => apply(L.concatenate(), [apply(L.flatten(), x), apply(L.flatten(), x)])),
    );
    const sum = functional(inputShape, (x) => {
      const flat = apply(L.flatten(), x);
      return apply(L.dense({ units: 3 }), apply(L.add(), [flat, apply(L.activation({ activation: 'relu' }), flat)]));
    });
    expect(operators(await expectSame(sum))).not.toContain('Transpose');
  });

  it('converts reshaping and reordering', async () => {
    await expectSame(sequential(L.reshape({ inputShape, targetShape: [7, 9, 3] })));
    await expectSame(
      sequential(L.reshape({ inputShape, targetShape: [63, 3] }), L.dense({ units: 4, activation: 'softmax' })),
    );
    await expectSame(sequential(L.reshape({ inputShape: [12], targetShape: [2, 3, 2] })));
    await expectSame(sequential(L.reshape({ inputShape: [6, 4], targetShape: [-1, 2] }), L.dense({ units: 3 })));
    await expectSame(
      sequential(L.reshape({ inputShape: [6, 4], targetShape: [3, 8] }), L.flatten(), L.dropout({ rate: 0 })),
    );
    for (const dims of [
      [1, 2, 3],
      [2, 1, 3],
      [3, 1, 2],
    ])
      await expectSame(sequential(L.permute({ inputShape, dims })));
    await expectSame(sequential(L.permute({ inputShape: [3, 4], dims: [2, 1] }), L.spatialDropout1d({ rate: 0.5 })));
    await expectSame(sequential(L.dense({ inputShape, units: 4, activation: 'relu' })));
    const squeeze = functional(inputShape, (x) => {
      const pooled = apply(L.reshape({ targetShape: [1, 1, 3] }), apply(L.globalAveragePooling2d({}), x));
      const gate = apply(L.conv2d({ filters: 3, kernelSize: 1, activation: 'sigmoid' }), pooled);
      const gated = apply(L.maxPooling2d({ poolSize: [9, 7] }), apply(L.multiply(), [x, gate]));
      return apply(L.dense({ units: 2 }), apply(L.flatten(), gated));
    });
    expect(operators(await expectSame(squeeze))).not.toContain('Transpose');
  });

  it('converts cropping and upsampling', async () => {
    await expectSame(
      sequential(
        L.cropping2D({
          inputShape,
          cropping: [
            [1, 2],
            [0, 3],
          ],
        }),
      ),
    );
    await expectSame(sequential(L.upSampling2d({ inputShape, size: [2, 3] })));
    await expectSame(sequential(L.upSampling2d({ inputShape, size: [2, 3], interpolation: 'bilinear' })));
  });

  it.each(['add', 'multiply', 'average', 'maximum', 'minimum'] as const)(
    'converts %s of several inputs',
    async (kind) => {
      const conv = () => L.conv2d({ filters: 3, kernelSize: 3, padding: 'same' });
      const pooled = (x: SymbolicTensor) => apply(L.globalAveragePooling2d({}), x);
      await expectSame(functional(inputShape, (x) => apply(L[kind](), [x, apply(conv(), x), apply(conv(), x)])));
      await expectSame(functional(inputShape, (x) => apply(L[kind](), [x, pooled(x)])));
      await expectSame(
        functional(inputShape, (x) =>
          apply(L[kind](), [apply(L.flatten(), x), apply(L.dense({ units: 1 }), pooled(x))]),
        ),
      );
    },
  );

  it('converts joined branches, several inputs and outputs, shared layers and nested models', async () => {
    for (const axis of [1, 2, 3, -1]) {
      await expectSame(functional(inputShape, (x) => apply(L.concatenate({ axis }), [x, apply(L.reLU(), x)])));
    }
    const [a, b] = [tf.input({ shape: [4, 4, 2], name: 'left' }), tf.input({ shape: [4, 4, 2], name: 'right' })];
    const shared = L.conv2d({ filters: 3, kernelSize: 3, activation: 'relu', name: 'shared' });
    const inner = sequential(L.batchNormalization({ inputShape: [2, 2, 3] }), L.flatten(), L.dense({ units: 4 }));
    const both = [a, b].map((input) => apply(inner, apply(shared, input)));
    const outputs = [apply(L.add(), both), apply(shared, a)];
    const onnx = await expectSame(tf.model({ inputs: [a, b], outputs }));
    expect(onnx.graph.inputs.map(({ name }) => name)).toEqual(['left', 'right']);
    expect(onnx.graph.outputs.map(({ name }) => name)).toEqual(['output_0', 'output_1']);
    expect([...onnx.graph.initializers.keys()].filter((name) => name.startsWith('shared/'))).toHaveLength(2);
    // A layer for vectors that is shared by images of several sizes has but one order of its weights.
    const dense = L.dense({ units: 2 });
    const flat = (x: SymbolicTensor, dims: number[]) => apply(L.flatten(), apply(L.reshape({ targetShape: dims }), x));
    await expectSame(
      functional([12], (x) =>
        apply(
          L.add(),
          [
            [2, 3, 2],
            [3, 2, 2],
          ].map((dims) => apply(dense, flat(x, dims))),
        ),
      ),
    );
  });

  // No BatchNormalization: TensorFlow.js computes it as if channels were last, on its CPU at least.
  it('converts models with channels first', async () => {
    const dataFormat = 'channelsFirst';
    const options = { filters: 4, kernelSize: 3, dataFormat } as const;
    const model = sequential(
      L.conv2d({ ...options, strides: 2, padding: 'same', inputShape: [3, 9, 8] }),
      L.upSampling2d({ dataFormat }),
      L.maxPooling2d({ poolSize: 2, dataFormat }),
      L.flatten(),
      L.dense({ units: 3 }),
    );
    expect(operators(await expectSame(model))).not.toContain('Transpose');
    await expectSame(
      sequential(L.conv2d({ ...options, inputShape: [3, 9, 8] }), L.flatten({ dataFormat }), L.dense({ units: 2 })),
    );
  });

  it('met every layer that it converts', () => {
    expect(Object.keys(layerConverters).filter((name) => !met.has(name))).toEqual([]);
  });

  it.each([
    ['the layer Embedding', () => sequential(L.embedding({ inputDim: 4, outputDim: 2, inputShape: [3] }))],
    ['the layer MaxPooling1D', () => sequential(L.maxPooling1d({ poolSize: 2, inputShape: [4, 2] }))],
    ['the layer Dot', () => functional([3], (x) => apply(L.dot({ axes: 1 }), [x, x]))],
    ['a softmax over 2 axes', () => sequential(L.softmax({ axis: [1, 2], inputShape: [3, 4] } as never))],
    ['a normalization of axis 1', () => sequential(L.batchNormalization({ axis: 1, inputShape: [4, 4, 2] }))],
    [
      'channelsFirst beside channelsLast',
      () =>
        sequential(
          L.conv2d({ filters: 1, kernelSize: 1, inputShape: [4, 4, 4] }),
          L.maxPooling2d({ dataFormat: 'channelsFirst' }),
        ),
    ],
  ])('refuses %s, naming the layer', async (what, build) => {
    const model = build();
    await expect(layersModelToOnnx(model)).rejects.toMatchObject({
      code: 'TRAIN_UNSUPPORTED',
      message: expect.stringContaining(what),
    });
    await expect(layersModelToOnnx(model)).rejects.toThrow(model.layers.at(-1)!.name);
  });
});

describe('loadOnnxWeights', () => {
  const build = () =>
    sequential(
      L.conv2d({ filters: 4, kernelSize: 3, inputShape, name: 'stem' }),
      L.depthwiseConv2d({ kernelSize: 2, depthMultiplier: 2, name: 'depthwise' }),
      L.separableConv2d({ kernelSize: 2, filters: 3, name: 'separable' }),
      L.conv2dTranspose({ kernelSize: 2, filters: 3, name: 'transposed' }),
      L.batchNormalization({ name: 'norm' }),
      L.prelu({ name: 'slope' }),
      L.flatten(),
      L.batchNormalization({ name: 'flat', gammaConstraint: 'unitNorm' }),
      L.dense({ units: 3, name: 'head' }),
    );

  it('brings back what was converted, to the bit', async () => {
    const model = build();
    scramble(model);
    const onnx = await layersModelToOnnx(model);
    const before = model.getWeights().map((weight) => Array.from(weight.dataSync()));
    for (const weight of model.weights) weight.write(tf.zeros(weight.shape as number[]));
    const tensors = tf.memory().numTensors;
    await loadOnnxWeights(tf, model, onnx);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(model.getWeights().map((weight) => Array.from(weight.dataSync()))).toEqual(before);
  });

  it('refuses a scale that was trained where the layer has none', async () => {
    const model = sequential(L.batchNormalization({ scale: false, inputShape: [3] }));
    const onnx = await layersModelToOnnx(model);
    await loadOnnxWeights(tf, model, onnx);
    onnx.graph.initializers.set('fixed_0', tensor('float32', [3], [1, 2, 1]));
    await expect(loadOnnxWeights(tf, model, onnx)).rejects.toThrow(/Expected fixed_0 as it was converted/);
  });

  it('refuses a model without the weights, and changes nothing', async () => {
    const model = build();
    const onnx = await layersModelToOnnx(model);
    onnx.graph.initializers.set('head/kernel', tensor('float32', [1], [0]));
    const before = model.getWeights().map((weight) => Array.from(weight.dataSync()));
    await expect(loadOnnxWeights(tf, model, onnx)).rejects.toMatchObject({
      code: 'TRAIN_MODEL_INVALID',
      message: expect.stringMatching(/a weight head\/kernel of float32 \[3, 72\] but received float32 \[1\]/),
    });
    onnx.graph.initializers.delete('stem/bias');
    await expect(loadOnnxWeights(tf, model, onnx)).rejects.toThrow(/stem\/bias .* but received none/);
    expect(model.getWeights().map((weight) => Array.from(weight.dataSync()))).toEqual(before);
  });
});
