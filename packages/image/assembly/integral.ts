// Summed-area tables. `sums` points at the row of the table above the first one to fill; a row is `width + 1` pixels
// long and starts with a zero pixel. A vector holds the channels of one pixel; with three of them, the fourth lane is
// overwritten by the next pixel.

/** Sums as u32. */
export function integralRows(from: usize, sums: usize, width: i32, rows: i32, channels: i32): void {
  const stride = (<usize>(width + 1) * channels) << 2;
  const step = (<usize>channels) << 2;
  for (let y = 0; y < rows; y++) {
    let target = sums + stride;
    for (let i: usize = 0; i < step; i += 4) store<u32>(target + i, 0);
    if (channels === 1) {
      let run: u32 = 0;
      for (let x = 0; x < width; x++) {
        target += 4;
        run += load<u8>(from++);
        store<u32>(target, load<u32>(target - stride) + run);
      }
    } else {
      let run = i32x4.splat(0);
      for (let x = 0; x < width; x++) {
        target += step;
        run = i32x4.add(run, pixel(from));
        v128.store(target, i32x4.add(v128.load(target - stride), run));
        from += channels;
      }
    }
    sums += stride;
  }
}

function pixel(from: usize): v128 {
  return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(from)));
}

/** Sums of squares as f64, which holds them exactly. */
export function integralSquareRows(from: usize, sums: usize, width: i32, rows: i32, channels: i32): void {
  const stride = (<usize>(width + 1) * channels) << 3;
  const step = (<usize>channels) << 3;
  for (let y = 0; y < rows; y++) {
    let target = sums + stride;
    for (let i: usize = 0; i < step; i += 8) store<f64>(target + i, 0);
    if (channels === 1) {
      let run: f64 = 0;
      for (let x = 0; x < width; x++) {
        target += 8;
        const value = <i32>load<u8>(from++);
        run += <f64>(value * value);
        store<f64>(target, load<f64>(target - stride) + run);
      }
    } else {
      let low = f64x2.splat(0);
      let high = f64x2.splat(0);
      for (let x = 0; x < width; x++) {
        target += step;
        const values = pixel(from);
        const squares = i32x4.mul(values, values);
        low = f64x2.add(low, f64x2.convert_low_i32x4_s(squares));
        high = f64x2.add(high, f64x2.convert_low_i32x4_s(v128.shuffle<i64>(squares, squares, 1, 0)));
        const above = target - stride;
        const highSum = f64x2.add(v128.load(above, 16), high);
        v128.store(target, f64x2.add(v128.load(above), low));
        v128.store(target, highSum, 16);
        from += channels;
      }
    }
    sums += stride;
  }
}
