import { centeredProduct, ExactSum } from './exact-sum.js';

/** Least denominator of percentage errors, that of torchmetrics. */
const leastMagnitude = 1.17e-6;

const sumNames = [
  'absolute',
  'squared',
  'percentage',
  'symmetric',
  'predicted',
  'actual',
  'predictedSquared',
  'actualSquared',
  'product',
] as const;

/** {@link RegressionMoments} as JSON: each sum as doubles whose exact sum it is. */
export type RegressionMomentsJson = Readonly<Record<(typeof sumNames)[number], readonly number[]>> & {
  readonly maxError: number;
};

/** What a regression leaves of the values of one output: sums without rounding, and the largest error. */
export class RegressionMoments {
  readonly #sums = Object.fromEntries(sumNames.map((name) => [name, new ExactSum()])) as Record<
    (typeof sumNames)[number],
    ExactSum
  >;
  #maxError = 0;

  add(predicted: number, actual: number): void {
    const sums = this.#sums;
    const error = Math.abs(predicted - actual);
    const magnitude = Math.abs(actual);
    sums.absolute.add(error);
    sums.squared.add(error * error);
    sums.percentage.add(error / Math.max(magnitude, leastMagnitude));
    sums.symmetric.add((2 * error) / Math.max(magnitude + Math.abs(predicted), leastMagnitude));
    sums.predicted.add(predicted);
    sums.actual.add(actual);
    sums.predictedSquared.addProduct(predicted, predicted);
    sums.actualSquared.addProduct(actual, actual);
    sums.product.addProduct(predicted, actual);
    this.#maxError = Math.max(this.#maxError, error);
  }

  merge(other: RegressionMoments): void {
    for (const name of sumNames) this.#sums[name].merge(other.#sums[name]);
    this.#maxError = Math.max(this.#maxError, other.#maxError);
  }

  /** Figures of `count` samples. */
  figures(count: number) {
    const sums = this.#sums;
    const squared = sums.squared.value;
    const deviation = centeredProduct(count, sums.actualSquared, sums.actual, sums.actual);
    const spread = centeredProduct(count, sums.predictedSquared, sums.predicted, sums.predicted);
    const together = centeredProduct(count, sums.product, sums.predicted, sums.actual);
    return {
      absolute: sums.absolute.value / count,
      squared: squared / count,
      maxError: count === 0 ? Number.NaN : this.#maxError,
      percentage: sums.percentage.value / count,
      symmetric: sums.symmetric.value / count,
      /** Variance of the targets. */
      variance: deviation / count / count,
      rSquared: rSquaredOf(squared, deviation / count, count),
      pearson: correlation(together, spread, deviation),
    };
  }

  toJSON(): RegressionMomentsJson {
    const entries = sumNames.map((name) => [name, [...this.#sums[name].parts]] as const);
    const sums = Object.fromEntries(entries) as Record<(typeof sumNames)[number], number[]>;
    return { ...sums, maxError: this.#maxError };
  }

  static fromJSON(json: RegressionMomentsJson): RegressionMoments {
    const moments = new RegressionMoments();
    for (const name of sumNames) moments.#sums[name].merge(new ExactSum(json[name]));
    moments.#maxError = json.maxError;
    return moments;
  }
}

/** The names of the sums, for whoever checks the JSON. */
export const regressionSums: readonly (keyof RegressionMomentsJson)[] = sumNames;

function rSquaredOf(residual: number, total: number, count: number): number {
  if (count < 2) return Number.NaN;
  if (total === 0) return residual === 0 ? 1 : 0;
  return 1 - residual / total;
}

function correlation(together: number, first: number, second: number): number {
  if (!(first > 0 && second > 0)) return Number.NaN;
  return Math.min(1, Math.max(-1, together / Math.sqrt(first) / Math.sqrt(second)));
}
