import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AveragedScore } from './averaged-score.js';
import { ClassificationMetrics } from './classification-metrics.js';

interface Golden {
  cases: {
    name: string;
    classes: number;
    topK: number[];
    scores: (number | 'inf' | null)[];
    labels: number[];
    report: {
      accuracy: number;
      confusion: number[][];
      topK?: Record<string, number>;
      precision: AveragedScore;
      recall: AveragedScore;
      f1: AveragedScore;
    };
  }[];
}
const golden = JSON.parse(
  readFileSync(new URL('../../../test/goldens/metrics/classification.json', import.meta.url), 'utf8'),
) as Golden;

describe('ClassificationMetrics against scikit-learn', () => {
  it.each(golden.cases)('$name', ({ classes, topK, scores, labels, report }) => {
    const metrics = new ClassificationMetrics({ classes, topK });
    metrics.update(
      Float32Array.from(scores, (v) => (v === null ? Number.NaN : v === 'inf' ? Infinity : v)),
      labels,
    );
    const computed = metrics.compute();
    expect(computed.accuracy).toBeCloseTo(report.accuracy, 12);
    expect(computed.confusion).toEqual(report.confusion);
    for (const [k, value] of Object.entries(report.topK ?? {})) expect(computed.topK[Number(k)]).toBeCloseTo(value, 12);
    for (const score of ['precision', 'recall', 'f1'] as const) {
      for (const average of ['macro', 'weighted', 'micro'] as const) {
        expect(computed[score][average], `${score} ${average}`).toBeCloseTo(report[score][average], 12);
      }
      for (const [c, value] of report[score].perClass.entries())
        expect(computed[score].perClass[c], `${score} of class ${c}`).toBeCloseTo(value, 12);
    }
  });
});

const accuracyOf = (scores: number[], classes: number, labels: number[], topK = [1]) => {
  const metrics = new ClassificationMetrics({ classes, topK });
  metrics.update(Float32Array.from(scores), labels);
  return metrics.compute();
};

describe('who wins', () => {
  it('gives a saturated softmax nothing', () => {
    expect(accuracyOf([1, 1, 1, 0, 0, 0], 3, [0, 0], [1, 2])).toMatchObject({
      accuracy: 0,
      undecided: 2,
      topK: { 1: 0, 2: 0 },
      confusion: [
        [0, 0, 0],
        [0, 0, 0],
        [0, 0, 0],
      ],
    });
  });

  it('counts a tie against the label, in top k too', () => {
    expect(accuracyOf([2, 2, 1], 3, [0], [1, 2, 3]).topK).toEqual({ 1: 0, 2: 1, 3: 1 });
    expect(accuracyOf([3, 2, 2], 3, [1], [1, 2, 3]).topK).toEqual({ 1: 0, 2: 0, 3: 1 });
    expect(accuracyOf([2, 1, 2, 3], 4, [3]).accuracy).toBe(1);
  });

  it.each([Number.NaN, Infinity, -Infinity])('counts a row with %s as wrong for every k', (value) => {
    expect(accuracyOf([5, value, 0], 3, [0], [1, 3])).toMatchObject({
      accuracy: 0,
      undecided: 1,
      topK: { 1: 0, 3: 0 },
    });
  });

  it('finds the winner wherever it stands', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { minLength: 2, maxLength: 12 }), (scores) => {
        const best = scores.indexOf(Math.max(...scores));
        expect(accuracyOf(scores, scores.length, [best]).accuracy).toBe(1);
      }),
    );
  });
});

// Few distinct values, so that ties are common; NaN and infinities in between.
const score = fc.constantFrom(-1, 0, 0.25, 0.5, 1, 2, 3, Number.NaN, Infinity);
const batch = (classes: number) =>
  fc.array(
    fc.record({ label: fc.nat(classes - 1), scores: fc.array(score, { minLength: classes, maxLength: classes }) }),
    { maxLength: 20 },
  );
type Batch = { label: number; scores: number[] }[];
const topK = [1, 2, 4];
const metricsOf = (...batches: Batch[]) => {
  const metrics = new ClassificationMetrics({ classes: 4, topK });
  for (const rows of batches) {
    const labels = BigInt64Array.from(rows, (row) => BigInt(row.label));
    metrics.update(Float32Array.from(rows.flatMap((row) => row.scores)), labels);
  }
  return metrics;
};
const merged = (...parts: ClassificationMetrics[]) => {
  const sum = new ClassificationMetrics({ classes: 4, topK });
  for (const part of parts) sum.merge(part);
  return sum;
};

