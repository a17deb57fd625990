import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CalibrationMetrics } from './calibration-metrics.js';
import { ClassificationMetrics } from './classification-metrics.js';
import { cohenKappa, fBeta, intersectionOverUnion } from './matrix-scores.js';
import { MultilabelMetrics } from './multilabel-metrics.js';
import { RankingMetrics } from './ranking-metrics.js';
import { SegmentationMetrics } from './segmentation-metrics.js';

type Numbers = number | null | Numbers[] | { [name: string]: Numbers };
interface GoldenCase {
  task: string;
  classes: number;
  scores: number[];
  labels: number[];
  thresholds: number;
  bins: number;
  beta: number;
  curveOf: number;
  curves: { roc: Numbers; precisionRecall: Numbers };
  ignoreIndex: number | null;
  predicted: number[][];
  actual: number[][];
  answers: Record<string, Numbers>;
}
const golden = JSON.parse(
  readFileSync(new URL('../../../test/goldens/metrics/torchmetrics.json', import.meta.url), 'utf8'),
) as { cases: GoldenCase[] };
const casesOf = (task: string) =>
  golden.cases.map((golden, index) => ({ ...golden, index })).filter((golden) => golden.task === task);

/** Compares what torchmetrics gave, and no more than that; `null` is NaN. */
function expectClose(actual: unknown, expected: Numbers, name: string): void {
  if (expected === null) expect(actual, name).toBeNaN();
  else if (typeof expected === 'number') {
    expect(Math.abs((actual as number) - expected), `${name}: ${actual} and ${expected}`).toBeLessThanOrEqual(1e-6);
  } else {
    if (Array.isArray(expected)) expect(actual, name).toHaveLength(expected.length);
    for (const [key, value] of Object.entries(expected)) {
      expectClose((actual as Record<string, unknown>)[key], value, `${name}.${key}`);
    }
  }
}

function expectAnswers(answers: GoldenCase['answers'], report: Record<string, unknown>): void {
  for (const [name, expected] of Object.entries(answers)) {
    expect(report, name).toHaveProperty(name);
    expectClose(report[name], expected, name);
  }
}

const errorsOf = (metrics: CalibrationMetrics) => {
  const { expectedError, maximumError, rootMeanSquareError } = metrics.compute();
  return { l1: expectedError, max: maximumError, l2: rootMeanSquareError };
};

describe('against 200 recorded cases of torchmetrics, to 1e-6', () => {
  it('has 200 cases', () => expect(golden.cases).toHaveLength(200));

  it.each(casesOf('multiclass'))('multiclass, case $index', (golden) => {
    const { classes, scores, labels, thresholds, bins, curves, curveOf } = golden;
    const metrics = new ClassificationMetrics({ classes, topK: [1, 2], ties: 'first' });
    const ranking = new RankingMetrics({ classes });
    const binned = new RankingMetrics({ classes, thresholds });
    const calibration = new CalibrationMetrics({ classes, bins, ties: 'first' });
    for (const metric of [metrics, ranking, binned, calibration]) metric.update(scores, labels);
    const report = metrics.compute();
    const matrix = metrics.confusionMatrix();
    expectAnswers(golden.answers, {
      ...report,
      ...ranking.compute(),
      top2: report.topK[2],
      fBeta: fBeta(matrix, golden.beta),
      iou: intersectionOverUnion(matrix),
      cohenKappa: {
        none: cohenKappa(matrix),
        linear: cohenKappa(matrix, 'linear'),
        quadratic: cohenKappa(matrix, 'quadratic'),
      },
      binnedAuroc: binned.compute().auroc,
      binnedAveragePrecision: binned.compute().averagePrecision,
      calibration: errorsOf(calibration),
    });
    const roc = ranking.roc(curveOf);
    expectClose([roc.falsePositiveRate, roc.truePositiveRate, roc.thresholds], curves.roc, 'roc');
    const { precision, recall, thresholds: at } = ranking.precisionRecall(curveOf);
    expectClose([precision, recall, at], curves.precisionRecall, 'precisionRecall');
  });

  it.each(casesOf('multilabel'))('multilabel and binary, case $index', ({ classes, scores, labels, bins, answers }) => {
    const metrics = new MultilabelMetrics({ classes });
    const ranking = new RankingMetrics({ classes, task: 'multilabel' });
    metrics.update(scores, labels);
    ranking.update(scores, labels);
    const calibration = new CalibrationMetrics({ classes: 1, bins });
    if (classes === 1) calibration.update(scores, labels);
    expectAnswers(answers, { ...metrics.compute(), ...ranking.compute(), calibration: errorsOf(calibration) });
  });

  it.each(casesOf('segmentation'))(
    'segmentation, case $index',
    ({ classes, ignoreIndex, predicted, actual, answers }) => {
      const metrics = new SegmentationMetrics({ classes, ...(ignoreIndex !== null && { ignoreIndex }) });
      for (const [image, mask] of predicted.entries())
        metrics.update(Uint8Array.from(mask), Uint8Array.from(actual[image]!));
      expectAnswers(answers, { ...metrics.compute() });
    },
  );
});
