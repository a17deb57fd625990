import { tensor } from '@percept/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cloneModel } from '../clone-model.js';
import { GraphBuilder } from '../graph-builder.js';
import type { Graph, Node } from '../model.js';
import { GraphEditor } from './graph-editor.js';
import { randomModel } from './random-graph.fixture.js';
import { definedValues, graphsWithin, subgraphsOf, valuesRead } from './scope.js';

const names = (nodes: readonly Node[]): string[] => nodes.map(({ outputs }) => outputs[0]!);

/** a → Relu r → Neg n → Add(n, weight) y; and an If that reads r inside. */
function sample(): Graph {
  const g = new GraphBuilder('sample');
  const a = g.input('a', 'float32', [2]);
  g.initializer('weight', tensor('float32', [2], [1, 2]));
  g.node('Relu', [a], {}, { outputs: ['r'], name: 'relu' });
  g.node('Neg', ['r'], {}, { outputs: ['n'] });
  g.output(g.node('Add', ['n', 'weight'], {}, { outputs: ['y'] }), 'float32', [2]);
  const condition = g.initializer('condition', tensor('bool', [], [1]));
  const branch = (result: string): Graph => ({
    ...new GraphBuilder(result).build().graph,
    nodes: [
      { name: '', opType: 'Exp', domain: '', inputs: ['r'], outputs: [`${result}_e`], attributes: {}, docString: '' },
      {
        name: '',
        opType: 'Add',
        domain: '',
        inputs: [`${result}_e`, 'n'],
        outputs: [result],
        attributes: {},
        docString: '',
      },
    ],
    outputs: [{ name: result, type: 'float32', dims: [2], docString: '' }],
  });
  g.output(
    g.node(
      'If',
      [condition],
      { then_branch: { type: 'graph', value: branch('t') }, else_branch: { type: 'graph', value: branch('e') } },
      { outputs: ['z'] },
    ),
    'float32',
    [2],
  );
  return g.build().graph;
}

/** Static single assignment, everything read is made before, indexes right. */
function expectSound(editor: GraphEditor): void {
  const check = (graph: Graph, outer: ReadonlySet<string>): void => {
    const seen = new Set([...outer, ...graph.initializers.keys(), ...graph.inputs.map(({ name }) => name)]);
    const made = new Set<string>();
    for (const node of graph.nodes) {
      for (const value of node.inputs) expect(value === '' || seen.has(value), `${value} is made before`).toBe(true);
      for (const inner of subgraphsOf(node)) check(inner, seen);
      for (const output of node.outputs) {
        if (output === '') continue;
        expect(made.has(output), `${output} is made once`).toBe(false);
        made.add(output);
        seen.add(output);
      }
    }
    for (const { name } of graph.outputs) expect(seen.has(name), `output ${name}`).toBe(true);
  };
  check(editor.graph, new Set());
  for (const value of definedValues(editor.graph)) {
    expect(editor.readers(value)).toEqual(editor.graph.nodes.filter((node) => valuesRead(node).has(value)));
    expect(editor.producer(value)).toBe(editor.graph.nodes.find((node) => node.outputs.includes(value)));
  }
}

