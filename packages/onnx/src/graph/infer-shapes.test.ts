import { describe, expect, it } from 'vitest';
import { cloneModel } from '../clone-model.js';
import { GraphBuilder } from '../graph-builder.js';
import type { Graph } from '../model.js';
import { inferShapes } from './infer-shapes.js';

describe('inferShapes', () => {
  it('declares what it finds, in nested graphs too, and leaves the given model alone', () => {
    const g = new GraphBuilder('typed');
    const x = g.input('x', 'float32', ['N', 4]);
    g.node('Relu', [x], {}, { outputs: ['r'] });
    const branch = (name: string): Graph => ({
      ...new GraphBuilder(name).build().graph,
      nodes: [
        { name: '', opType: 'Exp', domain: '', inputs: ['r'], outputs: [`${name}_e`], attributes: {}, docString: '' },
        { name: '', opType: 'Neg', domain: '', inputs: [`${name}_e`], outputs: [name], attributes: {}, docString: '' },
      ],
      outputs: [{ name, type: undefined, dims: undefined, docString: '' }],
    });
    const attributes = {
      then_branch: { type: 'graph', value: branch('t') },
      else_branch: { type: 'graph', value: branch('e') },
    } as const;
    g.output(g.node('If', [g.input('c', 'bool', [])], attributes, { outputs: ['y'] }), 'float32', undefined);
    g.output(g.node('SequenceConstruct', ['r', x], {}, { outputs: ['s'] }), 'float32', undefined);
    const model = g.build();
    model.graph.outputs[1] = { name: 's', type: undefined, dims: undefined, docString: '' };
    const before = cloneModel(model);
    const typed = inferShapes(model, { inputDims: { x: [2, 4] } });
    expect(model).toEqual(before);
    expect(typed.graph.inputs[0]!.dims).toEqual([2, 4]);
    expect(typed.graph.valueInfos).toEqual([{ name: 'r', type: 'float32', dims: [2, 4], docString: '' }]);
    expect(typed.graph.outputs[0]!.dims).toEqual([2, 4]);
    expect(typed.graph.outputs[1]!.valueType).toEqual({
      kind: 'sequence',
      elementType: { kind: 'tensor', elementType: 'float32', dims: [2, 4] },
    });
    const inner = typed.graph.nodes[1]!.attributes.then_branch!.value as Graph;
    expect([...inner.valueInfos, ...inner.outputs].map(({ name, dims }) => [name, dims])).toEqual([
      ['t_e', [2, 4]],
      ['t', [2, 4]],
    ]);
  });
});
