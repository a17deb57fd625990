import { elementCount, keyedRandom, type Tensor, tensor } from '@percept/core';
import { type AttributeInput, GraphBuilder, type Model, writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { inferTypes } from '@percept/onnx/graph';
import { describe, expect, it } from 'vitest';
import { differentiate } from '../differentiate.js';
import { trainable } from '../trainable.js';
import { referenceLoss, type Values } from './reference.fixture.js';

type Attributes = Record<string, AttributeInput>;

interface Case {
  readonly operator: string;
  readonly name: string;
  readonly x: number[];
  readonly weights?: number[][];
  /** Constants that are no parameters. */
  readonly shape?: number[];
  readonly attributes?: Attributes;
}

const conv = (name: string, x: number[], w: number[], attributes: Attributes = {}, bias = false): Case => ({
  operator: 'Conv',
  name,
  x,
  weights: bias ? [w, [w[0]!]] : [w],
  attributes,
});
const pool = (name: string, x: number[], attributes: Attributes): Case => ({
  operator: 'MaxPool',
  name,
  x,
  attributes,
});

const cases: Case[] = [
  conv('same padding', [2, 3, 5, 6], [4, 3, 3, 3], { pads: [1, 1, 1, 1] }, true),
  conv('no padding', [2, 3, 5, 5], [2, 3, 3, 3]),
  conv('asymmetric pads', [2, 2, 5, 6], [3, 2, 3, 2], { pads: [0, 1, 2, 0] }, true),
  conv('pads beyond the kernel', [1, 2, 3, 3], [2, 2, 2, 2], { pads: [2, 3, 2, 1] }),
  conv('stride 2', [2, 2, 6, 7], [3, 2, 3, 3], { strides: [2, 2], pads: [1, 1, 1, 1] }),
  conv('strides that leave rows out', [2, 2, 8, 8], [3, 2, 3, 3], { strides: [3, 2] }),
  conv('stride larger than the kernel', [1, 2, 7, 7], [2, 2, 1, 2], { strides: [3, 3] }),
  conv('dilations', [2, 2, 7, 8], [3, 2, 3, 2], { dilations: [2, 3], pads: [1, 2, 2, 1] }),
  conv('dilations and strides', [2, 2, 9, 8], [3, 2, 2, 3], { dilations: [3, 2], strides: [2, 2], pads: [1, 1, 0, 2] }),
  conv('groups', [2, 6, 5, 5], [4, 3, 3, 3], { group: 2, pads: [1, 1, 1, 1] }, true),
  conv('groups with strides', [2, 4, 6, 6], [6, 2, 3, 3], { group: 2, strides: [2, 1], pads: [1, 0, 1, 1] }),
  conv('depthwise', [2, 4, 5, 5], [4, 1, 3, 3], { group: 4, pads: [1, 1, 1, 1] }),
  conv('depthwise with multiplier', [2, 3, 5, 5], [6, 1, 3, 3], { group: 3, dilations: [2, 1] }),
  conv('1x1', [2, 6, 4, 4], [3, 6, 1, 1], {}, true),
  conv('1x1 stride 2', [2, 3, 5, 5], [2, 3, 1, 1], { strides: [2, 2] }),
  conv('one channel', [3, 1, 6, 6], [4, 1, 3, 3], { pads: [1, 1, 1, 1] }),
  conv('many channels, small map', [3, 6, 4, 4], [5, 6, 3, 3], { pads: [1, 1, 1, 1] }),
  conv('many channels, small map, strides', [3, 6, 5, 4], [5, 6, 3, 2], { strides: [2, 1], pads: [1, 0, 0, 1] }),
  conv('large map', [1, 5, 9, 10], [3, 5, 3, 3], { pads: [1, 1, 1, 1] }),
  conv('large map, asymmetric', [2, 5, 9, 10], [3, 5, 2, 3], { pads: [1, 0, 0, 2] }),
  conv('large map, strides and dilations', [2, 5, 18, 17], [3, 5, 3, 2], {
    pads: [1, 0, 0, 2],
    strides: [2, 1],
    dilations: [1, 2],
  }),
  conv('kernel of the whole map', [2, 3, 4, 4], [3, 3, 4, 4], {}, true),
  conv('SAME_UPPER', [2, 2, 5, 6], [3, 2, 2, 4], { auto_pad: 'SAME_UPPER', strides: [2, 1] }),
  conv('SAME_LOWER', [2, 2, 5, 6], [3, 2, 4, 2], { auto_pad: 'SAME_LOWER' }),
  pool('2x2', [2, 2, 4, 6], { kernel_shape: [2, 2], strides: [2, 2] }),
  pool('2x2 of odd sizes', [2, 2, 5, 7], { kernel_shape: [2, 2], strides: [2, 2] }),
  pool('2x3, ceil mode', [1, 2, 5, 7], { kernel_shape: [2, 3], strides: [2, 3], ceil_mode: 1 }),
  pool('overlapping 3x3 stride 2 with pads', [2, 2, 7, 6], {
    kernel_shape: [3, 3],
    strides: [2, 2],
    pads: [1, 1, 1, 1],
  }),
  pool('overlapping stride 1', [1, 3, 5, 5], { kernel_shape: [3, 2], pads: [1, 0, 1, 1] }),
  pool('dilations', [1, 2, 7, 7], { kernel_shape: [2, 3], dilations: [3, 2], strides: [2, 1] }),
  pool('gaps between windows', [1, 2, 7, 8], { kernel_shape: [2, 2], strides: [3, 3] }),
  pool('ceil mode with pads', [1, 2, 6, 6], {
    kernel_shape: [3, 3],
    strides: [2, 2],
    pads: [0, 1, 0, 1],
    ceil_mode: 1,
  }),
  pool('SAME_UPPER', [1, 2, 5, 6], { kernel_shape: [3, 3], strides: [2, 2], auto_pad: 'SAME_UPPER' }),
  { operator: 'BatchNormalization', name: 'maps', x: [3, 4, 3, 2], weights: [[4], [4], [4], [4]] },
  {
    operator: 'BatchNormalization',
    name: 'vectors',
    x: [6, 5],
    weights: [[5], [5], [5], [5]],
    attributes: { epsilon: 0.1 },
  },
  {
    operator: 'BatchNormalization',
    name: 'sequences',
    x: [3, 2, 5],
    weights: [[2], [2], [2], [2]],
    attributes: { momentum: 0.7 },
  },
  { operator: 'Relu', name: 'maps', x: [2, 3, 3, 3] },
  { operator: 'Relu', name: 'vectors', x: [4, 7] },
  { operator: 'Relu', name: 'five axes', x: [2, 2, 1, 3, 2] },
  { operator: 'Identity', name: 'maps', x: [2, 3, 2, 2] },
  { operator: 'Identity', name: 'vectors', x: [3, 5] },
  { operator: 'Identity', name: 'one value', x: [2, 1] },
  { operator: 'GlobalAveragePool', name: 'square', x: [2, 3, 4, 4] },
  { operator: 'GlobalAveragePool', name: 'oblong', x: [3, 2, 2, 5] },
  { operator: 'GlobalAveragePool', name: 'one position', x: [2, 3, 1, 1] },
  { operator: 'Add', name: 'same shape', x: [2, 3, 2, 2], weights: [[2, 3, 2, 2]] },
  { operator: 'Add', name: 'bias of maps', x: [2, 3, 2, 4], weights: [[3, 1, 1]] },
  { operator: 'Add', name: 'bias of vectors', x: [3, 4], weights: [[4]] },
  { operator: 'Add', name: 'broadcast on the left', x: [3, 1, 4], weights: [[2, 1]] },
  { operator: 'Add', name: 'scalar', x: [3, 4], weights: [[]] },
  { operator: 'Flatten', name: 'default axis', x: [2, 3, 2, 2] },
  { operator: 'Flatten', name: 'negative axis', x: [3, 1, 4], attributes: { axis: -1 } },
  { operator: 'Flatten', name: 'already flat', x: [3, 4], attributes: { axis: 1 } },
  { operator: 'Reshape', name: 'to vectors', x: [2, 3, 2, 2], shape: [0, -1] },
  { operator: 'Reshape', name: 'to maps', x: [2, 12], shape: [-1, 3, 2, 2] },
  { operator: 'Reshape', name: 'split axis', x: [2, 6, 2], shape: [0, 2, 3, 2] },
  { operator: 'Gemm', name: 'plain', x: [3, 4], weights: [[4, 5], [5]] },
  { operator: 'Gemm', name: 'transB', x: [3, 4], weights: [[5, 4], [5]], attributes: { transB: 1 } },
  {
    operator: 'Gemm',
    name: 'alpha and beta',
    x: [3, 4],
    weights: [
      [5, 4],
      [1, 5],
    ],
    attributes: { transB: 1, alpha: 0.5, beta: { type: 'float', value: 2 } },
  },
  { operator: 'Gemm', name: 'transA', x: [4, 4], weights: [[4, 5], [5]], attributes: { transA: 1 } },
  {
    operator: 'Gemm',
    name: 'both transposed',
    x: [4, 4],
    weights: [[5, 4]],
    attributes: { transA: 1, transB: 1, alpha: { type: 'float', value: 2 } },
  },
  { operator: 'Gemm', name: 'without C', x: [3, 4], weights: [[4, 2]] },
  {
    operator: 'Gemm',
    name: 'C of one column',
    x: [3, 4],
    weights: [
      [4, 2],
      [3, 1],
    ],
  },
  { operator: 'MatMul', name: 'matrices', x: [3, 4], weights: [[4, 5]] },
  { operator: 'MatMul', name: 'batch with shared weights', x: [3, 2, 4], weights: [[4, 3]] },
  { operator: 'MatMul', name: 'batch with own weights', x: [3, 2, 4], weights: [[3, 4, 2]] },
  { operator: 'MatMul', name: 'broadcast batch', x: [3, 1, 2, 4], weights: [[2, 4, 2]] },
];

const classes = 3;
const runtime = onnxruntimeNode({ worker: false });

function numbers(name: string, dims: readonly number[]): Tensor<'float32'> {
  const random = keyedRandom(7, name);
  return tensor(
    'float32',
    dims,
    Float32Array.from({ length: elementCount(dims) }, () => random.uniform(-1, 1)),
  );
}

/** The operator between the input and a linear classifier, and a second way past it that adds to the gradient. */
function modelOf({ operator, name, x, weights = [], shape, attributes = {} }: Case): Model {
  const g = new GraphBuilder(name);
  const inputs = [g.input('x', 'float32', x)];
  for (const [index, dims] of weights.entries()) {
    inputs.push(g.initializer(`w${index}`, numbers(`${name} w${index}`, dims)));
  }
  if (shape !== undefined) inputs.push(g.initializer('shape', tensor('int64', [shape.length], shape)));
  const y = g.node(operator, inputs, attributes);
  const yType = inferTypes(g.build()).values.get(y);
  const yDims = (yType?.kind === 'tensor' ? yType.dims : undefined) as number[];
  const head = (value: string, dims: readonly number[]): string => {
    const from = elementCount(dims.slice(1));
    return g.node('MatMul', [g.node('Flatten', [value]), g.constant(numbers(`${name} head`, [from, classes]), 'head')]);
  };
  g.output(g.node('Add', [head(y, yDims), head('x', x)]), 'float32', undefined);
  return g.build();
}

/** Largest difference between computed and numeric derivatives, relative to the largest derivative. */
async function relativeError(model: Model, x: number[], name: string): Promise<number> {
  const { statistics } = trainable(model);
  const labels = Array.from({ length: x[0]! }, (_, row) => row % classes);
  const parameters = [...model.graph.initializers.keys()].filter(
    (key) => key.startsWith('w') && !statistics.includes(key),
  );
  const graph = differentiate(model, { inputDims: x, wrt: ['x', ...parameters] });
  const session = await runtime.createSession(writeModel(graph), { threads: 1 });
  const feeds: Record<string, Tensor> = { x: numbers(`${name} x`, x), labels: tensor('int64', [x[0]!], labels) };
  for (const parameter of parameters) feeds[parameter] = model.graph.initializers.get(parameter)!;
  const results = await session.run(feeds);
  await session.close();

  const values = new Map<string, Values>();
  for (const [key, value] of [...model.graph.initializers, ['x', feeds.x!] as const]) {
    values.set(key, { dims: value.dims, data: Float64Array.from(value.data as ArrayLike<number>, Number) });
  }
  const expectedLoss = referenceLoss(model, values, labels);
  expect(Math.abs(Number(results.loss!.data[0]) - expectedLoss) / expectedLoss).toBeLessThan(1e-5);

  let [difference, largest] = [0, 0];
  for (const parameter of ['x', ...parameters]) {
    const { data, dims } = values.get(parameter)!;
    const computed = results[`gradient.${parameter}`]!;
    expect(computed.dims).toEqual(dims);
    for (let at = 0; at < data.length; at += Math.max(1, Math.floor(data.length / 29))) {
      const original = data[at]!;
      const [above, below] = [1e-5, -1e-5].map((change) => {
        data[at] = original + change;
        return referenceLoss(model, values, labels);
      }) as [number, number];
      data[at] = original;
      const numeric = (above - below) / 2e-5;
      difference = Math.max(difference, Math.abs(numeric - Number(computed.data[at])));
      largest = Math.max(largest, Math.abs(numeric));
    }
  }
  return difference / largest;
}

describe('gradients against central differences in float64', () => {
  it.each(cases.map((entry) => [entry.operator, entry.name, entry] as const))('%s: %s', async (_, __, entry) => {
    expect(await relativeError(modelOf(entry), entry.x, entry.name)).toBeLessThan(1e-5);
  });

  it('are proven for at least three variants of every operator here', () => {
    for (const operator of new Set(cases.map((entry) => entry.operator))) {
      expect(cases.filter((entry) => entry.operator === operator).length, operator).toBeGreaterThanOrEqual(3);
    }
  });
});
