import { isPerceptError, type Tensor, tensor } from '@percept/core';
import { type AttributeInput, GraphBuilder, type Model, writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { describe, expect, it } from 'vitest';
import { differentiate } from './differentiate.js';

async function run(model: Model, feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
  const session = await onnxruntimeNode({ worker: false }).createSession(writeModel(model), { threads: 1 });
  const results = await session.run(feeds);
  await session.close();
  return results;
}

const labels = (count: number) => tensor('int64', [count]);

/** One operator, then everything added up into two scores. */
function modelOf(operator: string, x: number[], attributes: Record<string, AttributeInput>, size: number): Model {
  const g = new GraphBuilder(operator);
  const y = g.node('Flatten', [g.node(operator, [g.input('x', 'float32', x)], attributes)]);
  const weights = new Float32Array(2 * size).map((_, index) => (index % 2 === 0 ? 1 : 0));
  g.output(g.node('MatMul', [y, g.constant(tensor('float32', [size, 2], weights))]), 'float32', undefined);
  return g.build();
}

function codeOf(call: () => unknown): string {
  try {
    call();
    return 'nothing';
  } catch (error) {
    return isPerceptError(error) ? error.code : String(error);
  }
}

describe('equal values under a pooling window', () => {
  it.each([
    ['side by side', { kernel_shape: [2, 2], strides: [2, 2] }, 4],
    ['overlapping', { kernel_shape: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1] }, 16],
  ])('share the gradient evenly when windows are %s', async (_, attributes, outputs) => {
    const model = modelOf('MaxPool', [1, 1, 4, 4], attributes, outputs);
    const graph = differentiate(model, { inputDims: [1, 1, 4, 4], wrt: ['x'] });
    const results = await run(graph, { x: tensor('float32', [1, 1, 4, 4]), labels: labels(1) });
    const dX = Array.from(results['gradient.x']!.data as Float32Array);
    // Two equal scores: every window passes on -1/2.
    expect(dX.reduce((sum, value) => sum + value, 0)).toBeCloseTo(-outputs / 2, 5);
    if (outputs === 4) for (const value of dX) expect(value).toBeCloseTo(-1 / 8, 6);
    else expect(dX[0]).toBeCloseTo(-(1 / 4 + 1 / 6 + 1 / 6 + 1 / 9) / 2, 5);
  });
});

