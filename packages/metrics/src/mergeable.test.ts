import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CalibrationMetrics } from './calibration-metrics.js';
import { MultilabelMetrics } from './multilabel-metrics.js';
import { RankingMetrics } from './ranking-metrics.js';
import { RegressionMetrics } from './regression-metrics.js';
import { RetrievalMetrics } from './retrieval-metrics.js';
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
for (const keepValues of [true, false]) {
  mergeable(`RegressionMetrics ${keepValues ? 'with' : 'without'} values`, {
    create: () => new RegressionMetrics({ outputs: classes, keepValues }),
    // Thirds and tenths, whose sums are rounded.
    add: (metric, rows) =>
      metric.update(
        [...flat(rows)].map((value) => value / 3),
        several(rows).map((value) => value / 10),
      ),
    fromJSON: RegressionMetrics.fromJSON,
  });
}
for (const distance of ['cosine', 'euclidean'] as const) {
  mergeable(`RetrievalMetrics by ${distance} distance`, {
    create: () => new RetrievalMetrics({ dimensions: classes, distance, k: [1, 2, 4] }),
    add: (metric, rows) => metric.update(flat(rows), single(rows)),
    fromJSON: RetrievalMetrics.fromJSON,
  });
}

describe('what they refuse', () => {
  const ranking = new RankingMetrics({ classes });
  const calibration = new CalibrationMetrics({ classes });
  const multilabel = new MultilabelMetrics({ classes });
  const segmentation = new SegmentationMetrics({ classes });
  const regression = new RegressionMetrics({ outputs: 2 });
  const retrieval = new RetrievalMetrics({ dimensions: 2, emptyTargetAction: 'error' });
  const lonely = new RetrievalMetrics({ dimensions: 1, emptyTargetAction: 'error' });
  lonely.update([0.5, 0.25], [3, 4]);
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
    [() => regression.update([0], [0]), /multiple of 2 outputs, but received 1 and 1/],
    [() => regression.update([0, Number.NaN], [0, 0]), /prediction 1 but received NaN/],
    [() => regression.update([0, 0], [1e101, 0]), /target 0 but received 1e\+101/],
    [() => regression.merge(new RegressionMetrics({ outputs: 2, keepValues: false })), /2 outputs with their values/],
    [() => new RegressionMetrics({ outputs: 0 }), /outputs/],
    [() => retrieval.update([0, 1, 2], [0]), /Expected 2 numbers \(1 labels, 2 dimensions\)/],
    [() => retrieval.update([0, Number.POSITIVE_INFINITY], [0]), /number 1 of embedding 0 but received Infinity/],
    [() => retrieval.update([0, 1], [0.5]), /whole number for label 0/],
    [() => retrieval.update([0, 1], [0], 'item' as never), /role/],
    [() => retrieval.merge(new RetrievalMetrics({ dimensions: 2 })), /"emptyTargetAction":"error"/],
    [() => lonely.compute(), /something of label 3 to be found for query 0 but received none/],
  ])('%s', (call, message) => {
    expect(call).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(message) }),
    );
    expect([ranking, calibration, multilabel].map((metric) => metric.compute().samples)).toEqual([0, 0, 0]);
    expect(segmentation.compute().images).toBe(0);
    expect([regression.compute().samples, retrieval.compute().queries]).toEqual([0, 0]);
  });
});
