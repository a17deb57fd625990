import { type BatchSource, keyedRandom, type PerceptError, tensor } from '@percept/core';
import { GraphBuilder, type Runtime } from '@percept/onnx';
import { beforeAll, describe, expect, it } from 'vitest';
import { quantizeStatic } from '../quantize/quantize-static.js';
import { batches, conv, residualNetwork, roundTrip, runtime } from '../quantize/test-networks.fixture.js';
import { layerSqnr } from './layer-sqnr.js';
import type { SqnrReport } from './sqnr-report.js';

const float = residualNetwork(3);
let int8: typeof float;
let report: SqnrReport;

beforeAll(async () => {
  const { model } = await quantizeStatic(float, { calibration: batches(4, 8, 16), runtime });
  int8 = roundTrip(model);
  report = await layerSqnr(float, int8, { data: batches(3, 8, 16), runtime });
});

describe('layerSqnr of a quantized residual network', () => {
  it('finds every convolution, every weight and the scores, BatchNormalization being folded', () => {
    const quantized = report.values.filter((row) => row.quantized);
    expect(quantized.length).toBeGreaterThan(5);
    const weighted = float.graph.nodes.filter(({ opType }) => opType === 'Conv' || opType === 'Gemm').length;
    expect(report.weights.filter(({ weight }) => !/bias/.test(weight))).toHaveLength(weighted);
    for (const { sqnr, opType } of report.weights) {
      expect(sqnr).toBeGreaterThan(35);
      expect(opType).toMatch(/Conv|Gemm/);
    }
    const logits = report.values.at(-1)!;
    expect(logits).toMatchObject({ value: 'logits', opType: 'Gemm', quantized: false });
    expect(logits.cumulative).toBeGreaterThan(15);
    expect(logits).not.toHaveProperty('conversion');
    expect(report.images).toBe(24);
  });

  it('has the input rounded once, and noise that gathers: less alone than in all', () => {
    const input = report.values[0]!;
    expect(input).toMatchObject({ value: 'input', node: 'input', opType: 'input' });
    expect(input.conversion).toBe(input.cumulative);
    expect(input.alone).toBe(input.cumulative);
    for (const row of report.values.slice(2)) expect(row.alone!).toBeGreaterThan(row.cumulative - 0.5);
  });

  it('tells no noise of conversions that clamp too, in place of a Relu', () => {
    const outputs = float.graph.nodes.filter(({ opType }) => opType === 'Relu').map((node) => node.outputs[0]);
    const clamped = report.values.filter(({ value, opType }) => outputs.includes(value) && opType !== 'Relu');
    expect(clamped.length).toBeGreaterThan(2);
    for (const row of clamped) expect(row).not.toHaveProperty('conversion');
    for (const { conversion } of report.values) expect(conversion ?? 40).toBeGreaterThan(25);
  });

  it('does not depend on how the images come', async () => {
    const source: BatchSource = {
      batchesPerEpoch: 3,
      classes: [],
      async *batches() {
        for await (const inputs of batches(3, 8, 16)) {
          const size = inputs.data.length / 2;
          for (const from of [0, size]) {
            const half = tensor('float32', [4, 3, 16, 16], inputs.data.slice(from, from + size));
            yield { keys: [], inputs: half, labels: tensor('int64', [4]) };
          }
        }
      },
    };
    const again = await layerSqnr(float, int8, { data: source, runtime });
    const limited = await layerSqnr(float, int8, { data: batches(9, 8, 16), runtime, images: 24 });
    for (const [index, row] of report.values.entries()) {
      expect(again.values[index]!.cumulative).toBeCloseTo(row.cumulative, 3);
      expect(limited.values[index]).toEqual(row);
    }
    expect(again.images).toBe(24);
  });

  it('leaves out what each node loses alone on demand, and gives the same otherwise', async () => {
    const without = await layerSqnr(float, int8, { data: batches(3, 8, 16), runtime, alone: false });
    expect(without.values).toEqual(report.values.map(({ alone: _, ...row }) => row));
    expect(without.weights).toEqual(report.weights);
  });

  it('asks the runtime for two numbers per value, whatever the images', async () => {
    let elements = 0;
    const counting: Runtime = {
      name: runtime.name,
      async createSession(model, options) {
        const session = await runtime.createSession(model, options);
        const run = session.run.bind(session);
        session.run = async (...call) => {
          const results = await run(...call);
          elements = Math.max(elements, ...Object.values(results).map(({ data }) => data.length));
          return results;
        };
        return session;
      },
    };
    await layerSqnr(float, int8, { data: batches(1, 8, 16), runtime: counting });
    expect(elements).toBe(1);
  });

  it('tells its progress', async () => {
    const seen: unknown[] = [];
    await layerSqnr(float, int8, {
      data: batches(2, 8, 16),
      runtime,
      images: 12,
      onProgress: ({ stage, done, total }) => seen.push([stage, done, total]),
    });
    expect(seen).toEqual([
      ['measure noise', 8, 12],
      ['measure noise', 12, 12],
    ]);
  });
});

