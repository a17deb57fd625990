// Sampling 8-bit images anywhere: along the lines of an affine or projective map, or by a grid. Positions are fixed-point
// with 11 fractional bits; a row of them is made first, then sampled four pixels at a time. Four pixels whose whole
// neighbourhood lies inside the image take the fast way, all others tap by tap with regard to the border.
import { borderIndex } from './border';

/** Positions base, base + step, … of four-pixel groups; both with 32 fractional bits, |position| < 2^20. */
function linePositions(to: usize, count: i32, base: i64, step: i64): void {
  let first = i64x2.replace_lane(i64x2.splat(base), 1, base + step);
  const two = i64x2.splat(2 * step);
  let second = i64x2.add(first, two);
  const four = i64x2.splat(4 * step);
  const end = to + ((<usize>count) << 2);
  for (; to < end; to += 16) {
    v128.store(to, v128.shuffle<i32>(i64x2.shr_u(first, 21), i64x2.shr_u(second, 21), 0, 2, 4, 6));
    first = i64x2.add(first, four);
    second = i64x2.add(second, four);
  }
}

/** Rounds two positions to 11 fractional bits, limited to 30 bits; NaN becomes 0. */
// @inline
function roundPositions(positions: v128): v128 {
  const rounded = f64x2.floor(f64x2.add(f64x2.mul(positions, f64x2.splat(2048)), f64x2.splat(0.5)));
  const whole = i32x4.trunc_sat_f64x2_s_zero(rounded);
  return i32x4.max_s(i32x4.min_s(whole, i32x4.splat(1 << 30)), i32x4.splat(-(1 << 30)));
}

/** Positions along a row of a projective map: (a x + p) / (g x + r) and (d x + q) / (g x + r). */
function projectivePositions(xs: usize, ys: usize, count: i32, a: f64, p: f64, d: f64, q: f64, g: f64, r: f64): void {
  for (let x = 0; x < count; x += 2) {
    const at = f64x2.add(f64x2.splat(<f64>x), f64x2(0, 1));
    const weight = f64x2.add(f64x2.mul(at, f64x2.splat(g)), f64x2.splat(r));
    const across = f64x2.div(f64x2.add(f64x2.mul(at, f64x2.splat(a)), f64x2.splat(p)), weight);
    const down = f64x2.div(f64x2.add(f64x2.mul(at, f64x2.splat(d)), f64x2.splat(q)), weight);
    v128.store64_lane(xs, roundPositions(across), 0);
    v128.store64_lane(ys, roundPositions(down), 0);
    xs += 8;
    ys += 8;
  }
}

/** Positions of a grid: rounds `count` (rounded up to four) floats in place. */
export function gridPositions(grid: usize, count: i32): void {
  const end = grid + ((<usize>((count + 3) & -4)) << 2);
  for (; grid < end; grid += 8) {
    v128.store64_lane(grid, roundPositions(f64x2.promote_low_f32x4(v128.load64_zero(grid))), 0);
  }
}

// @inline
function tap(
  from: usize,
  width: i32,
  height: i32,
  channels: i32,
  x: i32,
  y: i32,
  channel: i32,
  border: i32,
  fill: usize,
): i32 {
  if (<u32>x >= <u32>width || <u32>y >= <u32>height) {
    if (border == 0) return load<u8>(fill + channel);
    x = borderIndex(x, width, border);
    y = borderIndex(y, height, border);
  }
  return load<u8>(from + <usize>((y * width + x) * channels + channel));
}

/** One pixel by bilinear, whatever lies around it. */
function edgePixel(
  from: usize,
  width: i32,
  height: i32,
  channels: i32,
  x: i32,
  y: i32,
  border: i32,
  fill: usize,
  to: usize,
): void {
  const column = x >> 11;
  const row = y >> 11;
  const right = x & 2047;
  const below = y & 2047;
  const corner = (right * below + 128) >> 8;
  for (let c = 0; c < channels; c++) {
    const sum =
      tap(from, width, height, channels, column, row, c, border, fill) *
        (16384 - (right << 3) - (below << 3) + corner) +
      tap(from, width, height, channels, column + 1, row, c, border, fill) * ((right << 3) - corner) +
      tap(from, width, height, channels, column, row + 1, c, border, fill) * ((below << 3) - corner) +
      tap(from, width, height, channels, column + 1, row + 1, c, border, fill) * corner;
    store<u8>(to + c, (sum + 8192) >> 14);
  }
}

