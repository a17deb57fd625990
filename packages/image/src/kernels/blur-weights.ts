import { exponential } from './series.js';

/** The size of OpenCV's Gaussian of an 8-bit image for a standard deviation: three of them on each side. */
export function gaussianSize(sigma: number): number {
  return Math.round(sigma * 6 + 1) | 1;
}

/** OpenCV's kernels for small sizes without a standard deviation. */
const small: Readonly<Record<number, readonly number[]>> = {
  1: [1],
  3: [0.25, 0.5, 0.25],
  5: [0.0625, 0.25, 0.375, 0.25, 0.0625],
  7: [0.03125, 0.109375, 0.21875, 0.28125, 0.21875, 0.109375, 0.03125],
};

/** A Gaussian's weights, which sum to 1: OpenCV's `getGaussianKernel`. */
export function gaussianWeights(size: number, sigma: number | undefined): readonly number[] {
  const known = small[size];
  if (sigma === undefined && known) return known;
  const deviation = sigma ?? 0.3 * ((size - 1) * 0.5 - 1) + 0.8;
  const center = (size - 1) / 2;
  const weights = Array.from({ length: size }, (_, i) => exponential(-((i - center) ** 2) / (2 * deviation ** 2)));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

/**
 * Symmetric weights with 14 fractional bits, as many as given rounded up to an even number: what rounding one loses goes to
 * the next towards the middle, so that they sum to 16384 exactly.
 */
export function roundSymmetric(weights: readonly number[]): Int16Array {
  const fixed = new Int16Array(weights.length + 1);
  const middle = (weights.length - 1) / 2;
  let carried = 0;
  let rest = 16_384;
  for (let i = 0; i < middle; i++) {
    const exact = weights[i]! * 16_384 + carried;
    fixed[i] = Math.round(exact);
    fixed[weights.length - 1 - i] = fixed[i]!;
    carried = exact - fixed[i]!;
    rest -= 2 * fixed[i]!;
  }
  fixed[middle] = rest;
  return fixed;
}
