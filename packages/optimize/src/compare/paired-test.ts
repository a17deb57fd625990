/** How two classifiers that saw the same images differ. */
export interface PairedTest {
  /** Images that this model has right and the first one wrong. */
  readonly gained: number;
  /** Images that this model has wrong and the first one right. */
  readonly lost: number;
  /**
   * How likely a difference at least as uneven is between models that are equally good: McNemar's test (1947), exact and
   * two-sided, 0..1. Below 0.05 one is customarily called better than the other.
   */
  readonly p: number;
}

/**
 * McNemar's exact test: images on which only one of two models is right are tosses of a fair coin if the models are
 * equally good. `p` is twice the binomial probability of the rarer side or fewer, at most 1, as in statsmodels' `mcnemar`.
 */
export function pairedTest(gained: number, lost: number): PairedTest {
  const tosses = gained + lost;
  const rarer = Math.min(gained, lost);
  // The term of the rarer side as a logarithm, for 2^-tosses alone would be 0; the others follow from it by ratios.
  let logTerm = -tosses * Math.LN2;
  for (let i = 1; i <= rarer; i++) logTerm += Math.log((tosses - rarer + i) / i);
  let ratio = 1;
  let sum = 0;
  for (let i = rarer; i >= 0 && ratio > 0; i--) {
    sum += ratio;
    ratio *= i / (tosses - i + 1);
  }
  return { gained, lost, p: Math.min(1, 2 * Math.exp(logTerm) * sum) };
}
