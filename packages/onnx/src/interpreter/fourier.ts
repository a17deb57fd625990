// The discrete Fourier transform of any length, by mixed radices and decimation in frequency (Cooley and Tukey 1965): the
// length is split by its prime factors, smallest first. A prime length costs O(n²).
//
// It computes in single or in double arithmetic, as the tensor is: where true values cancel to zero, the recorded answers
// of the operator have the rounding noise of single arithmetic in them.

/** A complex signal as two arrays of one length. */
export interface ComplexSignal {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

/** Rounds every intermediate value: `Math.fround` for single arithmetic, identity for double. */
type Round = (value: number) => number;

/** The transform, or with `inverse` its inverse, which is divided by the length. */
export function discreteFourierTransform(signal: ComplexSignal, inverse: boolean, round: Round): ComplexSignal {
  const size = signal.real.length;
  const result = transform(signal, inverse ? 1 : -1, round);
  if (!inverse) return result;
  return { real: result.real.map((value) => value / size), imaginary: result.imaginary.map((value) => value / size) };
}

function transform({ real, imaginary }: ComplexSignal, sign: number, round: Round): ComplexSignal {
  const size = real.length;
  if (size < 2) return { real, imaginary };
  const radix = smallestFactor(size);
  const length = size / radix;
  const parts = Array.from({ length: radix }, () => emptySignal(length));
  for (let at = 0; at < length; at++) {
    const taken = emptySignal(radix);
    for (let j = 0; j < radix; j++) {
      taken.real[j] = real[at + j * length]!;
      taken.imaginary[j] = imaginary[at + j * length]!;
    }
    const mixed = butterfly(taken, sign, round);
    for (const [q, part] of parts.entries()) {
      const [re, im] = [mixed.real[q]!, mixed.imaginary[q]!];
      const [c, s] = rootOfUnity(at * q, size, sign, round);
      part.real[at] = at * q === 0 ? re : round(round(re * c) - round(im * s));
      part.imaginary[at] = at * q === 0 ? im : round(round(re * s) + round(im * c));
    }
  }
  const result = emptySignal(size);
  for (const [q, part] of parts.entries()) {
    const own = transform(part, sign, round);
    for (let at = 0; at < length; at++) {
      result.real[q + radix * at] = own.real[at]!;
      result.imaginary[q + radix * at] = own.imaginary[at]!;
    }
  }
  return result;
}

/** The transform of a prime length. Entries `j` and `p - j` are taken together: their roots are conjugate. */
function butterfly({ real, imaginary }: ComplexSignal, sign: number, round: Round): ComplexSignal {
  const size = real.length;
  const half = size >> 1;
  const result = emptySignal(size);
  if (size === 2) {
    for (const [from, to] of [
      [real, result.real],
      [imaginary, result.imaginary],
    ] as const) {
      to[0] = round(from[0]! + from[1]!);
      to[1] = round(from[0]! - from[1]!);
    }
    return result;
  }
  const pairs = Array.from({ length: half }, (_, k) => {
    const [first, last] = [k + 1, size - 1 - k];
    return {
      realSum: round(real[first]! + real[last]!),
      imaginarySum: round(imaginary[first]! + imaginary[last]!),
      realDifference: round(real[first]! - real[last]!),
      imaginaryDifference: round(imaginary[first]! - imaginary[last]!),
    };
  });
  result.real[0] = pairs.reduce((sum, { realSum }) => round(sum + realSum), real[0]!);
  result.imaginary[0] = pairs.reduce((sum, { imaginarySum }) => round(sum + imaginarySum), imaginary[0]!);
  for (let q = 1; q <= half; q++) {
    let [evenReal, evenImaginary, oddReal, oddImaginary] = [real[0]!, imaginary[0]!, 0, 0];
    for (const [k, pair] of pairs.entries()) {
      const [c, s] = rootOfUnity((k + 1) * q, size, sign, round);
      evenReal = round(evenReal + round(c * pair.realSum));
      evenImaginary = round(evenImaginary + round(c * pair.imaginarySum));
      oddReal = round(oddReal + round(s * pair.realDifference));
      oddImaginary = round(oddImaginary + round(s * pair.imaginaryDifference));
    }
    result.real[q] = round(evenReal - oddImaginary);
    result.imaginary[q] = round(evenImaginary + oddReal);
    result.real[size - q] = round(evenReal + oddImaginary);
    result.imaginary[size - q] = round(evenImaginary - oddReal);
  }
  return result;
}

/** e^(±2πi·k/n) as cosine and sine. */
function rootOfUnity(k: number, n: number, sign: number, round: Round): [number, number] {
  const angle = (2 * Math.PI * (k % n)) / n;
  return [round(Math.cos(angle)), round(sign * Math.sin(angle))];
}

function smallestFactor(size: number): number {
  for (let factor = 2; factor * factor <= size; factor++) if (size % factor === 0) return factor;
  return size;
}

function emptySignal(size: number): ComplexSignal {
  return { real: new Float64Array(size), imaginary: new Float64Array(size) };
}
