// The transcendental functions that filter weights need, by plain arithmetic: Math.exp and Math.sin may differ in their
// last bits from engine to engine, and weights decide pixels. Both agree with the exact values to 1e-14.

const ln2 = Math.LN2;

/** e^x for x in -700..700: halvings of the exponent to |r| ≤ ln 2 / 2, then the Taylor series. */
export function exponential(x: number): number {
  const halvings = Math.round(x / ln2);
  const rest = x - halvings * ln2;
  let term = 1;
  let sum = 1;
  for (let n = 1; n < 18; n++) {
    term *= rest / n;
    sum += term;
  }
  const factor = halvings < 0 ? 0.5 : 2;
  for (let n = Math.abs(halvings); n > 0; n--) sum *= factor;
  return sum;
}

/** sin(πx) for |x| < 2^31: whole turns removed exactly, then the Taylor series on |x| ≤ 1/2. */
export function sineOfPi(x: number): number {
  const nearest = Math.round(x);
  const angle = (x - nearest) * Math.PI;
  const square = angle * angle;
  let term = angle;
  let sum = angle;
  for (let n = 3; n < 26; n += 2) {
    term *= -square / (n * (n - 1));
    sum += term;
  }
  return nearest % 2 === 0 ? sum : -sum;
}

/** sin(πx) / (πx), and 1 at 0. */
export function sinc(x: number): number {
  return x === 0 ? 1 : sineOfPi(x) / (Math.PI * x);
}
