import { RetrievalMetrics, type RetrievalQuery, type RetrievalReport, type RetrievalRole } from '@percept/metrics';
import { bootstrapOf, meanOf } from './bootstrap.js';
import type { RetrievalEvaluation, RetrievalMistake } from './evaluation.js';
import type { ScoredBatch } from './scored-batches.js';
import { sliceReports } from './slices.js';
import { checkBatch, checkFinite, type TaskContext, type TaskTally } from './task-tally.js';
import { WorstSamples } from './worst-samples.js';

interface Item {
  readonly key: string;
  readonly index: number;
  readonly label: number;
  readonly gallery: boolean;
  readonly slices: readonly string[];
}

/** Scores a model whose embeddings are to be near each other for pictures of the same class. */
export function retrievalTally({ options, classes, slicesOf }: TaskContext): TaskTally<RetrievalEvaluation> {
  const { distance, emptyTargetAction, topK } = options;
  const role: RetrievalRole = options.gallery === undefined ? 'both' : 'query';
  const items: Item[] = [];
  const nameOf = (label: number): string => classes[label] ?? String(label);
  // Only the first batch tells how many numbers an embedding has.
  let metrics: RetrievalMetrics | undefined;

  function add(batch: ScoredBatch, theirRole: RetrievalRole): void {
    const { scores, labels, keys, start } = batch;
    const rows = scores.dims[0]!;
    const dimensions = metrics?.dimensions ?? scores.data.length / rows;
    checkBatch(batch, 'retrieval', { type: 'int64', labels: [rows], scores: [rows, dimensions] });
    checkFinite(batch, 'retrieval', dimensions);
    metrics ??= new RetrievalMetrics({ dimensions, distance, emptyTargetAction, ...(topK && { k: topK }) });
    metrics.update(scores.data, labels.data as BigInt64Array, theirRole);
    const gallery = theirRole === 'gallery';
    for (const [row, key] of keys.entries()) {
      const [index, label] = [start + row, Number(labels.data[row])];
      items.push({ key, index, label, gallery, slices: gallery ? [] : slicesOf(key, index, label) });
    }
  }

  return {
    add: (batch) => add(batch, role),
    addGallery: (batch) => add(batch, 'gallery'),
    report() {
      // There was a batch, or evaluating had ended with an error.
      const found = metrics!;
      const queries = found.queries();
      const counted = queries.filter(({ relevant }) => relevant > 0 || emptyTargetAction !== 'skip');
      const all = found.summarize(queries);
      const [least] = Object.keys(all.atK);
      const lossOf = ({ averagePrecision }: RetrievalQuery): number => 1 - averagePrecision;
      const interval = (figure: (query: RetrievalQuery) => number) =>
        bootstrapOf(options, counted.length, meanOf(counted.map(figure)));
      const intervals = {
        meanAveragePrecision: interval(({ averagePrecision }) => averagePrecision),
        meanReciprocalRank: interval(({ reciprocalRank }) => reciprocalRank),
        hitRate: least === undefined ? undefined : interval(({ atK }) => atK[least]!.hitRate),
        loss: interval(lossOf),
      };
      const labels = classes.length > 0 ? [...classes.keys()] : labelsOf(queries);
      return {
        ...all,
        task: 'retrieval',
        classes: labels.map(nameOf),
        perClass: labels.map((label) => found.summarize(queries.filter((query) => query.label === label))),
        loss:
          counted.length === 0 ? Number.NaN : counted.reduce((sum, query) => sum + lossOf(query), 0) / counted.length,
        confidence: options.confidence,
        intervals: Object.fromEntries(Object.entries(intervals).filter(([, value]) => value !== undefined)),
        slices: sliceReports(options.slices, partsOf(found, queries, items)),
        mistakes: worstOf(counted, { items, nameOf, count: options.mistakes, lossOf }),
      };
    },
  };
}

function labelsOf(queries: readonly RetrievalQuery[]): number[] {
  return [...new Set(queries.map(({ label }) => label))].sort((a, b) => a - b);
}

/** The queries of each part of the data. */
function partsOf(
  metrics: RetrievalMetrics,
  queries: readonly RetrievalQuery[],
  items: readonly Item[],
): Map<string, { compute(): RetrievalReport }> {
  const parts = new Map<string, RetrievalQuery[]>();
  for (const query of queries) {
    for (const name of items[query.index]!.slices) {
      const part = parts.get(name);
      if (part) part.push(query);
      else parts.set(name, [query]);
    }
  }
  return new Map([...parts].map(([name, part]) => [name, { compute: () => metrics.summarize(part) }]));
}

function worstOf(
  queries: readonly RetrievalQuery[],
  {
    items,
    nameOf,
    count,
    lossOf,
  }: {
    items: readonly Item[];
    nameOf: (label: number) => string;
    count: number;
    lossOf: (query: RetrievalQuery) => number;
  },
): RetrievalMistake[] {
  const worst = new WorstSamples<RetrievalMistake>(count);
  for (const query of queries) {
    const { nearest, averagePrecision } = query;
    if (nearest?.label === query.label) continue;
    const { key, index } = items[query.index]!;
    worst.add(lossOf(query), () => {
      const first = nearest && items[nearest.index]!;
      return {
        key,
        index,
        label: nameOf(query.label),
        nearest: first && {
          key: first.key,
          index: first.index,
          label: nameOf(first.label),
          distance: nearest.distance,
          gallery: first.gallery,
        },
        averagePrecision,
        loss: lossOf(query),
      };
    });
  }
  return worst.values();
}
