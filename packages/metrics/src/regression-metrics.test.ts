import { describe, expect, it } from 'vitest';
import { expectFigures, type Figures, readGolden } from './golden-figures.fixture.js';
import { RegressionMetrics } from './regression-metrics.js';

const { regression } = readGolden<{
  regression: { kind: string; outputs: number; predicted: number[]; actual: number[]; answers: Figures }[];
}>('regression-retrieval.json');

describe('RegressionMetrics', () => {
  it.each(regression)('gives the figures of torchmetrics and scikit-learn: $kind, $outputs outputs', (golden) => {
    const { outputs, predicted, actual, answers } = golden;
    const metrics = new RegressionMetrics({ outputs });
    const at = 4 * outputs;
    metrics.update(predicted.slice(0, at), actual.slice(0, at));
    metrics.update(Float64Array.from(predicted.slice(at)), Float64Array.from(actual.slice(at)));
    const report = metrics.compute();
    expect(report.samples).toBe(actual.length / outputs);
    expectFigures(report, answers, golden.kind);
    const lean = new RegressionMetrics({ outputs, keepValues: false });
    lean.update(predicted, actual);
    const { medianAbsoluteError, spearmanCorrelation, ...rest } = lean.compute();
    expect(report).toMatchObject(rest);
    expect([medianAbsoluteError.average, spearmanCorrelation.average]).toEqual([Number.NaN, Number.NaN]);
  });

  it('has figures where nothing varies, and none without samples', () => {
    const of = (predicted: number[], actual: number[]) => {
      const metrics = new RegressionMetrics();
      metrics.update(predicted, actual);
      return metrics.compute();
    };
    expect(of([1, 1], [1, 1]).rSquared).toEqual({ average: 1, perOutput: [1], varianceWeighted: 1 });
    expect(of([1, 2], [1, 1]).rSquared.average).toBe(0);
    expect(of([1], [1]).rSquared.average).toBeNaN();
    const flat = of([1, 1, 1], [1, 2, 3]);
    expect([flat.pearsonCorrelation.average, flat.spearmanCorrelation.average]).toEqual([Number.NaN, Number.NaN]);
    const empty = of([], []);
    expect([empty.meanAbsoluteError, empty.maxError, empty.medianAbsoluteError].map(({ average }) => average)).toEqual(
      [1, 2, 3].map(() => Number.NaN),
    );
  });

  it('takes a mean beside which the spread is lost in ordinary sums', () => {
    const metrics = new RegressionMetrics();
    const actual = [1, 2, 3, 4].map((value) => 2 ** 40 + value);
    metrics.update(
      actual.map((value, i) => value + [0.5, -0.5, 0.5, -0.5][i]!),
      actual,
    );
    // Residuals 4 × 0.25, deviations 5; correlation of 1.5, 1.5, 3.5, 3.5 with 1, 2, 3, 4.
    const { rSquared, pearsonCorrelation } = metrics.compute();
    expect(rSquared.average).toBeCloseTo(0.8, 14);
    expect(pearsonCorrelation.average).toBeCloseTo(4 / Math.sqrt(20), 14);
  });
});
