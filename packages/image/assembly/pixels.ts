// Four RGB pixels in the first twelve bytes of a vector, taken apart and put together again. The byte patterns lie in
// memory for a reason: an engine builds a constant vector anew in every turn of a loop (V8 with four instructions), while
// one that was loaded in front of the loop stays in a register.

/** The first, second and third channel of four pixels, one pixel in each 32-bit lane. */
export const takeFirst = memory.data<u8>([0, 128, 128, 128, 3, 128, 128, 128, 6, 128, 128, 128, 9, 128, 128, 128], 16);
export const takeSecond = memory.data<u8>(
  [1, 128, 128, 128, 4, 128, 128, 128, 7, 128, 128, 128, 10, 128, 128, 128],
  16,
);
export const takeThird = memory.data<u8>([2, 128, 128, 128, 5, 128, 128, 128, 8, 128, 128, 128, 11, 128, 128, 128], 16);
/** Three planes of four bytes to four pixels. */
export const interleave = memory.data<u8>([0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11, 12, 13, 14, 15], 16);

/** Stores three channels as four pixels, saturated to 8 bits; four bytes more are written. */
export function store3(to: usize, first: v128, second: v128, third: v128, pattern: v128): void {
  const planes = i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(first, second), i16x8.narrow_i32x4_s(third, third));
  v128.store(to, v128.swizzle(planes, pattern));
}
