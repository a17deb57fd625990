import { keyedPermutation, tensor } from '@percept/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from './graph-builder.js';
import type { Graph, Node } from './model.js';
import { topologicalSort } from './topological-sort.js';

const node = (inputs: string[], outputs: string[], attributes: Node['attributes'] = {}): Node => ({
  name: '',
  opType: 'Op',
  domain: '',
  inputs,
  outputs,
  attributes,
  docString: '',
});
const graphOf = (nodes: Node[], outputs: string[] = []): Graph => ({
  ...new GraphBuilder('graph').build().graph,
  nodes,
  outputs: outputs.map((name) => ({ name, type: undefined, dims: undefined, docString: '' })),
});

describe('topologicalSort', () => {
  it('puts makers before users, whatever the order was', () => {
    const edges = fc.array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(edges, fc.nat(), (inputsOf, seed) => {
        const sorted = inputsOf.map((inputs, index) =>
          node(index === 0 ? ['x'] : inputs.map((input) => `v${input % index}`), [`v${index}`, '']),
        );
        expect(topologicalSort(graphOf(sorted))).toEqual(sorted);
        const order = keyedPermutation(sorted.length, seed);
        const shuffled = sorted.map((_, position) => sorted[order.at(position)]!);
        const made = new Set<string>(['x']);
        for (const { inputs, outputs } of topologicalSort(graphOf(shuffled))) {
          expect(inputs.every((input) => made.has(input))).toBe(true);
          for (const output of outputs) made.add(output);
        }
      }),
    );
  });

  it('sees what nested graphs take from outside, but not their own values', () => {
    const inner = graphOf([node(['made'], ['own']), node(['own', 'weight'], ['result'])], ['result', 'also']);
    inner.initializers.set('weight', tensor('float32', []));
    const nodes = [
      node(['x'], ['own']),
      node(['condition'], ['y'], { then_branch: { type: 'graph', value: inner } }),
      node([], ['made']),
      node([], ['also']),
    ];
    expect(topologicalSort(graphOf(nodes)).map(({ outputs }) => outputs[0])).toEqual(['own', 'made', 'also', 'y']);
  });

  it.each([
    ['a cycle', [node(['b'], ['a']), node(['a'], ['b'])]],
    ['a node that uses itself', [node(['a'], ['a'])]],
    ['two makers of one value', [node([], ['a']), node([], ['a'])]],
  ])('refuses %s', (_, nodes) => {
    expect(() => topologicalSort(graphOf(nodes))).toThrow(expect.objectContaining({ code: 'ONNX_GRAPH_INVALID' }));
  });

  it('names the values of a cycle in order, also one that goes through a nested graph', () => {
    const inner = graphOf([node(['c'], ['inside'])], ['inside']);
    const nodes = [
      node(['x'], ['start']),
      node(['start', 'b'], ['a']),
      node([], ['b'], { then_branch: { type: 'graph', value: inner } }),
      node(['a'], ['c']),
      node(['c'], ['after']),
    ];
    expect(() => topologicalSort(graphOf(nodes))).toThrow(/a → c → b → a|c → b → a → c|b → a → c → b/);
  });
});
