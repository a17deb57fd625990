import { describe, expect, it } from 'vitest';
import { ClassificationMetrics } from './classification-metrics.js';
import { DetectionMetrics } from './detection-metrics.js';
import { RankingMetrics } from './ranking-metrics.js';
import { SlicedMetrics } from './sliced-metrics.js';

describe('SlicedMetrics', () => {
  const scores = [0.9, 0.1, 0.2, 0.8, 0.7, 0.3];

  it('counts a row in each of its slices, and everything once', () => {
    const metrics = new SlicedMetrics(() => new ClassificationMetrics({ classes: 2 }));
    metrics.update(scores, [0, 0, 1], [['day', 'camera 1'], ['night', 'camera 1', 'night'], []]);
    metrics.update(scores.slice(0, 2), [1], [['night']]);
    expect(metrics.all.compute()).toMatchObject({ samples: 4, accuracy: 0.25 });
    expect([...metrics.slices()].map(([name, metric]) => [name, metric.compute().samples])).toEqual([
      ['camera 1', 2],
      ['day', 1],
      ['night', 2],
    ]);
    expect(metrics.of('day').compute().accuracy).toBe(1);
    expect(metrics.of('night').compute().accuracy).toBe(0);
  });

  it('hands on the targets of every label of a row', () => {
    const metrics = new SlicedMetrics(() => new RankingMetrics({ classes: 2, task: 'multilabel' }));
    metrics.update(scores, [1, 0, 0, 1, 1, 1], [['a'], ['a'], ['b']]);
    expect(metrics.of('a').compute().support).toEqual([1, 1]);
    expect(metrics.of('b').compute().support).toEqual([1, 1]);
  });

  it('holds metrics of whole images too', () => {
    const metrics = new SlicedMetrics(() => new DetectionMetrics({ classes: 1 }));
    const truth = { boxes: [0, 0, 9, 9], classes: [0] };
    for (const metric of [metrics.all, metrics.of('night')]) metric.update('a', { ...truth, scores: [1] }, truth);
    expect(metrics.of('night').compute().images).toBe(1);
  });

  it('refuses slices that are not those of the rows', () => {
    const metrics = new SlicedMetrics(() => new ClassificationMetrics({ classes: 2 }));
    expect(() => metrics.update(scores, [0, 0, 1], [['a'], ['b']])).toThrow(
      /2 rows of slices for 6 scores and 3 targets/,
    );
    expect(() => metrics.update(scores, [0, 0, 1], [])).toThrow(/0 rows/);
    expect(metrics.slices().size).toBe(0);
    metrics.update([], [], []);
    expect(metrics.all.compute().samples).toBe(0);
  });
});
