// Four RGB pixels in the first twelve bytes of a vector, taken apart and put together again.

/** The first channel, one pixel in each 32-bit lane. */
export function channel0(pixels: v128): v128 {
  return v128.shuffle<i8>(pixels, i32x4.splat(0), 0, 16, 16, 16, 3, 16, 16, 16, 6, 16, 16, 16, 9, 16, 16, 16);
}

/** The second channel. */
export function channel1(pixels: v128): v128 {
  return v128.shuffle<i8>(pixels, i32x4.splat(0), 1, 16, 16, 16, 4, 16, 16, 16, 7, 16, 16, 16, 10, 16, 16, 16);
}

/** The third channel. */
export function channel2(pixels: v128): v128 {
  return v128.shuffle<i8>(pixels, i32x4.splat(0), 2, 16, 16, 16, 5, 16, 16, 16, 8, 16, 16, 16, 11, 16, 16, 16);
}

/** Stores three channels as four pixels, saturated to 8 bits; four bytes more are written. */
export function store3(to: usize, first: v128, second: v128, third: v128): void {
  const planes = i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(first, second), i16x8.narrow_i32x4_s(third, third));
  v128.store(to, v128.shuffle<i8>(planes, planes, 0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11, 12, 13, 14, 15));
}
