import { gunzipSync, gzipSync } from 'node:zlib';
import { type BatchSource, type PerceptError, tensor } from '@percept/core';
import { GraphBuilder, writeModel } from '@percept/onnx';
import { resnet18 } from '@percept/train';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runtime } from '../quantize/test-networks.fixture.js';
import { compareModels } from './compare-models.js';
import { countingRuntime, pixels as data, scaling, stillPlatform } from './comparison.fixture.js';
import { gzipSize } from './gzip-size.js';
import { interleavedLatencies, quantile } from './latency.js';

const options = { data, runtime, threads: 1, latency: { runs: 5, warmUp: 1 }, platform: stillPlatform };

describe('compareModels', () => {
  it('measures size, latency, accuracy and agreement', async () => {
    const models = [
      { name: 'right', model: scaling([1, 1, 1]) },
      { name: 'twice', model: scaling([2, 2, 2]) },
      { name: 'wrong', model: scaling([-1, -1, -1]) },
      { name: 'silent', model: scaling([0, 0, 0]) },
    ];
    const comparison = await compareModels(models, options);
    const figures = comparison.rows.map(({ name, accuracy, agreement, paired }) => [name, accuracy, agreement, paired]);
    expect(figures).toEqual([
      ['right', 1, 1, undefined],
      ['twice', 1, 1, { gained: 0, lost: 0, p: 1 }],
      ['wrong', 0, 0, { gained: 0, lost: 20, p: 2 ** -19 }],
      ['silent', 0, 0, { gained: 0, lost: 20, p: 2 ** -19 }],
    ]);
    for (const [index, row] of comparison.rows.entries()) {
      expect(row.bytes).toBe(models[index]!.model.length);
      expect(row.gzipBytes).toBeGreaterThan(0);
      expect(row.latency.p50).toBeGreaterThan(0);
      expect(row.latency.p95).toBeGreaterThanOrEqual(row.latency.p50);
      expect(row.memoryBytes).toBe(10 * row.bytes);
      expect(row).toMatchObject({ parameters: 3, macs: 0, score: { metric: 'accuracy', better: 'higher' } });
      expect(row.accuracyInterval).toEqual(row.score.interval);
    }
    // Which of the right ones is faster is up to the machine.
    expect(comparison.rows.some((row) => row.pareto && row.accuracy === 1)).toBe(true);
    expect(comparison.images).toBe(20);
    expect(comparison.figures.notes).toEqual([]);
  });

  it('gives the same figures again, times apart', async () => {
    const models = [
      { name: 'a', model: scaling([1, 1, 1]) },
      { name: 'b', model: scaling([1, 0.5, 0.1]) },
    ];
    const lasting = async () => {
      const { rows, ...others } = (await compareModels(models, options)).json();
      return { ...others, rows: rows.map(({ latency: _, latencies: __, pareto: ___, ...row }) => row) };
    };
    expect(await lasting()).toEqual(await lasting());
  });

  it('times every number of threads with every size of batch, one number of threads open at a time', async () => {
    const counting = countingRuntime();
    const models = [
      { name: 'any', model: scaling([1, 1, 1]) },
      { name: 'one', model: scaling([1, 1, 1], 1) },
    ];
    const comparison = await compareModels(models, {
      ...options,
      runtime: counting.runtime,
      latency: { threads: [1, 2], batch: [1, 32], runs: 7, warmUp: 0 },
    });
    const settings = comparison.rows.map(({ latencies }) => latencies.map(({ threads, batch }) => [threads, batch]));
    expect(settings).toEqual([
      [
        [1, 1],
        [1, 32],
        [2, 1],
        [2, 32],
      ],
      [
        [1, 1],
        [2, 1],
      ],
    ]);
    for (const figures of comparison.rows.flatMap((row) => row.latencies)) {
      expect(figures.milliseconds).toHaveLength(7);
      expect(figures.p50Interval!.lower).toBeLessThanOrEqual(figures.p50);
      expect(figures.p50Interval!.upper).toBeGreaterThanOrEqual(figures.p50);
      const seconds = figures.milliseconds.reduce((sum, time) => sum + time, 0) / 1000;
      expect(figures.imagesPerSecond).toBeCloseTo((7 * figures.batch) / seconds, 6);
    }
    expect(comparison.figures.notes).toEqual(['one takes batches of 1 only and was not timed with 32']);
    // Batches of four went through the model of one image by one.
    expect(comparison.rows.map((row) => row.accuracy)).toEqual([1, 1]);
    expect([counting.most(), counting.open()]).toEqual([2, 0]);
  });

  it('feeds models of a fixed batch, also where the images do not fill the last one', async () => {
    const models = [{ name: 'three', model: scaling([1, 1, 1], 3) }];
    const comparison = await compareModels(models, { ...options, latency: { ...options.latency, batch: [3] } });
    expect(comparison.rows[0]).toMatchObject({ accuracy: 1, macs: 0 });
  });

  it('counts the multiply-accumulates of ResNet-18 at 224 pixels as everyone does: 1.81 G', async () => {
    const model = writeModel(resnet18({ classes: 1000 }));
    const one: BatchSource = {
      batchesPerEpoch: 1,
      classes: Array.from({ length: 1000 }, (_, index) => `${index}`),
      async *batches() {
        yield { keys: ['1'], inputs: tensor('float32', [1, 3, 224, 224]), labels: tensor('int64', [1]) };
      },
    };
    const latency = { runs: 1, warmUp: 0 };
    const { rows } = await compareModels([{ name: 'resnet18', model }], { ...options, data: one, latency });
    expect(rows[0]!.macs! / 1e9).toBeCloseTo(1.814, 3);
    expect(rows[0]!.parameters! / 1e6).toBeCloseTo(11.69, 1);
  });

  it('scores models of other tasks in the way of the caller, or by their customary figure', async () => {
    const models = [
      { name: 'a', model: scaling([1, 1, 1]) },
      { name: 'b', model: scaling([1.5, 1.5, 1.5]) },
    ];
    const seen: string[] = [];
    const own = await compareModels(models, {
      ...options,
      evaluate: async ({ name }, settings) => {
        seen.push(`${name} ${settings.threads} ${settings.runtime.name}`);
        return { metric: 'PSNR (dB)', value: name === 'a' ? 30 : 29, better: 'higher' };
      },
    });
    expect(seen).toEqual(['a 1 onnxruntime-node', 'b 1 onnxruntime-node']);
    expect(own.rows.map(({ score: { value } }) => value)).toEqual([30, 29]);
    expect(own.rows[0]).not.toHaveProperty('agreement');
    expect(own.table()).toContain('PSNR (dB)');
    expect(own.table()).not.toContain('agreement');

    // What the models say is right for the first one.
    const numbers: BatchSource = {
      ...data,
      async *batches(reading) {
        for await (const batch of data.batches(reading)) {
          yield { ...batch, labels: tensor('float32', [4, 3], batch.inputs.data.slice()) };
        }
      },
    };
    const regression = await compareModels(models, { ...options, data: numbers, task: 'regression' });
    const [exact, off] = regression.rows.map((row) => row.score);
    expect(exact).toMatchObject({ metric: 'mean absolute error', value: 0, better: 'lower' });
    expect(off!.value).toBeGreaterThan(0.1);
    expect(off!.interval!.lower).toBeLessThan(off!.value);
  });

  it('tells its progress', async () => {
    const stages: string[] = [];
    const onProgress = ({ stage, done, total }: { stage: string; done: number; total?: number }) =>
      stages.push(`${stage} ${done}/${total}`);
    await compareModels([{ name: 'a', model: scaling([1, 1, 1]) }], { ...options, onProgress });
    expect(stages.slice(0, 2)).toEqual(['measure latency 1/5', 'measure latency 2/5']);
    expect(stages.at(-1)).toBe('measure accuracy 5/5');
  });

  it('says what memory could not be measured, and why', async () => {
    const models = [{ name: 'a', model: scaling([1, 1, 1]) }];
    const foreign = { ...runtime, name: 'another' };
    const { rows, figures } = await compareModels(models, { ...options, runtime: foreign });
    expect(rows[0]).not.toHaveProperty('memoryBytes');
    expect(figures.notes).toEqual(['memory of a is not known: only that of onnxruntime-node can be measured']);
    const without = await compareModels(models, { ...options, memory: false });
    expect(without.rows[0]).not.toHaveProperty('memoryBytes');
    expect(without.figures.notes).toEqual([]);
  });
});

