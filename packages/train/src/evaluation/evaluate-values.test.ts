// Tasks whose scores are numbers and not classes. Figures are those recorded for @percept/metrics.
import { readFileSync } from 'node:fs';
import { interpreter } from '@percept/onnx/backends/interpreter';
import { htmlPage } from '@percept/report';
import { describe, expect, it } from 'vitest';
import { evaluate } from './evaluate.js';
import { evaluationPage } from './evaluation-page.js';
import { echo, scored } from './scored.fixture.js';

const golden: {
  regression: {
    kind: string;
    outputs: number;
    predicted: number[];
    actual: number[];
    answers: Record<
      'meanAbsoluteError' | 'rootMeanSquaredError' | 'rSquared',
      { average: number; perOutput: number[] }
    > & {
      meanSquaredError: { average: number };
    };
  }[];
  retrieval: {
    distance: 'cosine' | 'euclidean';
    dimensions: number;
    emptyTargetAction: 'neg' | 'pos' | 'skip';
    embeddings: number[];
    labels: number[];
    roles: ('both' | 'query' | 'gallery')[];
    answers: { meanAveragePrecision: number; atK: Record<string, { hitRate: number }> };
  }[];
} = JSON.parse(
  readFileSync(new URL('../../../../test/goldens/metrics/regression-retrieval.json', import.meta.url), 'utf8'),
);
const runtime = interpreter();
const slices = { parity: (key: string) => key.split('-')[0] };
const float = (dims: readonly number[], data: readonly number[]) => ({ type: 'float32', dims, data }) as const;

describe('evaluate a regression', () => {
  const { outputs, predicted, actual, answers } = golden.regression.find(
    ({ kind, outputs }) => kind === 'float32' && outputs === 3,
  )!;
  const dims = [actual.length / outputs, outputs];
  const asked = { runtime, task: 'regression', slices, bootstrap: true } as const;

  it('gives the figures of torchmetrics and scikit-learn, with intervals, slices and mistakes', async () => {
    const data = scored(dims, predicted, float(dims, actual), ['x', 'y', 'angle']);
    const report = await evaluate(echo(2), data, { ...asked, mistakes: 5 });
    expect(report.meanAbsoluteError.average).toBeCloseTo(answers.meanAbsoluteError.average, 6);
    expect(report.rSquared.perOutput[1]).toBeCloseTo(answers.rSquared.perOutput[1]!, 6);
    expect(report.loss).toBeCloseTo(answers.meanSquaredError.average, 6);
    for (const name of ['meanAbsoluteError', 'rootMeanSquaredError', 'rSquared'] as const) {
      expect(report.intervals[name]!.lower).toBeLessThan(report[name].average);
      expect(report.intervals[name]!.upper).toBeGreaterThan(report[name].average);
    }
    expect(report.slices.map(({ value, report: { samples } }) => [value, samples])).toEqual([
      ['even', 12],
      ['odd', 12],
    ]);
    expect(report.mistakes).toHaveLength(5);
    const losses = Array.from({ length: dims[0]! }, (_, row) =>
      predicted.slice(row * 3, row * 3 + 3).reduce((sum, value, i) => sum + (value - actual[row * 3 + i]!) ** 2 / 3, 0),
    );
    const order = [...losses.keys()].sort((a, b) => losses[b]! - losses[a]!);
    expect(report.mistakes.map(({ index }) => index)).toEqual(order.slice(0, 5));
    const html = htmlPage(await evaluationPage(JSON.parse(JSON.stringify(report))));
    for (const text of ['By output', 'angle', 'R²', 'odd', ' → ']) expect(html).toContain(text);
  });

  it('takes one number for each image, without a name', async () => {
    const one = scored([4, 1], [1, 2, 3, 4], float([4], [1, 2, 3, 6]), []);
    const report = await evaluate(echo(2), one, { runtime, task: 'regression' });
    expect(report).toMatchObject({ classes: ['output 0'], loss: 1, meanAbsoluteError: { average: 0.5 } });
    expect(report.mistakes).toMatchObject([{ index: 3, actual: [6], predicted: [4], loss: 4 }]);
  });

  it('refuses other labels, and numbers that are not finite', async () => {
    const classes = scored([2, 1], [1, 2], { type: 'int64', dims: [2], data: [0, 1] }, []);
    await expect(evaluate(echo(2), classes, asked)).rejects.toMatchObject({ code: 'TRAIN_DATA_INVALID' });
    const wide = scored([2, 2], [1, 2, 3, 4], float([2, 3], [1, 2, 3, 4, 5, 6]), ['a', 'b', 'c']);
    await expect(evaluate(echo(2), wide, asked)).rejects.toMatchObject({ code: 'TRAIN_MODEL_INVALID' });
    const diverged = scored([2, 1], [1, Number.NaN], float([2, 1], [1, 2]), []);
    await expect(evaluate(echo(2), diverged, asked)).rejects.toMatchObject({
      code: 'TRAIN_MODEL_INVALID',
      details: { key: 'odd-1' },
    });
    const broken = scored([2, 1], [1, 2], float([2, 1], [Number.POSITIVE_INFINITY, 2]), []);
    await expect(evaluate(echo(2), broken, asked)).rejects.toMatchObject({
      code: 'TRAIN_DATA_INVALID',
      details: { key: 'even-0' },
    });
  });
});