/** One pixel by bicubic, whatever lies around it; `table` holds four 14-bit weights per fraction. */
function edgeCubic(
  from: usize,
  width: i32,
  height: i32,
  channels: i32,
  x: i32,
  y: i32,
  table: usize,
  border: i32,
  fill: usize,
  to: usize,
): void {
  const column = (x >> 11) - 1;
  const row = (y >> 11) - 1;
  const across = table + ((<usize>(x & 2047)) << 3);
  const down = table + ((<usize>(y & 2047)) << 3);
  for (let c = 0; c < channels; c++) {
    let sum = 1 << 19;
    for (let j = 0; j < 4; j++) {
      let line = 1 << 7;
      for (let i = 0; i < 4; i++) {
        const weight = <i32>load<i16>(across + ((<usize>i) << 1));
        line += tap(from, width, height, channels, column + i, row + j, c, border, fill) * weight;
      }
      sum += (line >> 8) * <i32>load<i16>(down + ((<usize>j) << 1));
    }
    store<u8>(to + c, min(max(sum >> 20, 0), 255));
  }
}

// @inline
function near(pixels: v128, channels: i32): v128 {
  return channels == 3
    ? v128.swizzle(pixels, i8x16(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1))
    : v128.swizzle(pixels, i8x16(0, -1, 4, -1, 1, -1, 5, -1, 2, -1, 6, -1, 3, -1, 7, -1));
}

// @inline
function far(pixels: v128, channels: i32): v128 {
  return channels == 3
    ? v128.swizzle(pixels, i8x16(6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1))
    : v128.swizzle(pixels, i8x16(8, -1, 12, -1, 9, -1, 13, -1, 10, -1, 14, -1, 11, -1, 15, -1));
}

// @inline
function packPixels(first: v128, second: v128, channels: i32): v128 {
  const bytes = i8x16.narrow_i16x8_u(first, second);
  return channels == 3 ? v128.swizzle(bytes, i8x16(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1)) : bytes;
}

/**
 * Works out, four pixels at a time, where each pixel's neighbourhood starts in the image and how its pixels count: offsets
 * (negative where it does not lie inside), then the weights of the upper pair, then of the lower. Constants come from
 * memory, since the engine would make those of the code anew for every group.
 */
function prepareLinear(
  xs: usize,
  ys: usize,
  count: i32,
  width: i32,
  height: i32,
  channels: i32,
  constants: usize,
  to: usize,
  lane: usize,
): void {
  v128.store(constants, i32x4.splat(2047));
  v128.store(constants, i32x4.splat(128), 16);
  v128.store(constants, i32x4.splat(16384), 32);
  v128.store(constants, i32x4.splat(channels), 48);
  v128.store(constants, i32x4.splat(width * channels), 64);
  v128.store(constants, i32x4.splat(width - 2), 80);
  v128.store(constants, i32x4.splat(height - 2), 96);
  const fraction = v128.load(constants);
  const half = v128.load(constants, 16);
  const one = v128.load(constants, 32);
  const step = v128.load(constants, 48);
  const stride = v128.load(constants, 64);
  const mostX = v128.load(constants, 80);
  const mostY = v128.load(constants, 96);
  const end = xs + ((<usize>count) << 2);
  for (; xs < end; xs += 16) {
    const x = v128.load(xs);
    const y = v128.load(ys);
    const column = i32x4.shr_s(x, 11);
    const row = i32x4.shr_s(y, 11);
    const right = v128.and(x, fraction);
    const below = v128.and(y, fraction);
    const outside = anyNegative(column, row, i32x4.sub(mostX, column), i32x4.sub(mostY, row));
    const offsets = i32x4.add(i32x4.mul(row, stride), i32x4.mul(column, step));
    v128.store(to, v128.or(offsets, i32x4.shr_s(outside, 31)));
    const corner = i32x4.shr_u(i32x4.add(i32x4.mul(right, below), half), 8);
    const upperRight = i32x4.sub(i32x4.shl(right, 3), corner);
    const lower = i32x4.shl(below, 3);
    const upperLeft = i32x4.sub(i32x4.sub(one, lower), upperRight);
    v128.store(to + lane, v128.or(upperLeft, i32x4.shl(upperRight, 16)));
    v128.store(to + 2 * lane, v128.or(i32x4.sub(lower, corner), i32x4.shl(corner, 16)));
    ys += 16;
    to += 16;
  }
}

