import { keyedRandom, PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';

/** Bounds of a confidence interval. */
export interface Interval {
  readonly lower: number;
  readonly upper: number;
}

const confidenceSchema = z.number().check(z.gt(0), z.lt(1));
const bootstrapSchema = z.strictObject({
  samples: z.int().check(z.gte(1)),
  statistic: z.custom<(indices: Int32Array) => number>((value) => typeof value === 'function'),
  seed: z._default(z.int(), 0),
  resamples: z._default(z.int().check(z.gte(2)), 1000),
  confidence: z._default(confidenceSchema, 0.95),
});

/**
 * Wilson's score interval of a proportion (Wilson 1927): where the share of successes lies when `successes` of `trials`
 * independent samples succeeded. Stays inside 0..1 and holds near 0 and 1, where the textbook ± 1.96 σ does not.
 *
 * @param confidence - in (0, 1), default 0.95
 * @returns 0..1 (everything) without trials
 * @throws PerceptError `INVALID_ARGUMENT` unless 0 ≤ successes ≤ trials
 */
export function wilsonInterval(successes: number, trials: number, confidence = 0.95): Interval {
  const z2 = normalQuantile((1 + parseOptions(confidenceSchema, confidence, 'confidence')) / 2) ** 2;
  if (!(successes >= 0 && successes <= trials)) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected a number in [0, ${trials}] (the trials) for successes but received ${successes}`,
    );
  }
  if (trials === 0) return { lower: 0, upper: 1 };
  const share = successes / trials;
  const center = (share + z2 / (2 * trials)) / (1 + z2 / trials);
  const half = Math.sqrt((z2 * share * (1 - share)) / trials + (z2 * z2) / (4 * trials * trials)) / (1 + z2 / trials);
  return {
    lower: successes === 0 ? 0 : Math.max(0, center - half),
    upper: successes === trials ? 1 : Math.min(1, center + half),
  };
}

/** Options of {@link bootstrapInterval}. */
export interface BootstrapOptions {
  /** Samples in the test set, at least 1. */
  samples: number;
  /** The metric of the samples with these indices, `[samples]`, each in [0, samples), drawn with replacement. */
  statistic: (indices: Int32Array) => number;
  /** The same seed gives the same interval. Default 0. */
  seed?: number;
  /** How often to draw. Default 1000. */
  resamples?: number;
  /** In (0, 1). Default 0.95. */
  confidence?: number;
}

/**
 * Percentile bootstrap interval (Efron 1979) of any metric, such as AUROC or mAP, for which there is no formula: the
 * metric is computed on test sets drawn with replacement from the given one. Draws on which the metric is NaN (a class
 * that was not drawn) are left out; NaN bounds when all are.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function bootstrapInterval(options: BootstrapOptions): Interval {
  const { samples, statistic, seed, resamples, confidence } = parseOptions(
    bootstrapSchema,
    options,
    'bootstrapInterval() options',
  );
  const indices = new Int32Array(samples);
  const values: number[] = [];
  for (let draw = 0; draw < resamples; draw++) {
    const random = keyedRandom(seed, 'bootstrap', draw);
    for (let i = 0; i < samples; i++) indices[i] = random.integer(0, samples);
    const value = statistic(indices);
    if (!Number.isNaN(value)) values.push(value);
  }
  values.sort((a, b) => a - b);
  return { lower: quantile(values, (1 - confidence) / 2), upper: quantile(values, (1 + confidence) / 2) };
}

/** Linear interpolation between order statistics, as numpy's default. */
function quantile(sorted: readonly number[], share: number): number {
  if (sorted.length === 0) return Number.NaN;
  const position = share * (sorted.length - 1);
  const low = Math.floor(position);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (position - low) * (sorted[high]! - sorted[low]!);
}

/**
 * Quantile of the standard normal distribution for a share in (0, 1): Acklam's rational approximation, which has a
 * relative error below 1.2e-9.
 */
function normalQuantile(share: number): number {
  if (share < 0.02425) return tail(Math.sqrt(-2 * Math.log(share)));
  if (share > 1 - 0.02425) return -tail(Math.sqrt(-2 * Math.log(1 - share)));
  const q = share - 0.5;
  const r = q * q;
  const numerator = horner(
    r,
    [
      -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716,
      2.506628277459239,
    ],
  );
  const denominator = horner(
    r,
    [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1],
  );
  return (q * numerator) / denominator;
}

function tail(q: number): number {
  const numerator = horner(
    q,
    [
      -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
      2.938163982698783,
    ],
  );
  return numerator / horner(q, [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1]);
}

function horner(x: number, coefficients: readonly number[]): number {
  return coefficients.reduce((value, coefficient) => value * x + coefficient, 0);
}
