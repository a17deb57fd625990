// 8-bit pixels to float32, planar or interleaved: `sample * factor + shift` in single precision, each step rounded, or by
// a table of 256 values per channel.

// @inline
function affine(bytes: v128, factor: v128, shift: v128): v128 {
  return f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(bytes), factor), shift);
}

// Shuffles that take every third or fourth byte, from the first, second or third on. They are loaded from memory, since the
// engine would make constants of the code anew in every step.
const thirds = memory.data<i8>([
  0, -1, -1, -1, 3, -1, -1, -1, 6, -1, -1, -1, 9, -1, -1, -1, 1, -1, -1, -1, 4, -1, -1, -1, 7, -1, -1, -1, 10, -1, -1,
  -1, 2, -1, -1, -1, 5, -1, -1, -1, 8, -1, -1, -1, 11, -1, -1, -1,
]);
const fourths = memory.data<i8>([
  0, -1, -1, -1, 4, -1, -1, -1, 8, -1, -1, -1, 12, -1, -1, -1, 1, -1, -1, -1, 5, -1, -1, -1, 9, -1, -1, -1, 13, -1, -1,
  -1, 2, -1, -1, -1, 6, -1, -1, -1, 10, -1, -1, -1, 14, -1, -1, -1,
]);

/**
 * Splits `pixels` pixels of 3 or 4 channels into the planes of their first three. `factors` holds factor and shift of
 * the first channel, of the second and of the third.
 */
export function normalizePlanes(
  from: usize,
  pixels: i32,
  channels: i32,
  factors: usize,
  red: usize,
  green: usize,
  blue: usize,
): void {
  const shuffles = channels == 3 ? thirds : fourths;
  const first = v128.load(shuffles);
  const second = v128.load(shuffles, 16);
  const third = v128.load(shuffles, 32);
  const redFactor = v128.load32_splat(factors);
  const redShift = v128.load32_splat(factors, 4);
  const greenFactor = v128.load32_splat(factors, 8);
  const greenShift = v128.load32_splat(factors, 12);
  const blueFactor = v128.load32_splat(factors, 16);
  const blueShift = v128.load32_splat(factors, 20);
  const step = (<usize>channels) << 2;
  const end = red + ((<usize>pixels) << 2);
  for (; red < end; red += 32) {
    const a = v128.load(from);
    const b = v128.load(from + step);
    v128.store(red, affine(v128.swizzle(a, first), redFactor, redShift));
    v128.store(red, affine(v128.swizzle(b, first), redFactor, redShift), 16);
    v128.store(green, affine(v128.swizzle(a, second), greenFactor, greenShift));
    v128.store(green, affine(v128.swizzle(b, second), greenFactor, greenShift), 16);
    v128.store(blue, affine(v128.swizzle(a, third), blueFactor, blueShift));
    v128.store(blue, affine(v128.swizzle(b, third), blueFactor, blueShift), 16);
    from += step << 1;
    green += 32;
    blue += 32;
  }
}

/**
 * `count` samples in the order they have; factors repeat after three: those of samples 0..3, 4..7 and 8..11 stand from
 * `factors` on, then the shifts.
 */
export function normalizeSamples(from: usize, count: i32, factors: usize, to: usize): void {
  const f0 = v128.load(factors);
  const f1 = v128.load(factors, 16);
  const f2 = v128.load(factors, 32);
  const s0 = v128.load(factors, 48);
  const s1 = v128.load(factors, 64);
  const s2 = v128.load(factors, 80);
  const end = from + <usize>count;
  for (; from < end; from += 12) {
    const low = v128.load8x8_u(from);
    v128.store(to, affine(i32x4.extend_low_i16x8_u(low), f0, s0));
    v128.store(to, affine(i32x4.extend_high_i16x8_u(low), f1, s1), 16);
    v128.store(to, affine(i32x4.extend_low_i16x8_u(v128.load8x8_u(from, 8)), f2, s2), 32);
    to += 48;
  }
}

/** One channel by its table: `count` samples, `step` bytes apart, to values `toStep` bytes apart. */
export function lookUpSamples(from: usize, step: usize, count: i32, table: usize, to: usize, toStep: usize): void {
  for (let i = 0; i < count; i++) {
    store<f32>(to, load<f32>(table + ((<usize>load<u8>(from)) << 2)));
    from += step;
    to += toStep;
  }
}