describe('GraphEditor', () => {
  it('gives whole numbers the kind that the operator wants', () => {
    const editor = new GraphEditor(sample());
    const insert = (opType: string, attributes: Record<string, number | readonly number[]>, domain = '') =>
      editor.insert({ opType, inputs: ['r'], attributes, domain }).attributes;
    expect(insert('LeakyRelu', { alpha: 1 })).toEqual({ alpha: { type: 'float', value: 1 } });
    expect(insert('Clip', { min: 0, max: 6 }).max).toEqual({ type: 'float', value: 6 });
    expect(insert('Upsample', { scales: [1, 1, 2, 2] }).scales).toEqual({ type: 'floats', value: [1, 1, 2, 2] });
    expect(insert('Softmax', { axis: 1 }).axis).toEqual({ type: 'int', value: 1 });
    expect(insert('LeakyRelu', { alpha: 1 }, 'org.example').alpha).toEqual({ type: 'int', value: 1 });
  });

  it('keeps what quantization annotations name, and drops them with what they are about', () => {
    const graph = sample();
    const scale = (name: string) => ({ parameters: { SCALE_TENSOR: name } });
    for (const name of ['s', 't']) graph.initializers.set(name, tensor('float32', [], [1]));
    graph.quantizationAnnotations = [
      { tensorName: 'r', ...scale('s') },
      { tensorName: 'dead', ...scale('t') },
      { tensorName: 'y', ...scale('n') },
    ];
    const editor = new GraphEditor(graph);
    const dead = editor.insert({ opType: 'Exp', inputs: ['r'], outputs: ['dead'] });
    expect(editor.removeUnused()).toBe(1);
    expect(graph.nodes).not.toContain(dead);
    expect(graph.quantizationAnnotations!.map(({ tensorName }) => tensorName)).toEqual(['r', 'y']);
    expect([graph.initializers.has('s'), graph.initializers.has('t')]).toEqual([true, false]);

    editor.rewire('n', 'r');
    expect(graph.quantizationAnnotations![1]).toEqual({ tensorName: 'y', ...scale('r') });
    editor.renameValue('s', 'scale');
    const added = editor.insert({ opType: 'Exp', inputs: ['r'], outputs: ['e'] });
    graph.quantizationAnnotations!.push({ tensorName: 'e', ...scale('scale') }, { tensorName: 'y', ...scale('e') });
    expect(() => editor.remove(added)).toThrow(expect.objectContaining({ code: 'ONNX_EDIT_INVALID' }));
    graph.quantizationAnnotations!.pop();
    editor.remove(added);
    expect(graph.quantizationAnnotations).toEqual([
      { tensorName: 'r', ...scale('scale') },
      { tensorName: 'y', ...scale('r') },
    ]);
  });

  it('knows makers, readers (also in nested graphs) and constants', () => {
    const editor = new GraphEditor(sample());
    expect(editor.producer('n')?.opType).toBe('Neg');
    expect(editor.producer('weight')).toBeUndefined();
    expect(editor.readers('r').map(({ opType }) => opType)).toEqual(['Neg', 'If']);
    expect(editor.constant('weight')?.data).toEqual(Float32Array.of(1, 2));
    expect([editor.constant('a'), editor.constant('r'), editor.constant(undefined)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect([editor.isInput('a'), editor.isOutput('z'), editor.isOutput('n')]).toEqual([true, true, false]);
    expectSound(editor);
  });

  it('inserts after the last maker, rewires readers through nested graphs, and removes', () => {
    const editor = new GraphEditor(sample());
    const clip = editor.insert({ opType: 'Abs', inputs: ['r'], outputs: ['clipped'] });
    expect(names(editor.graph.nodes)).toEqual(['r', 'clipped', 'n', 'y', 'z']);
    editor.rewire('r', 'clipped', { readers: editor.readers('r').filter((node) => node !== clip) });
    expect(editor.readers('r')).toEqual([clip]);
    expect(editor.readers('clipped').map(({ opType }) => opType)).toEqual(['Neg', 'If']);
    expect(subgraphsOf(editor.producer('z')!)[0]!.nodes[0]!.inputs).toEqual(['clipped']);
    expectSound(editor);
    editor.rewire('clipped', 'r');
    editor.remove(clip);
    expect(editor.graph).toEqual(sample());
    expectSound(editor);
  });

  it('refuses what would break the graph, and changes nothing', () => {
    const editor = new GraphEditor(sample());
    const before = structuredClone(editor.graph);
    const refused = (edit: () => unknown, message: RegExp): void => {
      expect(edit).toThrow(
        expect.objectContaining({ code: 'ONNX_EDIT_INVALID', message: expect.stringMatching(message) }),
      );
    };
    const relu = editor.producer('r')!;
    refused(() => editor.remove(relu), /r is read/);
    refused(() => editor.insert({ opType: 'Abs', inputs: ['nowhere'] }), /"nowhere"/);
    refused(() => editor.insert({ opType: 'Abs', inputs: ['a'], outputs: ['n'] }), /received n/);
    refused(() => editor.setInput(relu, 0, 'y'), /no cycle.*Relu/);
    refused(() => editor.rewire('a', 'z'), /no cycle/);
    refused(() => editor.renameValue('r', 't_e'), /not taken/);
    refused(() => editor.replace(relu, [{ opType: 'Abs', inputs: ['y'], outputs: ['r'] }]), /cycle/);
    refused(() => editor.replace(relu, [{ opType: 'Abs', inputs: ['a'], outputs: ['q'] }]), /make r/);
    refused(() => editor.replace(relu, [{ opType: 'Abs', inputs: ['r'], outputs: ['r'] }]), /r goes/);
    refused(() => editor.rewire('r', 'a', { readers: [relu] }), /a reader of r/);
    refused(() => editor.subgraph(editor.producer('z')!, 'then_branch').setInput(relu, 0, 'a'), /a node of the graph/);
    const branch = editor.subgraph(editor.producer('z')!, 'then_branch');
    refused(() => branch.setInput(branch.graph.nodes[0]!, 0, 'z'), /no cycle/);
    expect(editor.graph).toEqual(before);
    expectSound(editor);
  });

  it('replaces nodes by others that make the same values', () => {
    const editor = new GraphEditor(sample());
    const made = editor.replace(
      [editor.producer('r')!, editor.producer('n')!],
      [
        { opType: 'Abs', inputs: ['a'], outputs: ['absolute'] },
        { opType: 'Sqrt', inputs: ['absolute'], outputs: ['r'] },
        { opType: 'Neg', inputs: ['r'], outputs: ['n'], attributes: { note: 1 } },
      ],
    );
    expect(names(editor.graph.nodes)).toEqual(['absolute', 'r', 'n', 'y', 'z']);
    expect(made).toEqual(editor.graph.nodes.slice(0, 3));
    expectSound(editor);
  });

  it('takes pass-through nodes out, and hands the name of a graph output over', () => {
    const g = new GraphBuilder('pass');
    g.node('Relu', [g.input('x', 'float32', [1])], {}, { outputs: ['r'] });
    g.node('Identity', ['r'], {}, { outputs: ['i'] });
    g.output(g.node('Identity', ['i'], {}, { outputs: ['y'] }), 'float32', [1]);
    g.output(g.node('Identity', ['x'], {}, { outputs: ['needed'] }), 'float32', [1]);
    const editor = new GraphEditor(g.build().graph);
    expect(['i', 'y', 'needed'].map((value) => editor.bypass(editor.producer(value)!))).toEqual([true, true, false]);
    expect(names(editor.graph.nodes)).toEqual(['y', 'needed']);
    expect(editor.graph.nodes[0]!.opType).toBe('Relu');
    expectSound(editor);
  });

  it('renames values in nested graphs too, past names that they hide', () => {
    const editor = new GraphEditor(sample());
    editor.renameValue('r', 'renamed');
    editor.renameValue('z', 'result');
    editor.renameValue('a', 'input');
    const inner = subgraphsOf(editor.producer('result')!);
    expect(inner.map((graph) => graph.nodes[0]!.inputs[0])).toEqual(['renamed', 'renamed']);
    expect(editor.graph.outputs.map(({ name }) => name)).toEqual(['y', 'result']);
    expectSound(editor);

    // A nested value of the same name as the new one steps aside instead of hiding it.
    const branch = editor.graph.nodes.at(-1)!.attributes.then_branch!.value as Graph;
    branch.nodes[0]!.outputs[0] = 'shadow';
    branch.nodes[1]!.inputs[0] = 'shadow';
    const hiding = new GraphEditor(editor.graph);
    hiding.insert({ opType: 'Cos', inputs: ['input'], outputs: ['shadow'] });
    hiding.rewire('renamed', 'shadow');
    expect(branch.nodes.map(({ inputs, outputs }) => [...inputs, '→', ...outputs].join(' '))).toEqual([
      'shadow → shadow_2',
      'shadow_2 n → t',
    ]);
    expectSound(hiding);
  });

  it('edits nested graphs under the names of the outer one', () => {
    const editor = new GraphEditor(sample());
    const holder = editor.producer('z')!;
    const branch = editor.subgraph(holder, 'then_branch');
    expect(branch.freshName('n')).toBe('n_2');
    branch.setInput(branch.graph.nodes[0]!, 0, 'y');
    expect(editor.readers('y')).toEqual([holder]);
    expect(editor.readers('r').map(({ opType }) => opType)).toEqual(['Neg', 'If']);
    branch.renameNode(branch.graph.nodes[0]!, 'exponential');
    expectSound(editor);
  });

  it('declares inputs and outputs, and removes what no output needs', () => {
    const editor = new GraphEditor(sample());
    editor.addInput({ name: 'extra', type: 'float32', dims: [2], docString: '' });
    editor.addOutput({ name: 'n', type: 'float32', dims: [2], docString: '' });
    editor.addConstant('weight', tensor('float32', [2]));
    editor.removeOutput('y');
    editor.removeOutput('z');
    expect(editor.removeUnused()).toBe(2);
    expect(names(editor.graph.nodes)).toEqual(['r', 'n']);
    expect([...editor.graph.initializers.keys()]).toEqual([]);
    expect(editor.graph.inputs.map(({ name }) => name)).toEqual(['a', 'extra']);
    expectSound(editor);
  });

  it('keeps order, single assignment and its indexes under any edits', () => {
    const edits = fc.array(fc.tuple(fc.nat(6), fc.nat(), fc.nat(), fc.nat()), { maxLength: 25 });
    fc.assert(
      fc.property(randomModel, edits, (model, steps) => {
        const editor = new GraphEditor(cloneModel(model).graph);
        for (const [kind, first, second, third] of steps) {
          const { nodes } = editor.graph;
          const values = [...definedValues(editor.graph)].filter((name) => name !== 'condition');
          const value = (index: number): string => values[index % values.length]!;
          const node = nodes[first % Math.max(nodes.length, 1)];
          const before = structuredClone(editor.graph);
          try {
            if (kind === 0) editor.insert({ opType: 'Add', inputs: [value(first), value(second)] });
            else if (kind === 1) editor.rewire(value(first), value(second));
            else if (kind === 2 && node) editor.remove(node);
            else if (kind === 3 && node && node.inputs.length > 0)
              editor.setInput(node, third % node.inputs.length, value(second));
            else if (kind === 4) editor.renameValue(value(first), `renamed_${third}`);
            else if (kind === 5 && node) editor.bypass(node);
            else if (kind === 6 && node) {
              const inner = editor.freshName('inner');
              editor.replace(node, [
                { opType: 'Neg', inputs: [value(second)], outputs: [inner] },
                { opType: 'Abs', inputs: [inner], outputs: node.outputs },
              ]);
            }
          } catch (error) {
            expect(error).toMatchObject({ code: 'ONNX_EDIT_INVALID' });
            expect(editor.graph).toEqual(before);
          }
          expectSound(editor);
          expect([...graphsWithin(editor.graph)].length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 60 },
    );
  });
});
