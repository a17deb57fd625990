import { tensor } from '@percept/core';
import { GraphBuilder, writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { expect, it } from 'vitest';
import { hashedNumbers } from '../builders/deterministic-fill.fixture.js';
import { differentiate } from '../differentiate.js';

/** Gradients of a layer whose values are `dims` in `[N, C, H, W]`, or the same as a volume of depth 1. */
async function gradients(dims: number[], kernel: number[], attributes: Record<string, number[]>) {
  const g = new GraphBuilder('layer');
  const x = g.input('x', 'float32', ['N', ...dims.slice(1)]);
  const size = dims[1]! * kernel.reduce((a, b) => a * b, 4);
  const w = g.initializer('w', tensor('float32', [4, dims[1]!, ...kernel], hashedNumbers('w', size)));
  const maps = g.node('Tanh', [g.node('Conv', [x, w], attributes)]);
  g.output(g.node('Flatten', [g.node('GlobalAveragePool', [maps])]), 'float32', ['N', 4]);
  const graph = differentiate(g.build(), { inputDims: dims, wrt: ['x', 'w'] });
  const session = await onnxruntimeNode({ worker: false }).createSession(writeModel(graph), { threads: 1 });
  const count = dims.reduce((a, b) => a * b, 1);
  const results = await session.run({
    x: tensor('float32', dims, hashedNumbers('x', count)),
    w: tensor('float32', [4, dims[1]!, ...kernel], hashedNumbers('w', size)),
    labels: tensor('int64', [2], [1n, 3n]),
  });
  await session.close();
  return ['gradient.x', 'gradient.w'].map((name) => results[name]!.data as Float32Array);
}

it('gives a volume of depth 1 the gradients of its map, where strides leave rows out, too', async () => {
  const flat = await gradients([2, 3, 8, 7], [3, 2], { strides: [3, 2], pads: [0, 1, 1, 0] });
  const deep = await gradients([2, 3, 1, 8, 7], [1, 3, 2], { strides: [1, 3, 2], pads: [0, 0, 1, 0, 1, 0] });
  for (const [at, expected] of flat.entries()) {
    const largest = Math.max(...expected.map(Math.abs));
    for (const [index, value] of expected.entries()) {
      expect(Math.abs(deep[at]![index]! - value) / largest).toBeLessThan(1e-5);
    }
  }
});
