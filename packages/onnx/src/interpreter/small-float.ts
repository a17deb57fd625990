// Floats of 16 bits and less as tables of their values, and rounding to them.
//
// Sources: OCP "8-bit Floating Point Specification" 1.0 and "Microscaling Formats" 1.0 (e4m3fn, e5m2, e8m0, e2m3, e3m2,
// e2m1);
// Noune et al., "8-bit Numerical Formats for Deep Neural Networks" (the `fnuz` variants: no infinity, no negative zero).
// Rounding is to nearest, ties to even, unless said otherwise. Such a format has so few values that its whole
// table is kept, and rounding is a search in it: slow, and plainly right.

interface Format {
  readonly bits: number;
  readonly exponentBits: number;
  readonly bias: number;
  /** Largest finite magnitude. */
  readonly max: number;
  /** Bit pattern of a NaN (the sign is kept where the format has signed NaNs); `undefined`: the format has none. */
  readonly nan: number | undefined;
  /** Bit pattern of +infinity; `undefined`: the format has none. */
  readonly infinity: number | undefined;
  /** No negative zero: its pattern is the NaN. */
  readonly unsignedZero: boolean;
}

const formats = {
  float8e4m3fn: { bits: 8, exponentBits: 4, bias: 7, max: 448, nan: 0x7f, infinity: undefined, unsignedZero: false },
  float8e4m3fnuz: { bits: 8, exponentBits: 4, bias: 8, max: 240, nan: 0x80, infinity: undefined, unsignedZero: true },
  float8e5m2: { bits: 8, exponentBits: 5, bias: 15, max: 57344, nan: 0x7f, infinity: 0x7c, unsignedZero: false },
  float8e5m2fnuz: {
    bits: 8,
    exponentBits: 5,
    bias: 16,
    max: 57344,
    nan: 0x80,
    infinity: undefined,
    unsignedZero: true,
  },
  float6e2m3: { bits: 6, exponentBits: 2, bias: 1, max: 7.5, nan: undefined, infinity: undefined, unsignedZero: false },
  float6e3m2: { bits: 6, exponentBits: 3, bias: 3, max: 28, nan: undefined, infinity: undefined, unsignedZero: false },
  float4e2m1: { bits: 4, exponentBits: 2, bias: 1, max: 6, nan: undefined, infinity: undefined, unsignedZero: false },
} as const satisfies Record<string, Format>;

/** The floats of 8, 6 and 4 bits. `float8e8m0` has neither sign nor fraction: powers of two, for scales. */
export type SmallFloatFormat = keyof typeof formats | 'float8e8m0';

/** What a value beyond the largest finite one becomes: the largest one, or infinity (NaN where there is none). */
export interface SmallFloatRounding {
  /** Default `true`. */
  readonly saturate?: boolean | undefined;
}

/** One small float format: the value of every bit pattern, and rounding of a number to a bit pattern. */
export interface SmallFloat {
  /** Value of each bit pattern. */
  readonly values: Float64Array;
  /** Rounds to nearest, ties to the even pattern. */
  encode(value: number, rounding?: SmallFloatRounding): number;
}

function magnitude({ exponentBits, bits, bias }: Format, pattern: number): number {
  const fractionBits = bits - 1 - exponentBits;
  const exponent = pattern >> fractionBits;
  const fraction = (pattern & ((1 << fractionBits) - 1)) / 2 ** fractionBits;
  return exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias);
}

function smallFloat(format: Format): SmallFloat {
  const sign = 1 << (format.bits - 1);
  const values = new Float64Array(2 * sign);
  const finite: number[] = [];
  for (let pattern = 0; pattern < sign; pattern++) {
    const value = magnitude(format, pattern);
    const kept = value <= format.max ? value : pattern === format.infinity ? Number.POSITIVE_INFINITY : Number.NaN;
    values[pattern] = kept;
    values[pattern | sign] = -kept;
    if (value <= format.max) finite.push(value);
  }
  if (format.unsignedZero) values[sign] = Number.NaN;
  // The first magnitude that no longer rounds down to the largest finite value.
  const overflow = format.max + (format.max - finite[finite.length - 2]!) / 2;
  return {
    values,
    encode(value, { saturate = true } = {}) {
      const negative = value < 0 || Object.is(value, -0);
      const signBit = negative ? sign : 0;
      const size = Math.abs(value);
      if (Number.isNaN(value)) return format.nan ?? 0;
      if (size > overflow || (size === overflow && (finite.length & 1) === 0)) {
        if (!saturate && format.infinity !== undefined) return signBit | format.infinity;
        if (!saturate && format.nan !== undefined) return format.unsignedZero ? format.nan : signBit | format.nan;
      }
      const pattern = nearestEven(finite, size);
      return format.unsignedZero && pattern === 0 ? 0 : signBit | pattern;
    },
  };
}

/** Index of the nearest of ascending values, the even index when two are equally near. */
function nearestEven(values: readonly number[], value: number): number {
  let low = 0;
  let high = values.length - 1;
  if (value >= values[high]!) return high;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (values[middle]! <= value) low = middle;
    else high = middle;
  }
  const below = value - values[low]!;
  const above = values[high]! - value;
  return below < above || (below === above && (low & 1) === 0) ? low : high;
}

/** Scales of microscaling formats: pattern `p` is 2^(p - 127), 255 is NaN. */
const float8e8m0: SmallFloat = {
  values: Float64Array.from({ length: 256 }, (_, pattern) => (pattern === 255 ? Number.NaN : 2 ** (pattern - 127))),
  encode(value, { saturate = true } = {}) {
    if (Number.isNaN(value) || value < 0) return 255;
    const exponent = nearestEven(powers, value);
    return value > 2 ** 127 && !saturate ? 255 : exponent;
  },
};
const powers = Array.from(float8e8m0.values.subarray(0, 255));

/** The small float formats by name. */
export const smallFloats: Readonly<Record<SmallFloatFormat, SmallFloat>> = {
  float8e4m3fn: smallFloat(formats.float8e4m3fn),
  float8e4m3fnuz: smallFloat(formats.float8e4m3fnuz),
  float8e5m2: smallFloat(formats.float8e5m2),
  float8e5m2fnuz: smallFloat(formats.float8e5m2fnuz),
  float6e2m3: smallFloat(formats.float6e2m3),
  float6e3m2: smallFloat(formats.float6e3m2),
  float4e2m1: smallFloat(formats.float4e2m1),
  float8e8m0,
};

const word = new Uint32Array(1);
const single = new Float32Array(word.buffer);

/** The number that bfloat16 bits stand for: the upper half of a float32. */
export function bfloat16ToNumber(bits: number): number {
  word[0] = bits << 16;
  return single[0]!;
}

/** Rounds a number to bfloat16 bits through float32, to nearest, ties to even. */
export function numberToBfloat16(value: number): number {
  single[0] = value;
  const bits = word[0]!;
  if (Number.isNaN(value)) return 0x7fc0;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}
