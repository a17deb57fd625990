// The tables of the L*a*b* kernels: sRGB's transfer curve (IEC 61966-2-1), its primaries with the D65 white point, and
// the function f of CIE 15. Powers are found by Newton's iteration in float64, whose four operations and comparisons
// every engine rounds alike, so that the tables are the same everywhere; `Math.cbrt` and `**` promise no such thing.

/** The `degree`-th root of a value above 0, from a start above the root. */
function root(value: number, degree: number, start: number): number {
  for (let at = start; ; ) {
    let power = 1;
    for (let i = 1; i < degree; i++) power *= at;
    const next = at - (at - value / power) / degree;
    // From above, the iteration falls until rounding stops it.
    if (next >= at) return at;
    at = next;
  }
}

/** Linear light 0..1 of an sRGB value 0..1: x^2.4 is x² times the fifth root of x². */
function linearOf(value: number): number {
  if (value <= 0.04045) return value / 12.92;
  const base = (value + 0.055) / 1.055;
  return base * base * root(base * base, 5, 1);
}

/** Steps of linear light from black to white on the way to L*a*b*: OpenCV's, whose rounding 8-bit results show. */
const lightSteps = 2040;

/** 4096 × the sRGB value of linear light i / 4095: the level whose light, taken half-way to the next, is above it. */
export function gammaTable(): Uint8Array {
  const table = new Uint8Array(4096);
  let level = 0;
  for (let i = 0; i < table.length; i++) {
    while (level < 255 && linearOf((level + 0.5) / 255) <= i / 4095) level++;
    table[i] = level;
  }
  return table;
}

/** 2041 × f(i / 2040), 2¹⁵ = 1: the cube root, or its tangent near black. */
export function rootTable(): Int32Array {
  return Int32Array.from({ length: lightSteps + 1 }, (_, i) => {
    const light = i / lightSteps;
    const f = light > 216 / 24_389 ? root(light, 3, 1) : (24_389 / 27 / 116) * light + 16 / 116;
    return Math.round(f * 32_768);
  });
}

/** Linear sRGB to XYZ, and back. */
const toXyz = [0.412453, 0.35758, 0.180423, 0.212671, 0.71516, 0.072169, 0.019334, 0.119193, 0.950227];
const fromXyz = [3.240479, -1.53715, -0.498535, -0.969256, 1.875991, 0.041556, 0.055648, -0.204043, 1.057311];
const white = [0.950456, 1, 1.088754];

/** 9 × weights of linear RGB in X/Xn, Y/Yn and Z/Zn, 2¹² = 1; each row sums to 1, so that greys stay grey. */
function xyzWeights(): Int32Array {
  const weights = Int32Array.from(toXyz, (value, i) => Math.round((value / white[Math.floor(i / 3)]!) * 4096));
  for (let row = 0; row < 9; row += 3) weights[row + 1] = 4096 - weights[row]! - weights[row + 2]!;
  return weights;
}

/**
 * Three tables (red, green, blue) of 256 × 4: what each sRGB value adds to X/Xn, Y/Yn and Z/Zn, 2040 × 2¹² = white. The
 * half that rounds the sum is in the red one.
 */
export function lightTables(): Int32Array {
  const weights = xyzWeights();
  const linear = Array.from({ length: 256 }, (_, i) => Math.round(linearOf(i / 255) * lightSteps));
  const tables = new Int32Array(3 * 256 * 4);
  for (let i = 0; i < tables.length; i++) {
    const channel = i >> 10;
    if (i % 4 < 3) tables[i] = linear[(i >> 2) & 255]! * weights[(i % 4) * 3 + channel]! + (channel === 0 ? 2048 : 0);
  }
  return tables;
}

/** 9 × weights of X/Xn, Y/Yn and Z/Zn in linear RGB, 2¹² = 1. */
export function rgbWeights(): Int32Array {
  return Int32Array.from(fromXyz, (value, i) => Math.round(value * white[i % 3]! * 4096));
}
