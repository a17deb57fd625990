import { PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { constantFigures, rankFigures, ranksOf } from './retrieval-ranks.js';
import { type RetrievalQuery, type RetrievalReport, retrievalReport } from './retrieval-report.js';
import { ScoreList } from './score-list.js';

/** What an item is there for: to be searched for, to be found, or both, then not in its own search (leave-one-out). */
export type RetrievalRole = 'query' | 'gallery' | 'both';

/** Options of {@link RetrievalMetrics}. */
export interface RetrievalMetricsOptions {
  /** Numbers in an embedding, 1..100000. */
  dimensions: number;
  /** By what the nearest are found. Default `cosine`: 1 less the cosine of the angle; the angle to zeros is a right one. */
  distance?: 'cosine' | 'euclidean';
  /** The `k` of hit rate, recall, precision and nDCG within the first `k`. Default `[1, 5, 10]`. */
  k?: readonly number[];
  /**
   * What to do with queries of whose label there is nothing in the gallery, as torchmetrics' `empty_target_action`: every
   * figure 0 (`neg`, default) or 1 (`pos`), leave them out (`skip`), or throw (`error`).
   */
  emptyTargetAction?: 'neg' | 'pos' | 'skip' | 'error';
}

/** {@link RetrievalMetrics} as JSON. */
export interface RetrievalMetricsJson {
  readonly version: 1;
  readonly dimensions: number;
  readonly distance: 'cosine' | 'euclidean';
  readonly k: readonly number[];
  readonly emptyTargetAction: 'neg' | 'pos' | 'skip' | 'error';
  /** `[N, dimensions]` row-major. */
  readonly embeddings: readonly number[];
  readonly labels: readonly number[];
  readonly roles: readonly RetrievalRole[];
}

const optionsSchema = z.strictObject({
  dimensions: z.int().check(z.gte(1), z.lte(100_000)),
  distance: z._default(z.enum(['cosine', 'euclidean']), 'cosine'),
  k: z._default(z.array(z.int().check(z.gte(1))), [1, 5, 10]),
  emptyTargetAction: z._default(z.enum(['neg', 'pos', 'skip', 'error']), 'neg'),
});
const roleSchema = z.enum(['query', 'gallery', 'both']);
const jsonSchema = z.object({
  version: z.literal(1),
  dimensions: z.unknown(),
  distance: z.unknown(),
  k: z.unknown(),
  emptyTargetAction: z.unknown(),
  embeddings: z.array(z.number()),
  labels: z.array(z.int()),
  roles: z.array(roleSchema),
});

/**
 * How well embeddings find items of the same label: hit rate, recall, precision and nDCG within the first `k`, mean average
 * precision, mean reciprocal rank, R-precision, by all distances, not by an approximate index. Definitions are those of
 * torchmetrics. Every embedding is kept, so memory grows with their number, and time with queries × gallery; neither order
 * nor grouping changes a figure, since of items equally far away those of the label always come last.
 *
 * ```ts
 * const metrics = new RetrievalMetrics({ dimensions: 128, k: [1, 10] });
 * metrics.update(embeddings, labels); // each item is searched for among all others
 * metrics.update(queries, theirLabels, 'query'); // or: these among what is added as 'gallery'
 * ```
 */
export class RetrievalMetrics {
  readonly #options: Required<RetrievalMetricsOptions>;
  readonly #embeddings = new ScoreList();
  readonly #labels: number[] = [];
  readonly #roles: RetrievalRole[] = [];

  /** @throws PerceptError `INVALID_ARGUMENT` for options out of range */
  constructor(options: RetrievalMetricsOptions) {
    const parsed = parseOptions(optionsSchema, options, 'RetrievalMetrics options');
    this.#options = { ...parsed, k: [...new Set(parsed.k)].sort((a, b) => a - b) };
  }

  /** Numbers in an embedding. */
  get dimensions(): number {
    return this.#options.dimensions;
  }

  /**
   * Adds a batch. Nothing is added when it throws.
   *
   * @param embeddings - `[N, dimensions]` row-major, finite
   * @param labels - `[N]` whole numbers: what is to be found for an item is what has its label
   * @param role - default `both`
   * @throws PerceptError `INVALID_ARGUMENT` when the lengths do not fit or a number is not as it should be
   */
  update(embeddings: ArrayLike<number>, labels: ArrayLike<number | bigint>, role: RetrievalRole = 'both'): void {
    parseOptions(roleSchema, role, 'role');
    const { dimensions } = this;
    if (embeddings.length !== labels.length * dimensions) {
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected ${labels.length * dimensions} numbers (${labels.length} labels, ${dimensions} dimensions) but received ${embeddings.length}`,
      );
    }
    for (let i = 0; i < embeddings.length; i++) {
      // Squares of larger ones are not finite.
      if (Math.abs(embeddings[i]!) <= 1e100) continue;
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected a finite number of at most 1e100 in magnitude for number ${i % dimensions} of embedding ${Math.floor(i / dimensions)} but received ${embeddings[i]}`,
      );
    }
    const theirs = Array.from({ length: labels.length }, (_, i) => Number(labels[i]));
    for (const [i, label] of theirs.entries()) {
      if (Number.isSafeInteger(label)) continue;
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected a whole number for label ${i} but received ${String(labels[i])}`,
      );
    }
    for (let i = 0; i < embeddings.length; i++) this.#embeddings.push(embeddings[i]!);
    for (const label of theirs) {
      this.#labels.push(label);
      this.#roles.push(role);
    }
  }

  /**
   * Adds every item of other metrics, behind those that are here.
   *
   * @throws PerceptError `INVALID_ARGUMENT` when their options differ
   */
  merge(other: RetrievalMetrics): void {
    const [ours, theirs] = [this, other].map((metrics) => JSON.stringify(metrics.#options));
    if (ours !== theirs) {
      throw new PerceptError('INVALID_ARGUMENT', `Expected metrics of ${ours} to merge but received ${theirs}`);
    }
    this.#embeddings.append(other.#embeddings);
    // Metrics may be merged with themselves, and lists be too long to be arguments.
    for (let i = 0, count = other.#labels.length; i < count; i++) {
      this.#labels.push(other.#labels[i]!);
      this.#roles.push(other.#roles[i]!);
    }
  }

  /**
   * Searches for every query: where what is of its label came. All of them, those without anything to be found included.
   *
   * @returns in the order in which they were added
   * @throws PerceptError `INVALID_ARGUMENT` for a query without anything to be found when these are errors
   */
  queries(): RetrievalQuery[] {
    const { dimensions, distance } = this.#options;
    const labels = this.#labels;
    const space = embeddingSpace(this.#embeddings.values(), dimensions, distance);
    const gallery = Int32Array.from([...labels.keys()].filter((i) => this.#roles[i] !== 'query'));
    const buffers = { relevant: new Float64Array(gallery.length), others: new Float64Array(gallery.length) };
    return [...labels.keys()]
      .filter((i) => this.#roles[i] !== 'gallery')
      .map((index) => this.#query(index, gallery, space, buffers));
  }

  /**
   * The means over all queries so far. May be called at any time, and adding goes on after it.
   *
   * @throws PerceptError `INVALID_ARGUMENT` for a query without anything to be found when these are errors
   */
  compute(): RetrievalReport {
    return this.summarize(this.queries());
  }

  /** The means over some of the {@link RetrievalMetrics.queries}, such as those of a slice of the data. */
  summarize(queries: readonly RetrievalQuery[]): RetrievalReport {
    const { k, emptyTargetAction } = this.#options;
    const found = queries.filter(({ relevant }) => relevant > 0);
    const counted = emptyTargetAction === 'skip' ? found : queries;
    return retrievalReport(counted, k, queries.length - found.length);
  }

  /** Everything needed to continue elsewhere. */
  toJSON(): RetrievalMetricsJson {
    return {
      version: 1,
      ...this.#options,
      embeddings: Array.from(this.#embeddings.values()),
      labels: [...this.#labels],
      roles: [...this.#roles],
    };
  }

  /**
   * The metrics that {@link RetrievalMetrics.toJSON} wrote.
   *
   * @throws PerceptError `INVALID_ARGUMENT` when `json` is not of that form
   */
  static fromJSON(json: unknown): RetrievalMetrics {
    const {
      version: _,
      embeddings,
      labels,
      roles,
      ...options
    } = parseOptions(jsonSchema, json, 'JSON of retrieval metrics');
    const metrics = new RetrievalMetrics(options as RetrievalMetricsOptions);
    if (roles.length !== labels.length) {
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected ${labels.length} roles (one for each label) in JSON of retrieval metrics but received ${roles.length}`,
      );
    }
    metrics.update(embeddings, labels);
    for (const [i, role] of roles.entries()) metrics.#roles[i] = role;
    return metrics;
  }

  /** @param buffers - for the distances of the gallery */
  #query(
    index: number,
    gallery: Int32Array,
    distanceOf: (a: number, b: number) => number,
    buffers: { relevant: Float64Array; others: Float64Array },
  ): RetrievalQuery {
    const { k, emptyTargetAction } = this.#options;
    const labels = this.#labels;
    const label = labels[index]!;
    let [ofLabel, ofOthers] = [0, 0];
    let nearest: RetrievalQuery['nearest'];
    for (let at = 0; at < gallery.length; at++) {
      const item = gallery[at]!;
      if (item === index) continue;
      const distance = distanceOf(index, item);
      const relevant = labels[item] === label;
      if (relevant) buffers.relevant[ofLabel++] = distance;
      else buffers.others[ofOthers++] = distance;
      const closer = nearest === undefined || distance < nearest.distance;
      if (closer || (distance === nearest!.distance && nearest!.label === label && !relevant)) {
        nearest = { index: item, label: labels[item]!, distance };
      }
    }
    const relevant = buffers.relevant.subarray(0, ofLabel);
    const others = buffers.others.subarray(0, ofOthers);
    if (relevant.length === 0 && emptyTargetAction === 'error') {
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected something of label ${label} to be found for query ${index} but received none. Add it to the gallery, or choose another emptyTargetAction`,
      );
    }
    const figures =
      relevant.length === 0
        ? constantFigures(emptyTargetAction === 'pos' ? 1 : 0, k)
        : rankFigures(ranksOf(relevant, others), k);
    return { index, label, nearest, ...figures };
  }
}

/** Gives the distance between two rows of embeddings. */
function embeddingSpace(
  embeddings: Float32Array | Float64Array,
  dimensions: number,
  distance: 'cosine' | 'euclidean',
): (a: number, b: number) => number {
  if (distance === 'euclidean') {
    return (a, b) => {
      let sum = 0;
      for (let i = 0; i < dimensions; i++)
        sum += (embeddings[a * dimensions + i]! - embeddings[b * dimensions + i]!) ** 2;
      return Math.sqrt(sum);
    };
  }
  const unit = Float64Array.from(embeddings);
  for (let start = 0; start < unit.length; start += dimensions) {
    const row = unit.subarray(start, start + dimensions);
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    if (length > 0) for (let i = 0; i < dimensions; i++) row[i]! /= length;
  }
  return (a, b) => {
    let product = 0;
    for (let i = 0; i < dimensions; i++) product += unit[a * dimensions + i]! * unit[b * dimensions + i]!;
    return 1 - product;
  };
}
