import { plotFromSpec } from '@percept/report';
import { expect, it } from 'vitest';
import { learningCurves } from './learning-curves.js';

const common = { seconds: 2, imagesPerSecond: 40 };

it('has a plot for each kind of figure, with those of callbacks, and none for what is absent', () => {
  const curves = learningCurves([
    { ...common, epoch: 1, trainLoss: 2, validationLoss: 3, learningRate: 0.1, metrics: { f1: 0.5 } },
    { ...common, epoch: 2, trainLoss: 1, learningRate: 0.01 },
  ]);
  expect(curves.map(({ title }) => title)).toEqual(['Loss', 'Learning rate', 'Throughput', 'Time of an epoch', 'f1']);
  expect(curves[0]!.series).toEqual([
    {
      name: 'training',
      points: [
        [1, 2],
        [2, 1],
      ],
    },
    { name: 'validation', points: [[1, 3]] },
  ]);
  expect(curves[1]!.y.scale).toBe('log');
  for (const spec of curves) expect(plotFromSpec(JSON.parse(JSON.stringify(spec))).toSvg()).toContain(spec.title);
  expect(learningCurves([])).toEqual([]);
});

it('shows a rate of 0 on a linear axis', () => {
  const [, rate] = learningCurves([{ ...common, epoch: 1, trainLoss: 2, learningRate: 0 }]);
  expect(rate!.y.scale).toBeUndefined();
});
