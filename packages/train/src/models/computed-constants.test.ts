import { tensor } from '@percept/core';
import { GraphBuilder, type Model } from '@percept/onnx';
import { expect, it } from 'vitest';
import { trainable } from '../trainable.js';
import { fromOnnx } from './from-onnx.js';

/** A convolution whose bias is `value` in the type of its input, repeated: as torch.onnx.export writes it, unoptimized. */
function exported(value: number, channels: number): Model {
  const g = new GraphBuilder('exported', { opset: 20 });
  const x = g.input('x', 'float32', ['N', 3, 4, 4]);
  const w = g.initializer('w', tensor('float32', [channels, 3, 1, 1], new Float32Array(channels * 3).fill(0.5)));
  const number = g.node('CastLike', [g.constant(tensor('float32', [], [value]), 'number'), x]);
  const bias = g.node('Expand', [number, g.constant(tensor('int64', [1], [channels]), 'shape')]);
  const maps = g.node('CastLike', [g.node('Conv', [x, w, bias]), x]);
  g.output(g.node('Flatten', [g.node('GlobalAveragePool', [maps])]), 'float32', ['N', channels]);
  return g.build();
}

it.each([4, 600])(
  'takes off a computed bias of zeros of %i channels, and casts to the type that a value has',
  (channels) => {
    const model = fromOnnx(exported(0, channels));
    expect(model.graph.nodes.map(({ opType }) => opType)).toEqual(['Conv', 'GlobalAveragePool', 'Flatten']);
    expect(model.graph.nodes[0]!.inputs[2] ?? '').toBe('');
    expect(trainable(model).parameters).toEqual(['w']);
  },
);

it('leaves another bias', () => {
  const model = fromOnnx(exported(0.25, 4));
  expect(model.graph.initializers.get(model.graph.nodes[0]!.inputs[2]!)!.data).toEqual(new Float32Array(4).fill(0.25));
});

it('learns no number of a formula that is written as a vector, but learns a weight of one element', () => {
  const g = new GraphBuilder('numbers', { opset: 20 });
  const x = g.input('x', 'float32', ['N', 3]);
  const vector = (value: number): string => {
    const attribute = { type: 'tensor', value: tensor('float32', [1], [value]) } as const;
    return g.node('Constant', [], { value: attribute });
  };
  const scaled = g.node('Mul', [x, g.node('Sqrt', [vector(2)])]);
  const weighted = g.node('Mul', [scaled, g.initializer('w', tensor('float32', [1], [3]))]);
  g.output(g.node('Add', [weighted, vector(1)]), 'float32', ['N', 3]);
  expect(trainable(fromOnnx(g.build())).parameters).toEqual(['w']);
});

it.each([
  ['tf2onnx', ['factor']],
  ['pytorch', ['factor', 'three']],
])(
  'learns of two constants of four dimensions, one of them a single number, what is a weight in files of %s',
  (producerName, learned) => {
    const g = new GraphBuilder('numbers', { opset: 17 });
    const x = g.input('x', 'float32', ['N', 2, 4, 4]);
    const scaled = g.node('Mul', [x, g.initializer('factor', tensor('float32', [1, 2, 1, 1], [1, 2]))]);
    const moved = g.node('Add', [scaled, g.initializer('three', tensor('float32', [1, 1, 1, 1], [3]))]);
    g.output(g.node('Flatten', [g.node('GlobalAveragePool', [moved])]), 'float32', ['N', 2]);
    expect(trainable(fromOnnx({ ...g.build(), producerName })).parameters).toEqual(learned);
  },
);
