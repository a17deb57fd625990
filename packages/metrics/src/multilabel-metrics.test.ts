import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cohenKappa, fBeta, intersectionOverUnion, matthewsCorrelation } from './matrix-scores.js';
import { MultilabelMetrics } from './multilabel-metrics.js';

interface GoldenCase {
  classes: number;
  scores: number[];
  targets: number[];
  beta: number;
  answers: {
    fBeta: { macro: number; weighted: number; micro: number; perClass: number[] };
    labels: {
      confusion: number[][];
      matthewsCorrelation: number;
      cohenKappa: number | null;
      jaccard: number;
      fBeta: number;
    }[];
  };
}
const golden = JSON.parse(
  readFileSync(new URL('../../../test/goldens/metrics/binary.json', import.meta.url), 'utf8'),
) as { cases: GoldenCase[] };

function expectClose(actual: number, expected: number | null, name: string): void {
  if (expected === null) expect(actual, name).toBeNaN();
  else expect(Math.abs(actual - expected), `${name}: ${actual} and ${expected}`).toBeLessThanOrEqual(1e-6);
}

describe('single labels of MultilabelMetrics against torchmetrics', () => {
  it.each(golden.cases.map((golden, index) => ({ ...golden, index })))('case $index', (golden) => {
    const { classes, scores, targets, beta, answers } = golden;
    const metrics = new MultilabelMetrics({ classes });
    metrics.update(scores, targets);
    const averaged = metrics.fBeta(beta);
    for (const kind of ['macro', 'weighted', 'micro'] as const) {
      expectClose(averaged[kind], answers.fBeta[kind], kind);
    }
    for (const [c, label] of answers.labels.entries()) {
      const matrix = metrics.confusionMatrix(c);
      expect(matrix.rows()).toEqual(label.confusion);
      expectClose(matthewsCorrelation(matrix), label.matthewsCorrelation, `Matthews correlation of ${c}`);
      expectClose(cohenKappa(matrix), label.cohenKappa, `kappa of ${c}`);
      expectClose(intersectionOverUnion(matrix).perClass[1]!, label.jaccard, `IoU of ${c}`);
      expectClose(fBeta(matrix, beta).perClass[1]!, label.fBeta, `F-beta of ${c}`);
      expectClose(averaged.perClass[c]!, answers.fBeta.perClass[c]!, `F-beta of ${c}`);
    }
  });

  it.each([
    [(metrics: MultilabelMetrics) => metrics.confusionMatrix(2), /\[0, 2\) for label but received 2/],
    [(metrics: MultilabelMetrics) => metrics.fBeta(0), /above 0 for beta/],
  ])('refuses %s', (call, message) => {
    expect(() => call(new MultilabelMetrics({ classes: 2 }))).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(message) }),
    );
  });
});
