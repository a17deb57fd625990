import { gunzipSync, gzipSync } from 'node:zlib';
import { type Batch, type BatchSource, keyedRandom, tensor } from '@percept/core';
import { GraphBuilder, writeModel } from '@percept/onnx';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normal, runtime } from '../quantize/test-networks.fixture.js';
import { compareModels } from './compare-models.js';
import { gzipSize } from './gzip-size.js';
import { interleavedLatencies, quantile } from './latency.js';

/** A model whose scores are its input times a factor per class: `[N, 3, 1, 1]` → `[N, 3]`. */
function scaling(...factors: number[]): Uint8Array {
  const g = new GraphBuilder('scaling');
  const x = g.node('Flatten', [g.input('x', 'float32', ['N', 3, 1, 1])]);
  g.output(g.node('Mul', [x, g.constant(tensor('float32', [3], factors))], {}, { outputs: ['y'] }), 'float32', [
    'N',
    3,
  ]);
  return writeModel(g.build());
}

/** Images of one pixel whose highest channel is the label, in batches of 4. */
const data: BatchSource = {
  batchesPerEpoch: 5,
  classes: ['a', 'b', 'c'],
  async *batches(): AsyncIterable<Batch> {
    for (let index = 0; index < 5; index++) {
      const inputs = normal(keyedRandom('pixels', index), [4, 3, 1, 1]);
      const labels = Array.from({ length: 4 }, (_, at) => {
        const row = [...inputs.data.subarray(3 * at, 3 * at + 3)];
        return BigInt(row.indexOf(Math.max(...row)));
      });
      yield { keys: ['1', '2', '3', '4'], inputs, labels: tensor('int64', [4], labels) };
    }
  },
};
const options = { data, runtime, threads: 1, latency: { runs: 5, warmUp: 1 } };

describe('compareModels', () => {
  it('measures size, latency, accuracy and agreement', async () => {
    const models = [
      { name: 'right', model: scaling(1, 1, 1) },
      { name: 'twice', model: scaling(2, 2, 2) },
      { name: 'wrong', model: scaling(-1, -1, -1) },
      { name: 'silent', model: scaling(0, 0, 0) },
      { name: 'broken', model: scaling(Number.NaN, 1, 1) },
    ];
    const comparison = await compareModels(models, options);
    const figures = comparison.rows.map(({ name, accuracy, agreement }) => [name, accuracy, agreement]);
    expect(figures).toEqual([
      ['right', 1, 1],
      ['twice', 1, 1],
      ['wrong', 0, 0],
      ['silent', 0, 0],
      ['broken', 0, 0],
    ]);
    for (const [index, row] of comparison.rows.entries()) {
      expect(row.bytes).toBe(models[index]!.model.length);
      expect(row.gzipBytes).toBeGreaterThan(0);
      expect(row.latency.p50).toBeGreaterThan(0);
      expect(row.latency.p95).toBeGreaterThanOrEqual(row.latency.p50);
    }
    expect(comparison.images).toBe(20);
  });

  it('gives a table and JSON', async () => {
    const comparison = await compareModels([{ name: 'only one', model: scaling(1, 1, 1) }], options);
    expect(comparison.table()).toContain('only one');
    expect(comparison.table()).toContain('agreement %');
    const json = JSON.parse(JSON.stringify(comparison));
    expect(json).toMatchObject({ images: 20, rows: [{ name: 'only one', accuracy: 1, agreement: 1 }] });
    expect(json).toEqual(comparison.toJSON());
  });

  it('tells its progress', async () => {
    const stages: string[] = [];
    const onProgress = ({ stage, done, total }: { stage: string; done: number; total?: number }) =>
      stages.push(`${stage} ${done}/${total}`);
    await compareModels([{ name: 'a', model: scaling(1, 1, 1) }], { ...options, onProgress });
    expect(stages.slice(0, 2)).toEqual(['measure latency 1/5', 'measure latency 2/5']);
    expect(stages.at(-1)).toBe('measure accuracy 5/5');
  });

  it('fails with a code', async () => {
    const models = [{ name: 'a', model: scaling(1, 1, 1) }];
    const code = (list: typeof models, changes: object = {}) =>
      compareModels(list, { ...options, ...changes }).then(
        () => 'none',
        (error) => error.code,
      );
    expect(await code([])).toBe('INVALID_ARGUMENT');
    expect(await code([...models, ...models])).toBe('INVALID_ARGUMENT');
    expect(await code(models, { threads: 0 })).toBe('INVALID_ARGUMENT');
    expect(await code(models, { signal: AbortSignal.abort() })).toBe('ABORTED');
    expect(await code(models, { data: { ...data, async *batches() {} } })).toBe('OPTIMIZE_NO_DATA');
    expect(await code(models, { data: { ...data, classes: ['a', 'b'] } })).toBe('OPTIMIZE_NOT_A_CLASSIFIER');
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    expect(await code(models, { signal: controller.signal, onProgress })).toBe('ABORTED');
  });
});

it('interleavedLatencies alternates, rotates who goes first, and does not time the warm-up', async () => {
  const order: string[] = [];
  const calls = ['a', 'b'].map((name) => async () => void order.push(name));
  const times = await interleavedLatencies(calls, { runs: 2, warmUp: 1 });
  expect(order.join('')).toBe('abbaab');
  expect(times.map((list) => list.length)).toEqual([2, 2]);
});

it('quantile interpolates and stays within the values', () => {
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
  expect(quantile([7], 0.95)).toBe(7);
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, share) => {
        const sorted = values.toSorted((a, b) => a - b);
        const found = quantile(sorted, share);
        expect(found).toBeGreaterThanOrEqual(sorted[0]! - 1e-9);
        expect(found).toBeLessThanOrEqual(sorted.at(-1)! + 1e-9);
      },
    ),
  );
});

it('gzipSize is the size of a gzip file', async () => {
  const bytes = new TextEncoder().encode('percept '.repeat(1000));
  expect(gunzipSync(gzipSync(bytes)).length).toBe(bytes.length);
  expect(await gzipSize(bytes)).toBe(gzipSync(bytes).length);
});
