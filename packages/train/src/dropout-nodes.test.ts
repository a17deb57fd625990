import { isPerceptError, type Tensor, tensor } from '@percept/core';
import { type AttributeInput, GraphBuilder, type Model, writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { describe, expect, it } from 'vitest';
import { emitForwardPass } from './backward.js';
import { efficientnetB0 } from './builders/efficientnet.js';
import { differentiate } from './differentiate.js';
import { withStochasticDepth } from './dropout-nodes.js';
import { StepBuilder } from './step-builder.js';
import { trainable } from './trainable.js';

interface Drop {
  readonly opset: number;
  readonly attributes?: Record<string, AttributeInput>;
  /** Inputs behind the first. */
  readonly ratio?: number;
  readonly training?: boolean;
  readonly rows?: boolean | undefined;
  /** Multiplies by these instead. */
  readonly factors?: readonly number[];
}

const dims = [2, 3, 2, 2];

/** Images times weights, something dropped, the sums of the maps as scores. */
function modelOf({ opset, attributes = {}, ratio, training, rows, factors }: Drop): Model {
  const g = new GraphBuilder('drops', { opset });
  const x = g.input('x', 'float32', ['N', ...dims.slice(1)]);
  const scaled = g.node('Mul', [
    x,
    g.initializer(
      'w',
      tensor(
        'float32',
        [1, 3, 2, 2],
        Array.from({ length: 12 }, (_, at) => at / 4 - 1),
      ),
    ),
  ]);
  const inputs = [scaled];
  if (ratio !== undefined) inputs.push(g.constant(tensor('float32', [], [ratio]), 'ratio'));
  if (training !== undefined) inputs.push(g.constant(tensor('bool', [], [training ? 1 : 0]), 'training'));
  const dropped =
    factors === undefined
      ? g.node('Dropout', inputs, attributes, { name: 'drop' })
      : g.node('Mul', [scaled, g.constant(tensor('float32', rows ? [2, 1, 1, 1] : dims, [...factors]), 'factors')]);
  const averaged = g.node('GlobalAveragePool', [dropped]);
  g.output(g.node('Flatten', [averaged], { axis: 1 }, { outputs: ['scores'] }), 'float32', ['N', 3]);
  const model = g.build();
  return rows && factors === undefined ? { ...model, metadata: withStochasticDepth(model.metadata, ['drop']) } : model;
}

const runtime = onnxruntimeNode({ worker: false });

async function run(graph: Model, feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
  const session = await runtime.createSession(writeModel(graph), { threads: 1 });
  const results = await session.run(feeds);
  await session.close();
  return results;
}

const numbersOf = (count: number): number[] => Array.from({ length: count }, (_, at) => ((at * 7 + 3) % 11) / 11);
const feeds = {
  x: tensor('float32', dims, numbersOf(24)),
  labels: tensor('int64', [2], [0n, 2n]),
  w: modelOf({ opset: 17, ratio: 0.3 }).graph.initializers.get('w')!,
};

describe('Dropout while training', () => {
  const forms: [string, number, Drop][] = [
    ['the attribute of opset 7', 0.25, { opset: 7, attributes: { ratio: 0.25 } }],
    ['the default of opset 10', 0.5, { opset: 10 }],
    ['the input of opset 12', 0.4, { opset: 12, ratio: 0.4 }],
    ['the training mode of opset 17', 0.7, { opset: 17, ratio: 0.7, training: true }],
    ['the use of opset 22', 0.6, { opset: 22, ratio: 0.6, training: false }],
    ['whole images', 0.5, { opset: 17, ratio: 0.5, rows: true }],
    ['everything', 1, { opset: 17, ratio: 1 }],
  ];
  it.each(forms)('multiplies by 0 or by 1 / (1 - ratio), forward and backward: %s', async (_, ratio, drop) => {
    const graph = differentiate(modelOf(drop), { inputDims: dims, dropout: true });
    const random = graph.graph.inputs.find(({ name }) => name === 'random.0')!;
    expect(random.dims).toEqual(drop.rows ? [2, 1, 1, 1] : dims);
    const drawn = drop.rows ? [0.6, 0.2] : numbersOf(24).toReversed();
    const factors = drawn.map((number) => (number < ratio ? 0 : 1 / (1 - ratio)));
    const found = await run(graph, { ...feeds, 'random.0': tensor('float32', random.dims as number[], drawn) });
    const { opset: _opset, rows } = drop;
    const expected = await run(
      differentiate(modelOf({ opset: 17, rows, factors }), { inputDims: dims, wrt: ['w'] }),
      feeds,
    );
    for (const name of ['loss', 'scores', 'gradient.w']) {
      const [a, b] = [found[name]!, expected[name]!].map(({ data }) => Array.from(data as Float32Array));
      for (const [at, value] of b!.entries()) expect(a![at], name).toBeCloseTo(value, 6);
    }
  });

  it('is not asked for by default, nor where the ratio is 0', async () => {
    const random = (model: Model, dropout = false): string[] =>
      differentiate(model, { inputDims: dims, dropout }).graph.inputs.flatMap(({ name }) =>
        name.startsWith('random') ? [name] : [],
      );
    expect(random(modelOf({ opset: 17, ratio: 0.5 }))).toEqual([]);
    expect(random(modelOf({ opset: 17, ratio: 0.5 }), true)).toEqual(['random.0']);
    expect(random(modelOf({ opset: 17, ratio: 0 }), true)).toEqual([]);
    const plain = await run(differentiate(modelOf({ opset: 17, ratio: 0.5 }), { inputDims: dims }), feeds);
    const factors = Array.from({ length: 24 }, () => 1);
    const expected = await run(differentiate(modelOf({ opset: 17, factors }), { inputDims: dims, wrt: ['w'] }), feeds);
    expect(plain.loss!.data).toEqual(expected.loss!.data);
  });

  it('drops nothing in the form for use', () => {
    const source = trainable(modelOf({ opset: 17, ratio: 0.5, training: true }));
    const g = new StepBuilder('use');
    g.input(source.input, 'float32', dims);
    for (const [name, value] of source.constants) g.initializer(name, value);
    emitForwardPass(g, source, { wrt: [], inputDims: dims, form: 'use' });
    const { inputs, nodes } = g.build().graph;
    expect(inputs.map(({ name }) => name)).toEqual(['x']);
    expect(nodes.map(({ opType }) => opType)).not.toContain('Dropout');
  });

  it('refuses a mask that is read, and a broken note of stochastic depth', () => {
    const model = modelOf({ opset: 17, ratio: 0.5 });
    const broken = { ...model, metadata: { 'percept.train.stochastic_depth': '[' } };
    expect(() => trainable(broken)).toThrow(/TRAIN_MODEL_INVALID|Remove that entry/);
    let code: string | undefined;
    try {
      trainable(broken);
    } catch (error) {
      code = isPerceptError(error) ? error.code : undefined;
    }
    expect(code).toBe('TRAIN_MODEL_INVALID');
  });
});

describe('the stochastic depth of efficientnetB0', () => {
  it('grows from block to block as in torchvision, and leaves a standard model', () => {
    const model = efficientnetB0({ classes: 3, size: 32, seed: 1 });
    const dropouts = model.graph.nodes.filter(({ opType }) => opType === 'Dropout');
    const ratios = dropouts.map(({ inputs }) => Number(model.graph.initializers.get(inputs[1]!)!.data[0]));
    // 16 blocks; those with a residual connection are numbers 2, 4, 6, 7, 9, 10, 12, 13 and 14, counted from 0.
    const blocks = [2, 4, 6, 7, 9, 10, 12, 13, 14];
    expect(ratios.slice(0, -1).map((ratio) => ratio.toFixed(5))).toEqual(
      blocks.map((at) => ((0.2 * at) / 16).toFixed(5)),
    );
    const graph = differentiate(model, { inputDims: [2, 3, 32, 32], dropout: true });
    const random = graph.graph.inputs.filter(({ name }) => name.startsWith('random'));
    expect(random.map(({ dims }) => dims)).toEqual([...blocks.map(() => [2, 1, 1, 1]), [2, 1280]]);
  });
});
