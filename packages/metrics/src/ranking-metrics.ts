import { PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { ratio, sum } from './averaged-score.js';
import { checkLabels, checkMultilabel, checkProbabilities } from './labels.js';
import { linspace } from './linspace.js';
import {
  areaUnderRoc,
  averagePrecision,
  type PrecisionRecallCurve,
  precisionRecallCurve,
  type RocCurve,
  rocCurve,
  type ThresholdCounts,
} from './ranking-curve.js';
import { BinnedScores, ExactScores, type ScoreStore, type StoredScores } from './score-store.js';

/** Options of {@link RankingMetrics}. */
export interface RankingMetricsOptions {
  /** Number of classes, or of labels of a multilabel task, 1..10000. */
  classes: number;
  /**
   * `multiclass` (default): one class per sample, each class is judged against the rest. `multilabel`: every label
   * applies or not; a binary task is a multilabel one with one class.
   */
  task?: 'multiclass' | 'multilabel';
  /**
   * `exact` (default) keeps every score. A number of thresholds (2..100000, evenly from 0 to 1) or an ascending list
   * of them keeps only counts: memory does not grow, and curves have these points alone.
   */
  thresholds?: 'exact' | number | readonly number[];
}

/** A ranking score of each class and its means over the classes, leaving out those for which it is NaN. */
export interface RankingScore {
  readonly macro: number;
  /** Weighted by the positive samples of each class. */
  readonly weighted: number;
  /** Of all labels taken together; for multilabel tasks only. */
  readonly micro?: number;
  readonly perClass: readonly number[];
}

/** What {@link RankingMetrics.compute} gives. */
export interface RankingReport {
  readonly samples: number;
  /** Positive samples of each class. */
  readonly support: readonly number[];
  /** Area under the ROC, 0..1. A class without positive or without negative samples has 0, as in torchmetrics. */
  readonly auroc: RankingScore;
  /**
   * Area under the precision-recall curve by steps, 0..1. Without positive samples it is NaN
   * for a class of a multiclass task with exact thresholds and 0 otherwise, as in torchmetrics.
   */
  readonly averagePrecision: RankingScore;
}

/** {@link RankingMetrics} as JSON. */
export interface RankingMetricsJson {
  readonly version: 1;
  readonly classes: number;
  readonly task: 'multiclass' | 'multilabel';
  readonly thresholds: 'exact' | readonly number[];
  readonly samples: number;
  readonly scores: readonly StoredScores[];
}

const probability = z.number().check(z.gte(0), z.lte(1));
const thresholdsSchema = z.union([
  z.literal('exact'),
  z.int().check(z.gte(2), z.lte(100_000)),
  z.array(probability).check(
    z.minLength(1),
    z.refine((list) => list.every((value, i) => i === 0 || value > list[i - 1]!), 'ascending thresholds'),
  ),
]);
const optionsSchema = z.strictObject({
  classes: z.int().check(z.gte(1), z.lte(10_000)),
  task: z._default(z.enum(['multiclass', 'multilabel']), 'multiclass'),
  thresholds: z._default(thresholdsSchema, 'exact'),
});
const stored = z.array(z.number().check(z.gte(0)));
const jsonSchema = z.object({
  version: z.literal(1),
  classes: z.unknown(),
  task: z.unknown(),
  thresholds: z.unknown(),
  samples: z.int().check(z.gte(0)),
  scores: z.array(z.object({ positive: stored, negative: stored })),
});

/**
 * How well probabilities rank: AUROC, average precision, ROC and precision-recall curves of each class against the rest,
 * with torchmetrics' definitions. Streaming and mergeable; ties of scores are one point of a curve, so their order does
 * not matter, nor that of batches and merges.
 */
export class RankingMetrics {
  readonly #task: 'multiclass' | 'multilabel';
  readonly #thresholds: 'exact' | Float32Array;
  readonly #stores: readonly ScoreStore[];
  #samples = 0;

  /** @throws PerceptError `INVALID_ARGUMENT` for options out of range */
  constructor(options: RankingMetricsOptions) {
    const { classes, task, thresholds } = parseOptions(optionsSchema, options, 'RankingMetrics options');
    this.#task = task;
    this.#thresholds =
      thresholds === 'exact'
        ? 'exact'
        : typeof thresholds === 'number'
          ? linspace(thresholds)
          : Float32Array.from(thresholds);
    this.#stores = Array.from({ length: classes }, () => this.#newStore());
  }

  /** Number of classes or labels. */
  get classes(): number {
    return this.#stores.length;
  }

  /**
   * Adds a batch. Nothing is added when it throws.
   *
   * @param probabilities - `[N, classes]` row-major, each in 0..1
   * @param targets - multiclass: class indices `[N]`; multilabel: `[N, classes]` of 0 and 1
   * @throws PerceptError `INVALID_ARGUMENT` when the lengths do not fit, or a value is out of range
   */
  update(probabilities: ArrayLike<number>, targets: ArrayLike<number | bigint>): void {
    const { classes } = this;
    const multiclass = this.#task === 'multiclass';
    const checked = multiclass
      ? checkLabels(probabilities, targets, classes)
      : checkMultilabel(probabilities, targets, classes);
    checkProbabilities(probabilities);
    const rows = probabilities.length / classes;
    // Class by class: one list grows at a time.
    for (const [c, store] of this.#stores.entries()) {
      for (let row = 0; row < rows; row++) {
        const at = row * classes + c;
        store.add(probabilities[at]!, multiclass ? checked[row] === c : checked[at] === 1);
      }
    }
    this.#samples += rows;
  }

  /**
   * Adds everything that other metrics saw.
   *
   * @throws PerceptError `INVALID_ARGUMENT` when they have another task, other classes or other thresholds
   */
  merge(other: RankingMetrics): void {
    const [ours, theirs] = [this, other].map((metrics) =>
      JSON.stringify([metrics.#task, metrics.classes, metrics.#thresholdList()]),
    );
    if (ours !== theirs) {
      throw new PerceptError(
        'INVALID_ARGUMENT',
        'Expected metrics of the same task, classes and thresholds to merge but received others',
      );
    }
    for (const [i, store] of this.#stores.entries()) store.merge(other.#stores[i]!);
    this.#samples += other.#samples;
  }

  /** The scores of all samples so far. May be called at any time, and adding goes on after it. */
  compute(): RankingReport {
    const support: number[] = [];
    const areas: number[] = [];
    const precisions: number[] = [];
    for (const store of this.#stores) {
      const counts = store.counts();
      support.push(counts.positives);
      areas.push(this.#areaOf(counts));
      precisions.push(this.#averagePrecisionOf(counts));
    }
    const pooled = this.#task === 'multilabel' ? this.#pooled() : undefined;
    const score = (perClass: number[], micro: number | undefined): RankingScore => {
      const known = perClass
        .map((value, i) => ({ value, weight: support[i]! }))
        .filter(({ value }) => !Number.isNaN(value));
      return {
        macro: known.length === 0 ? Number.NaN : sum(known.map(({ value }) => value)) / known.length,
        weighted: ratio(sum(known.map(({ value, weight }) => value * weight)), sum(known.map(({ weight }) => weight))),
        ...(micro !== undefined && { micro }),
        perClass,
      };
    };
    return {
      samples: this.#samples,
      support,
      auroc: score(areas, pooled && this.#areaOf(pooled)),
      averagePrecision: score(precisions, pooled && this.#averagePrecisionOf(pooled)),
    };
  }

  /**
   * The ROC of one class against the rest.
   *
   * @throws PerceptError `INVALID_ARGUMENT` when there is no such class
   */
  roc(classIndex: number): RocCurve {
    return rocCurve(this.#storeOf(classIndex).counts(), this.#thresholds === 'exact');
  }

  /**
   * The precision-recall curve of one class against the rest.
   *
   * @throws PerceptError `INVALID_ARGUMENT` when there is no such class
   */
  precisionRecall(classIndex: number): PrecisionRecallCurve {
    return precisionRecallCurve(this.#storeOf(classIndex).counts());
  }

  /** Everything needed to continue elsewhere. */
  toJSON(): RankingMetricsJson {
    return {
      version: 1,
      classes: this.classes,
      task: this.#task,
      thresholds: this.#thresholdList(),
      samples: this.#samples,
      scores: this.#stores.map((store) => store.toJSON()),
    };
  }

  /**
   * The metrics that {@link RankingMetrics.toJSON} wrote.
   *
   * @throws PerceptError `INVALID_ARGUMENT` when `json` is not of that form
   */
  static fromJSON(json: unknown): RankingMetrics {
    const { classes, task, thresholds, samples, scores } = parseOptions(jsonSchema, json, 'JSON of ranking metrics');
    const metrics = new RankingMetrics({ classes, task, thresholds } as RankingMetricsOptions);
    if (scores.length !== metrics.classes) {
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected scores of ${metrics.classes} classes in JSON of ranking metrics but received ${scores.length}`,
      );
    }
    for (const [i, store] of metrics.#stores.entries()) store.addJson(scores[i]!);
    metrics.#samples = samples;
    return metrics;
  }

  #newStore(): ScoreStore {
    return this.#thresholds === 'exact' ? new ExactScores() : new BinnedScores(this.#thresholds);
  }

  #pooled(): ThresholdCounts {
    const pooled = this.#newStore();
    for (const store of this.#stores) pooled.merge(store);
    return pooled.counts();
  }

  #storeOf(classIndex: number): ScoreStore {
    const store = this.#stores[classIndex];
    if (store) return store;
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected a class in [0, ${this.classes}) but received ${String(classIndex)}`,
    );
  }

  #areaOf(counts: ThresholdCounts): number {
    return areaUnderRoc(counts, this.#thresholds === 'exact');
  }

  /** torchmetrics leaves a class without positive samples out of a multiclass task's exact mean, and counts it as 0 else. */
  #averagePrecisionOf(counts: ThresholdCounts): number {
    return averagePrecision(counts, this.#task === 'multiclass' && this.#thresholds === 'exact' ? Number.NaN : 0);
  }

  #thresholdList(): 'exact' | number[] {
    return this.#thresholds === 'exact' ? 'exact' : [...this.#thresholds];
  }
}
