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
    metrics.add(['night', 'camera 1', 'night'], (metric) => metric.update('a', { ...truth, scores: [1] }, truth));
    metrics.add(['day'], (metric) => metric.update('b', { ...truth, scores: [1] }, truth));
    expect(metrics.all.compute().images).toBe(2);
    expect([...metrics.slices()].map(([name, metric]) => [name, metric.compute().images])).toEqual([
      ['camera 1', 1],
      ['day', 1],
      ['night', 1],
    ]);
  });

  it('merges and survives JSON, slice by slice', () => {
    const create = () => new ClassificationMetrics({ classes: 2 });
    const [whole, first, second] = [0, 1, 2].map(() => new SlicedMetrics(create)) as [
      SlicedMetrics<ClassificationMetrics>,
      SlicedMetrics<ClassificationMetrics>,
      SlicedMetrics<ClassificationMetrics>,
    ];
    const names = [['day', '__proto__'], ['night'], ['night', 'day']];
    whole.update(scores, [0, 0, 1], names);
    first.update(scores.slice(0, 2), [0], names.slice(0, 1));
    second.update(scores.slice(2), [0, 1], names.slice(1));
    const copy = SlicedMetrics.fromJSON(JSON.parse(JSON.stringify(second)), create, ClassificationMetrics.fromJSON);
    copy.merge(first);
    expect(copy.toJSON()).toEqual(whole.toJSON());
    expect([...copy.slices().keys()]).toEqual(['__proto__', 'day', 'night']);
    const other = new SlicedMetrics(() => new ClassificationMetrics({ classes: 3 }));
    expect(() => copy.merge(other)).toThrow(/of 2 classes to merge/);
    for (const json of [null, {}, { version: 1, all: {}, slices: [['a']] }, { ...copy.toJSON(), all: 3 }]) {
      expect(() => SlicedMetrics.fromJSON(json, create, ClassificationMetrics.fromJSON)).toThrow(
        expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
      );
    }
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
