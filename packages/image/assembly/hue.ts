// RGB to and from HSV and HSL, four pixels at a time. Hue counts degrees by two (0..179), the rest is 0..255.
// The integer arithmetic of the way there is OpenCV's for 8-bit HSV: quotients rounded to 12 fractional bits.
import { interleave, store3, takeFirst, takeSecond, takeThird } from './pixels';
import { roundBias, roundLanes } from './rounding';

const numbers = memory.data<f32>([122880, 1044480, 255, 0.03333333333333333, 0.00392156862745098], 16);
const integers = memory.data<i32>([1, 2048, 180, 255, 510, 179], 16);

/** Hue of pixels whose largest channel is `high` and whose channels span `range`. */
function hueOf(r: v128, g: v128, b: v128, high: v128, range: v128, bias: v128, one: v128, half: v128): v128 {
  const fromGreen = i32x4.add(i32x4.sub(b, r), i32x4.shl(range, 1));
  const fromBlue = i32x4.add(i32x4.sub(r, g), i32x4.shl(range, 2));
  const notRed = v128.bitselect(fromGreen, fromBlue, i32x4.eq(high, g));
  const sixths = v128.bitselect(i32x4.sub(g, b), notRed, i32x4.eq(high, r));
  const span = f32x4.convert_i32x4_s(i32x4.max_s(range, one));
  const perRange = roundLanes(f32x4.div(v128.load32_splat(numbers), span), bias);
  const hue = i32x4.shr_s(i32x4.add(i32x4.mul(sixths, perRange), half), 12);
  return i32x4.add(hue, v128.and(i32x4.shr_s(hue, 31), v128.load32_splat(integers, 8)));
}

export function rgbToHsv(from: usize, to: usize, pixels: i32): void {
  const first = v128.load(takeFirst);
  const second = v128.load(takeSecond);
  const third = v128.load(takeThird);
  const pattern = v128.load(interleave);
  const bias = v128.load32_splat(roundBias);
  const one = v128.load32_splat(integers);
  const half = v128.load32_splat(integers, 4);
  const end = from + pixels * 3;
  for (; from < end; from += 12) {
    const bytes = v128.load(from);
    const r = v128.swizzle(bytes, first);
    const g = v128.swizzle(bytes, second);
    const b = v128.swizzle(bytes, third);
    const high = i32x4.max_s(i32x4.max_s(r, g), b);
    const range = i32x4.sub(high, i32x4.min_s(i32x4.min_s(r, g), b));
    const divisor = f32x4.convert_i32x4_s(i32x4.max_s(high, one));
    const perHigh = roundLanes(f32x4.div(v128.load32_splat(numbers, 4), divisor), bias);
    const saturation = i32x4.shr_s(i32x4.add(i32x4.mul(range, perHigh), half), 12);
    store3(to, hueOf(r, g, b, high, range, bias, one, half), saturation, high, pattern);
    to += 12;
  }
}

export function rgbToHsl(from: usize, to: usize, pixels: i32): void {
  const first = v128.load(takeFirst);
  const second = v128.load(takeSecond);
  const third = v128.load(takeThird);
  const pattern = v128.load(interleave);
  const bias = v128.load32_splat(roundBias);
  const one = v128.load32_splat(integers);
  const half = v128.load32_splat(integers, 4);
  const end = from + pixels * 3;
  for (; from < end; from += 12) {
    const bytes = v128.load(from);
    const r = v128.swizzle(bytes, first);
    const g = v128.swizzle(bytes, second);
    const b = v128.swizzle(bytes, third);
    const high = i32x4.max_s(i32x4.max_s(r, g), b);
    const low = i32x4.min_s(i32x4.min_s(r, g), b);
    const range = i32x4.sub(high, low);
    const sum = i32x4.add(high, low);
    const span = i32x4.max_s(i32x4.min_s(sum, i32x4.sub(v128.load32_splat(integers, 16), sum)), one);
    const part = f32x4.mul(f32x4.convert_i32x4_s(range), v128.load32_splat(numbers, 8));
    const saturation = roundLanes(f32x4.div(part, f32x4.convert_i32x4_s(span)), bias);
    const lightness = i32x4.shr_s(i32x4.add(sum, one), 1);
    store3(to, hueOf(r, g, b, high, range, bias, one, half), saturation, lightness, pattern);
    to += 12;
  }
}

