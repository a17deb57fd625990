import { tensor } from '@percept/core';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../graph-builder.js';
import type { Graph, Model, Node } from '../model.js';
import { readModel } from '../read-model.js';
import { inferTypes } from './infer-types.js';
import { nodeModelCases } from './node-models.fixture.js';
import { operatorNames } from './operator-schema.js';
import { noPublishedModels, publishedModels, readPublishedModel } from './published-models.fixture.js';
import { shapeRules } from './shapes/rules.js';
import { formatType } from './shapes/value-type.js';

/** Operators of the recorded cases whose shapes this package does not infer, or not as far as the reference does. */
const notCovered = ['ArrayFeatureExtractor', 'Loop', 'TreeEnsemble'];

/** Names that the reference makes up for unknown sizes say nothing. */
const normalized = (text: string): string => text.replace(/unk__\d+/g, '?');
const typeOf = (model: Model, name: string): string =>
  formatType(inferTypes(model).values.get(name)).replaceAll('sequence(', 'seq(');

/** Whether `ours` says all that `theirs` does. */
function saysAsMuch(ours: string, theirs: string): boolean {
  if (ours === theirs || theirs === '?') return true;
  if (!theirs.includes('[')) return ours.split('[')[0] === theirs;
  const [a, b] = [ours, theirs].map((text) => text.slice(text.indexOf('[') + 1, -1).split(','));
  return (
    ours.split('[')[0] === theirs.split('[')[0] &&
    a!.length === b!.length &&
    b!.every((dim, at) => dim === '?' || dim === a![at])
  );
}

/** Whether a real shape is one that the type allows. */
function allows(type: string, shape: string): boolean {
  if (!type.includes('[') || type.includes('(') || shape === '?') return true;
  const [dims, real] = [type.slice(type.indexOf('[') + 1, -1).split(','), shape.split(',')];
  return (
    dims.length === real.length && dims.every((dim, at) => dim === '?' || Number.isNaN(Number(dim)) || dim === real[at])
  );
}

describe('inferTypes on the node cases of the reference implementation', () => {
  const cases = nodeModelCases();
  const tally = { same: 0, more: 0, less: new Map<string, string[]>(), wrong: [] as string[] };
  for (const { name, model, free, boundModel, bound, true: shapes } of cases) {
    for (const [bytes, expected] of [
      [model, free],
      [boundModel, bound],
    ] as const) {
      if (bytes === undefined || expected === undefined) continue;
      const read = readModel(bytes);
      const types = inferTypes(read).values;
      for (const output of read.graph.outputs) {
        const ours = formatType(types.get(output.name)).replaceAll('sequence(', 'seq(');
        const theirs = normalized(expected[output.name] ?? '?');
        if (!allows(ours, shapes[output.name] ?? '?'))
          tally.wrong.push(`${name}: ${ours} but truly ${shapes[output.name]}`);
        else if (ours === theirs) tally.same++;
        else if (saysAsMuch(ours, theirs) || ours.endsWith(`[${shapes[output.name]}]`)) tally.more++;
        else {
          const kinds = [...new Set(read.graph.nodes.map(({ opType }) => opType))].join(',');
          tally.less.set(kinds, [...(tally.less.get(kinds) ?? []), `${name}: ${ours} instead of ${theirs}`]);
        }
      }
    }
  }

  it('never contradicts the shapes that the test vectors really have', () => {
    expect(cases).toHaveLength(1884);
    expect(tally.wrong).toEqual([]);
  });

  it('says as much as the reference, except for the operators named here', () => {
    const less = [...tally.less.keys()].sort();
    expect(less, [...tally.less.values()].flat().join('\n')).toEqual(notCovered);
    expect({ same: tally.same, more: tally.more }).toMatchInlineSnapshot(`
      {
        "more": 389,
        "same": 2191,
      }
    `);
  });
});

describe('shape rules', () => {
  it('are there for every operator, but those named here, of which element types alone are inferred', () => {
    const without = (domain: string) => operatorNames(domain).filter((name) => !shapeRules[domain]?.has(name));
    expect(without('')).toEqual([]);
    expect(without('ai.onnx.ml')).toMatchInlineSnapshot(`
      [
        "ArrayFeatureExtractor",
        "CastMap",
        "CategoryMapper",
        "DictVectorizer",
        "FeatureVectorizer",
        "LinearClassifier",
        "LinearRegressor",
        "OneHotEncoder",
        "SVMClassifier",
        "SVMRegressor",
        "TreeEnsemble",
        "TreeEnsembleClassifier",
        "TreeEnsembleRegressor",
        "ZipMap",
      ]
    `);
    expect(operatorNames('com.microsoft').length - without('com.microsoft').length).toBe(23);
    // No rule is there for an operator that does not exist.
    for (const [domain, rules] of Object.entries(shapeRules)) {
      expect([...rules.keys()].filter((name) => !operatorNames(domain).includes(name))).toEqual([]);
    }
  });
});