describe('differentiate', () => {
  it('computes only what is asked for', () => {
    const model = modelOf('Relu', [2, 3], {}, 3);
    const names = (wrt: string[]) =>
      differentiate(model, { inputDims: [2, 3], wrt }).graph.outputs.map(({ name }) => name);
    expect(names([])).toEqual(['loss', 'scores']);
    expect(names(['x'])).toEqual(['loss', 'scores', 'gradient.x']);
  });

  it('uses standard operators only, and none that providers other than the CPU lack', () => {
    const model = modelOf('MaxPool', [2, 1, 4, 4], { kernel_shape: [3, 3] }, 4);
    const { opsets, graph } = differentiate(model, { inputDims: [2, 1, 4, 4], wrt: ['x'] });
    expect(opsets).toEqual({ '': 17 });
    const absent = ['OneHot', 'Loop', 'Col2Im', 'MaxUnpool', 'SoftmaxCrossEntropyLoss', 'Where', 'Sign'];
    expect(graph.nodes.filter(({ opType }) => absent.includes(opType))).toEqual([]);
  });

  it.each<[string, number[], Record<string, AttributeInput>, number]>([
    ['Conv', [2, 3], {}, 4],
    ['MaxPool', [2, 3, 5, 2, 2], { kernel_shape: [2, 1, 1] }, 4],
    ['MaxPool', [2, 3, 2, 2], { kernel_shape: [3, 3] }, 4],
    ['MaxPool', [2, 3, 4, 4], { kernel_shape: [2, 2], pads: [0, 0, -1, 0] }, 4],
    ['MaxPool', [2, 3, 4, 4], { kernel_shape: 2 }, 4],
    ['MeanVarianceNormalization', [2, 3], { axes: [1] }, 3],
    ['Reshape', [2, 3], {}, 3],
  ])('refuses %s of %j with %j', (operator, x, attributes, size) => {
    const wrong = () => differentiate(modelOf(operator, x, attributes, size), { inputDims: x, wrt: ['x'] });
    expect(codeOf(wrong)).toBe('TRAIN_UNSUPPORTED');
  });

  it('allows operators without a gradient beside its path, and shapes that are computed', () => {
    const g = new GraphBuilder('beside');
    const x = g.input('x', 'float32', ['N', 2, 2]);
    const batch = g.node('Gather', [g.node('Shape', [x]), g.constant(tensor('int64', [], [0n]))]);
    const shape = g.node(
      'Concat',
      [g.node('Unsqueeze', [batch, g.constant(tensor('int64', [1], [0n]))]), g.constant(tensor('int64', [1], [4n]))],
      { axis: 0 },
    );
    const w = g.initializer('w', tensor('float32', [4], [1, 2, 3, 4]));
    const half = g.constant(tensor('float32', [], [0.5]), 'half');
    g.output(
      g.node('Mul', [
        g.node('Mul', [g.node('MeanVarianceNormalization', [g.node('Reshape', [x, shape])], { axes: [1] }), w]),
        half,
      ]),
      'float32',
      undefined,
    );
    const names = (wrt?: string[]) =>
      differentiate(g.build(), { inputDims: [3, 2, 2], ...(wrt && { wrt }) }).graph.outputs.map(({ name }) => name);
    expect(names()).toEqual(['loss', 'scores', 'gradient.w']);
    expect(() => names(['x'])).toThrow(/an operator with a gradient for MeanVarianceNormalization/);
  });

  it('refuses batch normalization in its training form, and over a single value', () => {
    const build = (attributes: Record<string, AttributeInput>) => {
      const g = new GraphBuilder('norm');
      const vectors = [1, 1, 1, 1].map((value) => g.constant(tensor('float32', [2], [value, value])));
      g.output(
        g.node('BatchNormalization', [g.input('x', 'float32', ['N', 2]), ...vectors], attributes),
        'float32',
        undefined,
      );
      return g.build();
    };
    expect(codeOf(() => differentiate(build({ training_mode: 1 }), { inputDims: [4, 2] }))).toBe('TRAIN_UNSUPPORTED');
    expect(codeOf(() => differentiate(build({}), { inputDims: [1, 2] }))).toBe('TRAIN_UNSUPPORTED');
    expect(codeOf(() => differentiate(build({}), { inputDims: [2, 2] }))).toBe('nothing');
  });

  it('refuses models of another form and names that it does not know', () => {
    const turned = new GraphBuilder('turned');
    turned.output(
      turned.node('Transpose', [turned.input('x', 'float32', ['N', 2])], { perm: [1, 0] }),
      'float32',
      undefined,
    );
    expect(codeOf(() => differentiate(turned.build(), { inputDims: [3, 2] }))).toBe('TRAIN_MODEL_INVALID');

    const two = new GraphBuilder('two inputs');
    const sum = two.node('Add', [two.input('a', 'float32', ['N', 2]), two.input('b', 'float32', ['N', 2])]);
    two.output(sum, 'float32', undefined);
    expect(codeOf(() => differentiate(two.build(), { inputDims: [1, 2] }))).toBe('TRAIN_MODEL_INVALID');

    const model = modelOf('Relu', [2, 3], {}, 3);
    expect(codeOf(() => differentiate(model, { inputDims: [2, 3], wrt: ['y'] }))).toBe('INVALID_ARGUMENT');
    expect(codeOf(() => differentiate({ ...model, opsets: { '': 6 } }, { inputDims: [2, 3] }))).toBe(
      'TRAIN_MODEL_INVALID',
    );
    expect(codeOf(() => differentiate(model, { inputDims: [] }))).toBe('INVALID_ARGUMENT');
  });
});
