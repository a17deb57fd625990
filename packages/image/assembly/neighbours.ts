// What lies around a position of an 8-bit image: the slow way, tap by tap with regard to the border, and the shuffles of the
// fast way.
import { borderIndex } from './border';

// @inline
export function tap(
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
export function edgePixel(
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

/** Four pixels tap by tap: bicubic with a table of weights, else bilinear. */
export function edgeGroup(
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

/** Lanes of which any of the four values is negative have their sign bit set. */
// @inline
export function anyNegative(a: v128, b: v128, c: v128, d: v128): v128 {
  return v128.or(v128.or(a, b), v128.or(c, d));
}

/** Four pixels of which some lack a part of their neighbourhood: `before` to the left and above, `after` to the other sides. */
export function outsideGroup(
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
export function near(pixels: v128, channels: i32): v128 {
  return channels == 3
    ? v128.swizzle(pixels, i8x16(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1))
    : v128.swizzle(pixels, i8x16(0, -1, 4, -1, 1, -1, 5, -1, 2, -1, 6, -1, 3, -1, 7, -1));
}

// @inline
export function far(pixels: v128, channels: i32): v128 {
  return channels == 3
    ? v128.swizzle(pixels, i8x16(6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1))
    : v128.swizzle(pixels, i8x16(8, -1, 12, -1, 9, -1, 13, -1, 10, -1, 14, -1, 11, -1, 15, -1));
}

// @inline
export function packPixels(first: v128, second: v128, channels: i32): v128 {
  const bytes = i8x16.narrow_i16x8_u(first, second);
  return channels == 3 ? v128.swizzle(bytes, i8x16(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1)) : bytes;
}
