import { tensor } from '@percept/core';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../graph-builder.js';
import type { Graph, Model, Node } from '../model.js';
import { evaluateModel, evaluateNode } from './evaluate.js';
import { asTensor, fromNumbers, numbers, type Value } from './value.js';

const list = (value: Value | undefined) => [...numbers(asTensor(value))];

function node(opType: string, inputs: string[], outputs: string[], rest: Partial<Node> = {}): Node {
  return { name: '', opType, domain: '', inputs, outputs, attributes: {}, docString: '', ...rest };
}

function graph(nodes: Node[], inputs: string[], outputs: string[]): Graph {
  const info = (name: string) => ({ name, type: undefined, dims: undefined, docString: '' });
  return {
    name: 'g',
    nodes,
    inputs: inputs.map(info),
    outputs: outputs.map(info),
    initializers: new Map(),
    valueInfos: [],
    docString: '',
  };
}

function model(main: Graph, rest: Partial<Model> = {}): Model {
  const base = new GraphBuilder('m');
  base.output(base.input('unused', 'float32', [1]), 'float32', [1]);
  return { ...base.build(), opsets: { '': 21, own: 1 }, graph: main, ...rest };
}

describe('evaluateModel', () => {
  it('lets a subgraph see what lies outside, and hides what it names itself', async () => {
    const inner = graph([node('Mul', ['x', 'k'], ['t']), node('Neg', ['t'], ['u'])], [], ['u']);
    const main = graph(
      [
        node('Add', ['x', 'x'], ['t']),
        node('If', ['c'], ['y'], {
          attributes: { then_branch: { type: 'graph', value: inner }, else_branch: { type: 'graph', value: inner } },
        }),
        node('Add', ['t', 'y'], ['z']),
      ],
      ['x', 'c'],
      ['z'],
    );
    main.initializers.set('k', tensor('float32', [1], [10]));
    const { z } = await evaluateModel(model(main), {
      x: tensor('float32', [1], [3]),
      c: tensor('bool', [], [1] as never),
    });
    expect(list(z)).toEqual([6 - 30]);
  });

  it('calls functions of the model, with their defaults, and does not let them see their caller', async () => {
    const scaled = {
      name: 'Scaled',
      domain: 'own',
      overload: '',
      inputs: ['x', 'bias'],
      outputs: ['y'],
      attributes: [],
      attributeDefaults: { slope: { type: 'float' as const, value: 0.25 } },
      nodes: [
        node('LeakyRelu', ['x'], ['s'], { attributes: { alpha: { type: 'reference', value: 'slope', of: 'float' } } }),
        node('Clip', ['s', 'bias'], ['y']),
      ],
      docString: '',
      opsets: { '': 21 },
      valueInfos: [],
    };
    // The caller's value named bias is not the function's input that is left out.
    const main = graph(
      [
        node('Abs', ['x'], ['bias']),
        node('Scaled', ['x'], ['y'], { domain: 'own' }),
        node('Scaled', ['x'], ['z'], { domain: 'own', attributes: { slope: { type: 'float', value: 0.5 } } }),
      ],
      ['x'],
      ['y', 'z', 'bias'],
    );
    const { y, z } = await evaluateModel(model(main, { functions: [scaled] }), { x: tensor('float32', [2], [-4, 4]) });
    expect([list(y), list(z)]).toEqual([
      [-1, 4],
      [-2, 4],
    ]);
  });

  it('gives an input its default, and another value when it is fed', async () => {
    const main = graph([node('Identity', ['x'], ['y'])], ['x'], ['y']);
    main.initializers.set('x', tensor('float32', [1], [7]));
    expect(list((await evaluateModel(model(main), {})).y)).toEqual([7]);
    expect(list((await evaluateModel(model(main), { x: tensor('float32', [1], [8]) })).y)).toEqual([8]);
  });

  it('spreads packed 4-bit constants and sparse ones', async () => {
    const main = graph(
      [node('Cast', ['q'], ['y'], { attributes: { to: { type: 'int', value: 1 } } }), node('Identity', ['s'], ['z'])],
      [],
      ['y', 'z'],
    );
    main.rawInitializers = new Map([['q', { type: 'int4', dims: [3], raw: new Uint8Array([0x8f, 0x07]) }]]);
    main.sparseInitializers = new Map([
      [
        's',
        {
          values: tensor('float32', [2], [5, 6]),
          indices: tensor('int64', [2, 2], [0n, 1n, 1n, 0n]),
          dims: [2, 2],
        },
      ],
    ]);
    const { y, z } = await evaluateModel(model(main), {});
    expect([list(y), list(z)]).toEqual([
      [-1, -8, 7],
      [0, 5, 6, 0],
    ]);
  });

  it('draws the same random numbers again, and others for another seed', async () => {
    const draw = async (seed: number) => {
      const attributes = {
        shape: { type: 'ints' as const, value: [1000] },
        seed: { type: 'float' as const, value: seed },
      };
      const main = graph([node('RandomUniform', [], ['y'], { attributes })], [], ['y']);
      return list((await evaluateModel(model(main), {})).y);
    };
    const first = await draw(1);
    expect(await draw(1)).toEqual(first);
    expect(await draw(2)).not.toEqual(first);
    expect(first.reduce((sum, value) => sum + value, 0) / 1000).toBeCloseTo(0.5, 1);
  });

  it('names what is missing', async () => {
    const code = (expected: string) => expect.objectContaining({ code: expected });
    const lacks = model(graph([node('Abacus', ['x'], ['y'])], ['x'], ['y']));
    await expect(evaluateModel(lacks, {})).rejects.toEqual(code('ONNX_OPERATOR_UNSUPPORTED'));
    const identity = model(graph([node('Identity', ['x'], ['y'])], ['x'], ['y']));
    await expect(evaluateModel(identity, {})).rejects.toEqual(code('ONNX_FEED_INVALID'));
    const dangling = model(graph([node('Identity', ['w'], ['y'])], [], ['y']));
    await expect(evaluateModel(dangling, {})).rejects.toEqual(code('ONNX_RUN_FAILED'));
    const x = tensor('float32', [1]);
    const aborted = evaluateModel(identity, { x }, { signal: AbortSignal.abort() });
    await expect(aborted).rejects.toEqual(code('ABORTED'));
  });
});

describe('evaluateNode', () => {
  it('computes one node, for constant folding', () => {
    const shape = fromNumbers('int64', [2], [2, 3]);
    const [filled] = evaluateNode(node('ConstantOfShape', ['s'], ['y']), [shape], { opsets: { '': 20 } });
    expect(filled).toEqual(fromNumbers('float32', [2, 3], new Float64Array(6)));
    const split = node('Split', ['x', ''], ['a', '', 'c'], { attributes: { num_outputs: { type: 'int', value: 3 } } });
    const [a, b, c] = evaluateNode(split, [tensor('float32', [3], [1, 2, 3]), undefined], { opsets: { '': 18 } });
    expect([list(a), b, list(c)]).toEqual([[1], undefined, [3]]);
  });

  it('keeps 64-bit integers exact', () => {
    const big = { kind: 'tensor', type: 'int64', dims: [2], data: new BigInt64Array([2n ** 53n + 1n, 2n]) } as const;
    const axes = fromNumbers('int64', [1], [0]);
    const [sum] = evaluateNode(
      node('ReduceSum', ['x', 'axes'], ['y'], { attributes: { keepdims: { type: 'int', value: 0 } } }),
      [big, axes],
      { opsets: { '': 13 } },
    );
    expect(asTensor(sum).data).toEqual(new BigInt64Array([2n ** 53n + 3n]));
  });
});
