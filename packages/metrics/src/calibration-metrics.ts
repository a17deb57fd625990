import { PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { ratio } from './averaged-score.js';
import { checkLabels, checkProbabilities } from './labels.js';
import { countAtMost, linspace } from './linspace.js';
import { type TieRule, winningClass } from './winner.js';

/** Options of {@link CalibrationMetrics}. */
export interface CalibrationMetricsOptions {
  /** Number of classes, 1..10000. With 1 the task is binary: the probability of the positive class alone. */
  classes: number;
  /** Bins of equal width between 0 and 1, 1..1000. Default 15. */
  bins?: number;
  /** Who wins when probabilities tie. Default `wrong`: nobody, so the sample counts as wrong. */
  ties?: TieRule;
}

/** One bar of a reliability diagram. */
export interface CalibrationBin {
  /** Confidences in [lower, upper); the last bin holds those of exactly 1. */
  readonly lower: number;
  readonly upper: number;
  readonly samples: number;
  /** Mean confidence of the samples, 0..1; 0 without samples. */
  readonly confidence: number;
  /** Share of them that were right, 0..1; 0 without samples. */
  readonly accuracy: number;
}

/** What {@link CalibrationMetrics.compute} gives; every error is in 0..1 and 0 for a perfectly calibrated model. */
export interface CalibrationReport {
  readonly samples: number;
  /** Expected calibration error: mean gap of confidence and accuracy, weighted by samples (`l1`; Naeini et al. 2015). */
  readonly expectedError: number;
  /** Largest gap of a bin (`max`). */
  readonly maximumError: number;
  /** Root of the mean squared gap (`l2`). */
  readonly rootMeanSquareError: number;
  readonly bins: readonly CalibrationBin[];
}

/** {@link CalibrationMetrics} as JSON. */
export interface CalibrationMetricsJson {
  readonly version: 1;
  readonly classes: number;
  readonly bins: number;
  readonly ties: TieRule;
  readonly samples: readonly number[];
  readonly right: readonly number[];
  /** Sums of confidences in steps of 2^-24. */
  readonly confidence: readonly number[];
}

const optionsSchema = z.strictObject({
  classes: z.int().check(z.gte(1), z.lte(10_000)),
  bins: z._default(z.int().check(z.gte(1), z.lte(1000)), 15),
  ties: z._default(z.enum(['wrong', 'first']), 'wrong'),
});
const counts = z.array(z.int().check(z.gte(0)));
const jsonSchema = z.object({
  version: z.literal(1),
  classes: z.unknown(),
  bins: z.unknown(),
  ties: z.unknown(),
  samples: counts,
  right: counts,
  confidence: counts,
});

// Confidences are summed as integers, so that the order of batches and merges cannot change the sums.
const stepsPerUnit = 2 ** 24;

/**
 * Whether a classifier's confidence can be believed: calibration errors with torchmetrics' definitions, and the bars of a
 * reliability diagram. The confidence is the highest probability of a sample, or in a binary task the probability of the
 * positive class, which is then compared with how often the class is there. Streaming and mergeable.
 */
export class CalibrationMetrics {
  /** Number of classes; 1 is a binary task. */
  readonly classes: number;
  readonly #ties: TieRule;
  readonly #boundaries: Float32Array;
  readonly #samples: Float64Array;
  readonly #right: Float64Array;
  readonly #confidence: Float64Array;

  /** @throws PerceptError `INVALID_ARGUMENT` for options out of range */
  constructor(options: CalibrationMetricsOptions) {
    const { classes, bins, ties } = parseOptions(optionsSchema, options, 'CalibrationMetrics options');
    this.classes = classes;
    this.#ties = ties;
    this.#boundaries = linspace(bins + 1);
    this.#samples = new Float64Array(bins + 1);
    this.#right = new Float64Array(bins + 1);
    this.#confidence = new Float64Array(bins + 1);
  }

  /**
   * Adds a batch. Nothing is added when it throws.
   *
   * @param probabilities - `[N, classes]` row-major, each in 0..1; binary: `[N]`
   * @param labels - class indices `[N]`; binary: 0 or 1
   * @throws PerceptError `INVALID_ARGUMENT` when the lengths do not fit, or a value is out of range
   */
  update(probabilities: ArrayLike<number>, labels: ArrayLike<number | bigint>): void {
    const { classes } = this;
    const actual = checkLabels(probabilities, labels, classes, classes === 1 ? 2 : classes);
    checkProbabilities(probabilities);
    for (let i = 0; i < actual.length; i++) {
      if (classes === 1) this.#add(probabilities[i]!, actual[i] === 1);
      else {
        const winner = winningClass(probabilities, i * classes, classes, this.#ties);
        this.#add(highest(probabilities, i * classes, classes), winner === actual[i]);
      }
    }
  }

  /**
   * Adds everything that other metrics saw.
   *
   * @throws PerceptError `INVALID_ARGUMENT` when they have other classes, bins or another tie rule
   */
  merge(other: CalibrationMetrics): void {
    const [ours, theirs] = [this, other].map(
      (metrics) => `${metrics.classes} classes, ${metrics.#samples.length - 1} bins, ties '${metrics.#ties}'`,
    );
    if (ours !== theirs) {
      throw new PerceptError('INVALID_ARGUMENT', `Expected metrics of ${ours} to merge but received ${theirs}`);
    }
    this.#addCounts(other.toJSON());
  }

  /** The errors over all samples so far. May be called at any time, and adding goes on after it. */
  compute(): CalibrationReport {
    const bins = Array.from(this.#samples, (samples, bin): CalibrationBin => {
      return {
        lower: this.#boundaries[bin]!,
        upper: this.#boundaries[Math.min(bin + 1, this.#boundaries.length - 1)]!,
        samples,
        confidence: ratio(this.#confidence[bin]! / stepsPerUnit, samples),
        accuracy: ratio(this.#right[bin]!, samples),
      };
    });
    const samples = this.#samples.reduce((total, count) => total + count, 0);
    const weighted = (of: (gap: number) => number) =>
      ratio(
        bins.reduce((total, bin) => total + of(Math.abs(bin.accuracy - bin.confidence)) * bin.samples, 0),
        samples,
      );
    return {
      samples,
      expectedError: weighted((gap) => gap),
      maximumError: Math.max(...bins.map((bin) => Math.abs(bin.accuracy - bin.confidence))),
      rootMeanSquareError: Math.sqrt(weighted((gap) => gap * gap)),
      bins,
    };
  }

  /** Everything needed to continue elsewhere. */
  toJSON(): CalibrationMetricsJson {
    return {
      version: 1,
      classes: this.classes,
      bins: this.#boundaries.length - 1,
      ties: this.#ties,
      samples: [...this.#samples],
      right: [...this.#right],
      confidence: [...this.#confidence],
    };
  }

  /**
   * The metrics that {@link CalibrationMetrics.toJSON} wrote.
   *
   * @throws PerceptError `INVALID_ARGUMENT` when `json` is not of that form
   */
  static fromJSON(json: unknown): CalibrationMetrics {
    const {
      version: _,
      classes,
      bins,
      ties,
      ...counted
    } = parseOptions(jsonSchema, json, 'JSON of calibration metrics');
    const metrics = new CalibrationMetrics({ classes, bins, ties } as CalibrationMetricsOptions);
    for (const [name, list] of Object.entries(counted)) {
      if (list.length === metrics.#samples.length) continue;
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected ${metrics.#samples.length} numbers for ${name} of JSON of calibration metrics but received ${list.length}`,
      );
    }
    metrics.#addCounts(counted);
    return metrics;
  }

  #add(confidence: number, right: boolean): void {
    const bin = countAtMost(this.#boundaries, Math.fround(confidence)) - 1;
    this.#samples[bin]! += 1;
    this.#confidence[bin]! += Math.round(confidence * stepsPerUnit);
    if (right) this.#right[bin]! += 1;
  }

  #addCounts({ samples, right, confidence }: Pick<CalibrationMetricsJson, 'samples' | 'right' | 'confidence'>): void {
    for (let bin = 0; bin < samples.length; bin++) {
      this.#samples[bin]! += samples[bin]!;
      this.#right[bin]! += right[bin]!;
      this.#confidence[bin]! += confidence[bin]!;
    }
  }
}

function highest(values: ArrayLike<number>, offset: number, count: number): number {
  let best = values[offset]!;
  for (let i = 1; i < count; i++) best = Math.max(best, values[offset + i]!);
  return best;
}
