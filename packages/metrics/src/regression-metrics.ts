import { PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { median, rankCorrelation } from './rank-correlation.js';
import { RegressionMoments, type RegressionMomentsJson, regressionSums } from './regression-moments.js';
import { outputScore, type RegressionReport } from './regression-report.js';
import { ScoreList } from './score-list.js';

/** Options of {@link RegressionMetrics}. */
export interface RegressionMetricsOptions {
  /** Numbers predicted for each sample, 1..10000. Default 1. */
  outputs?: number;
  /**
   * Whether every value is kept (8 bytes per sample and output while they are float32 numbers, else 16), which median
   * absolute error and Spearman's correlation need. With `false` these are NaN and memory does not grow with the data.
   * Default true.
   */
  keepValues?: boolean;
}

/** {@link RegressionMetrics} as JSON. */
export interface RegressionMetricsJson {
  readonly version: 1;
  readonly samples: number;
  readonly keepValues: boolean;
  /** Of each output: its values, when they are kept, else its sums. */
  readonly outputs: readonly (
    | { readonly predicted: readonly number[]; readonly actual: readonly number[] }
    | RegressionMomentsJson
  )[];
}

interface Output {
  readonly moments: RegressionMoments;
  readonly values?: { readonly predicted: ScoreList; readonly actual: ScoreList };
}

/** Squares and their sums must stay finite. */
const largest = 1e100;

const optionsSchema = z.strictObject({
  outputs: z._default(z.int().check(z.gte(1), z.lte(10_000)), 1),
  keepValues: z._default(z.boolean(), true),
});
const value = z.number().check(z.gte(-largest), z.lte(largest));
const valuesSchema = z.object({ predicted: z.array(value), actual: z.array(value) });
const momentsSchema = z.object({
  ...Object.fromEntries(regressionSums.map((name) => [name, z.array(z.number())])),
  maxError: z.number().check(z.gte(0)),
});
const jsonSchema = z.object({
  version: z.literal(1),
  samples: z.int().check(z.gte(0)),
  keepValues: z.boolean(),
  outputs: z.array(z.unknown()),
});

/**
 * Mean absolute, squared, median, largest and percentage errors, R² and correlations of predicted numbers, for each output
 * and averaged, from batches. Definitions are those of torchmetrics and scikit-learn. Sums are kept without rounding: any
 * order of batches and any grouping of merges gives exactly the same report, and a large mean takes nothing from R² and
 * correlations.
 *
 * ```ts
 * const metrics = new RegressionMetrics({ outputs: 2 });
 * metrics.update([1.5, 20, 2.5, 31], [1, 21, 3, 30]);
 * const { meanAbsoluteError, rSquared } = metrics.compute();
 * ```
 */
export class RegressionMetrics {
  readonly #outputs: readonly Output[];
  readonly #keepValues: boolean;
  #samples = 0;

  /** @throws PerceptError `INVALID_ARGUMENT` for options out of range */
  constructor(options: RegressionMetricsOptions = {}) {
    const { outputs, keepValues } = parseOptions(optionsSchema, options, 'RegressionMetrics options');
    this.#keepValues = keepValues;
    this.#outputs = Array.from({ length: outputs }, () => ({
      moments: new RegressionMoments(),
      ...(keepValues && { values: { predicted: new ScoreList(), actual: new ScoreList() } }),
    }));
  }

  /** Numbers predicted for each sample. */
  get outputs(): number {
    return this.#outputs.length;
  }

  /**
   * Adds a batch. Nothing is added when it throws.
   *
   * @param predicted - `[N, outputs]` row-major, each finite and at most 1e100 in magnitude
   * @param actual - the same of what is right
   * @throws PerceptError `INVALID_ARGUMENT` when the lengths do not fit or a number is not of that range
   */
  update(predicted: ArrayLike<number>, actual: ArrayLike<number | bigint>): void {
    const { outputs } = this;
    if (predicted.length !== actual.length || predicted.length % outputs !== 0) {
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected as many targets as predictions, a multiple of ${outputs} outputs, but received ${actual.length} and ${predicted.length}`,
      );
    }
    const targets = Float64Array.from({ length: actual.length }, (_, i) => Number(actual[i]));
    checkValues(predicted, 'prediction');
    checkValues(targets, 'target');
    for (let i = 0; i < targets.length; i++) addTo(this.#outputs[i % outputs]!, predicted[i]!, targets[i]!);
    this.#samples += targets.length / outputs;
  }

  /**
   * Adds everything that other metrics saw.
   *
   * @throws PerceptError `INVALID_ARGUMENT` when they have another number of outputs or do not keep values alike
   */
  merge(other: RegressionMetrics): void {
    if (other.outputs !== this.outputs || other.#keepValues !== this.#keepValues) {
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected metrics of ${describe(this.outputs, this.#keepValues)} to merge but received those of ${describe(other.outputs, other.#keepValues)}`,
      );
    }
    for (const [i, { moments, values }] of this.#outputs.entries()) {
      const theirs = other.#outputs[i]!;
      moments.merge(theirs.moments);
      values?.predicted.append(theirs.values!.predicted);
      values?.actual.append(theirs.values!.actual);
    }
    this.#samples += other.#samples;
  }

  /** The figures of all samples so far. May be called at any time, and adding goes on after it. */
  compute(): RegressionReport {
    const figures = this.#outputs.map(({ moments }) => moments.figures(this.#samples));
    const of = (name: keyof (typeof figures)[number]) => outputScore(figures.map((each) => each[name]));
    const kept = (figure: (predicted: ArrayLike<number>, actual: ArrayLike<number>) => number) =>
      outputScore(
        this.#outputs.map(({ values }) =>
          values === undefined ? Number.NaN : figure(values.predicted.values(), values.actual.values()),
        ),
      );
    const variance = figures.reduce((sum, each) => sum + each.variance, 0);
    const rSquared = of('rSquared');
    return {
      samples: this.#samples,
      meanAbsoluteError: of('absolute'),
      meanSquaredError: of('squared'),
      rootMeanSquaredError: outputScore(figures.map(({ squared }) => Math.sqrt(squared))),
      medianAbsoluteError: kept((predicted, actual) =>
        median(Float64Array.from(predicted, (each, i) => Math.abs(each - actual[i]!))),
      ),
      maxError: of('maxError'),
      meanAbsolutePercentageError: of('percentage'),
      symmetricMeanAbsolutePercentageError: of('symmetric'),
      rSquared: {
        ...rSquared,
        // Without any variance the outputs count alike, as in scikit-learn.
        varianceWeighted:
          variance === 0
            ? rSquared.average
            : figures.reduce((sum, each) => sum + each.rSquared * each.variance, 0) / variance,
      },
      pearsonCorrelation: of('pearson'),
      spearmanCorrelation: kept(rankCorrelation),
    };
  }

  /** Everything needed to continue elsewhere. */
  toJSON(): RegressionMetricsJson {
    return {
      version: 1,
      samples: this.#samples,
      keepValues: this.#keepValues,
      outputs: this.#outputs.map(({ moments, values }) =>
        values === undefined
          ? moments.toJSON()
          : { predicted: Array.from(values.predicted.values()), actual: Array.from(values.actual.values()) },
      ),
    };
  }

  /**
   * The metrics that {@link RegressionMetrics.toJSON} wrote.
   *
   * @throws PerceptError `INVALID_ARGUMENT` when `json` is not of that form
   */
  static fromJSON(json: unknown): RegressionMetrics {
    const { samples, keepValues, outputs } = parseOptions(jsonSchema, json, 'JSON of regression metrics');
    const metrics = new RegressionMetrics({ outputs: outputs.length, keepValues });
    for (const [i, stored] of outputs.entries()) {
      const output = metrics.#outputs[i]!;
      const name = `output ${i} of JSON of regression metrics`;
      if (!keepValues) {
        const moments = parseOptions(momentsSchema, stored, name) as unknown as RegressionMomentsJson;
        output.moments.merge(RegressionMoments.fromJSON(moments));
        continue;
      }
      const { predicted, actual } = parseOptions(valuesSchema, stored, name);
      if (predicted.length !== samples || actual.length !== samples) {
        throw new PerceptError(
          'INVALID_ARGUMENT',
          `Expected ${samples} values (the number of samples) for ${name} but received ${predicted.length} and ${actual.length}`,
        );
      }
      for (const [row, each] of predicted.entries()) addTo(output, each, actual[row]!);
    }
    metrics.#samples = samples;
    return metrics;
  }
}

function addTo({ moments, values }: Output, predicted: number, actual: number): void {
  moments.add(predicted, actual);
  values?.predicted.push(predicted);
  values?.actual.push(actual);
}

function checkValues(list: ArrayLike<number>, name: string): void {
  for (let i = 0; i < list.length; i++) {
    if (Math.abs(list[i]!) <= largest) continue;
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected a finite number of at most ${largest} in magnitude for ${name} ${i} but received ${list[i]}. Check that the training did not diverge, and the targets`,
    );
  }
}

function describe(outputs: number, keepValues: boolean): string {
  return `${outputs} outputs ${keepValues ? 'with' : 'without'} their values`;
}