describe('compareModels fails with a code that names the model, and closes all sessions', () => {
  const good = { name: 'good', model: scaling([1, 1, 1]) };
  const twoInputs = () => {
    const g = new GraphBuilder('two');
    const sum = g.node('Add', [g.input('a', 'float32', ['N', 3]), g.input('b', 'float32', ['N', 3])]);
    g.output(sum, 'float32', ['N', 3]);
    return writeModel(g.build());
  };
  const nanLater: BatchSource = {
    ...data,
    async *batches(reading) {
      let index = 0;
      for await (const batch of data.batches(reading)) {
        if (index++ === 3) batch.inputs.data[5] = Number.NaN;
        yield batch;
      }
    },
  };
  const controller = new AbortController();
  it.each<[string, string, { name: string; model: Uint8Array }[], object, RegExp]>([
    ['no models', 'INVALID_ARGUMENT', [], {}, /models/],
    ['names that are not different', 'INVALID_ARGUMENT', [good, good], {}, /different names/],
    ['no threads', 'INVALID_ARGUMENT', [good], { threads: 0 }, /threads/],
    ['no batch', 'INVALID_ARGUMENT', [good], { latency: { batch: [] } }, /batch/],
    [
      'a batch that a model cannot take',
      'INVALID_ARGUMENT',
      [good, { name: 'fixed', model: scaling([1, 1, 1], 2) }],
      {},
      /model fixed .* received 1/,
    ],
    ['a task nobody knows', 'INVALID_ARGUMENT', [good], { task: 'poetry' }, /task/],
    ['an aborted signal', 'ABORTED', [good], { signal: AbortSignal.abort() }, /aborted/],
    [
      'being aborted',
      'ABORTED',
      [good],
      { signal: controller.signal, onProgress: () => controller.abort() },
      /aborted/,
    ],
    ['no data', 'OPTIMIZE_NO_DATA', [good], { data: { ...data, async *batches() {} } }, /at least one image/],
    [
      'other classes',
      'OPTIMIZE_NOT_A_CLASSIFIER',
      [good],
      { data: { ...data, classes: ['a', 'b'] } },
      /model good .* 2 classes/,
    ],
    [
      'two inputs',
      'OPTIMIZE_NOT_A_CLASSIFIER',
      [good, { name: 'two', model: twoInputs() }],
      {},
      /model two .* 2 inputs/,
    ],
    [
      'NaN scores',
      'OPTIMIZE_SCORES_NAN',
      [good, { name: 'broken', model: scaling([Number.NaN, 1, 1]) }],
      {},
      /model broken/,
    ],
    ['NaN scores late', 'OPTIMIZE_SCORES_NAN', [good], { data: nanLater }, /model good .* image 1/],
    [
      'bytes that are no model',
      'OPTIMIZE_MODEL_FAILED',
      [good, { name: 'text', model: new Uint8Array([1, 2, 3]) }],
      {},
      /model text/,
    ],
    [
      'an evaluation that fails',
      'OPTIMIZE_MODEL_FAILED',
      [good],
      { evaluate: () => Promise.reject(new RangeError('no')) },
      /model good .* no/,
    ],
    [
      'an evaluation that gives NaN',
      'OPTIMIZE_SCORES_NAN',
      [good],
      { evaluate: async () => ({ metric: 'm', value: Number.NaN, better: 'higher' }) },
      /model good/,
    ],
    [
      'an evaluation of another form',
      'INVALID_ARGUMENT',
      [good],
      { evaluate: async () => ({ metric: 'm', value: 1 }) },
      /better .* model good/,
    ],
    [
      'several metrics',
      'INVALID_ARGUMENT',
      [good, { ...good, name: 'other' }],
      { evaluate: async ({ name }: { name: string }) => ({ metric: name, value: 1, better: 'lower' }) },
      /one metric/,
    ],
  ])('%s: %s', async (_, code, models, changes, message) => {
    const counting = countingRuntime();
    const error: PerceptError = await compareModels(models, { ...options, runtime: counting.runtime, ...changes }).then(
      () => expect.unreachable(),
      (reason) => reason,
    );
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(counting.open()).toBe(0);
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
