import { tensor } from '@percept/core';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from './graph-builder.js';

const invalid = expect.objectContaining({ name: 'PerceptError', code: 'ONNX_GRAPH_INVALID' });

describe('GraphBuilder', () => {
  it('builds nodes over inputs, weights and constants, with names of its own', () => {
    const graph = new GraphBuilder('small');
    const x = graph.input('x', 'float32', ['N', 4]);
    const w = graph.initializer('w', tensor('float32', [4, 2]));
    const product = graph.node('MatMul', [x, w]);
    const shifted = graph.node('Add', [product, graph.constant(tensor('float32', [], [1]), 'one')]);
    const [left, right] = graph.multi('Split', [shifted], { axis: 1 }, { outputs: 2, name: 'split' });
    graph.output(graph.node('Sub', [left!, right!], {}, { outputs: ['y'] }), 'float32', ['N', 1]);
    const model = graph.build({ producerName: 'test', metadata: { a: 'b' } });
    expect(model).toMatchObject({ irVersion: 8, opsets: { '': 17 }, producerName: 'test', metadata: { a: 'b' } });
    expect(model.graph.nodes.map(({ opType, inputs, outputs }) => [opType, inputs, outputs])).toEqual([
      ['MatMul', ['x', 'w'], ['MatMul_0']],
      ['Add', ['MatMul_0', 'one_0'], ['Add_0']],
      ['Split', ['Add_0'], ['Split_0', 'Split_1']],
      ['Sub', ['Split_0', 'Split_1'], ['y']],
    ]);
    expect([...model.graph.initializers.keys()]).toEqual(['w', 'one_0']);
    expect(model.graph.outputs).toEqual([{ name: 'y', type: 'float32', dims: ['N', 1], docString: '' }]);
  });

  it('gives attributes their kind', () => {
    const graph = new GraphBuilder('attributes');
    const value = tensor('int64', [1], [3]);
    graph.node('Op', [''], {
      int: 1,
      float: 0.5,
      ints: [1, 2],
      floats: [1, 0.5],
      none: [],
      string: 'a',
      strings: ['a'],
      tensor: value,
      given: { type: 'float', value: 1 },
    });
    expect(graph.build().graph.nodes[0]!.attributes).toEqual({
      int: { type: 'int', value: 1 },
      float: { type: 'float', value: 0.5 },
      ints: { type: 'ints', value: [1, 2] },
      floats: { type: 'floats', value: [1, 0.5] },
      none: { type: 'ints', value: [] },
      string: { type: 'string', value: 'a' },
      strings: { type: 'strings', value: ['a'] },
      tensor: { type: 'tensor', value },
      given: { type: 'float', value: 1 },
    });
  });

  it('declares the domains that nodes use, and an IR version that fits the opset', () => {
    const graph = new GraphBuilder('domains', { opset: 21 });
    graph.node('FusedMatMul', [], {}, { domain: 'com.microsoft', outputs: ['', 'second'] });
    expect(graph.build()).toMatchObject({ irVersion: 10, opsets: { '': 21, 'com.microsoft': 1 } });
  });

  it('gives fresh names that avoid the ones taken', () => {
    const graph = new GraphBuilder('names');
    graph.input('Add_0', 'float32', []);
    expect(graph.node('Add', ['Add_0', 'Add_0'])).toBe('Add_1');
    expect(graph.freshName('Add')).toBe('Add_2');
    expect(graph.freshName('Add')).toBe('Add_3');
  });

  it.each([
    ['a name twice', (graph: GraphBuilder) => graph.initializer('x', tensor('float32', []))],
    ['an output name twice', (graph: GraphBuilder) => graph.node('Relu', ['x'], {}, { outputs: ['x'] })],
    ['an unknown input', (graph: GraphBuilder) => graph.node('Relu', ['z'])],
    ['an unknown output', (graph: GraphBuilder) => graph.output('z', 'float32', [])],
  ])('refuses %s', (_, add) => {
    const graph = new GraphBuilder('bad');
    graph.input('x', 'float32', []);
    expect(() => add(graph)).toThrow(invalid);
  });

  it('builds again what was built, with what came since', () => {
    const graph = new GraphBuilder('twice');
    const x = graph.input('x', 'float32', []);
    const before = graph.build();
    graph.node('Relu', [x]);
    expect(before.graph.nodes).toHaveLength(0);
    expect(graph.build().graph.nodes).toHaveLength(1);
  });
});