describe('streaming and merging', () => {
  it('gives exactly what one update gives, in any order and grouping', () => {
    fc.assert(
      fc.property(batch(4), batch(4), batch(4), (a, b, c) => {
        const whole = metricsOf([...a, ...b, ...c]).compute();
        const [x, y, z] = [metricsOf(a), metricsOf(b), metricsOf(c)];
        expect(metricsOf(a, b, c).compute()).toEqual(whole);
        expect(metricsOf(c, a, b).compute()).toEqual(whole);
        expect(merged(merged(x, y), z).compute()).toEqual(whole);
        expect(merged(x, merged(z, y)).compute()).toEqual(whole);
      }),
    );
  });

  it('survives JSON', () => {
    fc.assert(
      fc.property(batch(4), batch(4), (a, b) => {
        const copy = ClassificationMetrics.fromJSON(JSON.parse(JSON.stringify(metricsOf(a))));
        expect(copy.compute()).toEqual(metricsOf(a).compute());
        copy.merge(metricsOf(b));
        expect(copy.toJSON()).toEqual(metricsOf(a, b).toJSON());
      }),
    );
  });

  it('keeps every score in 0..1 and accuracy equal to top 1', () => {
    fc.assert(
      fc.property(batch(4), (rows) => {
        const report = metricsOf(rows).compute();
        expect(report.topK[1]).toBe(report.accuracy);
        expect(report.topK[1]).toBeLessThanOrEqual(report.topK[2]!);
        for (const averaged of [report.precision, report.recall, report.f1]) {
          for (const value of [averaged.macro, averaged.weighted, averaged.micro, ...averaged.perClass]) {
            expect(value).toBeGreaterThanOrEqual(0);
            expect(value).toBeLessThanOrEqual(1);
          }
        }
      }),
    );
  });

  it('is all zero without samples', () => {
    expect(metricsOf().compute()).toMatchObject({ samples: 0, undecided: 0, accuracy: 0, topK: { 1: 0, 2: 0, 4: 0 } });
  });
});

describe('what it refuses', () => {
  const invalid = (message: RegExp) =>
    expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(message) });
  const metrics = new ClassificationMetrics({ classes: 3 });

  it.each([
    [() => new ClassificationMetrics({ classes: 0 }), /at least 1 for classes/],
    [() => new ClassificationMetrics({ classes: 10_001 }), /at most 10000 for classes/],
    [() => new ClassificationMetrics({ classes: 3, topK: [5] }), /at most 3 \(the number of classes\) for topK/],
    [() => new ClassificationMetrics({ classes: 3, topK: [0] }), /topK/],
    [() => metrics.update(new Float32Array(7), [0, 1]), /Expected 6 scores/],
    [() => metrics.update(new Float32Array(6), [0, 3]), /\[0, 3\) for label 1 but received 3/],
    [() => metrics.update(new Float32Array(6), [0, -1]), /label 1/],
    [() => metrics.update(new Float32Array(3), [0.5]), /label 0/],
    [() => metrics.merge(new ClassificationMetrics({ classes: 4 })), /of 3 classes to merge/],
    [() => metrics.merge(new ClassificationMetrics({ classes: 3, topK: [1, 2] })), /topK \[1\] to merge/],
  ])('%s', (call, message) => {
    expect(call).toThrow(invalid(message));
    expect(metrics.compute().samples).toBe(0);
  });

  it('refuses every JSON that it did not write, with its own error', () => {
    const json = metricsOf([{ label: 1, scores: [0, 1, 2, 3] }]).toJSON();
    const mutated = fc.oneof(
      fc.jsonValue(),
      fc.jsonValue().map((value) => ({ ...json, confusion: value })),
      fc.jsonValue().map((value) => ({ ...json, topKHits: value })),
      fc
        .array(fc.integer({ min: -3, max: 6 }))
        .map((cell) => ({ ...json, confusion: { ...json.confusion, cells: [cell] } })),
      fc.integer().map((hits) => ({ ...json, topKHits: { 2: hits } })),
    );
    fc.assert(
      fc.property(mutated, (value) => {
        try {
          ClassificationMetrics.fromJSON(value);
        } catch (error) {
          expect(error).toMatchObject({ code: 'INVALID_ARGUMENT' });
        }
      }),
    );
  });
});
