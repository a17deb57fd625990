// What an operator computes while training; normalizations and Dropout are compared with PyTorch elsewhere.
import { type Tensor, tensor } from '@percept/core';
import { type AttributeInput, GraphBuilder, writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { describe, expect, it } from 'vitest';
import { differentiate } from './differentiate.js';

const numbers = [0, 0.25, 0.5, 0.75, 0.875, 0.125];

/** Scores `x w + noise` of a graph that trains, for the numbers of its random input. */
async function scoresOf(
  operator: string,
  inputs: (g: GraphBuilder) => string[],
  attributes: Record<string, AttributeInput>,
): Promise<{ scores: number[]; randomDims: unknown }> {
  const g = new GraphBuilder('noisy');
  const x = g.input('x', 'float32', ['N', 3]);
  const w = g.initializer('w', tensor('float32', [3, 3]));
  const noise = g.node(operator, inputs(g), attributes);
  g.output(g.node('Add', [g.node('MatMul', [x, w]), noise]), 'float32', ['N', 3]);
  const graph = differentiate(g.build(), { inputDims: [2, 3], dropout: true });
  const random = graph.graph.inputs.find(({ name }) => name.startsWith('random.'))!;
  const feeds: Record<string, Tensor> = {
    x: tensor('float32', [2, 3]),
    w: tensor('float32', [3, 3]),
    labels: tensor('int64', [2], [0n, 1n]),
    [random.name]: tensor('float32', random.dims as number[], numbers),
  };
  const session = await onnxruntimeNode({ worker: false }).createSession(writeModel(graph), { threads: 1 });
  const results = await session.run(feeds);
  await session.close();
  return { scores: Array.from(results.scores!.data as Float32Array), randomDims: random.dims };
}

describe('random operators while training', () => {
  it('RandomUniformLike spreads the numbers of the step from low to high', async () => {
    const { scores, randomDims } = await scoresOf('RandomUniformLike', () => ['x'], {
      low: { type: 'float', value: -1 },
      high: { type: 'float', value: 3 },
    });
    expect(randomDims).toEqual([2, 3]);
    expect(scores).toEqual(numbers.map((number) => 4 * number - 1));
  });

  it('RandomUniform has a shape of its own', async () => {
    const { scores, randomDims } = await scoresOf('RandomUniform', () => [], { shape: [2, 3] });
    expect(randomDims).toEqual([2, 3]);
    expect(scores).toEqual(numbers);
  });

  it('Bernoulli gives 1 below the probability', async () => {
    const probability = tensor('float32', [2, 3], [0.5, 0.5, 0.5, 0.5, 1, 0]);
    const inputs = (g: GraphBuilder): string[] => [g.initializer('p', probability)];
    const { scores } = await scoresOf('Bernoulli', inputs, { dtype: 1 });
    expect(scores).toEqual([1, 1, 0, 0, 1, 0]);
  });
});
