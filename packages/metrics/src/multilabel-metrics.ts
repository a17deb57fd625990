import { PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { type AveragedScore, averageScore, ratio, sum } from './averaged-score.js';
import { ConfusionMatrix, checkClass } from './confusion-matrix.js';
import { checkMultilabel } from './labels.js';
import { checkBeta } from './matrix-scores.js';

/** Options of {@link MultilabelMetrics}. */
export interface MultilabelMetricsOptions {
  /** Number of labels, 1..10000; 1 is a binary task. */
  classes: number;
  /** A label is predicted when its score is above this. Default 0.5; for logits 0. */
  threshold?: number;
}

/** What {@link MultilabelMetrics.compute} gives; every score is in 0..1, and 0 where its denominator is 0. */
export interface MultilabelReport {
  readonly samples: number;
  /** Share of samples of which every label is right. */
  readonly exactMatch: number;
  /** Share of labels that are right, present or absent. */
  readonly accuracy: AveragedScore;
  readonly precision: AveragedScore;
  readonly recall: AveragedScore;
  readonly specificity: AveragedScore;
  readonly f1: AveragedScore;
  /** Samples that have each label. */
  readonly support: readonly number[];
}

/** {@link MultilabelMetrics} as JSON. */
export interface MultilabelMetricsJson {
  readonly version: 1;
  readonly threshold: number;
  readonly samples: number;
  readonly exactMatches: number;
  /** `[classes]`, in the order true positive, false positive, true negative, false negative. */
  readonly counts: readonly (readonly [number, number, number, number])[];
}

const optionsSchema = z.strictObject({
  classes: z.int().check(z.gte(1), z.lte(10_000)),
  threshold: z._default(z.number(), 0.5),
});
const count = z.int().check(z.gte(0));
const jsonSchema = z.object({
  version: z.literal(1),
  threshold: z.unknown(),
  samples: count,
  exactMatches: count,
  counts: z.array(z.tuple([count, count, count, count])),
});

/**
 * Scores of a classifier whose labels apply or not, each on its own (multilabel), or of a binary one; torchmetrics'
 * definitions, except that a score that is NaN predicts nothing. Only integers are kept: any order of batches and merges
 * gives the same report. Curves and AUROC are in {@link RankingMetrics}.
 */
export class MultilabelMetrics {
  /** Number of labels. */
  readonly classes: number;
  readonly #threshold: number;
  readonly #truePositives: Float64Array;
  readonly #falsePositives: Float64Array;
  readonly #trueNegatives: Float64Array;
  readonly #falseNegatives: Float64Array;
  #samples = 0;
  #exactMatches = 0;

  /** @throws PerceptError `INVALID_ARGUMENT` for options out of range */
  constructor(options: MultilabelMetricsOptions) {
    const { classes, threshold } = parseOptions(optionsSchema, options, 'MultilabelMetrics options');
    this.classes = classes;
    this.#threshold = threshold;
    this.#truePositives = new Float64Array(classes);
    this.#falsePositives = new Float64Array(classes);
    this.#trueNegatives = new Float64Array(classes);
    this.#falseNegatives = new Float64Array(classes);
  }

  /**
   * Adds a batch. Nothing is added when it throws.
   *
   * @param scores - `[N, classes]` row-major
   * @param targets - 0 or 1, `[N, classes]`
   * @throws PerceptError `INVALID_ARGUMENT` when the lengths do not fit, or a target is not 0 or 1
   */
  update(scores: ArrayLike<number>, targets: ArrayLike<number | bigint>): void {
    const { classes } = this;
    const actual = checkMultilabel(scores, targets, classes);
    for (let row = 0; row < actual.length; row += classes) {
      let wrong = 0;
      for (let c = 0; c < classes; c++) {
        const predicted = scores[row + c]! > this.#threshold;
        const present = actual[row + c] === 1;
        this.#countsOf(predicted, present)[c]! += 1;
        if (predicted !== present) wrong += 1;
      }
      if (wrong === 0) this.#exactMatches += 1;
    }
    this.#samples += actual.length / classes;
  }

  /**
   * Adds everything that other metrics counted.
   *
   * @throws PerceptError `INVALID_ARGUMENT` when they have other classes or another threshold
   */
  merge(other: MultilabelMetrics): void {
    if (other.classes !== this.classes || other.#threshold !== this.#threshold) {
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected metrics of ${this.classes} classes and threshold ${this.#threshold} to merge but received ${other.classes} and ${other.#threshold}`,
      );
    }
    this.#addCounts(other.toJSON());
  }

  /** The scores of all samples so far. May be called at any time, and adding goes on after it. */
  compute(): MultilabelReport {
    const [tp, fp, tn, fn] = [this.#truePositives, this.#falsePositives, this.#trueNegatives, this.#falseNegatives];
    const score = this.#score.bind(this);
    return {
      samples: this.#samples,
      exactMatch: ratio(this.#exactMatches, this.#samples),
      accuracy: score(
        (c) => tp[c]! + tn[c]!,
        () => this.#samples,
      ),
      precision: score(
        (c) => tp[c]!,
        (c) => tp[c]! + fp[c]!,
      ),
      recall: score(
        (c) => tp[c]!,
        (c) => tp[c]! + fn[c]!,
      ),
      specificity: score(
        (c) => tn[c]!,
        (c) => tn[c]! + fp[c]!,
      ),
      f1: this.fBeta(1),
      support: Array.from(tp, (count, c) => count + fn[c]!),
    };
  }

  /**
   * The counts of one label as a matrix of two classes, absent (0) and present (1), for scores that the report does not
   * have: {@link matthewsCorrelation}, {@link cohenKappa}, {@link intersectionOverUnion}.
   *
   * @throws PerceptError `INVALID_ARGUMENT` when there is no such label
   */
  confusionMatrix(classIndex: number): ConfusionMatrix {
    checkClass(classIndex, 0, this.classes, 'label');
    const matrix = new ConfusionMatrix(2);
    const [tp, fp, tn, fn] = [this.#truePositives, this.#falsePositives, this.#trueNegatives, this.#falseNegatives];
    matrix.addCounts([tn[classIndex]!, fp[classIndex]!, 0, fn[classIndex]!, tp[classIndex]!, 0]);
    return matrix;
  }

  /**
   * The weighted harmonic mean of precision and recall, as {@link fBeta}.
   *
   * @throws PerceptError `INVALID_ARGUMENT` when `beta` is not a number above 0
   */
  fBeta(beta: number): AveragedScore {
    checkBeta(beta);
    const [tp, fp, fn] = [this.#truePositives, this.#falsePositives, this.#falseNegatives];
    const square = beta * beta;
    return this.#score(
      (c) => (1 + square) * tp[c]!,
      (c) => (1 + square) * tp[c]! + square * fn[c]! + fp[c]!,
    );
  }

  /** Everything needed to continue counting elsewhere. */
  toJSON(): MultilabelMetricsJson {
    return {
      version: 1,
      threshold: this.#threshold,
      samples: this.#samples,
      exactMatches: this.#exactMatches,
      counts: Array.from(this.#truePositives, (truePositive, c) => [
        truePositive,
        this.#falsePositives[c]!,
        this.#trueNegatives[c]!,
        this.#falseNegatives[c]!,
      ]),
    };
  }

  /**
   * The metrics that {@link MultilabelMetrics.toJSON} wrote.
   *
   * @throws PerceptError `INVALID_ARGUMENT` when `json` is not of that form
   */
  static fromJSON(json: unknown): MultilabelMetrics {
    const { threshold, ...counted } = parseOptions(jsonSchema, json, 'JSON of multilabel metrics');
    const metrics = new MultilabelMetrics({ classes: counted.counts.length, threshold: threshold as number });
    if (counted.exactMatches > counted.samples || counted.counts.some((four) => sum(four) !== counted.samples)) {
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected counts of ${counted.samples} samples in JSON of multilabel metrics but received others`,
      );
    }
    metrics.#addCounts(counted);
    return metrics;
  }

  #score(numerator: (c: number) => number, denominator: (c: number) => number): AveragedScore {
    const perClass = <Value>(of: (c: number) => Value) => Array.from(this.#truePositives, (_, c) => of(c));
    return averageScore({
      numerators: perClass(numerator),
      denominators: perClass(denominator),
      support: perClass((c) => this.#truePositives[c]! + this.#falseNegatives[c]!),
      // Every label is a question of its own, so all count in the macro mean.
      present: perClass(() => true),
    });
  }

  #countsOf(predicted: boolean, present: boolean): Float64Array {
    if (predicted) return present ? this.#truePositives : this.#falsePositives;
    return present ? this.#falseNegatives : this.#trueNegatives;
  }

  #addCounts({ samples, exactMatches, counts }: Omit<MultilabelMetricsJson, 'version' | 'threshold'>): void {
    this.#samples += samples;
    this.#exactMatches += exactMatches;
    for (const [c, [tp, fp, tn, fn]] of counts.entries()) {
      this.#truePositives[c]! += tp;
      this.#falsePositives[c]! += fp;
      this.#trueNegatives[c]! += tn;
      this.#falseNegatives[c]! += fn;
    }
  }
}
