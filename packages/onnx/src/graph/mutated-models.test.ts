// Models that are wrong in any way: every function of this folder either copes or throws an error of its own.
import { isPerceptError } from '@percept/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cloneModel } from '../clone-model.js';
import type { Model, Node } from '../model.js';
import { readModel } from '../read-model.js';
import { checkModel } from './check/check-model.js';
import { describe as describeModel } from './describe/describe-model.js';
import { drawSvg } from './draw/draw-svg.js';
import { drawText } from './draw/draw-text.js';
import { extractSubgraph } from './extract-subgraph.js';
import { inferShapes } from './infer-shapes.js';
import { nodeModelCases } from './node-models.fixture.js';
import { convertOpset } from './opset/convert-opset.js';
import { simplifyModel } from './simplify/simplify-model.js';

const cases = nodeModelCases();
const numbers = fc.oneof(fc.integer({ min: -5, max: 9 }), fc.constantFrom(2 ** 31, -(2 ** 40), 2 ** 52));

/** One thing done to a model: what, where, and a number to do it with. */
const mutation = fc.tuple(fc.nat(8), fc.nat(), fc.nat(), numbers);

function mutate(model: Model, [kind, first, second, value]: readonly [number, number, number, number]): void {
  const { graph } = model;
  const node: Node | undefined = graph.nodes[first % Math.max(1, graph.nodes.length)];
  const info = graph.inputs[first % Math.max(1, graph.inputs.length)];
  const names = [
    ...graph.inputs.map(({ name }) => name),
    ...graph.nodes.flatMap(({ outputs }) => outputs),
    'nowhere',
    '',
  ];
  const name = names[second % names.length]!;
  if (kind === 0 && info?.dims) info.dims[second % Math.max(1, info.dims.length)] = value;
  else if (kind === 1 && info?.dims) info.dims.length = second % 6;
  else if (kind === 2 && info) info.type = (['float32', 'int64', 'string', 'bool', undefined] as const)[second % 5];
  else if (kind === 3 && node) node.inputs[second % (node.inputs.length + 1)] = name;
  else if (kind === 4 && node) node.outputs[second % (node.outputs.length + 1)] = name;
  else if (kind === 5 && node) node.inputs.length = Math.min(node.inputs.length, second % 4);
  else if (kind === 6 && node) {
    const keys = Object.keys(node.attributes);
    const key = keys[second % Math.max(1, keys.length)] ?? 'axis';
    const attribute = node.attributes[key];
    node.attributes[key] =
      attribute?.type === 'ints'
        ? { type: 'ints', value: [...attribute.value.slice(1), value, value] }
        : { type: 'int', value };
  } else if (kind === 7 && node) delete node.attributes[Object.keys(node.attributes)[0] ?? ''];
  else if (kind === 8) model.opsets[''] = Math.abs(value % 30);
}

const functions: Readonly<Record<string, (model: Model) => unknown>> = {
  checkModel,
  inferShapes,
  describeModel,
  drawText,
  drawSvg,
  simplifyModel: (model) => simplifyModel(model),
  convertOpset: (model) => convertOpset(model, 18),
  extractSubgraph: (model) =>
    extractSubgraph(model, {
      inputs: model.graph.inputs.map(({ name }) => name),
      outputs: model.graph.outputs.map(({ name }) => name),
    }),
};

describe('on models that are wrong in any way', () => {
  it.each(Object.entries(functions))('%s copes or throws an error of its own', (_, run) => {
    fc.assert(
      fc.property(fc.nat(cases.length - 1), fc.array(mutation, { minLength: 1, maxLength: 3 }), (at, mutations) => {
        const model = cloneModel(readModel(cases[at]!.model));
        for (const item of mutations) mutate(model, item);
        try {
          run(model);
        } catch (error) {
          if (!isPerceptError(error)) throw error;
          expect(error.message.length).toBeGreaterThan(10);
        }
      }),
      { numRuns: 60 },
    );
  });
});
