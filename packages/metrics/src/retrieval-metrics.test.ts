import { describe, expect, it } from 'vitest';
import { expectFigures, type Figures, readGolden } from './golden-figures.fixture.js';
import { RetrievalMetrics, type RetrievalMetricsOptions, type RetrievalRole } from './retrieval-metrics.js';

const { retrieval } = readGolden<{
  retrieval: {
    distance: 'cosine' | 'euclidean';
    dimensions: number;
    emptyTargetAction: 'neg' | 'pos' | 'skip';
    embeddings: number[];
    labels: number[];
    roles: RetrievalRole[];
    answers: Figures;
  }[];
}>('regression-retrieval.json');

function metricsOf(
  embeddings: readonly (readonly number[])[],
  labels: readonly number[],
  options: Partial<RetrievalMetricsOptions> = {},
): RetrievalMetrics {
  const metrics = new RetrievalMetrics({ dimensions: embeddings[0]!.length, k: [1, 2], ...options });
  metrics.update(embeddings.flat(), labels);
  return metrics;
}

describe('RetrievalMetrics', () => {
  it.each(retrieval.map((golden, index) => ({ index, ...golden })))(
    'gives the figures of torchmetrics: case $index, $distance, $emptyTargetAction',
    ({ distance, dimensions, emptyTargetAction, embeddings, labels, roles, answers }) => {
      const metrics = new RetrievalMetrics({ dimensions, distance, emptyTargetAction, k: [1, 5, 40] });
      for (const [i, label] of labels.entries()) {
        const row = Float32Array.from(embeddings.slice(i * dimensions, (i + 1) * dimensions));
        metrics.update(row, [BigInt(label)], roles[i]);
      }
      const report = metrics.compute();
      expectFigures(report, answers, 'answers');
      const queries = roles.filter((role) => role !== 'gallery').length;
      expect(report.queries).toBe(emptyTargetAction === 'skip' ? queries - report.withoutRelevant : queries);
      expect(report.withoutRelevant).toBeGreaterThan(0);
      expect(RetrievalMetrics.fromJSON(JSON.parse(JSON.stringify(metrics))).compute()).toEqual(report);
    },
  );

  it('finds nothing with embeddings that are all the same', () => {
    for (const distance of ['cosine', 'euclidean'] as const) {
      const { atK, meanReciprocalRank } = metricsOf(
        [
          [1, 2],
          [1, 2],
          [1, 2],
          [1, 2],
        ],
        [0, 0, 1, 1],
        { distance },
      ).compute();
      expect(atK[1]!.hitRate).toBe(0);
      expect(atK[2]!.recall).toBe(0);
      expect(meanReciprocalRank).toBeCloseTo(1 / 3, 12);
    }
  });

  it('tells what came first of each search, and sums some of them up', () => {
    const metrics = metricsOf([[0], [1], [1.5], [10], [11]], [0, 0, 1, 1, 1], { distance: 'euclidean' });
    const queries = metrics.queries();
    expect(queries.map(({ index, label, nearest }) => [index, label, nearest])).toEqual([
      [0, 0, { index: 1, label: 0, distance: 1 }],
      [1, 0, { index: 2, label: 1, distance: 0.5 }],
      [2, 1, { index: 1, label: 0, distance: 0.5 }],
      [3, 1, { index: 4, label: 1, distance: 1 }],
      [4, 1, { index: 3, label: 1, distance: 1 }],
    ]);
    expect(queries[2]!).toMatchObject({ relevant: 2, reciprocalRank: 1 / 3 });
    const { queries: counted, atK } = metrics.summarize(queries.slice(0, 2));
    expect([counted, atK[1]!.hitRate]).toEqual([2, 0.5]);
  });

  it('sees zeros at a right angle to everything, and queries without a gallery', () => {
    const metrics = metricsOf(
      [
        [0, 0],
        [1, 0],
        [2, 0],
      ],
      [0, 0, 0],
    );
    expect(metrics.queries()[0]!.nearest!.distance).toBe(1);
    const lonely = new RetrievalMetrics({ dimensions: 1 });
    expect(lonely.compute()).toMatchObject({ queries: 0, meanAveragePrecision: 0 });
    lonely.update([1], [0], 'query');
    expect(lonely.queries()[0]!.nearest).toBeUndefined();
    expect(lonely.compute()).toMatchObject({ queries: 1, withoutRelevant: 1, meanAveragePrecision: 0 });
  });
});