describe('evaluate embeddings', () => {
  const asked = { runtime, task: 'retrieval', topK: [1, 5, 40], slices, bootstrap: true } as const;
  const part = (
    wanted: 'gallery' | 'query' | 'both',
    { dimensions, embeddings, labels, roles }: (typeof golden.retrieval)[number],
  ) => {
    const rows = [...roles.keys()].filter((row) => roles[row] === wanted);
    const values = rows.flatMap((row) => embeddings.slice(row * dimensions, (row + 1) * dimensions));
    const theirs = { type: 'int64', dims: [rows.length], data: rows.map((row) => labels[row]!) } as const;
    return scored([rows.length, dimensions], values, theirs, []);
  };

  it.each(golden.retrieval.map((golden, index) => ({ index, ...golden })))(
    'gives the figures of torchmetrics: case $index',
    async (golden) => {
      const { distance, emptyTargetAction, answers, roles } = golden;
      const apart = roles.includes('gallery');
      const report = await evaluate(echo(2), part(apart ? 'query' : 'both', golden), {
        ...asked,
        distance,
        emptyTargetAction,
        ...(apart && { gallery: part('gallery', golden) }),
      });
      expect(report.meanAveragePrecision).toBeCloseTo(answers.meanAveragePrecision, 6);
      expect(report.loss).toBeCloseTo(1 - answers.meanAveragePrecision, 6);
      for (const k of [1, 5, 40]) expect(report.atK[k]!.hitRate).toBeCloseTo(answers.atK[k]!.hitRate, 6);
      const { lower, upper } = report.intervals.meanAveragePrecision!;
      expect(lower <= report.meanAveragePrecision && report.meanAveragePrecision <= upper).toBe(true);
      const queries = (parts: readonly { queries: number }[]) => parts.reduce((sum, part) => sum + part.queries, 0);
      expect(queries(report.perClass)).toBe(report.queries);
      expect(queries(report.slices.map(({ report }) => report))).toBe(report.queries);
      for (const { nearest, label } of report.mistakes) {
        expect(nearest!.label).not.toBe(label);
        expect(nearest!.gallery).toBe(apart);
      }
    },
  );

  it('names what was taken for what', async () => {
    const labels = { type: 'int64', dims: [5], data: [0, 0, 1, 1, 1] } as const;
    const data = scored([5, 1], [0, 1, 1.5, 10, 11], labels, ['cat', 'dog']);
    const report = await evaluate(echo(2, undefined, 'embedding'), data, {
      runtime,
      task: 'retrieval',
      distance: 'euclidean',
      slices,
    });
    expect(report.mistakes.map(({ index, label, nearest }) => [index, label, nearest!.label, nearest!.key])).toEqual([
      [2, 'dog', 'cat', 'odd-1'],
      [1, 'cat', 'dog', 'even-2'],
    ]);
    expect(Object.keys(report.atK)).toEqual(['1', '5', '10']);
    const html = htmlPage(await evaluationPage(JSON.parse(JSON.stringify(report))));
    for (const text of ['hit rate at 5', 'cat → dog', '0.5 away', 'even']) expect(html).toContain(text);
  });
});
