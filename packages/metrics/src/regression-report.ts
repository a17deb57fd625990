/** One figure of a regression. */
export interface OutputScore {
  /** Unweighted mean over the outputs, as scikit-learn's `uniform_average`. */
  readonly average: number;
  /** By output. */
  readonly perOutput: readonly number[];
}

/** How far predicted numbers are from the actual ones. Everything is NaN without samples. */
export interface RegressionReport {
  readonly samples: number;
  /** MAE, in the unit of the targets. */
  readonly meanAbsoluteError: OutputScore;
  /** MSE, in that unit squared. */
  readonly meanSquaredError: OutputScore;
  /** RMSE of each output; the average is that of these, not the root of the mean over all outputs. */
  readonly rootMeanSquaredError: OutputScore;
  /** NaN unless every value is kept. */
  readonly medianAbsoluteError: OutputScore;
  readonly maxError: OutputScore;
  /** MAPE, as a share (0.1 is 10 %); targets nearer to 0 than 1.17e-6 count as that far away, as in torchmetrics. */
  readonly meanAbsolutePercentageError: OutputScore;
  /** SMAPE, 0..2: twice the error over the sum of both magnitudes. */
  readonly symmetricMeanAbsolutePercentageError: OutputScore;
  /**
   * R², at most 1: 0 for a model that always says the mean. Targets that are all the same give 1 when every prediction is
   * right and 0 otherwise; NaN for fewer than two samples.
   */
  readonly rSquared: OutputScore & {
    /** Weighted by the variance of the targets. */
    readonly varianceWeighted: number;
  };
  /** Correlation of the values, -1..1 (Pearson); NaN where either never varies. */
  readonly pearsonCorrelation: OutputScore;
  /** Correlation of their ranks, ties sharing the mean rank (Spearman); NaN where either never varies, or unless kept. */
  readonly spearmanCorrelation: OutputScore;
}

/** Makes a figure of those of the outputs. */
export function outputScore(perOutput: readonly number[]): OutputScore {
  return { average: perOutput.reduce((sum, value) => sum + value, 0) / perOutput.length, perOutput };
}
