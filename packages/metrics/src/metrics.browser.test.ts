import { expect, it } from 'vitest';
import torchmetrics from '../../../test/goldens/metrics/torchmetrics.json';
import { CalibrationMetrics, ClassificationMetrics, RankingMetrics, SlicedMetrics } from './index.js';

// The Node suite compares every figure; this shows that a browser computes them alike.
it('gives the same figures in a browser', () => {
  const golden = torchmetrics.cases.find((candidate) => candidate.task === 'multiclass')!;
  const { classes, scores, labels, bins } = golden as {
    classes: number;
    scores: number[];
    labels: number[];
    bins: number;
  };
  const answers = golden.answers as unknown as {
    accuracy: number;
    auroc: { macro: number };
    calibration: { l1: number };
  };
  const metrics = new SlicedMetrics(() => new ClassificationMetrics({ classes, ties: 'first' }));
  metrics.update(
    scores,
    labels,
    labels.map((label) => [`class ${label}`]),
  );
  const ranking = new RankingMetrics({ classes });
  ranking.update(scores, labels);
  const calibration = new CalibrationMetrics({ classes, bins, ties: 'first' });
  calibration.update(scores, labels);
  expect(metrics.all.compute().accuracy).toBeCloseTo(answers.accuracy, 6);
  expect(ranking.compute().auroc.macro).toBeCloseTo(answers.auroc.macro, 6);
  expect(calibration.compute().expectedError).toBeCloseTo(answers.calibration.l1, 6);
});
