import { PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { ratio } from './averaged-score.js';
import { type ClassificationReport, reportOf } from './classification-report.js';
import { ConfusionMatrix, type ConfusionMatrixJson } from './confusion-matrix.js';
import { checkLabels } from './labels.js';
import { rankOf, type TieRule, winningClass } from './winner.js';

/** Options of {@link ClassificationMetrics}. */
export interface ClassificationMetricsOptions {
  /** Number of classes, 1..10000. */
  classes: number;
  /** The `k` of each top-k accuracy, each in [1, classes]. Default `[1]`. */
  topK?: readonly number[];
  /** Who wins when scores tie. Default `wrong`: nobody. */
  ties?: TieRule;
}

/** {@link ClassificationMetrics} as JSON. */
export interface ClassificationMetricsJson {
  readonly version: 1;
  readonly ties: TieRule;
  readonly confusion: ConfusionMatrixJson;
  /** Samples whose class was among the `k` best, by `k`. */
  readonly topKHits: Readonly<Record<string, number>>;
}

const optionsSchema = z.strictObject({
  classes: z.int().check(z.minimum(1)),
  topK: z._default(z.array(z.int().check(z.minimum(1))), [1]),
  ties: z._default(z.enum(['wrong', 'first']), 'wrong'),
});
const jsonSchema = z.object({
  version: z.literal(1),
  ties: z._default(z.enum(['wrong', 'first']), 'wrong'),
  confusion: z.unknown(),
  topKHits: z.record(z.string().check(z.regex(/^[1-9]\d{0,4}$/)), z.int().check(z.minimum(0))),
});

/**
 * Accuracy, top-k accuracy, precision, recall, specificity, F1, Matthews correlation and Cohen's kappa of a classifier
 * of one class per sample, from scores that come in batches. Only integers are kept, so any order of batches and any
 * grouping of merges gives exactly the same report.
 *
 * Unless `ties` is `first`, who wins is decided without looking at the order of the classes, so that a model that says
 * nothing scores nothing:
 *
 * - The predicted class is the one whose score is **strictly above all others**. A sample whose highest score is shared
 *   by several classes, or that has a score that is NaN or infinite, is *undecided*: it has no predicted class and counts
 *   as wrong.
 * - A sample is right within top `k` when all its scores are finite and **fewer than `k` other classes score as high as
 *   or higher than** its own class. For `k = 1` that is the rule above.
 *
 * Hence a softmax that saturated to equal values, or a model that turned NaN, has accuracy 0 and not that of class 0.
 * torchmetrics, scikit-learn and `argmax` break ties by class index instead: `ties: 'first'` does so too, and then all
 * figures equal torchmetrics', non-finite scores apart.
 */
export class ClassificationMetrics {
  readonly #confusion: ConfusionMatrix;
  readonly #topK: readonly number[];
  readonly #topKHits: Float64Array;
  readonly #ties: TieRule;

  /** @throws PerceptError `INVALID_ARGUMENT` for options out of range */
  constructor(options: ClassificationMetricsOptions) {
    const { classes, topK, ties } = parseOptions(optionsSchema, options, 'ClassificationMetrics options');
    this.#ties = ties;
    this.#confusion = new ConfusionMatrix(classes);
    this.#topK = [...new Set(topK)].sort((a, b) => a - b);
    this.#topKHits = new Float64Array(this.#topK.length);
    const largest = this.#topK.at(-1) ?? 1;
    if (largest > classes) {
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected at most ${classes} (the number of classes) for topK of ClassificationMetrics options but received ${largest}`,
      );
    }
  }

  /** Number of classes. */
  get classes(): number {
    return this.#confusion.classes;
  }

  /**
   * Adds a batch. Nothing is added when it throws.
   *
   * @param scores - logits or probabilities, `[N, classes]` row-major; only their order within a row matters
   * @param labels - actual class indices, `[N]`, each in [0, classes)
   * @throws PerceptError `INVALID_ARGUMENT` when the lengths do not fit or a label is no class
   */
  update(scores: ArrayLike<number>, labels: ArrayLike<number | bigint>): void {
    const { classes } = this;
    const actual = checkLabels(scores, labels, classes);
    const predicted = new Int32Array(labels.length);
    for (let i = 0; i < labels.length; i++) {
      const offset = i * classes;
      predicted[i] = winningClass(scores, offset, classes, this.#ties);
      const rank = rankOf(scores, offset, classes, actual[i]!, this.#ties);
      for (let j = 0; j < this.#topK.length; j++) if (rank < this.#topK[j]!) this.#topKHits[j]! += 1;
    }
    this.#confusion.update(predicted, actual);
  }

  /**
   * Adds everything that other metrics counted.
   *
   * @throws PerceptError `INVALID_ARGUMENT` when they have other classes, another `topK` or another tie rule
   */
  merge(other: ClassificationMetrics): void {
    if (other.#topK.join() !== this.#topK.join()) {
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected metrics with topK [${this.#topK.join(', ')}] to merge but received [${other.#topK.join(', ')}]`,
      );
    }
    if (other.#ties !== this.#ties) {
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected metrics with ties '${this.#ties}' to merge but received '${other.#ties}'`,
      );
    }
    this.#confusion.merge(other.#confusion);
    for (let j = 0; j < this.#topK.length; j++) this.#topKHits[j]! += other.#topKHits[j]!;
  }

  /** The scores of all samples so far. May be called at any time, and adding goes on after it. */
  compute(): ClassificationReport {
    const samples = this.#confusion.total;
    const topK = Object.fromEntries(this.#topK.map((k, j) => [k, ratio(this.#topKHits[j]!, samples)]));
    return reportOf(this.#confusion, topK);
  }

  /** A copy of the counts, for scores that the report does not have: {@link fBeta}, {@link cohenKappa} with weights. */
  confusionMatrix(): ConfusionMatrix {
    const copy = new ConfusionMatrix(this.classes);
    copy.merge(this.#confusion);
    return copy;
  }

  /** Everything needed to continue counting elsewhere. */
  toJSON(): ClassificationMetricsJson {
    return {
      version: 1,
      ties: this.#ties,
      confusion: this.#confusion.toJSON(),
      topKHits: Object.fromEntries(this.#topK.map((k, j) => [k, this.#topKHits[j]!])),
    };
  }

  /**
   * The metrics that {@link ClassificationMetrics.toJSON} wrote.
   *
   * @throws PerceptError `INVALID_ARGUMENT` when `json` is not of that form
   */
  static fromJSON(json: unknown): ClassificationMetrics {
    const { confusion, topKHits, ties } = parseOptions(jsonSchema, json, 'JSON of classification metrics');
    const matrix = ConfusionMatrix.fromJSON(confusion);
    const metrics = new ClassificationMetrics({
      classes: matrix.classes,
      topK: Object.keys(topKHits).map(Number),
      ties,
    });
    metrics.#confusion.merge(matrix);
    const samples = matrix.total;
    for (const [j, k] of metrics.#topK.entries()) {
      const hits = topKHits[k]!;
      if (hits > samples) {
        throw new PerceptError(
          'INVALID_ARGUMENT',
          `Expected at most ${samples} (the number of samples) for topKHits.${k} of JSON of classification metrics but received ${hits}`,
        );
      }
      metrics.#topKHits[j] = hits;
    }
    return metrics;
  }
}
