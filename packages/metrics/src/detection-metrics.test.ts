import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DetectionMetrics } from './detection-metrics.js';

interface CocoBox {
  image_id: number;
  category_id: number;
  bbox: number[];
}
interface GoldenCase {
  images: number;
  truth: (CocoBox & { area: number; iscrowd: number })[];
  detections: (CocoBox & { score: number })[];
  answers: {
    stats: (number | null)[];
    perClass: (number | null)[];
    curveOf: number;
    curve: number[];
    curveScores: number[];
  };
}
const golden = JSON.parse(
  readFileSync(new URL('../../../test/goldens/metrics/coco.json', import.meta.url), 'utf8'),
) as { classes: number; cases: GoldenCase[] };

function metricsOf({ truth, detections }: GoldenCase, images: number[]): DetectionMetrics {
  const metrics = new DetectionMetrics({ classes: golden.classes, boxFormat: 'xywh' });
  for (const image of images) {
    const found = detections.filter((entry) => entry.image_id === image);
    const actual = truth.filter((entry) => entry.image_id === image);
    metrics.update(
      image,
      {
        boxes: found.flatMap((entry) => entry.bbox),
        scores: found.map((entry) => entry.score),
        classes: found.map((entry) => entry.category_id),
      },
      {
        boxes: actual.flatMap((entry) => entry.bbox),
        classes: actual.map((entry) => entry.category_id),
        crowd: actual.map((entry) => entry.iscrowd),
        areas: actual.map((entry) => entry.area),
      },
    );
  }
  return metrics;
}
const imagesOf = (golden: GoldenCase) => Array.from({ length: golden.images }, (_, i) => i + 1);

function statsOf(metrics: DetectionMetrics): number[] {
  const report = metrics.compute();
  const sizes = ['small', 'medium', 'large'] as const;
  return [
    report.meanAveragePrecision,
    report.meanAveragePrecisionAt50,
    report.meanAveragePrecisionAt75,
    ...sizes.map((size) => report.meanAveragePrecisionBySize[size]),
    ...([1, 10, 100] as const).map((limit) => report.meanAverageRecall[limit]),
    ...sizes.map((size) => report.meanAverageRecallBySize[size]),
  ];
}

function expectEqual(actual: readonly number[], expected: readonly (number | null)[]): void {
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) {
    if (value === null) expect(actual[i], `number ${i}`).toBeNaN();
    else expect(actual[i], `number ${i}`).toBeCloseTo(value, 12);
  }
}

