import { readFileSync } from 'node:fs';
import { isPerceptError, type Tensor, type TensorType } from '@percept/core';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../graph-builder.js';
import type { Graph } from '../../model.js';
import { readModel } from '../../read-model.js';
import { checkModel } from '../check/check-model.js';
import { operatorHistory, operatorNames } from '../operator-schema.js';
import { largestDifference, runInOrt } from '../ort-run.fixture.js';
import { noPublishedModels, publishedModels, readPublishedModel } from '../published-models.fixture.js';
import { adapters, widened } from './adapters.js';
import { convertibleOpsets, convertOpset, sameSignature } from './convert-opset.js';

interface Recorded {
  type: string;
  dims: number[];
  data: string;
}

const recorded: {
  cases: { name: string; model: string; feeds: Record<string, Recorded>; outputs: Recorded[] }[];
  refused: { name: string; model: string }[];
} = JSON.parse(
  readFileSync(new URL('../../../../../test/goldens/onnx/opset-conversion.json', import.meta.url), 'utf8'),
);

const arrays = {
  float32: Float32Array,
  float16: Uint16Array,
  int64: BigInt64Array,
  int32: Int32Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const;

function toTensor({ type, dims, data }: Recorded): Tensor {
  const ArrayType = arrays[type as keyof typeof arrays];
  const bytes = new Uint8Array(Buffer.from(data, 'base64'));
  return { type: type as TensorType, dims, data: new ArrayType(bytes.buffer) } as Tensor;
}

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

/** Cases whose operator onnxruntime 1.30 cannot compute at opset 22. */
const notIn22 = ['RoiAlign_10'];

describe('convertOpset on recorded models', () => {
  it.each(recorded.cases.map((item) => [item.name, item] as const))('keeps what %s computes', async (_, item) => {
    const model = readModel(bytesOf(item.model));
    const feeds = Object.fromEntries(Object.entries(item.feeds).map(([name, value]) => [name, toTensor(value)]));
    for (const opset of notIn22.includes(item.name) ? [18] : [18, 22]) {
      const converted = convertOpset(model, opset);
      const issues = checkModel(converted).filter(({ rule }) => rule !== 'value-type');
      expect(issues).toEqual([]);
      const outputs = await runInOrt(converted, feeds);
      for (const [at, { name }] of converted.graph.outputs.entries()) {
        expect(
          largestDifference(outputs[name]!, toTensor(item.outputs[at]!)),
          `${name} at opset ${opset}`,
        ).toBeLessThan(2e-6);
      }
    }
  });

  it.each(recorded.refused.map((item) => [item.name, item.model] as const))('refuses %s by name', (_, model) => {
    const read = readModel(bytesOf(model));
    let refused: unknown;
    try {
      convertOpset(read, 22);
    } catch (error) {
      refused = error;
    }
    expect(isPerceptError(refused, 'ONNX_OPSET_UNCONVERTIBLE')).toBe(true);
    expect((refused as Error).message).toMatch(/"the_node" .* from opset \d+ to \d+ but /);
  });
});

describe('convertOpset', () => {
  it('lists every operator version that cannot be reached', () => {
    const missing = operatorNames('').flatMap((name) => {
      const history = operatorHistory('', name);
      return history
        .filter(({ sinceVersion }, at) => {
          if (at === 0 || sinceVersion <= convertibleOpsets.oldest || sinceVersion > convertibleOpsets.newest)
            return false;
          const known = adapters.has(`${name} ${sinceVersion}`) || widened[name]?.includes(sinceVersion);
          return !known && !sameSignature(history[at - 1]!, history[at]!);
        })
        .map(({ sinceVersion }) => `${name} ${sinceVersion}`);
    });
    expect(missing).toEqual(['GroupNormalization 21', 'Scan 9']);
  });

  it.skipIf(noPublishedModels !== undefined)(
    `keeps what published models compute ${noPublishedModels ?? ''}`,
    async () => {
      for (const path of publishedModels().keys()) {
        const model = readPublishedModel(path);
        const constants = model.graph.initializers;
        const input = model.graph.inputs.find(({ name }) => !constants.has(name))!;
        const dims = input.dims!.map((dim) => (typeof dim === 'number' ? dim : 1));
        const count = dims.reduce((product, dim) => product * dim, 1);
        const data = Float32Array.from({ length: count }, (_, at) => ((at * 7919) % 255) - 120);
        const feed: Tensor =
          input.type === 'float16'
            ? { type: 'float16', dims, data: Uint16Array.from(data, (_, at) => 0x3c00 + (at % 64)) }
            : { type: 'float32', dims, data };
        const before = await runInOrt(model, { [input.name]: feed });
        for (const opset of model.opsets[''] === 7 ? [18, 22] : [18]) {
          const converted = convertOpset(model, opset);
          expect(checkModel(converted), path).toEqual([]);
          const after = await runInOrt(converted, { [input.name]: feed });
          for (const [name, expected] of Object.entries(before)) {
            expect(largestDifference(after[name]!, expected), `${path} at opset ${opset}`).toBeLessThan(
              expected.type === 'float16' ? 2 ** -10 : 1e-6,
            );
          }
        }
      }
    },
    60_000,
  );

  it('converts nested graphs and functions', () => {
    const clip = (output: string) => ({
      name: '',
      opType: 'Clip',
      domain: '',
      inputs: ['x'],
      outputs: [output],
      attributes: { max: { type: 'float' as const, value: 1 } },
      docString: '',
    });
    const branch = (name: string): Graph => ({
      ...new GraphBuilder(name).build().graph,
      nodes: [clip(name)],
      outputs: [{ name, type: undefined, dims: undefined, docString: '' }],
    });
    const g = new GraphBuilder('nested', { opset: 9 });
    g.input('x', 'float32', [2]);
    const attributes = {
      then_branch: { type: 'graph', value: branch('t') },
      else_branch: { type: 'graph', value: branch('e') },
    } as const;
    g.output(g.node('If', [g.input('c', 'bool', [])], attributes, { outputs: ['y'] }), 'float32', [2]);
    const model = g.build();
    model.functions = [
      {
        name: 'Pool',
        domain: 'org.example',
        overload: '',
        inputs: ['x'],
        outputs: ['b'],
        attributes: [],
        attributeDefaults: {},
        nodes: [{ ...clip('b'), opType: 'TopK', outputs: ['b', 'i'], attributes: { k: { type: 'int', value: 1 } } }],
        docString: '',
        opsets: { '': 9 },
        valueInfos: [],
      },
    ];
    const converted = convertOpset(model, 18);
    expect(checkModel(converted)).toEqual([]);
    const inner = converted.graph.nodes[0]!.attributes.then_branch!.value as Graph;
    expect(inner.nodes[0]!.inputs).toEqual(['x', '', 't_max']);
    expect(inner.initializers.get('t_max')?.data).toEqual(Float32Array.of(1));
    expect(converted.functions![0]!.nodes.map(({ opType }) => opType)).toEqual(['Constant', 'TopK']);
    expect(converted.functions![0]!.opsets).toEqual({ '': 18 });
    expect(model.functions[0]!.nodes).toHaveLength(1);
  });

  it('turns the constants of old files, which are inputs too, into constants alone', () => {
    const g = new GraphBuilder('old', { opset: 7 });
    const x = g.input('x', 'float32', [2]);
    const w = g.initializer('w', { type: 'float32', dims: [2], data: Float32Array.of(1, 2) });
    g.output(g.node('Add', [x, w], {}, { outputs: ['y'] }), 'float32', [2]);
    const model = g.build({ irVersion: 3 });
    model.graph.inputs.push({ name: 'w', type: 'float32', dims: [2], docString: '' });
    const converted = convertOpset(model, 13);
    expect([converted.irVersion, converted.graph.inputs.map(({ name }) => name)]).toEqual([8, ['x']]);
    expect(model.graph.inputs).toHaveLength(2);
  });

  it.each([[5], [23], [12.5]])('refuses opset %d', (opset) => {
    expect(() => convertOpset(new GraphBuilder('g').build(), opset)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });

  it('refuses to go back', () => {
    expect(() => convertOpset(new GraphBuilder('g', { opset: 18 }).build(), 13)).toThrow(
      /of opset 6 to 13 but received one of 18/,
    );
  });
});
