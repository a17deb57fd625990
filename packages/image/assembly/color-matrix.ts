// Three outputs per pixel, each a weighted sum of three inputs and an offset, in fixed point.
import { store3 } from './pixels';

/**
 * RGB times a 3 × 4 matrix. `weights` holds three rows of six 16-bit numbers r, g, b, k, ., . laid out as two vectors per
 * row: (r, g) four times, then (b, offset) four times; the offset counts `offsetUnit` times. Sums are shifted by `bits`.
 */
export function colorMatrix(from: usize, to: usize, pixels: i32, weights: usize, offsetUnit: i32, bits: i32): void {
  const rg0 = v128.load(weights);
  const bk0 = v128.load(weights, 16);
  const rg1 = v128.load(weights, 32);
  const bk1 = v128.load(weights, 48);
  const rg2 = v128.load(weights, 64);
  const bk2 = v128.load(weights, 80);
  const zero = i32x4.splat(0);
  const unit = i16x8.splat(<i16>offsetUnit);
  const half = i32x4.splat(1 << (bits - 1));
  for (let i = 0; i < pixels; i += 4) {
    const bytes = v128.load(from);
    const rg = v128.shuffle<i8>(bytes, zero, 0, 16, 1, 16, 3, 16, 4, 16, 6, 16, 7, 16, 9, 16, 10, 16);
    const b = v128.shuffle<i8>(bytes, zero, 2, 16, 16, 16, 5, 16, 16, 16, 8, 16, 16, 16, 11, 16, 16, 16);
    const bk = v128.shuffle<i16>(b, unit, 0, 8, 2, 8, 4, 8, 6, 8);
    const red = sum(rg, bk, rg0, bk0, half, bits);
    const green = sum(rg, bk, rg1, bk1, half, bits);
    const blue = sum(rg, bk, rg2, bk2, half, bits);
    store3(to, red, green, blue);
    from += 12;
    to += 12;
  }
}

function sum(rg: v128, bk: v128, rgWeights: v128, bkWeights: v128, half: v128, bits: i32): v128 {
  const products = i32x4.add(i32x4.dot_i16x8_s(rg, rgWeights), i32x4.dot_i16x8_s(bk, bkWeights));
  return i32x4.shr_s(i32x4.add(products, half), bits);
}
