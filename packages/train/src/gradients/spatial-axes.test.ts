import { tensor } from '@percept/core';
import { type AttributeInput, GraphBuilder, type Node } from '@percept/onnx';
import { describe, expect, it } from 'vitest';
import { differentiate } from '../differentiate.js';
import { alongAxis } from './spatial-axes.js';

/** The Conv of `dims` spatial sizes with attributes. */
function nodeOf(operator: string, attributes: Record<string, AttributeInput>): Node {
  const g = new GraphBuilder('one');
  g.node(operator, [g.input('x', 'float32', undefined)], attributes, { outputs: ['y'] });
  return g.build().graph.nodes[0]!;
}

describe('alongAxis', () => {
  it('takes sizes of one axis out of the attributes, and leaves others', () => {
    const node = nodeOf('Conv', { kernel_shape: [2, 3, 4], strides: [1, 2, 3], pads: [0, 1, 2, 3, 4, 5], group: 2 });
    expect(alongAxis(node, 1, 3).attributes).toEqual({
      kernel_shape: { type: 'ints', value: [1, 3] },
      strides: { type: 'ints', value: [1, 2] },
      pads: { type: 'ints', value: [0, 1, 0, 4] },
      group: { type: 'int', value: 2 },
    });
    expect(node.attributes.strides).toEqual({ type: 'ints', value: [1, 2, 3] });
  });
});

describe('pools of volumes', () => {
  it.each(['MaxPool', 'AveragePool'])('are refused with a code: %s', (operator) => {
    const g = new GraphBuilder('volumes');
    const x = g.input('x', 'float32', ['N', 1, 4, 4, 4]);
    const w = g.initializer('w', tensor('float32', [2, 1, 1, 1, 1], [1, 2]));
    const pooled = g.node(operator, [g.node('Conv', [x, w])], { kernel_shape: [4, 4, 4] }, { name: 'pool' });
    g.output(g.node('Flatten', [pooled]), 'float32', ['N', 2]);
    expect(() => differentiate(g.build(), { inputDims: [2, 1, 4, 4, 4] })).toThrow(
      expect.objectContaining({ code: 'TRAIN_UNSUPPORTED', message: expect.stringContaining('pool') }),
    );
  });
});
