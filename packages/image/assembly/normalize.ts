// 8-bit pixels to float32, planar or interleaved: `sample * factor + shift` in single precision, each step rounded, or by
// a table of 256 values per channel.

@inline function affine(bytes: v128, factor: v128, shift: v128): v128 {
  return f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(bytes), factor), shift);
}

/** The samples at bytes 0, `step`, 2 * `step` and 3 * `step` from `first` on, as 32-bit lanes. */
@inline function every(pixels: v128, first: i32, step: i32): v128 {
  if (step == 4) {
    return first == 0
      ? v128.swizzle(pixels, i8x16(0, -1, -1, -1, 4, -1, -1, -1, 8, -1, -1, -1, 12, -1, -1, -1))
      : first == 1
        ? v128.swizzle(pixels, i8x16(1, -1, -1, -1, 5, -1, -1, -1, 9, -1, -1, -1, 13, -1, -1, -1))
        : v128.swizzle(pixels, i8x16(2, -1, -1, -1, 6, -1, -1, -1, 10, -1, -1, -1, 14, -1, -1, -1));
  }
  return first == 0
    ? v128.swizzle(pixels, i8x16(0, -1, -1, -1, 3, -1, -1, -1, 6, -1, -1, -1, 9, -1, -1, -1))
    : first == 1
      ? v128.swizzle(pixels, i8x16(1, -1, -1, -1, 4, -1, -1, -1, 7, -1, -1, -1, 10, -1, -1, -1))
      : v128.swizzle(pixels, i8x16(2, -1, -1, -1, 5, -1, -1, -1, 8, -1, -1, -1, 11, -1, -1, -1));
}

@inline function planesOf(from: usize, pixels: i32, channels: i32, factors: usize, red: usize, green: usize, blue: usize): void {
  const redFactor = v128.load32_splat(factors);
  const redShift = v128.load32_splat(factors, 4);
  const greenFactor = v128.load32_splat(factors, 8);
  const greenShift = v128.load32_splat(factors, 12);
  const blueFactor = v128.load32_splat(factors, 16);
  const blueShift = v128.load32_splat(factors, 20);
  const end = from + <usize>(pixels * channels);
  // Sixteen pixels a step, or the engine spends its time on loading the shuffles' constants.
  for (; from < end; from += 16 * channels) {
    const a = v128.load(from);
    const b = v128.load(from + 4 * channels);
    const c = v128.load(from + 8 * channels);
    const d = v128.load(from + 12 * channels);
    v128.store(red, affine(every(a, 0, channels), redFactor, redShift));
    v128.store(red, affine(every(b, 0, channels), redFactor, redShift), 16);
    v128.store(red, affine(every(c, 0, channels), redFactor, redShift), 32);
    v128.store(red, affine(every(d, 0, channels), redFactor, redShift), 48);
    v128.store(green, affine(every(a, 1, channels), greenFactor, greenShift));
    v128.store(green, affine(every(b, 1, channels), greenFactor, greenShift), 16);
    v128.store(green, affine(every(c, 1, channels), greenFactor, greenShift), 32);
    v128.store(green, affine(every(d, 1, channels), greenFactor, greenShift), 48);
    v128.store(blue, affine(every(a, 2, channels), blueFactor, blueShift));
    v128.store(blue, affine(every(b, 2, channels), blueFactor, blueShift), 16);
    v128.store(blue, affine(every(c, 2, channels), blueFactor, blueShift), 32);
    v128.store(blue, affine(every(d, 2, channels), blueFactor, blueShift), 48);
    red += 64;
    green += 64;
    blue += 64;
  }
}

/**
 * Splits `pixels` pixels of 3 or 4 channels into the planes of their first three. `factors` holds factor and shift of
 * the first channel, of the second and of the third.
 */
export function normalizePlanes(
  from: usize, pixels: i32, channels: i32, factors: usize, red: usize, green: usize, blue: usize,
): void {
  if (channels == 3) planesOf(from, pixels, 3, factors, red, green, blue);
  else planesOf(from, pixels, 4, factors, red, green, blue);
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
    store<f32>(to, load<f32>(table + (<usize>load<u8>(from) << 2)));
    from += step;
    to += toStep;
  }
}
