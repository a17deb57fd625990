// Separable resampling of 8-bit pixels. The horizontal pass turns source rows into rows of 16-bit lanes (grey 1 a pixel,
// RGB and RGBA 4), the vertical pass blends these rows and packs them to bytes. Weights are 16-bit, so that one
// instruction multiplies and adds two taps: exact mode splits Pillow's 22-bit weights into an upper and a lower half
// (weight = upper * 2048 + lower) and clamps to 8 bits between the passes; fast mode has 14-bit weights and keeps 6
// fractional bits between the passes. Sums wrap at 32 bits on the way, but never at their end.

// @inline
function pairs3(pixels: v128): v128 {
  return v128.swizzle(pixels, i8x16(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1));
}

// @inline
function pairs4(pixels: v128): v128 {
  return v128.swizzle(pixels, i8x16(0, -1, 4, -1, 1, -1, 5, -1, 2, -1, 6, -1, 3, -1, 7, -1));
}

// @inline
function pairs(pixels: v128, channels: i32): v128 {
  return channels == 3 ? pairs3(pixels) : pairs4(pixels);
}

/** Two rows at a time, which share the offsets and the weights. */
// @inline
function linearRowPair(
  above: usize,
  below: usize,
  starts: usize,
  weights: usize,
  to: usize,
  rowBytes: usize,
  width: i32,
  channels: i32,
): void {
  const half = i32x4.splat(1 << 7);
  const end = to + <usize>width * 8;
  for (; to < end; to += 16) {
    const first = <usize>load<u32>(starts);
    const second = <usize>load<u32>(starts, 4);
    const pair = v128.load32_splat(weights);
    const next = v128.load32_splat(weights, 4);
    const a = i32x4.dot_i16x8_s(pairs(v128.load64_zero(above + first), channels), pair);
    const b = i32x4.dot_i16x8_s(pairs(v128.load64_zero(above + second), channels), next);
    const c = i32x4.dot_i16x8_s(pairs(v128.load64_zero(below + first), channels), pair);
    const d = i32x4.dot_i16x8_s(pairs(v128.load64_zero(below + second), channels), next);
    v128.store(to, i16x8.narrow_i32x4_s(i32x4.shr_s(i32x4.add(a, half), 8), i32x4.shr_s(i32x4.add(b, half), 8)));
    v128.store(
      to + rowBytes,
      i16x8.narrow_i32x4_s(i32x4.shr_s(i32x4.add(c, half), 8), i32x4.shr_s(i32x4.add(d, half), 8)),
    );
    starts += 8;
    weights += 8;
  }
}

/** Two taps need no inner loop: by far the most frequent case. An odd last row is written twice. */
function linearRows(
  from: usize,
  rowStarts: usize,
  rows: i32,
  channels: i32,
  starts: usize,
  weights: usize,
  to: usize,
  rowBytes: usize,
  width: i32,
): void {
  for (let y = 0; y < rows; y += 2) {
    const above = from + load<u32>(rowStarts);
    const below = y + 1 < rows ? from + load<u32>(rowStarts, 4) : above;
    if (channels == 3) linearRowPair(above, below, starts, weights, to, rowBytes, width, 3);
    else linearRowPair(above, below, starts, weights, to, rowBytes, width, 4);
    rowStarts += 8;
    to += 2 * rowBytes;
  }
}

/** One resampled pixel in fast mode: 4 lanes of 32 bits with 6 fractional bits. */
// @inline
function fastPixel(from: usize, weights: usize, taps: i32, channels: i32): v128 {
  let sum = i32x4.splat(1 << 7);
  for (let k = 0; k < taps; k += 2) {
    sum = i32x4.add(sum, i32x4.dot_i16x8_s(pairs(v128.load64_zero(from), channels), v128.load32_splat(weights)));
    from += 2 * channels;
    weights += 4;
  }
  return i32x4.shr_s(sum, 8);
}

/** One resampled pixel in exact mode: 4 lanes of 32 bits, 0 to 255 after clamping. */
// @inline
function exactPixel(from: usize, upper: usize, lower: usize, taps: i32, channels: i32): v128 {
  let high = i32x4.splat(0);
  let low = i32x4.splat(1 << 21);
  for (let k = 0; k < taps; k += 2) {
    const samples = pairs(v128.load64_zero(from), channels);
    high = i32x4.add(high, i32x4.dot_i16x8_s(samples, v128.load32_splat(upper)));
    low = i32x4.add(low, i32x4.dot_i16x8_s(samples, v128.load32_splat(lower)));
    from += 2 * channels;
    upper += 4;
    lower += 4;
  }
  return i32x4.shr_s(i32x4.add(i32x4.shl(high, 11), low), 22);
}

/** Clamps lanes to 0..255, which they keep as 16 bits. */
// @inline
function clampLanes(lanes: v128): v128 {
  return i16x8.extend_low_i8x16_u(i8x16.narrow_i16x8_u(lanes, lanes));
}

