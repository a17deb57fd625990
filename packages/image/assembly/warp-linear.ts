// Sampling 8-bit images anywhere, by bilinear interpolation. Four pixels whose whole neighbourhood lies inside the image
// take the fast way, all others tap by tap.
//
// The exported functions below are one per filter and number of channels, or the engine would have to share its registers
// among all of them. They write rows `firstRow … firstRow + rows - 1`, `outWidth` pixels each, of an image sampled by an
// inverse 3×3 matrix (nine doubles); or, when `matrix` is 0, one row whose positions are at `xs` and `ys`. `steady`: the
// matrix is affine and all positions lie within 2^19 pixels. `fill` holds the border's pixel four times; `xs` and `ys`
// have room for `outWidth` integers rounded up to four, `scratch` for three times as many and 128 bytes.
import { anyNegative, edgePixel, near, outsideGroup, packPixels } from './neighbours';
import { fillPositions } from './positions';

/**
 * Works out, four pixels at a time, where each pixel's neighbourhood starts and how its pixels count: pointers
 * (negative where it does not lie inside, or lies beyond 2 GiB: both go the slow way), then the weights of the upper pair, then of the lower. Constants come from
 * memory, since the engine would make those of the code anew for every group.
 */
function prepareLinear(
  xs: usize,
  ys: usize,
  count: i32,
  width: i32,
  height: i32,
  channels: i32,
  from: usize,
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
  v128.store(constants, i32x4.splat(<i32>from), 112);
  const fraction = v128.load(constants);
  const half = v128.load(constants, 16);
  const one = v128.load(constants, 32);
  const step = v128.load(constants, 48);
  const stride = v128.load(constants, 64);
  const mostX = v128.load(constants, 80);
  const mostY = v128.load(constants, 96);
  const base = v128.load(constants, 112);
  const end = xs + ((<usize>count) << 2);
  for (; xs < end; xs += 16) {
    const x = v128.load(xs);
    const y = v128.load(ys);
    const column = i32x4.shr_s(x, 11);
    const row = i32x4.shr_s(y, 11);
    const right = v128.and(x, fraction);
    const below = v128.and(y, fraction);
    const outside = anyNegative(column, row, i32x4.sub(mostX, column), i32x4.sub(mostY, row));
    const places = i32x4.add(i32x4.add(i32x4.mul(row, stride), i32x4.mul(column, step)), base);
    v128.store(to, v128.or(places, i32x4.shr_s(outside, 31)));
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

/** Blends the four pixels whose pointers are at `group` and their weights one and two lanes behind. */
// @inline
function linearGroup(
  stride: usize,
  group: usize,
  upper: usize,
  lower: usize,
  half: v128,
  to: usize,
  channels: i32,
): void {
  const a = linearPixel(load<u32>(group), stride, v128.load32_splat(upper), v128.load32_splat(lower), half, channels);
  const b = linearPixel(
    load<u32>(group, 4),
    stride,
    v128.load32_splat(upper, 4),
    v128.load32_splat(lower, 4),
    half,
    channels,
  );
  const c = linearPixel(
    load<u32>(group, 8),
    stride,
    v128.load32_splat(upper, 8),
    v128.load32_splat(lower, 8),
    half,
    channels,
  );
  const d = linearPixel(
    load<u32>(group, 12),
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
  prepareLinear(xs, ys, count, width, height, channels, from, constants, first, lane);
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
      linearGroup(stride, group, upper, lower, half, to, channels);
      linearGroup(stride, group + 16, upper + 16, lower + 16, half, to + 4 * channels, channels);
      group += 32;
      to += 8 * channels;
    } else {
      if (i32x4.bitmask(v128.load(group)) == 0) linearGroup(stride, group, upper, lower, half, to, channels);
      else {
        const at = group - first;
        outsideGroup(from, width, height, channels, xs + at, ys + at, 0, 1, border, fill, 0, to);
      }
      group += 16;
      to += 4 * channels;
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
    prepareLinear(xs, ys, outWidth, width, height, 1, from, scratch, pixel, lane);
    for (let x: usize = 0; x < <usize>outWidth; x++) {
      const at = <usize>load<u32>(pixel);
      if (load<i32>(pixel) >= 0) {
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
