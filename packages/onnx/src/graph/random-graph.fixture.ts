// Random valid graphs for property tests: a chain of decisions that fast-check can shrink.
import { tensor } from '@percept/core';
import fc from 'fast-check';
import { GraphBuilder } from '../graph-builder.js';
import type { Model } from '../model.js';

const binary = ['Add', 'Sub', 'Mul', 'Max'];
const unary = ['Neg', 'Abs', 'Relu', 'Identity', 'Sigmoid', 'Dropout'];

/** A model over float32 [2, 3] values: inputs a and b, constants, unary and binary nodes, some If nodes, 1 to 3 outputs. */
export const randomModel: fc.Arbitrary<Model> = fc
  .record({
    steps: fc.array(fc.tuple(fc.nat(19), fc.nat(), fc.nat()), { minLength: 1, maxLength: 24 }),
    outputs: fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
  })
  .map(({ steps, outputs }) => {
    const g = new GraphBuilder('random');
    const values = [g.input('a', 'float32', [2, 3]), g.input('b', 'float32', [2, 3])];
    const condition = g.input('condition', 'bool', []);
    const pick = (index: number): string => values[index % values.length]!;
    for (const [kind, first, second] of steps) {
      if (kind < 2) {
        values.push(
          g.constant(
            tensor(
              'float32',
              [2, 3],
              [1, 2, 3, 4, 5, first % 7].map((value) => value - 3),
            ),
          ),
        );
      } else if (kind < 10) {
        values.push(g.node(unary[first % unary.length]!, [pick(second)]));
      } else if (kind < 19) {
        values.push(g.node(binary[kind % binary.length]!, [pick(first), pick(second)]));
      } else {
        values.push(
          g.node('If', [condition], {
            then_branch: { type: 'graph', value: branch('Add', pick(first), pick(second), g.freshName('then')) },
            else_branch: { type: 'graph', value: branch('Sub', pick(second), pick(first), g.freshName('else')) },
          }),
        );
      }
    }
    const made = new Set<string>();
    for (const output of outputs) {
      const name = pick(output);
      if (made.has(name)) continue;
      made.add(name);
      if (name === 'a' || name === 'b' || name.startsWith('constant')) {
        const copy = g.node('Identity', [name]);
        g.output(copy, 'float32', [2, 3]);
      } else {
        g.output(name, 'float32', [2, 3]);
      }
    }
    return g.build();
  });

function branch(opType: string, left: string, right: string, result: string) {
  return {
    ...new GraphBuilder(result).build().graph,
    nodes: [{ name: '', opType, domain: '', inputs: [left, right], outputs: [result], attributes: {}, docString: '' }],
    outputs: [{ name: result, type: 'float32' as const, dims: [2, 3], docString: '' }],
  };
}
