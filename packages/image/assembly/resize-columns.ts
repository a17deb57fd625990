// The vertical pass of resampling: blends the rows of lanes that the horizontal pass made, and packs them to bytes. See
// `resize-rows.ts` for the two modes.

/** Eight lanes blended of two rows. */
// @inline
function blendLanes(above: v128, below: v128, weights: v128): v128 {
  const half = i32x4.splat(1 << 19);
  const left = i32x4.dot_i16x8_s(v128.shuffle<i16>(above, below, 0, 8, 1, 9, 2, 10, 3, 11), weights);
  const right = i32x4.dot_i16x8_s(v128.shuffle<i16>(above, below, 4, 12, 5, 13, 6, 14, 7, 15), weights);
  return i16x8.narrow_i32x4_s(i32x4.shr_s(i32x4.add(left, half), 20), i32x4.shr_s(i32x4.add(right, half), 20));
}

// @inline
function linearLanes(from: usize, rowBytes: usize, weights: usize, to: usize, channels: i32): void {
  const end = from + rowBytes;
  const pair = v128.load32_splat(weights);
  for (; from < end; from += 32) {
    const below = from + rowBytes;
    const first = blendLanes(v128.load(from), v128.load(below), pair);
    const second = blendLanes(v128.load(from, 16), v128.load(below, 16), pair);
    storeLanes(to, first, second, channels);
    to += channels == 3 ? 12 : 16;
  }
}

function linearColumns(
  from: usize,
  rowBytes: usize,
  channels: i32,
  starts: usize,
  weights: usize,
  to: usize,
  outBytes: usize,
  rows: i32,
): void {
  for (let y = 0; y < rows; y++) {
    const source = from + load<u32>(starts);
    if (channels == 3) linearLanes(source, rowBytes, weights, to, 3);
    else linearLanes(source, rowBytes, weights, to, 4);
    starts += 4;
    weights += 4;
    to += outBytes;
  }
}

// @inline
function fastLanes(from: usize, rowBytes: usize, weights: usize, taps: i32): v128 {
  let left = i32x4.splat(1 << 19);
  let right = left;
  for (let k = 0; k < taps; k += 2) {
    const above = v128.load(from);
    const below = v128.load(from + rowBytes);
    const pair = v128.load32_splat(weights);
    left = i32x4.add(left, i32x4.dot_i16x8_s(v128.shuffle<i16>(above, below, 0, 8, 1, 9, 2, 10, 3, 11), pair));
    right = i32x4.add(right, i32x4.dot_i16x8_s(v128.shuffle<i16>(above, below, 4, 12, 5, 13, 6, 14, 7, 15), pair));
    from += 2 * rowBytes;
    weights += 4;
  }
  return i16x8.narrow_i32x4_s(i32x4.shr_s(left, 20), i32x4.shr_s(right, 20));
}

// @inline
function exactLanes(from: usize, rowBytes: usize, upper: usize, lower: usize, taps: i32): v128 {
  let leftHigh = i32x4.splat(0);
  let rightHigh = leftHigh;
  let left = i32x4.splat(1 << 21);
  let right = left;
  for (let k = 0; k < taps; k += 2) {
    const above = v128.load(from);
    const below = v128.load(from + rowBytes);
    const first = v128.shuffle<i16>(above, below, 0, 8, 1, 9, 2, 10, 3, 11);
    const second = v128.shuffle<i16>(above, below, 4, 12, 5, 13, 6, 14, 7, 15);
    const high = v128.load32_splat(upper);
    const low = v128.load32_splat(lower);
    leftHigh = i32x4.add(leftHigh, i32x4.dot_i16x8_s(first, high));
    rightHigh = i32x4.add(rightHigh, i32x4.dot_i16x8_s(second, high));
    left = i32x4.add(left, i32x4.dot_i16x8_s(first, low));
    right = i32x4.add(right, i32x4.dot_i16x8_s(second, low));
    from += 2 * rowBytes;
    upper += 4;
    lower += 4;
  }
  left = i32x4.shr_s(i32x4.add(left, i32x4.shl(leftHigh, 11)), 22);
  right = i32x4.shr_s(i32x4.add(right, i32x4.shl(rightHigh, 11)), 22);
  return i16x8.narrow_i32x4_s(left, right);
}

/** Stores 16 lanes as bytes: all of them, or the three colours of four pixels. */
// @inline
function storeLanes(to: usize, first: v128, second: v128, channels: i32): void {
  const bytes = i8x16.narrow_i16x8_u(first, second);
  if (channels == 3) v128.store(to, v128.swizzle(bytes, i8x16(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1)));
  else v128.store(to, bytes);
}

// @inline
function blendRow(
  from: usize,
  rowBytes: usize,
  upper: usize,
  lower: usize,
  taps: i32,
  to: usize,
  channels: i32,
  exact: bool,
): void {
  const end = from + rowBytes;
  for (; from < end; from += 32) {
    const first = exact ? exactLanes(from, rowBytes, upper, lower, taps) : fastLanes(from, rowBytes, upper, taps);
    const second = exact
      ? exactLanes(from + 16, rowBytes, upper, lower, taps)
      : fastLanes(from + 16, rowBytes, upper, taps);
    storeLanes(to, first, second, channels);
    to += channels == 3 ? 12 : 16;
  }
}

/**
 * Vertical pass: `rows` rows of `outBytes` bytes from `to` on. Output row `y` reads `taps` (even) rows of lanes from
 * `from + starts[y]` on, with weights from `upper + y * taps * 2` on. `rowBytes` is a multiple of 32; what lies behind a
 * row's last pixel is overwritten by the next row.
 */
export function resizeColumns(
  from: usize,
  rowBytes: usize,
  channels: i32,
  starts: usize,
  upper: usize,
  lower: usize,
  taps: i32,
  to: usize,
  outBytes: usize,
  rows: i32,
): void {
  if (taps == 2 && !lower) {
    linearColumns(from, rowBytes, channels, starts, upper, to, outBytes, rows);
    return;
  }
  const step = <usize>taps * 2;
  for (let y = 0; y < rows; y++) {
    const source = from + load<u32>(starts);
    if (lower) {
      if (channels == 3) blendRow(source, rowBytes, upper, lower, taps, to, 3, true);
      else blendRow(source, rowBytes, upper, lower, taps, to, 4, true);
    } else if (channels == 3) blendRow(source, rowBytes, upper, lower, taps, to, 3, false);
    else blendRow(source, rowBytes, upper, lower, taps, to, 4, false);
    starts += 4;
    upper += step;
    if (lower) lower += step;
    to += outBytes;
  }
}

/** Moves bytes within the memory; the areas may overlap. */
export function moveBytes(to: usize, from: usize, count: usize): void {
  memory.copy(to, from, count);
}
