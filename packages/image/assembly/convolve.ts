// Convolution of 8-bit rows by a small kernel: 16-bit weights, 32-bit sums, taps in pairs. The source has its border
// around it already, so every tap is a fixed distance from the result's place.

/**
 * Convolves `rows` rows of `samples` samples; source rows are `stride` bytes apart. Each of `pairs` pairs of taps stands
 * from `taps` on as two byte offsets and two 16-bit weights. Sums have `shift` fractional bits.
 */
export function convolveRows(
  from: usize,
  stride: usize,
  rows: i32,
  samples: i32,
  taps: usize,
  pairs: i32,
  shift: i32,
  to: usize,
): void {
  const half = i32x4.splat((1 << shift) >> 1);
  for (let y = 0; y < rows; y++) {
    for (let i: usize = 0; i < <usize>samples; i += 16) {
      let s0 = half;
      let s1 = half;
      let s2 = half;
      let s3 = half;
      let tap = taps;
      for (let k = 0; k < pairs; k++) {
        const a = v128.load(from + load<u32>(tap) + i);
        const b = v128.load(from + load<u32>(tap, 4) + i);
        const pair = v128.load32_splat(tap, 8);
        const low = v128.shuffle<i8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        const high = v128.shuffle<i8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        s0 = i32x4.add(s0, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(low), pair));
        s1 = i32x4.add(s1, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(low), pair));
        s2 = i32x4.add(s2, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(high), pair));
        s3 = i32x4.add(s3, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(high), pair));
        tap += 12;
      }
      const first = i16x8.narrow_i32x4_s(i32x4.shr_s(s0, shift), i32x4.shr_s(s1, shift));
      const second = i16x8.narrow_i32x4_s(i32x4.shr_s(s2, shift), i32x4.shr_s(s3, shift));
      v128.store(to + i, i8x16.narrow_i16x8_u(first, second));
    }
    from += stride;
    to += <usize>samples;
  }
}
