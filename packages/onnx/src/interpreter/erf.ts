/**
 * The error function, to about 1e-16: 2/√π · e^(-x²) · Σ 2ⁿ x^(2n+1) / (1·3·…·(2n+1)) (Abramowitz and Stegun 7.1.6),
 * whose terms are all of one sign, so nothing cancels.
 */
export function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  // The complement is below half a unit of the last place.
  if (Math.abs(x) >= 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > Math.abs(sum) * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** The inverse of {@link erf} in (-1, 1), by Newton's method from a first guess (Winitzki 2008). */
export function erfInverse(y: number): number {
  if (Math.abs(y) >= 1) return y === 1 ? Infinity : y === -1 ? -Infinity : Number.NaN;
  const a = 0.147;
  const logarithm = Math.log1p(-y * y);
  const half = 2 / (Math.PI * a) + logarithm / 2;
  let x = Math.sign(y) * Math.sqrt(Math.sqrt(half * half - logarithm / a) - half);
  for (let turn = 0; turn < 6; turn++) x -= (erf(x) - y) / ((2 / Math.sqrt(Math.PI)) * Math.exp(-x * x));
  return x;
}
