/** A complex signal as two arrays of one length. */
export interface ComplexSignal {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

/**
 * The discrete Fourier transform by its definition, in O(n²); the inverse is divided by n. Angles come from `k·n mod N`, so
 * that they stay accurate.
 */
export function discreteFourierTransform({ real, imaginary }: ComplexSignal, inverse: boolean): ComplexSignal {
  const size = real.length;
  const cosines = Float64Array.from({ length: size }, (_, k) => Math.cos((2 * Math.PI * k) / size));
  const sines = Float64Array.from({ length: size }, (_, k) => Math.sin((2 * Math.PI * k) / size));
  const result = { real: new Float64Array(size), imaginary: new Float64Array(size) };
  for (let k = 0; k < size; k++) {
    let [re, im] = [0, 0];
    for (let n = 0; n < size; n++) {
      const angle = (k * n) % size;
      const [c, s] = [cosines[angle]!, inverse ? sines[angle]! : -sines[angle]!];
      re += real[n]! * c - imaginary[n]! * s;
      im += real[n]! * s + imaginary[n]! * c;
    }
    result.real[k] = inverse ? re / size : re;
    result.imaginary[k] = inverse ? im / size : im;
  }
  return result;
}
