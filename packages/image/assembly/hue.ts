// RGB to and from HSV and HSL, four pixels at a time. Hue counts degrees by two (0..179), the rest is 0..255.
// The integer arithmetic of the way there is OpenCV's for 8-bit HSV: quotients rounded to 12 fractional bits.
import { channel0, channel1, channel2, store3 } from './pixels';
import { roundLanes } from './rounding';

/** numerator / denominator rounded half to even, for quotients below 2²². */
function divideRounded(numerator: v128, denominator: v128): v128 {
  const quotient = f32x4.div(f32x4.convert_i32x4_s(numerator), f32x4.convert_i32x4_s(denominator));
  return roundLanes(quotient);
}

/** Hue of pixels whose largest channel is `high` and whose channels span `range`. */
function hueOf(r: v128, g: v128, b: v128, high: v128, range: v128): v128 {
  const fromGreen = i32x4.add(i32x4.sub(b, r), i32x4.shl(range, 1));
  const fromBlue = i32x4.add(i32x4.sub(r, g), i32x4.shl(range, 2));
  const notRed = v128.bitselect(fromGreen, fromBlue, i32x4.eq(high, g));
  const sixths = v128.bitselect(i32x4.sub(g, b), notRed, i32x4.eq(high, r));
  const perRange = divideRounded(i32x4.splat((180 * 4096) / 6), i32x4.max_s(range, i32x4.splat(1)));
  const hue = i32x4.shr_s(i32x4.add(i32x4.mul(sixths, perRange), i32x4.splat(2048)), 12);
  return i32x4.add(hue, v128.and(i32x4.shr_s(hue, 31), i32x4.splat(180)));
}

export function rgbToHsv(from: usize, to: usize, pixels: i32): void {
  for (let i = 0; i < pixels; i += 4) {
    const bytes = v128.load(from);
    const r = channel0(bytes);
    const g = channel1(bytes);
    const b = channel2(bytes);
    const high = i32x4.max_s(i32x4.max_s(r, g), b);
    const range = i32x4.sub(high, i32x4.min_s(i32x4.min_s(r, g), b));
    const perHigh = divideRounded(i32x4.splat(255 * 4096), i32x4.max_s(high, i32x4.splat(1)));
    const saturation = i32x4.shr_s(i32x4.add(i32x4.mul(range, perHigh), i32x4.splat(2048)), 12);
    store3(to, hueOf(r, g, b, high, range), saturation, high);
    from += 12;
    to += 12;
  }
}

export function rgbToHsl(from: usize, to: usize, pixels: i32): void {
  for (let i = 0; i < pixels; i += 4) {
    const bytes = v128.load(from);
    const r = channel0(bytes);
    const g = channel1(bytes);
    const b = channel2(bytes);
    const high = i32x4.max_s(i32x4.max_s(r, g), b);
    const low = i32x4.min_s(i32x4.min_s(r, g), b);
    const range = i32x4.sub(high, low);
    const sum = i32x4.add(high, low);
    const span = i32x4.max_s(i32x4.min_s(sum, i32x4.sub(i32x4.splat(510), sum)), i32x4.splat(1));
    const saturation = divideRounded(i32x4.mul(range, i32x4.splat(255)), span);
    const lightness = i32x4.shr_s(i32x4.add(sum, i32x4.splat(1)), 1);
    store3(to, hueOf(r, g, b, high, range), saturation, lightness);
    from += 12;
    to += 12;
  }
}

/** (offset + hue) modulo `turn`, of hues below `turn`. */
function turned(hue: v128, offset: f32, turn: f32): v128 {
  const sum = f32x4.add(hue, f32x4.splat(offset));
  return f32x4.sub(sum, v128.and(f32x4.ge(sum, f32x4.splat(turn)), f32x4.splat(turn)));
}

/** Hues of 180 and more, which only foreign data has, go once round. */
function wrapHue(hue: v128): v128 {
  return i32x4.sub(hue, v128.and(i32x4.ge_s(hue, i32x4.splat(180)), i32x4.splat(180)));
}

function hsvChannel(sector: v128, offset: f32, value: v128, chroma: v128): v128 {
  const k = turned(sector, offset, 6);
  const part = f32x4.min(f32x4.min(k, f32x4.sub(f32x4.splat(4), k)), f32x4.splat(1));
  return roundLanes(f32x4.sub(value, f32x4.mul(chroma, f32x4.max(part, f32x4.splat(0)))));
}

export function hsvToRgb(from: usize, to: usize, pixels: i32): void {
  for (let i = 0; i < pixels; i += 4) {
    const bytes = v128.load(from);
    const hue = f32x4.convert_i32x4_s(wrapHue(channel0(bytes)));
    const sector = f32x4.mul(hue, f32x4.splat(1.0 / 30.0));
    const saturation = f32x4.mul(f32x4.convert_i32x4_s(channel1(bytes)), f32x4.splat(1.0 / 255.0));
    const value = f32x4.convert_i32x4_s(channel2(bytes));
    const chroma = f32x4.mul(value, saturation);
    store3(
      to,
      hsvChannel(sector, 5, value, chroma),
      hsvChannel(sector, 3, value, chroma),
      hsvChannel(sector, 1, value, chroma),
    );
    from += 12;
    to += 12;
  }
}

function hslChannel(sector: v128, offset: f32, lightness: v128, chroma: v128): v128 {
  const k = turned(sector, offset, 12);
  const near = f32x4.min(f32x4.sub(k, f32x4.splat(3)), f32x4.sub(f32x4.splat(9), k));
  const part = f32x4.max(f32x4.min(near, f32x4.splat(1)), f32x4.splat(-1));
  return roundLanes(f32x4.sub(lightness, f32x4.mul(chroma, part)));
}

export function hslToRgb(from: usize, to: usize, pixels: i32): void {
  for (let i = 0; i < pixels; i += 4) {
    const bytes = v128.load(from);
    const hue = f32x4.convert_i32x4_s(wrapHue(channel0(bytes)));
    const sector = f32x4.mul(hue, f32x4.splat(1.0 / 15.0));
    const saturation = f32x4.mul(f32x4.convert_i32x4_s(channel1(bytes)), f32x4.splat(1.0 / 255.0));
    const lightness = f32x4.convert_i32x4_s(channel2(bytes));
    const chroma = f32x4.mul(saturation, f32x4.min(lightness, f32x4.sub(f32x4.splat(255), lightness)));
    store3(
      to,
      hslChannel(sector, 0, lightness, chroma),
      hslChannel(sector, 8, lightness, chroma),
      hslChannel(sector, 4, lightness, chroma),
    );
    from += 12;
    to += 12;
  }
}
