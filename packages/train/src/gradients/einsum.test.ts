// Its values are compared with PyTorch's in pytorch.test.ts.
import { tensor } from '@percept/core';
import { GraphBuilder } from '@percept/onnx';
import { expect, it } from 'vitest';
import { differentiate } from '../differentiate.js';

it.each([
  ['...ij,jk->...ik', 'an equation of letters'],
  ['bjj,jk->bk', 'without diagonals'],
])('refuses %s', (equation, expected) => {
  const g = new GraphBuilder('product');
  const x = g.input('x', 'float32', ['N', 3, 3]);
  const w = g.initializer('w', tensor('float32', [3, 3]));
  const product = g.node('Einsum', [x, w], { equation });
  g.output(g.node('Flatten', [product]), 'float32', ['N', 9]);
  expect(() => differentiate(g.build(), { inputDims: [2, 3, 3] })).toThrow(
    expect.objectContaining({ code: 'TRAIN_UNSUPPORTED', message: expect.stringContaining(expected) }),
  );
});
