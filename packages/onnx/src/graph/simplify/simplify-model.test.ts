import { type Tensor, tensor } from '@percept/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cloneModel } from '../../clone-model.js';
import { GraphBuilder } from '../../graph-builder.js';
import { evaluateModel } from '../../interpreter/evaluate.js';
import type { Graph, Model } from '../../model.js';
import { readModel } from '../../read-model.js';
import { checkModel } from '../check/check-model.js';
import { nodeModelCases } from '../node-models.fixture.js';
import { largestDifference, runInOrt } from '../ort-run.fixture.js';
import { noPublishedModels, publishedModels, readPublishedModel } from '../published-models.fixture.js';
import { randomModel } from '../random-graph.fixture.js';
import { simplifyModel } from './simplify-model.js';

const operators = (model: Model): string[] => model.graph.nodes.map(({ opType }) => opType);

describe('simplifyModel', () => {
  it('folds computed shapes, keeps a symbolic one, and leaves the given model alone', () => {
    const g = new GraphBuilder('shapes');
    const x = g.input('x', 'float32', ['N', 3, 4]);
    const shape = g.node('Shape', [x]);
    const sizes = [1n, 2n].map((at) => g.node('Gather', [shape, g.constant(tensor('int64', [], [at]))], { axis: 0 }));
    const area = g.node('Unsqueeze', [g.node('Mul', sizes), g.constant(tensor('int64', [1], [0n]))]);
    const batch = g.node('Unsqueeze', [
      g.node('Gather', [shape, g.constant(tensor('int64', [], [0n]))], { axis: 0 }),
      g.constant(tensor('int64', [1], [0n])),
    ]);
    const target = g.node('Concat', [batch, area], { axis: 0 });
    g.output(g.node('Reshape', [x, target], {}, { outputs: ['y'] }), 'float32', ['N', 12]);
    const model = g.build();
    const before = cloneModel(model);
    const { model: simple, folded } = simplifyModel(model);
    expect(model).toEqual(before);
    expect(operators(simple)).toEqual(['Shape', 'Gather', 'Unsqueeze', 'Concat', 'Reshape']);
    expect(folded).toBe(4);
    const fixed = cloneModel(model);
    fixed.graph.inputs[0]!.dims = [2, 3, 4];
    expect(operators(simplifyModel(fixed).model)).toEqual(['Reshape']);
  });

  it('computes constants once, but not where that makes the model larger, and not quantized weights', () => {
    const g = new GraphBuilder('constants');
    const x = g.input('x', 'float32', [4]);
    const w = g.constant(tensor('float32', [4], [1, 2, 3, 4]));
    const scaled = g.node('Mul', [w, g.constant(tensor('float32', [], [2]))]);
    const large = g.node('Expand', [scaled, g.constant(tensor('int64', [2], [1000n, 4n]))]);
    const scale = g.constant(tensor('float32', [], [0.5]));
    const quantized = g.node('DequantizeLinear', [g.constant(tensor('int8', [4], [1, 2, 3, 4])), scale]);
    const sum = g.node('Add', [g.node('Add', [x, quantized]), large]);
    g.output(g.node('ReduceMean', [sum], { axes: [0], keepdims: 0 }, { outputs: ['y'] }), 'float32', [4]);
    const { model: simple } = simplifyModel(g.build());
    expect(operators(simple)).toEqual(['Expand', 'DequantizeLinear', 'Add', 'Add', 'ReduceMean']);
    expect([...simple.graph.initializers.values()].map(({ data }) => data)).toContainEqual(Float32Array.of(2, 4, 6, 8));
    expect(operators(simplifyModel(g.build(), { maxGrowth: 1e6 }).model)).toEqual([
      'DequantizeLinear',
      'Add',
      'Add',
      'ReduceMean',
    ]);
  });

  it('never folds or merges what is random', () => {
    const g = new GraphBuilder('random');
    const noise = [0, 1].map(() => g.node('RandomNormal', [], { shape: [3] }));
    const ones = g.constant(tensor('float32', [3], [1, 1, 1]));
    const on = g.constant(tensor('bool', [], [1]));
    const dropped = [0, 1].map(() => g.node('Dropout', [ones, '', on]));
    g.output(g.node('Sum', [...noise, ...dropped], {}, { outputs: ['y'] }), 'float32', [3]);
    expect(operators(simplifyModel(g.build()).model)).toEqual([
      'RandomNormal',
      'RandomNormal',
      'Dropout',
      'Dropout',
      'Sum',
    ]);
  });

  it('merges what is computed twice and takes pass-through nodes out, also in nested graphs', () => {
    const g = new GraphBuilder('twice');
    const x = g.input('x', 'float32', [2]);
    const exps = [0, 1].map(() => g.node('Identity', [g.node('Exp', [x])]));
    const clipped = [0.5, 0.5, -0].map((alpha) =>
      g.node('Elu', exps.slice(0, 1), { alpha: { type: 'float', value: alpha } }),
    );
    g.output(g.node('Sum', [...exps, ...clipped], {}, { outputs: ['y'] }), 'float32', [2]);
    const branch = (name: string): Graph => ({
      ...new GraphBuilder(name).build().graph,
      initializers: new Map([[`${name}_c`, tensor('float32', [], [2])]]),
      nodes: [
        ['Identity', ['x'], `${name}_i`],
        ['Mul', [`${name}_c`, `${name}_c`], `${name}_m`],
        ['Add', [`${name}_i`, `${name}_m`], name],
        ['Exp', ['x'], `${name}_dead`],
      ].map(([opType, inputs, output]) => ({
        name: '',
        opType: opType as string,
        domain: '',
        inputs: inputs as string[],
        outputs: [output as string],
        attributes: {},
        docString: '',
      })),
      outputs: [{ name, type: 'float32', dims: [2], docString: '' }],
    });
    const attributes = {
      then_branch: { type: 'graph', value: branch('t') },
      else_branch: { type: 'graph', value: branch('e') },
    } as const;
    g.output(g.node('If', [g.input('c', 'bool', [])], attributes, { outputs: ['z'] }), 'float32', [2]);
    const result = simplifyModel(g.build());
    expect(operators(result.model)).toEqual(['Exp', 'Elu', 'Elu', 'Sum', 'If']);
    expect(result.model.graph.nodes[3]!.inputs.map((name) => name.split('_')[0])).toEqual([
      'Exp',
      'Exp',
      'Elu',
      'Elu',
      'Elu',
    ]);
    const inner = result.model.graph.nodes[4]!.attributes.then_branch!.value as Graph;
    expect(inner.nodes.map(({ opType, inputs }) => [opType, ...inputs])).toEqual([['Add', 'x', 't_m']]);
    expect(inner.initializers.get('t_m')?.data).toEqual(Float32Array.of(4));
    expect(result).toMatchObject({ folded: 2, merged: 2, bypassed: 4, removed: 2 });
  });

  it('uses an evaluator of one’s own, and keeps what it cannot compute', () => {
    const g = new GraphBuilder('own');
    const c = g.constant(tensor('float32', [], [2]));
    g.output(g.node('Add', [g.node('Exp', [c]), g.node('Log', [c])], {}, { outputs: ['y'] }), 'float32', []);
    const evaluate = (node: { opType: string }) => (node.opType === 'Exp' ? [tensor('float32', [], [7])] : undefined);
    const { model } = simplifyModel(g.build(), { evaluate });
    expect(operators(model)).toEqual(['Log', 'Add']);
    expect(() => simplifyModel(g.build(), { maxGrowth: -1 })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });

  it('keeps the outputs of random graphs, and has nothing left to do the second time', async () => {
    const run = async (model: Model, condition: number): Promise<Record<string, unknown>> =>
      evaluateModel(model, {
        a: tensor('float32', [2, 3], [1, -2, 3, 0.5, 0, -1]),
        b: tensor('float32', [2, 3], [-1, 2, 2, 0.25, 4, -3]),
        condition: tensor('bool', [], [condition]),
      });
    await fc.assert(
      fc.asyncProperty(randomModel, fc.nat(1), async (model, condition) => {
        const { model: simple } = simplifyModel(model);
        expect(checkModel(simple)).toEqual([]);
        expect(simple.graph.nodes.length).toBeLessThanOrEqual(model.graph.nodes.length);
        expect(await run(simple, condition)).toEqual(await run(model, condition));
        expect(simplifyModel(simple)).toEqual({ model: simple, folded: 0, merged: 0, bypassed: 0, removed: 0 });
      }),
      { numRuns: 60 },
    );
  });

  it('keeps the reference’s node cases valid', () => {
    // A third of those that are whole graphs, for the time it takes.
    const graphs = nodeModelCases().filter(({ name }) => name.includes('expanded'));
    for (const { name, model } of graphs.filter((_, at) => at % 3 === 0)) {
      const before = readModel(model);
      const { model: simple } = simplifyModel(before);
      expect(
        checkModel(simple).filter(({ rule }) => rule !== 'value-type'),
        name,
      ).toEqual([]);
      expect(simple.graph.nodes.length).toBeLessThanOrEqual(before.graph.nodes.length);
    }
  });

  it.skipIf(noPublishedModels !== undefined)(
    `keeps the outputs of published models ${noPublishedModels ?? ''}`,
    async () => {
      for (const path of publishedModels().keys()) {
        const model = readPublishedModel(path);
        const input = model.graph.inputs.find(({ name }) => !model.graph.initializers.has(name))!;
        const dims = input.dims!.map((dim) => (typeof dim === 'number' ? dim : 1));
        const { length } = new Float32Array(dims.reduce((product, dim) => product * dim, 1));
        const feed: Tensor =
          input.type === 'float16'
            ? { type: 'float16', dims, data: Uint16Array.from({ length }, (_, at) => 0x3c00 + (at % 64)) }
            : { type: 'float32', dims, data: Float32Array.from({ length }, (_, at) => ((at * 7919) % 255) - 120) };
        const { model: simple } = simplifyModel(model);
        expect(checkModel(simple)).toEqual([]);
        const [before, after] = [
          await runInOrt(model, { [input.name]: feed }),
          await runInOrt(simple, { [input.name]: feed }),
        ];
        for (const [name, expected] of Object.entries(before)) {
          expect(largestDifference(after[name]!, expected), path).toBeLessThan(
            expected.type === 'float16' ? 2 ** -10 : 1e-6,
          );
        }
      }
    },
    60_000,
  );
});
