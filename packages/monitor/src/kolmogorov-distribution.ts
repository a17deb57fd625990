// Survival function of Kolmogorov's two-sided statistic D_n of one sample, by the ranges of Simard & L'Ecuyer,
// "Computing the Two-Sided Kolmogorov-Smirnov Distribution" (2011), as SciPy's `kstwo` divides them.

/** Pr(D_n >= d) for a sample of `n` (a positive integer), within about 1e-10 of the exact probability. */
export function kolmogorovSurvival(n: number, d: number): number {
  if (d >= 1) return 0;
  if (n * d <= 0.5) return 1;
  return Math.min(1, Math.max(0, survival(n, d)));
}

function survival(n: number, d: number): number {
  const square = n * d * d;
  const small = n <= 140;
  if (square >= 370) return 0;
  if (d >= 0.5 || square >= (small ? 4 : 2.2)) return 2 * oneSidedSurvival(n, d);
  if (small || (n <= 100_000 && n * d ** 1.5 <= 1.4)) return 1 - durbinMatrix(n, d);
  return 1 - pelzGood(n, d);
}

/** Smirnov's sum for the one-sided statistic; twice it is exact for d >= 0.5 and all but exact in the far tail. */
function oneSidedSurvival(n: number, d: number): number {
  let sum = 0;
  let logBinomial = 0;
  for (let j = 0; j <= n * (1 - d); j++) {
    const below = d + j / n;
    const above = 1 - below;
    if (above > 0) sum += Math.exp(logBinomial + (j - 1) * Math.log(below) + (n - j) * Math.log(above));
    logBinomial += Math.log((n - j) / (j + 1));
  }
  return d * sum;
}

const scale = 2 ** 128;

/** Pr(D_n <= d), exact: Marsaglia, Tsang & Wang, "Evaluating Kolmogorov's Distribution" (2003). */
function durbinMatrix(n: number, d: number): number {
  const k = Math.ceil(n * d);
  const size = 2 * k - 1;
  let base = durbinStart(k - n * d, size);
  let power = identity(size);
  let [baseExponent, exponent] = [0, 0];
  const centre = (k - 1) * size + k - 1;
  for (let rest = n; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) {
      power = product(power, base, size);
      exponent += baseExponent;
    }
    base = product(base, base, size);
    baseExponent *= 2;
    if (base[centre]! > scale) {
      base = base.map((value) => value / scale);
      baseExponent += 128;
    }
    if (power[centre]! > scale) {
      power = power.map((value) => value / scale);
      exponent += 128;
    }
  }
  let probability = power[centre]!;
  for (let i = 1; i <= n; i++) {
    probability = (probability * i) / n;
    if (probability < 1 / scale) {
      probability *= scale;
      exponent -= 128;
    }
  }
  return probability * 2 ** exponent;
}

function durbinStart(h: number, size: number): Float64Array {
  const matrix = new Float64Array(size * size);
  const inverseFactorials = [1];
  for (let j = 1; j <= size; j++) inverseFactorials.push(inverseFactorials[j - 1]! / j);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= Math.min(row + 1, size - 1); column++) {
      matrix[row * size + column] = inverseFactorials[row - column + 1]!;
    }
  }
  for (let j = 0; j < size; j++) {
    const corner = j === size - 1 ? h ** size - Math.max(2 * h - 1, 0) ** size : 0;
    const border = (1 - h ** (j + 1) - corner) * inverseFactorials[j + 1]!;
    matrix[j * size] = border;
    matrix[(size - 1) * size + (size - 1 - j)] = border;
  }
  return matrix;
}

function identity(size: number): Float64Array {
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i++) matrix[i * size + i] = 1;
  return matrix;
}

function product(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const result = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < size; k++) {
      const factor = a[i * size + k]!;
      for (let j = 0; j < size; j++) result[i * size + j]! += factor * b[k * size + j]!;
    }
  }
  return result;
}

/** Pr(D_n <= d) to order n^-3/2: Pelz & Good, "Approximating the Lower Tail-Areas of the … Statistic" (1976). */
function pelzGood(n: number, d: number): number {
  const pi2 = Math.PI ** 2;
  const z = Math.sqrt(n) * d;
  const [z2, z4, z6, z8] = [z ** 2, z ** 4, z ** 6, z ** 8];
  const k1 = [-z2, pi2 / 4];
  const k2 = [6 * z6 + 2 * z4, ((2 * z4 - 5 * z2) * pi2) / 4, (pi2 ** 2 * (1 - 2 * z2)) / 16];
  const k3 = [
    -30 * z6 - 90 * z8,
    (pi2 * (135 * z4 - 96 * z6)) / 4,
    (pi2 ** 2 * (212 * z4 - 60 * z2)) / 16,
    (pi2 ** 3 * (5 - 30 * z2)) / 64,
  ];
  const terms = Math.ceil((16 * z) / Math.PI);
  let [sum0, sum1, sum2, sum3, even2, even3] = [0, 0, 0, 0, 0, 0];
  for (let k = terms; k >= 1; k--) {
    const odd2 = (2 * k - 1) ** 2;
    const weight = Math.exp((-pi2 * odd2) / (8 * z2));
    sum0 += weight;
    sum1 += weight * polynomial(k1, odd2);
    sum2 += weight * polynomial(k2, odd2);
    sum3 += weight * polynomial(k3, odd2);
    const evenWeight = k * k * Math.exp((-pi2 * k * k) / (2 * z2));
    even2 += evenWeight;
    even3 += evenWeight * (3 * z2 - pi2 * k * k);
  }
  const first = sum0 / z;
  const second = sum1 / (6 * z4);
  const third = sum2 / (72 * z ** 7) - (pi2 * even2) / (36 * z ** 3);
  const fourth = sum3 / (6480 * z ** 10) + (pi2 * even3) / (216 * z6);
  return Math.sqrt(2 * Math.PI) * (first + second / Math.sqrt(n) + third / n + fourth / n ** 1.5);
}

function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0);
}