/** Hues of 180 and more, which only foreign data has, go once round. */
function wrapHue(hue: v128): v128 {
  const over = i32x4.gt_s(hue, v128.load32_splat(integers, 20));
  return i32x4.sub(hue, v128.and(over, v128.load32_splat(integers, 8)));
}

/** Sixths of the turn where cyan, green and blue are purest, clamps, and a mask that takes the sign away. */
const sixths = memory.data<f32>([3, 2, 4, 1], 16);
const magnitude = memory.data<u32>([0x7fffffff], 16);

/**
 * RGB of colours whose largest channel is `value` and whose channels span `chroma`: each channel lies below the largest
 * by a part of the span, 0..1, that changes linearly with the distance of the hue from that channel's purest one.
 */
function storeColors(to: usize, sixth: v128, value: v128, chroma: v128, bias: v128, pattern: v128): void {
  const mask = v128.load32_splat(magnitude);
  const two = v128.load32_splat(sixths, 4);
  const one = v128.load32_splat(sixths, 12);
  const fromCyan = v128.and(f32x4.sub(sixth, v128.load32_splat(sixths)), mask);
  const fromGreen = v128.and(f32x4.sub(sixth, two), mask);
  const fromBlue = v128.and(f32x4.sub(sixth, v128.load32_splat(sixths, 8)), mask);
  const red = below(value, chroma, f32x4.sub(two, fromCyan), one);
  const green = below(value, chroma, f32x4.sub(fromGreen, one), one);
  const blue = below(value, chroma, f32x4.sub(fromBlue, one), one);
  store3(to, roundLanes(red, bias), roundLanes(green, bias), roundLanes(blue, bias), pattern);
}

function below(value: v128, chroma: v128, part: v128, one: v128): v128 {
  return f32x4.sub(value, f32x4.mul(chroma, f32x4.pmin(f32x4.pmax(part, i32x4.splat(0)), one)));
}

export function hsvToRgb(from: usize, to: usize, pixels: i32): void {
  const first = v128.load(takeFirst);
  const second = v128.load(takeSecond);
  const third = v128.load(takeThird);
  const pattern = v128.load(interleave);
  const bias = v128.load32_splat(roundBias);
  const end = from + pixels * 3;
  for (; from < end; from += 12) {
    const bytes = v128.load(from);
    const hue = f32x4.convert_i32x4_s(wrapHue(v128.swizzle(bytes, first)));
    const share = f32x4.mul(f32x4.convert_i32x4_s(v128.swizzle(bytes, second)), v128.load32_splat(numbers, 16));
    const value = f32x4.convert_i32x4_s(v128.swizzle(bytes, third));
    const chroma = f32x4.mul(value, share);
    storeColors(to, f32x4.mul(hue, v128.load32_splat(numbers, 12)), value, chroma, bias, pattern);
    to += 12;
  }
}

export function hslToRgb(from: usize, to: usize, pixels: i32): void {
  const first = v128.load(takeFirst);
  const second = v128.load(takeSecond);
  const third = v128.load(takeThird);
  const pattern = v128.load(interleave);
  const bias = v128.load32_splat(roundBias);
  const end = from + pixels * 3;
  for (; from < end; from += 12) {
    const bytes = v128.load(from);
    const hue = f32x4.convert_i32x4_s(wrapHue(v128.swizzle(bytes, first)));
    const share = f32x4.mul(f32x4.convert_i32x4_s(v128.swizzle(bytes, second)), v128.load32_splat(numbers, 16));
    const lightness = f32x4.convert_i32x4_s(v128.swizzle(bytes, third));
    const half = f32x4.mul(share, f32x4.pmin(lightness, f32x4.sub(v128.load32_splat(numbers, 8), lightness)));
    const value = f32x4.add(lightness, half);
    storeColors(to, f32x4.mul(hue, v128.load32_splat(numbers, 12)), value, f32x4.add(half, half), bias, pattern);
    to += 12;
  }
}
