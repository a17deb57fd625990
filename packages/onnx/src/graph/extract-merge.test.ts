import { type Tensor, tensor } from '@percept/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cloneModel } from '../clone-model.js';
import { GraphBuilder } from '../graph-builder.js';
import { evaluateModel } from '../interpreter/evaluate.js';
import type { Model } from '../model.js';
import { checkModel } from './check/check-model.js';
import { extractSubgraph } from './extract-subgraph.js';
import { inferTypes } from './infer-types.js';
import { mergeModels } from './merge-models.js';
import { noPublishedModels, readPublishedModel } from './published-models.fixture.js';
import { randomModel } from './random-graph.fixture.js';
import { formatType } from './shapes/value-type.js';

const names = (infos: readonly { name: string }[]): string[] => infos.map(({ name }) => name);

/** x → Relu r → Mul(r, w) m → Add(m, b) y, and Neg(r) n. */
function chain(opset = 17): Model {
  const g = new GraphBuilder('chain', { opset });
  const x = g.input('x', 'float32', ['N', 2]);
  g.initializer('w', tensor('float32', [2], [2, 3]));
  g.initializer('b', tensor('float32', [2], [1, 1]));
  g.node('Relu', [x], {}, { outputs: ['r'], name: 'relu' });
  g.node('Mul', ['r', 'w'], {}, { outputs: ['m'] });
  g.output(g.node('Add', ['m', 'b'], {}, { outputs: ['y'] }), 'float32', ['N', 2]);
  g.output(g.node('Neg', ['r'], {}, { outputs: ['n'] }), 'float32', ['N', 2]);
  return g.build({ metadata: { author: 'a' } });
}

