// Elementary functions from + - * / alone. The last bits of Math.sin, Math.log and Math.exp differ between engines; these
// give the same ones everywhere, with errors below 1e-12.

/** Sine and cosine of an angle in degrees; exact at multiples of 90. */
export function sineCosine(degrees: number): { readonly sine: number; readonly cosine: number } {
  const quarter = Math.round(degrees / 90);
  const x = (degrees - quarter * 90) * (Math.PI / 180);
  const square = x * x;
  // Taylor series for |x| <= pi/4: the first term left out is below 1e-17.
  let sine = 0;
  let cosine = 0;
  for (let k = 16; k >= 2; k -= 2) {
    sine = (-square / (k * (k + 1))) * (1 + sine);
    cosine = (-square / ((k - 1) * k)) * (1 + cosine);
  }
  const s = x * (1 + sine);
  const c = 1 + cosine;
  switch (((quarter % 4) + 4) % 4) {
    case 0:
      return { sine: s, cosine: c };
    case 1:
      return { sine: c, cosine: -s };
    case 2:
      return { sine: -s, cosine: -c };
    default:
      return { sine: -c, cosine: s };
  }
}

/** Natural logarithm of a positive, finite number. */
export function logarithm(x: number): number {
  let mantissa = x;
  let exponent = 0;
  for (; mantissa > Math.SQRT2; exponent++) mantissa /= 2;
  for (; mantissa < Math.SQRT1_2; exponent--) mantissa *= 2;
  // ln m = 2 artanh((m - 1) / (m + 1)), |t| <= 0.1716
  const t = (mantissa - 1) / (mantissa + 1);
  const square = t * t;
  let sum = 0;
  for (let k = 21; k >= 1; k -= 2) sum = sum * square + 1 / k;
  return 2 * t * sum + exponent * Math.LN2;
}

/** e to the power of x, for |x| below 700. */
export function exponential(x: number): number {
  const doublings = Math.round(x / Math.LN2);
  const rest = x - doublings * Math.LN2;
  let sum = 1;
  for (let k = 18; k >= 1; k--) sum = 1 + (sum * rest) / k;
  let result = sum;
  for (let i = 0; i < Math.abs(doublings); i++) result *= doublings > 0 ? 2 : 0.5;
  return result;
}