// @inline
function linearPixel(from: usize, stride: usize, upper: v128, lower: v128, half: v128, channels: i32): v128 {
  const sum = i32x4.add(
    i32x4.dot_i16x8_s(near(v128.load64_zero(from), channels), upper),
    i32x4.dot_i16x8_s(near(v128.load64_zero(from + stride), channels), lower),
  );
  return i32x4.shr_s(i32x4.add(sum, half), 14);
}

/** Blends the four pixels whose offsets are at `group` and their weights one and two lanes behind. */
// @inline
function linearGroup(
  from: usize,
  stride: usize,
  group: usize,
  upper: usize,
  lower: usize,
  half: v128,
  to: usize,
  channels: i32,
): void {
  const a = linearPixel(
    from + load<u32>(group),
    stride,
    v128.load32_splat(upper),
    v128.load32_splat(lower),
    half,
    channels,
  );
  const b = linearPixel(
    from + load<u32>(group, 4),
    stride,
    v128.load32_splat(upper, 4),
    v128.load32_splat(lower, 4),
    half,
    channels,
  );
  const c = linearPixel(
    from + load<u32>(group, 8),
    stride,
    v128.load32_splat(upper, 8),
    v128.load32_splat(lower, 8),
    half,
    channels,
  );
  const d = linearPixel(
    from + load<u32>(group, 12),
    stride,
    v128.load32_splat(upper, 12),
    v128.load32_splat(lower, 12),
    half,
    channels,
  );
  v128.store(to, packPixels(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d), channels));
}

// @inline
function linearRow(
  from: usize,
  width: i32,
  height: i32,
  xs: usize,
  ys: usize,
  count: i32,
  border: i32,
  fill: usize,
  constants: usize,
  lane: usize,
  to: usize,
  channels: i32,
): void {
  const first = constants + 128;
  prepareLinear(xs, ys, count, width, height, channels, constants, first, lane);
  v128.store(constants, i32x4.splat(8192));
  const half = v128.load(constants);
  const stride = <usize>(width * channels);
  const end = first + ((<usize>count) << 2);
  let group = first;
  // Two groups a step where both lie inside, since every step costs the constants of the shuffles anew.
  while (group < end) {
    const upper = group + lane;
    const lower = upper + lane;
    if (group + 16 < end && i32x4.bitmask(v128.or(v128.load(group), v128.load(group, 16))) == 0) {
      linearGroup(from, stride, group, upper, lower, half, to, channels);
      linearGroup(from, stride, group + 16, upper + 16, lower + 16, half, to + 4 * channels, channels);
      group += 32;
      to += 8 * channels;
    } else {
      if (i32x4.bitmask(v128.load(group)) == 0) linearGroup(from, stride, group, upper, lower, half, to, channels);
      else {
        const at = group - first;
        outsideGroup(from, width, height, channels, xs + at, ys + at, 0, 1, border, fill, 0, to);
      }
      group += 16;
      to += 4 * channels;
    }
  }
}

/** Four pixels of which some lack a part of their neighbourhood: `before` to the left and above, `after` to the other sides. */
function outsideGroup(
  from: usize,
  width: i32,
  height: i32,
  channels: i32,
  xs: usize,
  ys: usize,
  before: i32,
  after: i32,
  border: i32,
  fill: usize,
  table: usize,
  to: usize,
): void {
  const column = i32x4.shr_s(v128.load(xs), 11);
  const row = i32x4.shr_s(v128.load(ys), 11);
  const outside = anyNegative(
    i32x4.add(column, i32x4.splat(after)),
    i32x4.add(row, i32x4.splat(after)),
    i32x4.sub(i32x4.splat(width - 1 + before), column),
    i32x4.sub(i32x4.splat(height - 1 + before), row),
  );
  if (border == 0 && i32x4.bitmask(outside) == 15) v128.store(to, v128.load(fill));
  else edgeGroup(from, width, height, channels, xs, ys, border, fill, table, to);
}

