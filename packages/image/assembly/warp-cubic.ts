// Sampling 8-bit images anywhere, by bicubic interpolation; `table` holds four 14-bit weights for each of 2048 fractions of
// a pixel. The parameters are those of the bilinear functions.
import { anyNegative, edgeGroup, far, near, outsideGroup, packPixels } from './neighbours';
import { fillPositions } from './positions';

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
