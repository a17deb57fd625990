// The distribution of Kolmogorov's statistic D of n observations, as Simard and L'Ecuyer put it together in "Computing
// the Two-Sided Kolmogorov-Smirnov Distribution" (J. Stat. Software 39(11), 2011): an exact method where it is cheap, a
// series where it is precise. SciPy follows the same paper, with which this agrees to 1e-9.

/** P(D >= d) for n observations; n is a positive integer. */
export function kolmogorovSurvival(n: number, d: number): number {
  const nd = n * d;
  const square = nd * d;
  if (nd <= 0.5) return 1;
  if (d >= 1 || square >= 370) return 0;
  if (d >= 0.5 || nd >= n - 1 || square > (n <= 140 ? 4 : 2.2)) return Math.min(1, 2 * oneSidedSurvival(n, d));
  const exact = n <= 140 || (n <= 100_000 && n * d ** 1.5 <= 1.4);
  return Math.min(1, Math.max(0, 1 - (exact ? durbinMatrix(n, d) : pelzGood(n, d))));
}

/** P(D+ >= d), Birnbaum and Tingey (1951). All terms are positive. */
function oneSidedSurvival(n: number, d: number): number {
  let sum = 0;
  let logBinomial = 0;
  for (let j = 0; j <= Math.floor(n * (1 - d)); j++) {
    if (j > 0) logBinomial += Math.log((n - j + 1) / j);
    const rest = 1 - d - j / n;
    // The last term is 0 when nothing rests, except for the power 0.
    if (rest <= 0) {
      if (j === n) sum += Math.exp(logBinomial + (j - 1) * Math.log(d + j / n));
    } else sum += Math.exp(logBinomial + (j - 1) * Math.log(d + j / n) + (n - j) * Math.log(rest));
  }
  return d * sum;
}

/** P(D < d) by the matrix of Durbin (1968) in the form of Marsaglia, Tsang and Wang (2003). Exact; O((nd)^3 log n). */
function durbinMatrix(n: number, d: number): number {
  const k = Math.ceil(n * d);
  const h = k - n * d;
  const size = 2 * k - 1;
  const matrix = new Float64Array(size * size);
  const inverseFactorial = [1];
  for (let j = 1; j <= size; j++) inverseFactorial.push(inverseFactorial[j - 1]! / j);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= Math.min(row + 1, size - 1); column++) {
      let value = 1;
      if (column === 0) value -= h ** (row + 1);
      if (row === size - 1) value -= h ** (size - column);
      if (column === 0 && row === size - 1) value += Math.max(0, 2 * h - 1) ** size;
      matrix[row * size + column] = value * inverseFactorial[row - column + 1]!;
    }
  }
  const power = matrixPower({ values: matrix, exponent: 0 }, size, n);
  // n! / n^n, taken in step by step so that nothing under- or overflows.
  let probability = power.values[(k - 1) * size + k - 1]!;
  let { exponent } = power;
  for (let i = 1; i <= n; i++) {
    probability *= i / n;
    if (probability < 2 ** -128) {
      probability *= 2 ** 128;
      exponent -= 128;
    }
  }
  return probability * 2 ** exponent;
}

/** A square matrix times `2 ** exponent`. */
interface ScaledMatrix {
  readonly values: Float64Array;
  readonly exponent: number;
}

function matrixPower(matrix: ScaledMatrix, size: number, n: number): ScaledMatrix {
  if (n === 1) return matrix;
  const half = matrixPower(matrix, size, Math.floor(n / 2));
  const square = multiply(half, half, size);
  return n % 2 === 0 ? square : multiply(square, matrix, size);
}

function multiply(a: ScaledMatrix, b: ScaledMatrix, size: number): ScaledMatrix {
  const values = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let inner = 0; inner < size; inner++) {
      const factor = a.values[row * size + inner]!;
      for (let column = 0; column < size; column++) {
        values[row * size + column]! += factor * b.values[inner * size + column]!;
      }
    }
  }
  const large = values[(size >> 1) * size + (size >> 1)]! > 2 ** 128;
  if (large) for (let i = 0; i < values.length; i++) values[i]! *= 2 ** -128;
  return { values, exponent: a.exponent + b.exponent + (large ? 128 : 0) };
}

/** P(D < d) by the series of Pelz and Good (1976): four terms in powers of 1/sqrt(n). */
function pelzGood(n: number, d: number): number {
  const z = Math.sqrt(n) * d;
  const z2 = z * z;
  const z4 = z2 * z2;
  const z6 = z4 * z2;
  const pi2 = Math.PI ** 2;
  const terms = Math.ceil((16 * z) / Math.PI);
  let [k0, k1, k2, k3] = [0, 0, 0, 0];
  let [whole2, whole3] = [0, 0];
  for (let k = terms; k >= 1; k--) {
    const odd = pi2 * (2 * k - 1) ** 2;
    const even = pi2 * k ** 2;
    const atOdd = Math.exp(-odd / (8 * z2));
    const atEven = Math.exp(-even / (2 * z2));
    k0 += atOdd;
    k1 += (odd / 4 - z2) * atOdd;
    k2 += (6 * z6 + 2 * z4 + ((2 * z4 - 5 * z2) * odd) / 4 + ((1 - 2 * z2) * odd ** 2) / 16) * atOdd;
    k3 +=
      (((5 - 30 * z2) * odd ** 3) / 64 +
        ((212 * z4 - 60 * z2) * odd ** 2) / 16 +
        ((135 * z4 - 96 * z6) * odd) / 4 -
        30 * z6 -
        90 * z4 * z4) *
      atOdd;
    whole2 += even * atEven;
    whole3 += even * (3 * z2 - even) * atEven;
  }
  const series =
    k0 / z +
    k1 / (6 * z4) / Math.sqrt(n) +
    (k2 / (72 * z6 * z) - whole2 / (36 * z2 * z)) / n +
    (k3 / (6480 * z6 * z4) + whole3 / (216 * z6)) / n ** 1.5;
  return Math.sqrt(2 * Math.PI) * series;
}
