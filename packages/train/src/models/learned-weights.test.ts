import { tensor } from '@percept/core';
import { GraphBuilder } from '@percept/onnx';
import { simplifyModel } from '@percept/onnx/graph';
import { describe, expect, it } from 'vitest';
import { deterministicFill } from '../builders/deterministic-fill.fixture.js';
import { trainable } from '../trainable.js';
import { fromOnnx } from './from-onnx.js';
import { headParameters } from './head.js';
import { layerGroups } from './layer-groups.js';
import { learnedWeights, withOpenWeights } from './learned-weights.js';
import { replaceHead } from './replace-head.js';

/** Layer scale and a linear layer as torch.onnx.export writes them without optimizing. */
function scaled() {
  const g = new GraphBuilder('scaled');
  const x = g.input('x', 'float32', ['N', 3, 4, 4]);
  const weight = (name: string, dims: number[]): string => g.initializer(name, deterministicFill(name, dims));
  const integers = (values: number[]): string => g.constant(tensor('int64', [values.length], values.map(BigInt)));
  const conv = g.node('Conv', [x, weight('conv', [3, 3, 1, 1])]);
  const gamma = g.node('Reshape', [weight('gamma', [3]), integers([1, 3, 1, 1])]);
  const half = g.node('Div', [
    g.initializer('one', tensor('float32', [], [1])),
    g.constant(tensor('float32', [], [2])),
  ]);
  const map = g.node('Mul', [g.node('Mul', [conv, gamma]), half]);
  const pooled = g.node('Flatten', [g.node('GlobalAveragePool', [map])]);
  const matrix = g.node('Transpose', [weight('fc', [5, 3])], { perm: [1, 0] });
  const scores = g.node('Add', [g.node('MatMul', [pooled, matrix]), weight('bias', [5])]);
  g.output(scores, 'float32', ['N', 5]);
  return g.build();
}

describe('learned weights', () => {
  it('are those that a gradient flows to, not the numbers of formulas', () => {
    expect([...learnedWeights(scaled().graph)].sort()).toEqual(['bias', 'conv', 'fc', 'gamma']);
  });

  it('stay while all else is folded', () => {
    const model = scaled();
    const { graph } = withOpenWeights(model, new Set(['gamma']), (open) => simplifyModel(open).model);
    expect(graph.initializers.get('gamma')).toBe(model.graph.initializers.get('gamma'));
    expect(graph.initializers.has('fc')).toBe(false);
    expect(graph.inputs.map(({ name }) => name)).toEqual(['x']);
  });

  it('keep their names through fromOnnx, and replaceHead and layerGroups find them behind a Transpose', () => {
    const model = fromOnnx(scaled());
    expect([...trainable(model).parameters].sort()).toEqual(['bias', 'conv', 'fc', 'gamma']);
    expect(headParameters(model)).toEqual(['fc', 'bias']);
    const replaced = replaceHead(model, { classes: 7 });
    expect(replaced.graph.initializers.get('fc')!.dims).toEqual([7, 3]);
    expect(replaced.graph.initializers.get('bias')!.dims).toEqual([7]);
    const factors = new Map(
      layerGroups(model, { layerDecay: 0.5 }).flatMap(({ pattern, learningRateFactor }) =>
        ['conv', 'fc'].filter((name) => pattern.test(name)).map((name) => [name, learningRateFactor] as const),
      ),
    );
    expect(factors.get('fc')).toBe(1);
    expect(factors.get('conv')).toBe(0.5);
  });
});