describe('DetectionMetrics against pycocotools', () => {
  it.each(golden.cases.map((golden, index) => ({ ...golden, index })))('case $index', (golden) => {
    const metrics = metricsOf(golden, imagesOf(golden));
    expectEqual(statsOf(metrics), golden.answers.stats);
    expectEqual(
      metrics.compute().perClass.map((score) => score.averagePrecision),
      golden.answers.perClass,
    );
    const curve = metrics.precisionRecall(golden.answers.curveOf, 0.5)!;
    expectEqual(curve.precision, golden.answers.curve);
    expectEqual(curve.scores, golden.answers.curveScores);
  });

  it('gives the same whatever the order of images, the grouping of merges, and through JSON', () => {
    const [first] = golden.cases as [GoldenCase];
    const whole = metricsOf(first, imagesOf(first)).toJSON();
    fc.assert(
      fc.property(
        fc.shuffledSubarray(imagesOf(first), { minLength: first.images }),
        fc.nat(first.images),
        (order, at) => {
          const merged = metricsOf(first, order.slice(at));
          merged.merge(DetectionMetrics.fromJSON(JSON.parse(JSON.stringify(metricsOf(first, order.slice(0, at))))));
          expect(merged.toJSON()).toEqual(whole);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('tells the precision of images drawn again, as if each were there as often', () => {
    const [first] = golden.cases as [GoldenCase];
    // Every score once: of ties, the order of images decides.
    const detections = first.detections.map((entry, i) => ({ ...entry, score: entry.score + i * 1e-6 }));
    const metrics = metricsOf({ ...first, detections }, imagesOf(first));
    const [all, at50] = [metrics.resampledPrecision(), metrics.resampledPrecision(0.5)];
    const everyOne = Int32Array.from(imagesOf(first).keys());
    expect(all(everyOne)).toBeCloseTo(metrics.compute().meanAveragePrecision, 12);
    const draws = fc.array(fc.nat(first.images - 1), { minLength: 1, maxLength: first.images });
    fc.assert(
      fc.property(draws, (indices) => {
        const of = <Entry extends { image_id: number }>(entries: readonly Entry[]) =>
          indices.flatMap((index, at) =>
            entries.filter((entry) => entry.image_id === index + 1).map((entry) => ({ ...entry, image_id: at + 1 })),
          );
        const drawn = { ...first, truth: of(first.truth), detections: of(detections), images: indices.length };
        const report = metricsOf(drawn, imagesOf(drawn)).compute();
        expectEqual(
          [all(indices), at50(indices)],
          [report.meanAveragePrecision, report.meanAveragePrecisionAt50].map(nullOfNaN),
        );
      }),
      { numRuns: 20 },
    );
    expect(() => metrics.resampledPrecision(0.51)).toThrow(/Expected one of 0.5, /);
  });
});

const nullOfNaN = (value: number): number | null => (Number.isNaN(value) ? null : value);

describe('DetectionMetrics', () => {
  const none = { boxes: [], scores: [], classes: [] };
  const one = { boxes: [10, 10, 50, 50], classes: [0] };

  it('takes corners, corner and size, or centre and size', () => {
    const formats = { xyxy: [10, 20, 50, 80], xywh: [10, 20, 40, 60], cxcywh: [30, 50, 40, 60] } as const;
    const images = Object.entries(formats).map(([boxFormat, boxes]) => {
      const metrics = new DetectionMetrics({ classes: 1, boxFormat: boxFormat as keyof typeof formats });
      metrics.update('a', { boxes, scores: [0.5], classes: [0] }, { boxes, classes: [0] });
      return metrics.toJSON().images;
    });
    expect(images[1]).toEqual(images[0]);
    expect(images[2]).toEqual(images[0]);
  });

  it('is perfect for the truth itself, 0 for nothing found, and NaN for nothing to find', () => {
    const perfect = new DetectionMetrics({ classes: 2 });
    perfect.update('a', { ...one, scores: [0.1] }, one);
    expect(perfect.compute()).toMatchObject({
      meanAveragePrecision: expect.closeTo(1, 12),
      meanAverageRecall: { 1: 1 },
    });
    const blind = new DetectionMetrics({ classes: 2 });
    blind.update('a', none, one);
    expect(blind.compute()).toMatchObject({ images: 1, meanAveragePrecision: 0, meanAverageRecall: { 100: 0 } });
    const empty = new DetectionMetrics({ classes: 2 });
    empty.update('a', none, { boxes: [], classes: [] });
    expect(empty.compute().meanAveragePrecision).toBeNaN();
    expect(empty.compute().perClass).toHaveLength(2);
    expect(empty.precisionRecall(0, 0.5)).toBeUndefined();
  });

  it('does not count a detection inside a crowd as wrong', () => {
    const metrics = new DetectionMetrics({ classes: 1 });
    const boxes = [10, 10, 50, 50, 100, 100, 300, 300];
    metrics.update(
      'a',
      { boxes: [10, 10, 50, 50, 150, 150, 180, 180], scores: [0.5, 0.9], classes: [0, 0] },
      { boxes, classes: [0, 0], crowd: [false, true] },
    );
    expect(metrics.compute().meanAveragePrecision).toBeCloseTo(1, 12);
  });

  const metrics = new DetectionMetrics({ classes: 2 });
  metrics.update('seen', none, one);
  it.each([
    [() => metrics.update('seen', none, one), /every image once but received image seen/],
    [() => metrics.update('a', none, { boxes: [1, 2, 3], classes: [0] }), /4 numbers of actual boxes/],
    [() => metrics.update('a', { ...one, scores: [] }, one), /1 scores but received 0/],
    [() => metrics.update('a', { ...one, scores: [Number.NaN] }, one), /finite number for score 0/],
    [() => metrics.update('a', none, { boxes: one.boxes, classes: [2] }), /\[0, 2\) for actual class 0/],
    [() => metrics.merge(new DetectionMetrics({ classes: 3 })), /to merge/],
    [() => metrics.merge(metrics), /image seen again/],
    [() => metrics.precisionRecall(0, 0.51), /0.5, 0.55/],
    [() => new DetectionMetrics({ classes: 1, iouThresholds: [0.7, 0.5] }), /ascending thresholds/],
    [() => DetectionMetrics.fromJSON({ version: 1, classes: 1, iouThresholds: [0.5], images: [{}] }), /images.0/],
  ])('%s', (call, message) => {
    expect(call).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(message) }),
    );
    expect(metrics.compute().images).toBe(1);
  });
});