// @inline
function cubicLine(from: usize, first: v128, second: v128, channels: i32): v128 {
  const pixels = v128.load(from);
  const sum = i32x4.add(
    i32x4.dot_i16x8_s(near(pixels, channels), first),
    i32x4.dot_i16x8_s(far(pixels, channels), second),
  );
  return i32x4.shr_s(i32x4.add(sum, i32x4.splat(1 << 7)), 8);
}

// @inline
function pairLines(above: v128, below: v128): v128 {
  const both = i16x8.narrow_i32x4_s(above, below);
  return v128.shuffle<i16>(both, both, 0, 4, 1, 5, 2, 6, 3, 7);
}

// @inline
function cubicPixel(from: usize, width: i32, x: i32, y: i32, table: usize, channels: i32): v128 {
  const stride = <usize>(width * channels);
  const across = table + ((<usize>(x & 2047)) << 3);
  const down = table + ((<usize>(y & 2047)) << 3);
  const at = from + <usize>((((y >> 11) - 1) * width + (x >> 11) - 1) * channels);
  const first = v128.load32_splat(across);
  const second = v128.load32_splat(across, 4);
  const upper = pairLines(cubicLine(at, first, second, channels), cubicLine(at + stride, first, second, channels));
  const lower = pairLines(
    cubicLine(at + 2 * stride, first, second, channels),
    cubicLine(at + 3 * stride, first, second, channels),
  );
  const sum = i32x4.add(
    i32x4.dot_i16x8_s(upper, v128.load32_splat(down)),
    i32x4.dot_i16x8_s(lower, v128.load32_splat(down, 4)),
  );
  return i32x4.shr_s(i32x4.add(sum, i32x4.splat(1 << 19)), 20);
}

// @inline
function cubicGroup(from: usize, width: i32, xs: usize, ys: usize, table: usize, channels: i32): v128 {
  const a = cubicPixel(from, width, load<i32>(xs), load<i32>(ys), table, channels);
  const b = cubicPixel(from, width, load<i32>(xs, 4), load<i32>(ys, 4), table, channels);
  const c = cubicPixel(from, width, load<i32>(xs, 8), load<i32>(ys, 8), table, channels);
  const d = cubicPixel(from, width, load<i32>(xs, 12), load<i32>(ys, 12), table, channels);
  return packPixels(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d), channels);
}

/** Lanes of which any of the four values is negative have their sign bit set. */
// @inline
function anyNegative(a: v128, b: v128, c: v128, d: v128): v128 {
  return v128.or(v128.or(a, b), v128.or(c, d));
}

/** Four pixels tap by tap: bicubic with a table of weights, else bilinear. */
function edgeGroup(
  from: usize,
  width: i32,
  height: i32,
  channels: i32,
  xs: usize,
  ys: usize,
  border: i32,
  fill: usize,
  table: usize,
  to: usize,
): void {
  for (let i = 0; i < 4; i++) {
    const x = load<i32>(xs);
    const y = load<i32>(ys);
    if (!table) edgePixel(from, width, height, channels, x, y, border, fill, to);
    else edgeCubic(from, width, height, channels, x, y, table, border, fill, to);
    xs += 4;
    ys += 4;
    to += channels;
  }
}

// @inline
function cubicRow(
  from: usize,
  width: i32,
  height: i32,
  xs: usize,
  ys: usize,
  count: i32,
  border: i32,
  fill: usize,
  table: usize,
  to: usize,
  channels: i32,
): void {
  const end = xs + ((<usize>count) << 2);
  for (; xs < end; xs += 16) {
    const column = i32x4.shr_s(v128.load(xs), 11);
    const row = i32x4.shr_s(v128.load(ys), 11);
    const outside = anyNegative(
      i32x4.sub(column, i32x4.splat(1)),
      i32x4.sub(row, i32x4.splat(1)),
      i32x4.sub(i32x4.splat(width - 3), column),
      i32x4.sub(i32x4.splat(height - 3), row),
    );
    if (i32x4.bitmask(outside) == 0) v128.store(to, cubicGroup(from, width, xs, ys, table, channels));
    else outsideGroup(from, width, height, channels, xs, ys, 1, 2, border, fill, table, to);
    ys += 16;
    to += 4 * channels;
  }
}

