// Three outputs per pixel, each a weighted sum of three inputs and an offset, in fixed point.
import { interleave, store3, takeThird } from './pixels';

const redGreen = memory.data<u8>([0, 128, 1, 128, 3, 128, 4, 128, 6, 128, 7, 128, 9, 128, 10, 128], 16);

/** RGB times a 3 × 4 matrix with 13 fractional bits: weights below 4. */
export function colorMatrixFine(from: usize, to: usize, pixels: i32, weights: usize): void {
  multiply(from, to, pixels, weights, 13);
}

/** RGB times a 3 × 4 matrix with 9 fractional bits: weights below 64. */
export function colorMatrixWide(from: usize, to: usize, pixels: i32, weights: usize): void {
  multiply(from, to, pixels, weights, 9);
}

/**
 * `weights` holds, for each row, two vectors of 16-bit numbers: (r, g) four times, then (b, offset) four times, then two
 * vectors of 32-bit numbers: half of 2^`bits`, by which sums are divided, and 2¹⁶ times what the offsets count.
 */
function multiply(from: usize, to: usize, pixels: i32, weights: usize, bits: i32): void {
  const rg0 = v128.load(weights);
  const bk0 = v128.load(weights, 16);
  const rg1 = v128.load(weights, 32);
  const bk1 = v128.load(weights, 48);
  const rg2 = v128.load(weights, 64);
  const bk2 = v128.load(weights, 80);
  const half = v128.load(weights, 96);
  const unit = v128.load(weights, 112);
  const takeRedGreen = v128.load(redGreen);
  const takeBlue = v128.load(takeThird);
  const pattern = v128.load(interleave);
  const end = from + pixels * 3;
  for (; from < end; from += 12) {
    const bytes = v128.load(from);
    const rg = v128.swizzle(bytes, takeRedGreen);
    const bk = v128.or(v128.swizzle(bytes, takeBlue), unit);
    const red = i32x4.shr_s(i32x4.add(sum(rg, bk, rg0, bk0), half), bits);
    const green = i32x4.shr_s(i32x4.add(sum(rg, bk, rg1, bk1), half), bits);
    const blue = i32x4.shr_s(i32x4.add(sum(rg, bk, rg2, bk2), half), bits);
    store3(to, red, green, blue, pattern);
    to += 12;
  }
}

function sum(rg: v128, bk: v128, rgWeights: v128, bkWeights: v128): v128 {
  return i32x4.add(i32x4.dot_i16x8_s(rg, rgWeights), i32x4.dot_i16x8_s(bk, bkWeights));
}