describe('extractSubgraph', () => {
  it('takes the nodes between, with their constants and types, and leaves the model alone', () => {
    const model = chain();
    const before = cloneModel(model);
    const part = extractSubgraph(model, { inputs: ['r'], outputs: ['y', 'm'] });
    expect(model).toEqual(before);
    expect(checkModel(part)).toEqual([]);
    expect(part.graph.nodes.map(({ opType }) => opType)).toEqual(['Mul', 'Add']);
    expect([...part.graph.initializers.keys()]).toEqual(['w', 'b']);
    expect(part.graph.inputs).toEqual([{ name: 'r', type: 'float32', dims: ['N', 2], docString: '' }]);
    expect(part.graph.outputs.map(({ name, dims }) => [name, dims])).toEqual([
      ['y', ['N', 2]],
      ['m', ['N', 2]],
    ]);
    expect([...extractSubgraph(model, { inputs: ['x'], outputs: ['n'] }).graph.initializers.keys()]).toEqual([]);
  });

  it.each([
    ['a name that is no value', { inputs: ['x'], outputs: ['nothing'] }, /"nothing"/],
    ['outputs that depend on more', { inputs: ['m'], outputs: ['y', 'n'] }, /depend on input x/],
  ])('refuses %s', (_, bounds, message) => {
    expect(() => extractSubgraph(chain(), bounds)).toThrow(
      expect.objectContaining({ code: 'ONNX_EDIT_INVALID', message: expect.stringMatching(message) }),
    );
  });

  it('takes quantization annotations of what stays along, with their constants', () => {
    const model = chain();
    model.graph.initializers.set('scale', tensor('float32', [], [0.5]));
    model.graph.quantizationAnnotations = [
      { tensorName: 'r', parameters: { SCALE_TENSOR: 'scale' } },
      { tensorName: 'n', parameters: { SCALE_TENSOR: 'scale' } },
    ];
    const { graph } = extractSubgraph(model, { inputs: ['r'], outputs: ['y'] });
    expect([...graph.initializers.keys()]).toEqual(['w', 'b', 'scale']);
    expect(graph.quantizationAnnotations).toEqual([{ tensorName: 'r', parameters: { SCALE_TENSOR: 'scale' } }]);
    const rest = extractSubgraph(model, { inputs: ['m'], outputs: ['y'] }).graph;
    expect([rest.quantizationAnnotations, [...rest.initializers.keys()]]).toEqual([undefined, ['b']]);
  });

  it('refuses bounds that are none', () => {
    expect(() => extractSubgraph(chain(), {} as never)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  it('cuts random graphs into two halves that compute the whole', async () => {
    const feeds = {
      a: tensor('float32', [2, 3], [1, -2, 3, 0.5, 0, -1]),
      b: tensor('float32', [2, 3], [-1, 2, 2, 0.25, 4, -3]),
      condition: tensor('bool', [], [1]),
    };
    await fc.assert(
      fc.asyncProperty(randomModel, fc.nat(), async (model, seed) => {
        const cutAt = model.graph.nodes[seed % Math.max(1, model.graph.nodes.length)]?.outputs[0];
        if (cutAt === undefined) return;
        const upper = extractSubgraph(model, { inputs: names(model.graph.inputs), outputs: [cutAt] });
        const outputs = names(model.graph.outputs);
        const lower = extractSubgraph(model, { inputs: [...names(model.graph.inputs), cutAt], outputs });
        expect([...checkModel(upper), ...checkModel(lower)]).toEqual([]);
        const middle = await evaluateModel(upper, feeds);
        const whole = await evaluateModel(model, feeds);
        expect(await evaluateModel(lower, { ...feeds, ...middle })).toEqual(whole);
      }),
      { numRuns: 40 },
    );
  });

  it.skipIf(noPublishedModels !== undefined)(
    `cuts a published network at its features ${noPublishedModels ?? ''}`,
    () => {
      const model = readPublishedModel('imagenet/mobilenetv2_1.0_224_fp32.onnx');
      const input = names(model.graph.inputs);
      const { values } = inferTypes(model);
      const last = model.graph.nodes.findLast(({ opType }) => opType === 'Conv')!.outputs[0]!;
      const features = extractSubgraph(model, { inputs: input, outputs: [last] });
      expect(checkModel(features)).toEqual([]);
      expect(formatType(inferTypes(features).values.get(last))).toBe(formatType(values.get(last)));
    },
  );
});

describe('mergeModels', () => {
  const second = (opset = 17): Model => {
    const g = new GraphBuilder('head', { opset });
    const x = g.input('x', 'float32', ['M', 2]);
    g.initializer('w', tensor('float32', [2], [10, 10]));
    g.output(g.node('Mul', [g.node('Softmax', [x], { axis: 1 }), 'w'], {}, { outputs: ['y'] }), 'float32', ['M', 2]);
    return g.build({ metadata: { license: 'b' } });
  };
  const run = async (model: Model, feeds: Record<string, Tensor>) => evaluateModel(model, feeds);

  it('feeds the second model from the first', async () => {
    const [a, b] = [chain(), second()];
    const merged = mergeModels(a, b, { connections: [['y', 'x']], secondPrefix: 'head/' });
    expect([a, b]).toEqual([chain(), second()]);
    expect(checkModel(merged)).toEqual([]);
    expect(names(merged.graph.inputs)).toEqual(['x']);
    expect(names(merged.graph.outputs)).toEqual(['n', 'head/y']);
    expect(merged.metadata).toEqual({ author: 'a', license: 'b' });
    expect(merged.graph.name).toBe('chain_head');
    const x = tensor('float32', [1, 2], [0.5, -1]);
    const middle = await run(a, { x });
    const whole = await run(b, { x: middle.y as unknown as Tensor });
    expect((await run(merged, { x }))['head/y']).toEqual(whole.y);
  });

  it('brings the older model to the operator set of the newer one', async () => {
    const merged = mergeModels(chain(18), second(11), { connections: [['y', 'x']], secondPrefix: 'h.', name: 'both' });
    expect(checkModel(merged)).toEqual([]);
    expect([merged.opsets[''], merged.graph.name]).toEqual([18, 'both']);
    expect(merged.graph.nodes.find(({ opType }) => opType === 'Softmax')!.attributes.axis).toEqual({
      type: 'int',
      value: -1,
    });
  });

  it.each([
    ['names that clash', { connections: [['y', 'x']] }, /both have w\. Give firstPrefix/],
    ['a name that is no output', { connections: [['m', 'x']], secondPrefix: '2' }, /output of the first model .* "m"/],
    ['a name that is no input', { connections: [['y', 'z']], secondPrefix: '2' }, /input of the second model .* "z"/],
  ] as const)('refuses %s', (_, options, message) => {
    expect(() =>
      mergeModels(chain(), second(), { ...options, connections: [...options.connections] as [string, string][] }),
    ).toThrow(expect.objectContaining({ code: 'ONNX_MERGE_INVALID', message: expect.stringMatching(message) }));
  });

  it('joins what the models say of themselves, and leaves out how they were trained', () => {
    const devices = (name: string, deviceCount: number) => [{ name, deviceCount, devices: [] }];
    const [a, b] = [chain(), second()];
    a.docString = 'One.';
    a.trainingInfo = [{ initializationBinding: [['w', 'v']], updateBinding: [] }];
    b.docString = 'Two.';
    b.graph.docString = 'A head.';
    b.graph.metadata = { from: 'b' };
    a.deviceConfigurations = devices('both', 2);
    b.deviceConfigurations = [...devices('both', 2), ...devices('more', 4)];
    const options = { connections: [['y', 'x']] as [string, string][], secondPrefix: '2' };
    const merged = mergeModels(a, b, options);
    expect(merged).toMatchObject({
      docString: 'One.\n\nTwo.',
      graph: { docString: 'A head.', metadata: { from: 'b' } },
    });
    expect(merged.deviceConfigurations).toEqual(b.deviceConfigurations);
    expect(merged.trainingInfo).toBeUndefined();
    b.deviceConfigurations = devices('both', 3);
    expect(() => mergeModels(a, b, options)).toThrow(/one device configuration for "both"/);
  });

  it('refuses types that do not fit and metadata that contradicts', () => {
    const other = second();
    other.graph.inputs[0]!.dims = ['M', 3];
    const options = { connections: [['y', 'x']] as [string, string][], secondPrefix: '2' };
    expect(() => mergeModels(chain(), other, options)).toThrow(/float32\[N,2\]\) to fit input x \(float32\[M,3\]/);
    const same = second();
    same.metadata = { author: 'c' };
    expect(() => mergeModels(chain(), same, options)).toThrow(/one metadata for "author" but the models have a and c/);
  });
});
