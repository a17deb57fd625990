// What a curve of losses over rising learning rates says about the rate to train with: the rules of fastai 2
// (callback/schedule.py), written down from its formulas.

/** Losses at rising learning rates; both lists are of one length, at least 2. */
export interface RateCurve {
  readonly rates: readonly number[];
  /** Smoothed. */
  readonly losses: readonly number[];
}

/**
 * The rate half-way down the longest valley: the longest falling subsequence of the losses, which need not be of
 * neighbours, ends where the valley does and is taken to begin as many places before; the rate at half of it.
 */
export function valleyRate({ rates, losses }: RateCurve): number {
  const { end, length } = longestFall(losses);
  const start = end - length;
  // fastai's rounding, twice: the end of the first third, and half a third more.
  const third = (end - start) / 3;
  return rates[Math.max(0, start + Math.floor(third) + Math.floor(third / 2))]!;
}

/** The rate from where the loss falls fastest over the logarithm of the rate. */
export function steepestRate({ rates, losses }: RateCurve): number {
  const slopes = losses
    .slice(1)
    .map((loss, index) => (loss - losses[index]!) / (Math.log(rates[index + 1]!) - Math.log(rates[index]!)));
  return rates[slopes.indexOf(Math.min(...slopes))]!;
}

/** A tenth of the rate with the lowest loss, at which training no longer gets better. */
export function minimumRate({ rates, losses }: RateCurve): number {
  return rates[losses.indexOf(Math.min(...losses))]! / 10;
}

/** Where the first of the longest falling subsequences ends, and how many values it has; length 0 where nothing falls. */
function longestFall(values: readonly number[]): { end: number; length: number } {
  const lengths = new Array<number>(values.length).fill(1);
  let end = 0;
  for (let at = 1; at < values.length; at++) {
    for (let before = 0; before < at; before++) {
      if (values[at]! < values[before]!) lengths[at] = Math.max(lengths[at]!, lengths[before]! + 1);
    }
    if (lengths[at]! > lengths[end]!) end = at;
  }
  return { end, length: end === 0 ? 0 : lengths[end]! };
}
