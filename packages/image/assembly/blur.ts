// Separable blur of 8-bit rows: down the columns into a line of 16-bit sums with 7 fractional bits, then along the line.
// Weights are 14-bit, taken in pairs, so that one instruction multiplies and adds two taps. The 5-tap binomial
// (1 4 6 4 1), OpenCV's Gaussian of size 5, has its own way in 16-bit additions and shifts.

// @inline
function interleaveLow(a: v128, b: v128): v128 {
  return v128.shuffle<i8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

// @inline
function interleaveHigh(a: v128, b: v128): v128 {
  return v128.shuffle<i8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

/** Weighs `taps` (even) rows, whose pointers stand from `rows` on, into a line of `samples` sums. */
function blurDown(rows: usize, samples: i32, weights: usize, taps: i32, line: usize): void {
  const half = i32x4.splat(64);
  for (let i: usize = 0; i < <usize>samples; i += 16) {
    let s0 = half;
    let s1 = half;
    let s2 = half;
    let s3 = half;
    for (let k = 0; k < taps; k += 2) {
      const a = v128.load(load<u32>(rows + ((<usize>k) << 2)) + i);
      const b = v128.load(load<u32>(rows + ((<usize>k) << 2), 4) + i);
      const pair = v128.load32_splat(weights + ((<usize>k) << 1));
      const low = interleaveLow(a, b);
      const high = interleaveHigh(a, b);
      s0 = i32x4.add(s0, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(low), pair));
      s1 = i32x4.add(s1, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(low), pair));
      s2 = i32x4.add(s2, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(high), pair));
      s3 = i32x4.add(s3, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(high), pair));
    }
    v128.store(line, i16x8.narrow_i32x4_s(i32x4.shr_s(s0, 7), i32x4.shr_s(s1, 7)));
    v128.store(line, i16x8.narrow_i32x4_s(i32x4.shr_s(s2, 7), i32x4.shr_s(s3, 7)), 16);
    line += 32;
  }
}

/** Weighs `taps` (even) sums of the line, `step` bytes apart. */
function blurAlong(line: usize, samples: i32, step: usize, weights: usize, taps: i32, to: usize): void {
  const half = i32x4.splat(1 << 20);
  const end = to + <usize>samples;
  for (; to < end; to += 16) {
    let s0 = half;
    let s1 = half;
    let s2 = half;
    let s3 = half;
    let at = line;
    for (let k = 0; k < taps; k += 2) {
      const pair = v128.load32_splat(weights + ((<usize>k) << 1));
      const a = v128.load(at);
      const b = v128.load(at + step);
      const c = v128.load(at, 16);
      const d = v128.load(at + step, 16);
      s0 = i32x4.add(s0, i32x4.dot_i16x8_s(v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11), pair));
      s1 = i32x4.add(s1, i32x4.dot_i16x8_s(v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15), pair));
      s2 = i32x4.add(s2, i32x4.dot_i16x8_s(v128.shuffle<i16>(c, d, 0, 8, 1, 9, 2, 10, 3, 11), pair));
      s3 = i32x4.add(s3, i32x4.dot_i16x8_s(v128.shuffle<i16>(c, d, 4, 12, 5, 13, 6, 14, 7, 15), pair));
      at += 2 * step;
    }
    const low = i16x8.narrow_i32x4_s(i32x4.shr_s(s0, 21), i32x4.shr_s(s1, 21));
    const high = i16x8.narrow_i32x4_s(i32x4.shr_s(s2, 21), i32x4.shr_s(s3, 21));
    v128.store(to, i8x16.narrow_i16x8_u(low, high));
    line += 32;
  }
}

// @inline
function binomial(a: v128, b: v128, c: v128, d: v128, e: v128): v128 {
  const sum = i16x8.add(i16x8.add(a, e), i16x8.shl(i16x8.add(i16x8.add(b, d), c), 2));
  return i16x8.add(sum, i16x8.shl(c, 1));
}

/** Two lines at a time, `apart` bytes from each other: four of the five rows that each needs are the same. */
function binomialDown(rows: usize, samples: i32, line: usize, apart: usize): void {
  const end = line + ((<usize>samples) << 1);
  let a = <usize>load<u32>(rows);
  let b = <usize>load<u32>(rows, 4);
  let c = <usize>load<u32>(rows, 8);
  let d = <usize>load<u32>(rows, 12);
  let e = <usize>load<u32>(rows, 16);
  let f = <usize>load<u32>(rows, 20);
  for (; line < end; line += 16) {
    const second = v128.load8x8_u(b);
    const third = v128.load8x8_u(c);
    const fourth = v128.load8x8_u(d);
    const fifth = v128.load8x8_u(e);
    v128.store(line, binomial(v128.load8x8_u(a), second, third, fourth, fifth));
    v128.store(line + apart, binomial(second, third, fourth, fifth, v128.load8x8_u(f)));
    a += 8;
    b += 8;
    c += 8;
    d += 8;
    e += 8;
    f += 8;
  }
}

// @inline
function binomialAt(line: usize, step: usize): v128 {
  const sum = binomial(
    v128.load(line),
    v128.load(line + step),
    v128.load(line + 2 * step),
    v128.load(line + 3 * step),
    v128.load(line + 4 * step),
  );
  return i16x8.shr_u(i16x8.add(sum, i16x8.splat(128)), 8);
}

function binomialAlong(line: usize, samples: i32, step: usize, to: usize): void {
  const end = to + <usize>samples;
  for (; to < end; to += 16) {
    v128.store(to, i8x16.narrow_i16x8_u(binomialAt(line, step), binomialAt(line + 16, step)));
    line += 32;
  }
}

/** Continues a line of `width` pixels on both sides: `border` pixels each, by their indices, or with the constant. */
function extendLine(line: usize, width: i32, channels: i32, indices: usize, border: i32, fill: usize): void {
  for (let i = 0; i < 2 * border; i++) {
    const index = load<i32>(indices + ((<usize>i) << 2));
    const at = line + ((<usize>((i < border ? i - border : width + i - border) * channels)) << 1);
    for (let c = 0; c < channels; c++) {
      const value = index < 0 ? load<i16>(fill + (c << 1)) : load<i16>(line + ((<usize>(index * channels + c)) << 1));
      store<i16>(at + ((<usize>c) << 1), value);
    }
  }
}

/**
 * Blurs `rows` rows of `width` pixels. Output row `y` reads the rows whose pointers stand from `sources + 4 * y` on; behind
 * the last there is one more. `taps` is even, the last weight being 0; 0 means the 5-tap binomial. `border` pixels beyond
 * the line's ends have the indices (or -1: `fill`, as the line's sums) at `indices`. There are two `lines`, `apart` bytes
 * from each other, each with room for its borders and 64 bytes more.
 */
export function blurRows(
  sources: usize,
  rows: i32,
  width: i32,
  channels: i32,
  weights: usize,
  taps: i32,
  indices: usize,
  border: i32,
  fill: usize,
  lines: usize,
  apart: usize,
  to: usize,
): void {
  const samples = width * channels;
  const step = <usize>(channels << 1);
  const reach = step * border;
  for (let y = 0; y < rows; y++) {
    const line = taps ? lines : lines + <usize>(y & 1) * apart;
    const middle = line + reach;
    if (taps) blurDown(sources, samples, weights, taps, middle);
    else if (!(y & 1)) binomialDown(sources, samples, middle, apart);
    extendLine(middle, width, channels, indices, border, fill);
    if (taps) blurAlong(line, samples, step, weights, taps, to);
    else binomialAlong(line, samples, step, to);
    sources += 4;
    to += <usize>samples;
  }
}
