import { readFile } from 'node:fs/promises';
import { float16ToFloat32, keyedRandom, type Tensor, tensor } from '@percept/core';
import { type Graph, GraphBuilder, type Model, readModel } from '@percept/onnx';
import { assertValidModel } from '@percept/onnx/graph';
import { describe, expect, it } from 'vitest';
import { conv, normal, relativeDifference, residualNetwork, roundTrip, run } from './test-networks.fixture.js';
import { toFloat16 } from './to-float16.js';

interface Half {
  bits: Record<string, number[]>;
  float32: string[];
  logits: number[];
}

const path = new URL('../../../../test/goldens/optimize/float16.json', import.meta.url);
const golden: { model: string; images: { dims: number[]; data: string }; keep: Half; change: Half } = JSON.parse(
  await readFile(path, 'utf8'),
);
const float = readModel(new Uint8Array(Buffer.from(golden.model, 'base64')));
const pixels = new Float32Array(new Uint8Array(Buffer.from(golden.images.data, 'base64')).buffer);
const images = tensor('float32', golden.images.dims, pixels);
const numbers = ({ type, data }: Tensor): number[] =>
  type === 'float16' ? Array.from(data as Uint16Array, float16ToFloat32) : Array.from(data as Float32Array);
const count = (model: Model, opType: string) => model.graph.nodes.filter((node) => node.opType === opType).length;

describe('toFloat16, beside onnxruntime.transformers.float16', () => {
  it.each(['keep', 'change'] as const)('stores and computes the same: %s inputs and outputs', async (kind) => {
    const { model, float: left } = toFloat16(float, { keepFloat32: kind === 'keep' });
    assertValidModel(model);
    const { bits, float32, logits } = golden[kind];
    for (const [name, expected] of Object.entries(bits)) {
      const { type, data } = model.graph.initializers.get(`${name}_float16`)!;
      expect(type).toBe('float16');
      expect(Array.from(data as Uint16Array), name).toEqual(expected);
    }
    const kept = [...model.graph.initializers].filter(([, { type }]) => type === 'float32').map(([name]) => name);
    expect(kept.sort()).toEqual(float32);
    expect(left).toEqual(['least']);
    const input = kind === 'keep' ? images : tensor('float16', images.dims, [...pixels]);
    const results = await run(roundTrip(model), input);
    expect(results.logits!.type).toBe(kind === 'keep' ? 'float32' : 'float16');
    expect(relativeDifference(logits, numbers(results.logits!))).toBeLessThan(2e-3);
  });

  it('tells which constants lost numbers', () => {
    expect(toFloat16(float).clamped).toEqual([{ name: 'extreme', tooLarge: 3, tooSmall: 2 }]);
  });
});

describe('toFloat16', () => {
  it('halves the file and keeps the answers', async () => {
    const network = residualNetwork(21);
    const { model, float: left, clamped } = toFloat16(network);
    expect([left, clamped]).toEqual([[], []]);
    expect(count(model, 'Cast')).toBe(2);
    const input = normal(keyedRandom('half'), [4, 3, 16, 16]);
    const [exact, half] = [await run(network, input), await run(roundTrip(model), input)];
    expect(relativeDifference(numbers(exact.logits!), numbers(half.logits!))).toBeLessThan(5e-3);
    expect([...model.graph.initializers.values()].every(({ type }) => type === 'float16')).toBe(true);
  });

  it('keeps the nodes that it is told to, operators that nobody knows, and nested graphs', async () => {
    const random = keyedRandom('kept');
    const g = new GraphBuilder('kept');
    const x = g.input('x', 'float32', ['N', 3, 6, 6]);
    const first = conv(g, random, x, [3, 4, 3], { output: 'first' });
    const gelu = g.node('Gelu', [first], {}, { domain: 'com.microsoft', name: 'gelu' });
    const second = conv(g, random, gelu, [4, 4, 3], { output: 'second' });
    const body = (value: number): Graph => ({
      name: 'body',
      nodes: [
        {
          name: '',
          opType: 'Add',
          domain: '',
          inputs: ['second', `shift${value}`],
          outputs: [`shifted${value}`],
          attributes: {},
          docString: '',
        },
      ],
      inputs: [],
      outputs: [{ name: `shifted${value}`, type: 'float32', dims: undefined, docString: '' }],
      initializers: new Map([[`shift${value}`, tensor('float32', [], [value])]]),
      valueInfos: [],
      docString: '',
    });
    const condition = g.constant(tensor('bool', [], [1] as never));
    const graph = (value: number) => ({ type: 'graph', value: body(value) }) as const;
    const branches = { then_branch: graph(1), else_branch: graph(2) };
    g.output(g.node('If', [condition], branches, { outputs: ['y'], name: 'if' }), 'float32', undefined);
    g.output(second, 'float32', undefined);
    const network = g.build();
    network.opsets['com.microsoft'] = 1;
    const input = normal(random, [2, 3, 6, 6]);
    const exact = await run(network, input);
    for (const keepFloat32 of [true, false]) {
      const { model, float: left } = toFloat16(network, { keepFloat32, keep: ['first'] });
      const last = keepFloat32 ? input : tensor('float16', input.dims, [...input.data]);
      expect(left.slice(-2)).toEqual(['gelu', 'if']);
      const results = await run(roundTrip(model), last);
      for (const name of ['y', 'second']) {
        expect(relativeDifference(numbers(exact[name]!), numbers(results[name]!)), name).toBeLessThan(5e-3);
      }
    }
  });

  it('is refused where there is nothing to convert', () => {
    const g = new GraphBuilder('whole');
    g.output(g.node('Identity', [g.input('x', 'int64', ['N'])]), 'int64', ['N']);
    expect(() => toFloat16(g.build())).toThrow(expect.objectContaining({ code: 'OPTIMIZE_UNSUPPORTED_MODEL' }));
    expect(() => toFloat16(g.build(), { keep: 3 as never })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });
});