// @inline
function fastRow(from: usize, starts: usize, weights: usize, taps: i32, to: usize, width: i32, channels: i32): void {
  const step = <usize>taps * 2;
  const end = to + <usize>width * 8;
  for (; to < end; to += 16) {
    const first = fastPixel(from + load<u32>(starts), weights, taps, channels);
    const second = fastPixel(from + load<u32>(starts, 4), weights + step, taps, channels);
    v128.store(to, i16x8.narrow_i32x4_s(first, second));
    starts += 8;
    weights += 2 * step;
  }
}

// @inline
function exactRow(
  from: usize,
  starts: usize,
  upper: usize,
  lower: usize,
  taps: i32,
  to: usize,
  width: i32,
  channels: i32,
): void {
  const step = <usize>taps * 2;
  const end = to + <usize>width * 8;
  for (; to < end; to += 16) {
    const first = exactPixel(from + load<u32>(starts), upper, lower, taps, channels);
    const second = exactPixel(from + load<u32>(starts, 4), upper + step, lower + step, taps, channels);
    v128.store(to, clampLanes(i16x8.narrow_i32x4_s(first, second)));
    starts += 8;
    upper += 2 * step;
    lower += 2 * step;
  }
}

// @inline
function sumLanes(lanes: v128): i32 {
  const halves = i32x4.add(lanes, v128.shuffle<i32>(lanes, lanes, 2, 3, 0, 1));
  return i32x4.extract_lane(halves, 0) + i32x4.extract_lane(halves, 1);
}

/** Grey: eight taps at a time; `taps` is a multiple of 8. */
function grayRow(from: usize, starts: usize, upper: usize, lower: usize, taps: i32, to: usize, width: i32): void {
  const step = <usize>taps * 2;
  for (let x = 0; x < width; x++) {
    let source = from + load<u32>(starts);
    let high = i32x4.splat(0);
    let low = i32x4.splat(0);
    for (let k: usize = 0; k < step; k += 16) {
      const samples = v128.load8x8_u(source);
      high = i32x4.add(high, i32x4.dot_i16x8_s(samples, v128.load(upper + k)));
      if (lower) low = i32x4.add(low, i32x4.dot_i16x8_s(samples, v128.load(lower + k)));
      source += 8;
    }
    const sum = lower
      ? max(min(((sumLanes(high) << 11) + sumLanes(low) + (1 << 21)) >> 22, 255), 0)
      : max(min((sumLanes(high) + (1 << 7)) >> 8, 32767), -32768);
    store<i16>(to, <i16>sum);
    starts += 4;
    upper += step;
    if (lower) lower += step;
    to += 2;
  }
}

/**
 * Horizontal pass. `rowStarts` holds the byte offset of each of `rows` source rows behind `from`; output pixel `x` reads
 * `taps` pixels from `starts[x]` bytes on, with 16-bit weights from `upper + x * taps * 2` on. `lower` is 0 in fast mode.
 * `taps` is even, and a multiple of 8 for grey; rows of lanes are `rowBytes` apart from `to` on.
 */
export function resizeRows(
  from: usize,
  rowStarts: usize,
  rows: i32,
  channels: i32,
  starts: usize,
  upper: usize,
  lower: usize,
  taps: i32,
  to: usize,
  rowBytes: usize,
  width: i32,
): void {
  if (taps == 2 && !lower) {
    linearRows(from, rowStarts, rows, channels, starts, upper, to, rowBytes, width);
    return;
  }
  for (let y = 0; y < rows; y++) {
    const source = from + load<u32>(rowStarts);
    if (channels == 1) grayRow(source, starts, upper, lower, taps, to, width);
    else if (lower) {
      if (channels == 3) exactRow(source, starts, upper, lower, taps, to, width, 3);
      else exactRow(source, starts, upper, lower, taps, to, width, 4);
    } else if (channels == 3) fastRow(source, starts, upper, taps, to, width, 3);
    else fastRow(source, starts, upper, taps, to, width, 4);
    rowStarts += 4;
    to += rowBytes;
  }
}

/** Nearest: pixel `x` of each of `rows` rows is the one `columns[x]` bytes behind its row's start. */
export function takePixels(
  from: usize,
  rowStarts: usize,
  rows: i32,
  columns: usize,
  width: i32,
  channels: i32,
  to: usize,
): void {
  for (let y = 0; y < rows; y++) {
    const source = from + load<u32>(rowStarts);
    for (let x = 0; x < width; x++) {
      const at = source + load<u32>(columns + ((<usize>x) << 2));
      if (channels == 1) store<u8>(to, load<u8>(at));
      else store<u32>(to, load<u32>(at));
      to += channels;
    }
    rowStarts += 4;
  }
}