it('finds the one layer that is coarse', async () => {
  const broken = roundTrip(int8);
  const weights8 = [...broken.graph.initializers].filter(([, { type, dims }]) => type === 'int8' && dims.length > 1);
  const [name, weight] = weights8[1]!;
  const coarse = Int8Array.from(weight.data as Int8Array, (value) => 16 * Math.round(value / 16));
  broken.graph.initializers.set(name, tensor('int8', weight.dims, coarse));
  const { values, weights } = await layerSqnr(float, broken, { data: batches(1, 8, 16), runtime });
  const worst = weights.reduce((low, row) => (row.sqnr < low.sqnr ? row : low));
  expect(`${worst.weight}_quantized`).toBe(name);
  const lost = values.filter(({ alone }, index) => alone! < report.values[index]!.alone! - 3);
  expect(lost.map(({ node }) => node)).toEqual([worst.node]);
});

describe('SqnrReport', () => {
  it('prints a table', () => {
    const table = report.table();
    expect(table.split('\n')[0]).toMatch(/^value +node +operator +quantized +cumulative dB +conversion dB +alone dB$/);
    for (const { value } of report.values) expect(table).toContain(value);
  });

  it('is JSON, in which no noise is null', async () => {
    const same = await layerSqnr(float, int8, { data: batches(1, 8, 16), runtime });
    const json = JSON.parse(JSON.stringify(same));
    expect(json).toEqual(same.json());
    expect(json).toMatchObject({ schema: 'percept.sqnr', version: 1, images: 8 });
    expect(Object.keys(json.values[0]).sort()).toEqual(
      ['value', 'node', 'opType', 'quantized', 'cumulative', 'conversion', 'alone'].sort(),
    );
    // Flatten alone adds nothing.
    const flatten = same.values.findIndex(({ opType }) => opType === 'Flatten');
    if (same.values[flatten]!.alone === Number.POSITIVE_INFINITY) expect(json.values[flatten].alone).toBeNull();
  });

  it('draws bars, and a page that loads nothing', async () => {
    expect((await report.plot()).toSvg()).toContain('Signal to quantization noise of the values');
    const html = await report.html({ title: 'Noise' });
    expect(html).toBe(await report.html({ title: 'Noise' }));
    expect(html).toContain('Signal to quantization noise of the weights');
    expect(html.match(/https?:\/\/[^"'\s<)]+/g)?.filter((link) => !link.startsWith('http://www.w3.org/'))).toEqual([]);
  });
});

describe('layerSqnr fails with a code', () => {
  const unquantized = () => {
    const g = new GraphBuilder('other');
    g.output(conv(g, keyedRandom('other'), g.input('input', 'float32', ['N', 3, 16, 16]), [3, 4, 3]), 'float32', [
      'N',
      4,
      16,
      16,
    ]);
    return g.build();
  };
  const twoInputs = () => {
    const g = new GraphBuilder('two');
    g.output(g.node('Add', [g.input('a', 'float32', ['N']), g.input('b', 'float32', ['N'])]), 'float32', ['N']);
    return g.build();
  };
  const nan = async function* () {
    yield tensor('float32', [1, 3, 16, 16], new Float32Array(768).fill(Number.NaN));
  };
  it.each([
    ['OPTIMIZE_NOTHING_IN_COMMON', () => layerSqnr(float, unquantized(), { data: batches(1, 1, 16), runtime })],
    ['OPTIMIZE_NOTHING_IN_COMMON', () => layerSqnr(float, float, { data: batches(1, 1, 16), runtime })],
    ['OPTIMIZE_UNSUPPORTED_MODEL', () => layerSqnr(twoInputs(), int8, { data: batches(1, 1, 16), runtime })],
    ['OPTIMIZE_NO_DATA', () => layerSqnr(float, int8, { data: batches(0, 1, 16), runtime })],
    ['OPTIMIZE_NOT_FINITE', () => layerSqnr(float, int8, { data: nan(), runtime })],
    ['INVALID_ARGUMENT', () => layerSqnr(float, int8, { data: batches(1, 1, 16), runtime, images: 0 })],
    ['ABORTED', () => layerSqnr(float, int8, { data: batches(1, 1, 16), runtime, signal: AbortSignal.abort() })],
  ])('%s', async (code, call) => {
    const error: PerceptError = await call().then(
      () => expect.unreachable(),
      (reason) => reason,
    );
    expect(error.code).toBe(code);
  });
});