describe.skipIf(noPublishedModels !== undefined)(`inferTypes on published models ${noPublishedModels ?? ''}`, () => {
  it.each([...publishedModels()])('infers the types of %s as the reference does', (path, recorded) => {
    const model = readPublishedModel(path);
    for (const list of [model.graph.valueInfos, model.graph.outputs]) for (const info of list) info.dims = undefined;
    const input = model.graph.inputs.find(({ name }) => !model.graph.initializers.has(name))!;
    const batch1 = { inputDims: { [input.name]: [1, ...input.dims!.slice(1)] } };
    for (const [options, expected] of [
      [{}, recorded.declared],
      [batch1, recorded.batch1],
    ] as const) {
      const types = inferTypes(model, options).values;
      const ours = Object.keys(expected).map((name) => [name, formatType(types.get(name))]);
      const theirs = Object.entries(expected).map(([name, text]) => [name, normalized(text)]);
      expect(ours.filter(([, text], at) => !saysAsMuch(text!, theirs[at]![1]!))).toEqual([]);
    }
  });
});

describe('inferTypes', () => {
  it('keeps symbolic sizes by name and follows computed shapes', () => {
    const g = new GraphBuilder('flatten');
    const x = g.input('x', 'float32', ['N', 3, 'H', 4]);
    const shape = g.node('Shape', [x]);
    const first = g.node('Gather', [shape, g.constant(tensor('int64', [1], [0n]))], { axis: 0 });
    const target = g.node('Concat', [first, g.constant(tensor('int64', [1], [-1n]))], { axis: 0 });
    g.output(g.node('Reshape', [x, target], {}, { outputs: ['y'] }), 'float32', undefined);
    g.output(g.node('Relu', [x], {}, { outputs: ['r'] }), 'float32', undefined);
    const model = g.build();
    expect([typeOf(model, 'y'), typeOf(model, 'r')]).toEqual(['float32[N,?]', 'float32[N,3,H,4]']);
    const bound = inferTypes(model, { inputDims: { x: ['N', 3, 5, 4] } }).values;
    expect(formatType(bound.get('y'))).toBe('float32[N,60]');
    model.graph.outputs[1]!.dims = ['N', 3, 'H', 4];
    expect(formatType(inferTypes(model, { inputDims: { x: [2, 3, 5, 4] } }).values.get('r'))).toBe('float32[2,3,5,4]');
  });

  it('cancels symbols in a reshape, and keeps them through strided views and convolutions that keep the size', () => {
    const g = new GraphBuilder('symbols');
    const x = g.input('x', 'float32', ['N', 'C', 8, 8]);
    const shape = g.constant(tensor('int64', [2], [-1n, 64n]));
    g.node(
      'Slice',
      [g.node('Shape', [x]), ...[0n, 1n, 0n].map((value) => g.constant(tensor('int64', [1], [value])))],
      {},
      { outputs: ['n'] },
    );
    const batched = g.node('Concat', ['n', shape], { axis: 0 });
    g.output(g.node('Reshape', [x, batched], {}, { outputs: ['y'] }), 'float32', undefined);
    g.output(g.node('Flatten', [g.input('z', 'float32', ['M', 1, 1])], {}, { outputs: ['f'] }), 'float32', undefined);
    const image = g.input('image', 'float32', [1, 3, 'H', 'W']);
    const weight = g.constant(tensor('float32', [2, 3, 3, 3]));
    g.output(g.node('Conv', [image, weight], { pads: [1, 1, 1, 1] }, { outputs: ['c'] }), 'float32', undefined);
    const model = g.build();
    expect(['y', 'f', 'c'].map((name) => typeOf(model, name))).toEqual([
      'float32[N,C,64]',
      'float32[M,1]',
      'float32[1,2,H,W]',
    ]);
  });

  it('forgets what a loop changes and keeps what it does not', () => {
    const inner: Graph = new GraphBuilder('body').build().graph;
    const node = (opType: string, inputs: string[], outputs: string[], attributes: Node['attributes'] = {}): Node => ({
      name: '',
      opType,
      domain: '',
      inputs,
      outputs,
      attributes,
      docString: '',
    });
    const info = (name: string) => ({ name, type: undefined, dims: undefined, docString: '' });
    inner.inputs = ['i', 'going', 'grows', 'stays'].map(info);
    inner.nodes = [
      node('Identity', ['going'], ['go']),
      node('Concat', ['grows', 'outer'], ['grown'], { axis: { type: 'int', value: 0 } }),
      node('Relu', ['stays'], ['stayed']),
      node('Identity', ['i'], ['each']),
    ];
    inner.outputs = ['go', 'grown', 'stayed', 'each'].map(info);
    const g = new GraphBuilder('loop');
    g.input('outer', 'float32', [1, 3]);
    const start = g.input('start', 'float32', [2, 3]);
    const fixed = g.input('fixed', 'float32', ['N']);
    const outputs = ['a', 'b', 'c'];
    g.multi(
      'Loop',
      [g.constant(tensor('int64', [], [3n])), '', start, fixed],
      { body: { type: 'graph', value: inner } },
      { outputs },
    );
    for (const name of outputs) g.output(name, 'float32', undefined);
    g.output('c', 'int64', undefined);
    const model = g.build();
    model.graph.outputs = outputs.map(info);
    expect(outputs.map((name) => typeOf(model, name))).toEqual(['float32[?,3]', 'float32[N]', 'int64[?]']);
  });

  it('goes into functions of the model, with the attributes of the caller', () => {
    const g = new GraphBuilder('calls');
    const x = g.input('x', 'float32', [2, 3, 4]);
    g.output(g.node('Rows', [x], { along: 1 }, { domain: 'org.example', outputs: ['y'] }), 'float32', undefined);
    const model = g.build();
    model.functions = [
      {
        name: 'Rows',
        domain: 'org.example',
        overload: '',
        inputs: ['a'],
        outputs: ['b'],
        attributes: ['along'],
        attributeDefaults: {},
        nodes: [
          {
            name: '',
            opType: 'Flatten',
            domain: '',
            inputs: ['a'],
            outputs: ['b'],
            attributes: { axis: { type: 'reference', value: 'along', of: 'int' } },
            docString: '',
          },
        ],
        docString: '',
        opsets: { '': 17 },
        valueInfos: [],
      },
    ];
    expect(typeOf(model, 'y')).toBe('float32[2,12]');
  });

  it('gives what it can where an operator is not known', () => {
    const g = new GraphBuilder('custom');
    const x = g.input('x', 'float32', [2, 3]);
    const custom = g.node('Mystery', [x], {}, { domain: 'org.example', outputs: ['m'] });
    g.output(g.node('MatMul', [custom, x], {}, { outputs: ['y'] }), 'float32', undefined);
    g.output(g.node('Shape', [custom], {}, { outputs: ['s'] }), 'int64', undefined);
    const model = g.build();
    expect(['m', 'y', 's'].map((name) => typeOf(model, name))).toEqual(['?', 'float32', 'int64[?]']);
  });

  it.each([
    ['broadcast', 'Add', [[2, 3], [4]], {}, /broadcast but received 3 and 4 in Add "node"/],
    [
      'inner sizes',
      'MatMul',
      [
        [2, 3],
        [4, 5],
      ],
      {},
      /inner dimension but received 3 and 4/,
    ],
    [
      'channels',
      'Conv',
      [
        [1, 3, 8, 8],
        [2, 4, 3, 3],
      ],
      {},
      /input channels but received 3 and 4/,
    ],
    ['axes', 'Softmax', [[2, 3]], { axis: 5 }, /axis from -2 to 1 but received 5/],
    ['ranks', 'Concat', [[2, 3], [2]], { axis: 0 }, /one rank but received 2 and 1/],
    ['windows', 'MaxPool', [[1, 1, 2, 2]], { kernel_shape: [5, 5] }, /window of 5 but received 2/],
  ])('refuses contradicting %s, naming the node', (_, opType, shapes, attributes, message) => {
    const g = new GraphBuilder('wrong');
    const inputs = shapes.map((dims, at) => g.input(`x${at}`, 'float32', dims));
    g.output(g.node(opType, inputs, attributes, { name: 'node', outputs: ['y'] }), 'float32', undefined);
    expect(() => inferTypes(g.build())).toThrow(
      expect.objectContaining({ code: 'ONNX_SHAPE_INVALID', message: expect.stringMatching(message) }),
    );
  });

  it('refuses what the model declares otherwise', () => {
    const g = new GraphBuilder('declared');
    g.output(g.node('Relu', [g.input('x', 'float32', [2, 3])], {}, { outputs: ['y'] }), 'float32', [2, 4]);
    expect(() => inferTypes(g.build())).toThrow(/one type for y .* \[2,4\] and \[2,3\] in Relu/);
    const model = g.build();
    model.graph.outputs[0]!.type = 'int64';
    expect(() => inferTypes(model)).toThrow(/int64 and float32/);
    expect(() => inferTypes(g.build(), { inputDims: { x: [2, 5] } })).toThrow(
      /size 3 on axis 1 of input x but received 5/,
    );
    expect(() => inferTypes(g.build(), { inputDims: { x: [2] } })).toThrow(/2 sizes for input x/);
  });
});
