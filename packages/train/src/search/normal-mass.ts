/** Probability of the standard normal distribution between `from` and `to`, exact to about 1e-15 of the larger tail. */
export function normalMass(from: number, to: number): number {
  // On the right both cumulative probabilities are nearly 1 and their difference is noise; there the tails are small.
  if (from > 0) return upperTail(from) - upperTail(to);
  if (to < 0) return upperTail(-to) - upperTail(-from);
  return 1 - upperTail(to) - upperTail(-from);
}

const logRootOfTwoPi = 0.5 * Math.log(2 * Math.PI);

/** Logarithm of the density of the standard normal distribution. */
export function logNormalDensity(x: number): number {
  return -0.5 * x * x - logRootOfTwoPi;
}

/** P(Z > x) for x >= 0: a series near the middle, a continued fraction beyond (Abramowitz and Stegun 26.2.11, 26.2.14). */
function upperTail(x: number): number {
  const density = Math.exp(logNormalDensity(x));
  if (x > 3) {
    let fraction = 0;
    for (let k = 60; k >= 1; k--) fraction = k / (x + fraction);
    return density / (x + fraction);
  }
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * sum; n++) {
    term *= (x * x) / (2 * n + 1);
    sum += term;
  }
  return 0.5 - density * sum;
}
