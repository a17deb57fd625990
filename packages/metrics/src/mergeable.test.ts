import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CalibrationMetrics } from './calibration-metrics.js';
import { MultilabelMetrics } from './multilabel-metrics.js';
import { RankingMetrics } from './ranking-metrics.js';
import { SegmentationMetrics } from './segmentation-metrics.js';

const classes = 3;
// Sixteenths, so that ties are common and thresholds are hit exactly.
const score = fc.integer({ min: 0, max: 16 }).map((value) => value / 16);
const row = fc.record({
  scores: fc.array(score, { minLength: classes, maxLength: classes }),
  label: fc.nat(classes - 1),
  labels: fc.array(fc.nat(1), { minLength: classes, maxLength: classes }),
});
type Row = { scores: number[]; label: number; labels: number[] };

interface Mergeable<Self> {
  merge(other: Self): void;
  compute(): unknown;
  toJSON(): unknown;
}
interface Kind<Metric extends Mergeable<Metric>> {
  create(): Metric;
  add(metric: Metric, rows: readonly Row[]): void;
  fromJSON(json: unknown): Metric;
}

function mergeable<Metric extends Mergeable<Metric>>(name: string, { create, add, fromJSON }: Kind<Metric>): void {
  describe(name, () => {
    const of = (rows: readonly Row[]) => {
      const metric = create();
      add(metric, rows);
      return metric;
    };

    it('gives exactly the same however samples are batched, ordered and merged', () => {
      fc.assert(
        fc.property(fc.array(row, { maxLength: 12 }), fc.nat(12), (rows, at) => {
          const whole = of(rows).compute();
          const [first, second] = [of(rows.slice(0, at)), of(rows.slice(at))];
          add(first, []);
          second.merge(first);
          expect(second.compute()).toEqual(whole);
          expect(of(rows.toReversed()).compute()).toEqual(whole);
        }),
      );
    });

    it('survives JSON and goes on', () => {
      fc.assert(
        fc.property(fc.array(row, { maxLength: 6 }), fc.array(row, { maxLength: 6 }), (rows, more) => {
          const copy = fromJSON(JSON.parse(JSON.stringify(of(rows))));
          add(copy, more);
          expect(copy.compute()).toEqual(of([...rows, ...more]).compute());
        }),
      );
    });

    it('refuses every JSON that it did not write, with its own error', () => {
      const json = of([{ scores: [0, 0.5, 1], label: 1, labels: [0, 1, 1] }]).toJSON() as Record<string, unknown>;
      const mutated = fc
        .tuple(fc.constantFrom(...Object.keys(json)), fc.jsonValue())
        .map(([field, value]) => ({ ...json, [field]: value }));
      fc.assert(
        fc.property(fc.oneof(fc.jsonValue(), mutated), (value) => {
          try {
            fromJSON(value);
          } catch (error) {
            expect(error).toMatchObject({ code: 'INVALID_ARGUMENT' });
          }
        }),
      );
    });
  });
}

const flat = (rows: readonly Row[]) => Float32Array.from(rows.flatMap((entry) => entry.scores));
const single = (rows: readonly Row[]) => BigInt64Array.from(rows, (entry) => BigInt(entry.label));
const several = (rows: readonly Row[]) => rows.flatMap((entry) => entry.labels);

for (const thresholds of ['exact', 5, [0.25, 0.5]] as const) {
  mergeable(`RankingMetrics with thresholds ${JSON.stringify(thresholds)}`, {
    create: () => new RankingMetrics({ classes, thresholds }),
    add: (metric, rows) => metric.update(flat(rows), single(rows)),
    fromJSON: RankingMetrics.fromJSON,
  });
}
mergeable('RankingMetrics of several labels', {
  create: () => new RankingMetrics({ classes, task: 'multilabel' }),
  add: (metric, rows) => metric.update(flat(rows), several(rows)),
  fromJSON: RankingMetrics.fromJSON,
});
mergeable('CalibrationMetrics', {
  create: () => new CalibrationMetrics({ classes, bins: 4 }),
  add: (metric, rows) => metric.update(flat(rows), single(rows)),
  fromJSON: CalibrationMetrics.fromJSON,
});
mergeable('MultilabelMetrics', {
  create: () => new MultilabelMetrics({ classes, threshold: 0.25 }),
  add: (metric, rows) => metric.update(flat(rows), several(rows)),
  fromJSON: MultilabelMetrics.fromJSON,
});
mergeable('SegmentationMetrics', {
  create: () => new SegmentationMetrics({ classes, ignoreIndex: 2 }),
  add: (metric, rows) => {
    for (const { labels, label } of rows) metric.update([...labels, 2], [label, label, 2, 0]);
  },
  fromJSON: SegmentationMetrics.fromJSON,
});

describe('what they refuse', () => {
  const ranking = new RankingMetrics({ classes });
  const calibration = new CalibrationMetrics({ classes });
  const multilabel = new MultilabelMetrics({ classes });
  const segmentation = new SegmentationMetrics({ classes });
  it.each([
    [() => ranking.update([0, 0.5], [0]), /Expected 3 scores/],
    [() => ranking.update([0, 2.5, 0], [0]), /probability in 0..1 for score 1 but received 2.5. Turn logits/],
    [() => ranking.update([0, Number.NaN, 0], [0]), /score 1 but received NaN/],
    [() => ranking.roc(3), /\[0, 3\)/],
    [() => ranking.merge(new RankingMetrics({ classes, thresholds: 5 })), /same task, classes and thresholds/],
    [() => new RankingMetrics({ classes, thresholds: [0.5, 0.2] }), /ascending thresholds/],
    [() => calibration.update([0, 1, 0], [3]), /label 0/],
    [() => calibration.merge(new CalibrationMetrics({ classes, bins: 3 })), /15 bins, .* received 3 classes, 3 bins/],
    [() => multilabel.update([0, 1, 0], [0, 2, 0]), /0 or 1 for target 1 but received 2/],
    [() => multilabel.update([0, 1], [0, 1]), /multiple of 3 classes/],
    [() => multilabel.merge(new MultilabelMetrics({ classes, threshold: 0 })), /threshold 0.5 to merge/],
    [() => segmentation.update([0], [0, 1]), /same size/],
    [() => segmentation.update([0, 3], [0, 1]), /predicted pixel 1 but received 3/],
    [() => segmentation.update([0, 0], [0, 255]), /actual pixel 1 but received 255/],
    [() => segmentation.merge(new SegmentationMetrics({ classes, ignoreIndex: 0 })), /ignoreIndex/],
  ])('%s', (call, message) => {
    expect(call).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(message) }),
    );
    expect([ranking, calibration, multilabel].map((metric) => metric.compute().samples)).toEqual([0, 0, 0]);
    expect(segmentation.compute().images).toBe(0);
  });
});
