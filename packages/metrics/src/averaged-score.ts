/** One score as its averages over the classes and for each class. */
export interface AveragedScore {
  /** Unweighted mean over the classes that occur among labels or predictions; see {@link averageScore}. */
  readonly macro: number;
  /** Mean over the classes, weighted by their samples. */
  readonly weighted: number;
  /** Computed from the counts of all classes together. */
  readonly micro: number;
  /** By class index; 0 where the denominator is 0. */
  readonly perClass: readonly number[];
}

/** What a class contributes to a score: the score is `numerators[i] / denominators[i]`. */
export interface ScoreParts {
  readonly numerators: readonly number[];
  readonly denominators: readonly number[];
  /** Samples of each class: the weights of the weighted mean. */
  readonly support: readonly number[];
  /** Whether a class counts in the macro mean. */
  readonly present: readonly boolean[];
}

/**
 * Averages a score as torchmetrics does: 0 where a denominator is 0, and a class that is neither a label nor a
 * prediction of any sample stays out of the macro mean (scikit-learn would count it as 0).
 */
export function averageScore({ numerators, denominators, support, present }: ScoreParts): AveragedScore {
  const perClass = numerators.map((numerator, i) => ratio(numerator, denominators[i]!));
  return {
    macro: ratio(sum(perClass.filter((_, i) => present[i])), present.filter(Boolean).length),
    weighted: ratio(sum(perClass.map((value, i) => value * support[i]!)), sum(support)),
    micro: ratio(sum(numerators), sum(denominators)),
    perClass,
  };
}

/** `numerator / denominator`, and 0 where that is undefined. */
export function ratio(numerator: number, denominator: number): number {
  return denominator === 0 ? 0 : numerator / denominator;
}

/** The sum of all values, in their order. */
export function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