/** Makes the positions of row `y` of a map, or leaves alone those that are there when `matrix` is 0. */
function fillPositions(matrix: usize, steady: bool, y: i32, count: i32, xs: usize, ys: usize): void {
  if (!matrix) return;
  const a = load<f64>(matrix);
  const d = load<f64>(matrix, 24);
  const p = load<f64>(matrix, 8) * <f64>y + load<f64>(matrix, 16);
  const q = load<f64>(matrix, 32) * <f64>y + load<f64>(matrix, 40);
  if (steady) {
    const one: f64 = 4294967296;
    const half: f64 = 1048576;
    linePositions(xs, count, <i64>Math.floor(p * one + half), <i64>Math.floor(a * one + 0.5));
    linePositions(ys, count, <i64>Math.floor(q * one + half), <i64>Math.floor(d * one + 0.5));
  } else {
    const g = load<f64>(matrix, 48);
    const r = load<f64>(matrix, 56) * <f64>y + load<f64>(matrix, 64);
    projectivePositions(xs, ys, (count + 3) & -4, a, p, d, q, g, r);
  }
}

// The exported functions below are one per filter and number of channels, or the engine would have to share its registers
// among all of them. They write rows `firstRow … firstRow + rows - 1`, `outWidth` pixels each, of an image sampled by an
// inverse 3×3 matrix (nine doubles); or, when `matrix` is 0, one row whose positions are at `xs` and `ys`. `steady`: the
// matrix is affine and all positions lie within 2^19 pixels. `fill` holds the border's pixel four times; `xs` and `ys`
// have room for `outWidth` integers rounded up to four, `scratch` for three times as many and 128 bytes.

/** Bicubic of grey, tap by tap. */
export function sampleTaps(
  from: usize,
  width: i32,
  height: i32,
  channels: i32,
  matrix: usize,
  steady: bool,
  outWidth: i32,
  firstRow: i32,
  rows: i32,
  xs: usize,
  ys: usize,
  border: i32,
  fill: usize,
  table: usize,
  _scratch: usize,
  to: usize,
): void {
  for (let y = firstRow; y < firstRow + rows; y++) {
    fillPositions(matrix, steady, y, outWidth, xs, ys);
    for (let x: usize = 0; x < <usize>outWidth; x += 4) {
      const at = x << 2;
      edgeGroup(from, width, height, channels, xs + at, ys + at, border, fill, table, to + x * channels);
    }
    to += <usize>(outWidth * channels);
  }
}

/** Nearest. */
export function sampleNearest(
  from: usize,
  width: i32,
  height: i32,
  channels: i32,
  matrix: usize,
  steady: bool,
  outWidth: i32,
  firstRow: i32,
  rows: i32,
  xs: usize,
  ys: usize,
  border: i32,
  fill: usize,
  _table: usize,
  _scratch: usize,
  to: usize,
): void {
  for (let y = firstRow; y < firstRow + rows; y++) {
    fillPositions(matrix, steady, y, outWidth, xs, ys);
    for (let x: usize = 0; x < <usize>outWidth; x++) {
      const column = (load<i32>(xs + (x << 2)) + 1024) >> 11;
      const row = (load<i32>(ys + (x << 2)) + 1024) >> 11;
      if (<u32>column < <u32>width && <u32>row < <u32>height) {
        const at = from + <usize>((row * width + column) * channels);
        if (channels == 1) store<u8>(to, load<u8>(at));
        else store<u32>(to, load<u32>(at));
      } else {
        for (let c = 0; c < channels; c++) {
          store<u8>(to + c, tap(from, width, height, channels, column, row, c, border, fill));
        }
      }
      to += channels;
    }
  }
}

