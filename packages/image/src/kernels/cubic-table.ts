import { balanceWeights } from './resize-weights.js';

/**
 * Four weights with 14 fractional bits for each of 2048 fractions of a pixel: Keys' cubic convolution with a = -0.75,
 * OpenCV's choice, for the pixels at -1, 0, 1 and 2.
 */
export function makeCubicTable(): Int16Array {
  const fractions = 2048;
  const weights = new Float64Array(fractions * 4);
  for (let i = 0; i < fractions; i++) {
    const x = i / fractions;
    for (let k = 0; k < 4; k++) {
      const distance = Math.abs(k - 1 - x);
      weights[i * 4 + k] =
        distance < 1
          ? (1.25 * distance - 2.25) * distance * distance + 1
          : -0.75 * (((distance - 5) * distance + 8) * distance - 4);
    }
  }
  const counts = new Int32Array(fractions).fill(4);
  const fixed = balanceWeights({ starts: new Int32Array(fractions), counts, stride: 4, weights });
  return Int16Array.from(fixed.weights);
}