/** Bilinear of grey. */
export function sampleLinear1(
  from: usize,
  width: i32,
  height: i32,
  _channels: i32,
  matrix: usize,
  steady: bool,
  outWidth: i32,
  firstRow: i32,
  rows: i32,
  xs: usize,
  ys: usize,
  border: i32,
  fill: usize,
  _table: usize,
  scratch: usize,
  to: usize,
): void {
  const lane = (<usize>((outWidth + 3) & -4)) << 2;
  for (let y = firstRow; y < firstRow + rows; y++) {
    fillPositions(matrix, steady, y, outWidth, xs, ys);
    let pixel = scratch + 128;
    prepareLinear(xs, ys, outWidth, width, height, 1, scratch, pixel, lane);
    for (let x: usize = 0; x < <usize>outWidth; x++) {
      const offset = load<i32>(pixel);
      if (offset >= 0) {
        const at = from + <usize>offset;
        const upper = load<u32>(pixel + lane);
        const lower = load<u32>(pixel + 2 * lane);
        const sum =
          <i32>load<u8>(at) * <i32>(upper & 0xffff) +
          <i32>load<u8>(at, 1) * <i32>(upper >> 16) +
          <i32>load<u8>(at + width) * <i32>(lower & 0xffff) +
          <i32>load<u8>(at + width, 1) * <i32>(lower >> 16);
        store<u8>(to, (sum + 8192) >> 14);
      } else {
        edgePixel(from, width, height, 1, load<i32>(xs + (x << 2)), load<i32>(ys + (x << 2)), border, fill, to);
      }
      pixel += 4;
      to++;
    }
  }
}

/** Bilinear of RGB. */
export function sampleLinear3(
  from: usize,
  width: i32,
  height: i32,
  _channels: i32,
  matrix: usize,
  steady: bool,
  outWidth: i32,
  firstRow: i32,
  rows: i32,
  xs: usize,
  ys: usize,
  border: i32,
  fill: usize,
  _table: usize,
  scratch: usize,
  to: usize,
): void {
  const lane = (<usize>((outWidth + 3) & -4)) << 2;
  for (let y = firstRow; y < firstRow + rows; y++) {
    fillPositions(matrix, steady, y, outWidth, xs, ys);
    linearRow(from, width, height, xs, ys, outWidth, border, fill, scratch, lane, to, 3);
    to += <usize>(outWidth * 3);
  }
}

/** Bilinear of RGBA. */
export function sampleLinear4(
  from: usize,
  width: i32,
  height: i32,
  _channels: i32,
  matrix: usize,
  steady: bool,
  outWidth: i32,
  firstRow: i32,
  rows: i32,
  xs: usize,
  ys: usize,
  border: i32,
  fill: usize,
  _table: usize,
  scratch: usize,
  to: usize,
): void {
  const lane = (<usize>((outWidth + 3) & -4)) << 2;
  for (let y = firstRow; y < firstRow + rows; y++) {
    fillPositions(matrix, steady, y, outWidth, xs, ys);
    linearRow(from, width, height, xs, ys, outWidth, border, fill, scratch, lane, to, 4);
    to += <usize>(outWidth * 4);
  }
}

/** Bicubic of RGB. */
export function sampleCubic3(
  from: usize,
  width: i32,
  height: i32,
  _channels: i32,
  matrix: usize,
  steady: bool,
  outWidth: i32,
  firstRow: i32,
  rows: i32,
  xs: usize,
  ys: usize,
  border: i32,
  fill: usize,
  table: usize,
  _scratch: usize,
  to: usize,
): void {
  for (let y = firstRow; y < firstRow + rows; y++) {
    fillPositions(matrix, steady, y, outWidth, xs, ys);
    cubicRow(from, width, height, xs, ys, outWidth, border, fill, table, to, 3);
    to += <usize>(outWidth * 3);
  }
}

/** Bicubic of RGBA. */
export function sampleCubic4(
  from: usize,
  width: i32,
  height: i32,
  _channels: i32,
  matrix: usize,
  steady: bool,
  outWidth: i32,
  firstRow: i32,
  rows: i32,
  xs: usize,
  ys: usize,
  border: i32,
  fill: usize,
  table: usize,
  _scratch: usize,
  to: usize,
): void {
  for (let y = firstRow; y < firstRow + rows; y++) {
    fillPositions(matrix, steady, y, outWidth, xs, ys);
    cubicRow(from, width, height, xs, ys, outWidth, border, fill, table, to, 4);
    to += <usize>(outWidth * 4);
  }
}
