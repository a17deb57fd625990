// sRGB (D65) to and from CIE L*a*b* in 8 bits. Gamma and cube root come from tables that the host makes. The
// steps between integers are OpenCV's for 8 bits, so that its results are met.
import { channel0, channel1, channel2 } from './pixels';
import { roundLanes } from './rounding';

/**
 * @param linear - 256 × i32: linear light of each sRGB value, 2040 = white
 * @param weights - 9 × i32: linear RGB to X/Xn, Y/Yn, Z/Zn, 2¹² = 1
 * @param roots - 2041 × u16: the function f of CIE 15 at i / 2040, 2¹⁵ = 1
 */
export function rgbToLab(from: usize, to: usize, pixels: i32, linear: usize, weights: usize, roots: usize): void {
  const w0 = load<i32>(weights);
  const w1 = load<i32>(weights, 4);
  const w2 = load<i32>(weights, 8);
  const w3 = load<i32>(weights, 12);
  const w4 = load<i32>(weights, 16);
  const w5 = load<i32>(weights, 20);
  const w6 = load<i32>(weights, 24);
  const w7 = load<i32>(weights, 28);
  const w8 = load<i32>(weights, 32);
  for (let i = 0; i < pixels; i++) {
    const r = load<i32>(linear + ((<usize>load<u8>(from)) << 2));
    const g = load<i32>(linear + ((<usize>load<u8>(from, 1)) << 2));
    const b = load<i32>(linear + ((<usize>load<u8>(from, 2)) << 2));
    const x = rootAt(roots, r * w0 + g * w1 + b * w2);
    const y = rootAt(roots, r * w3 + g * w4 + b * w5);
    const z = rootAt(roots, r * w6 + g * w7 + b * w8);
    // 2.55 * (116 f - 16), with 295.8 taken for 296 as OpenCV does.
    const l = (296 * y - 1336934 + (1 << 14)) >> 15;
    const a = (500 * (x - y) + (128 << 15) + (1 << 14)) >> 15;
    const c = (200 * (y - z) + (128 << 15) + (1 << 14)) >> 15;
    store<u8>(to, <u8>max(l, 0));
    store<u8>(to, <u8>min(max(a, 0), 255), 1);
    store<u8>(to, <u8>min(max(c, 0), 255), 2);
    from += 3;
    to += 3;
  }
}

function rootAt(roots: usize, light: i32): i32 {
  return load<u16>(roots + ((<usize>((light + (1 << 11)) >> 12)) << 1));
}

/**
 * @param weights - 9 × i32: X/Xn, Y/Yn, Z/Zn to linear RGB, row by row, 2¹² = 1
 * @param gamma - 4096 × u8: the sRGB value of linear light i / 4095
 */
export function labToRgb(from: usize, to: usize, pixels: i32, weights: usize, gamma: usize): void {
  for (let i = 0; i < pixels; i += 4) {
    const bytes = v128.load(from);
    const l = f32x4.convert_i32x4_s(channel0(bytes));
    // f of CIE 15 with 2¹⁴ = 1: f(Y) = (L* + 16) / 116, and a* / 500 above it, b* / 200 below it.
    const y = roundLanes(f32x4.add(f32x4.mul(l, f32x4.splat(1638400.0 / 29580.0)), f32x4.splat(262144.0 / 116.0)));
    const a = i32x4.add(i32x4.mul(channel1(bytes), i32x4.splat(268435)), i32x4.splat(128));
    const b = i32x4.add(i32x4.mul(channel2(bytes), i32x4.splat(41943)), i32x4.splat(16));
    const x = i32x4.add(y, i32x4.sub(i32x4.shr_s(a, 13), i32x4.splat(4194)));
    const z = i32x4.sub(y, i32x4.sub(i32x4.shr_s(b, 9), i32x4.splat(10484)));
    const lightX = cubeOf(x);
    const lightY = cubeOf(y);
    const lightZ = cubeOf(z);
    const red = lightOf(lightX, lightY, lightZ, weights);
    const green = lightOf(lightX, lightY, lightZ, weights + 12);
    const blue = lightOf(lightX, lightY, lightZ, weights + 24);
    store<u8>(to, load<u8>(gamma + i32x4.extract_lane(red, 0)));
    store<u8>(to, load<u8>(gamma + i32x4.extract_lane(green, 0)), 1);
    store<u8>(to, load<u8>(gamma + i32x4.extract_lane(blue, 0)), 2);
    store<u8>(to, load<u8>(gamma + i32x4.extract_lane(red, 1)), 3);
    store<u8>(to, load<u8>(gamma + i32x4.extract_lane(green, 1)), 4);
    store<u8>(to, load<u8>(gamma + i32x4.extract_lane(blue, 1)), 5);
    store<u8>(to, load<u8>(gamma + i32x4.extract_lane(red, 2)), 6);
    store<u8>(to, load<u8>(gamma + i32x4.extract_lane(green, 2)), 7);
    store<u8>(to, load<u8>(gamma + i32x4.extract_lane(blue, 2)), 8);
    store<u8>(to, load<u8>(gamma + i32x4.extract_lane(red, 3)), 9);
    store<u8>(to, load<u8>(gamma + i32x4.extract_lane(green, 3)), 10);
    store<u8>(to, load<u8>(gamma + i32x4.extract_lane(blue, 3)), 11);
    from += 12;
    to += 12;
  }
}

/** The inverse of f, 2¹⁴ = 1: a cube, cut off as OpenCV's is, or its tangent below 6/29. */
function cubeOf(f: v128): v128 {
  const cube = i32x4.shr_u(i32x4.mul(i32x4.shr_u(i32x4.mul(f, f), 14), f), 14);
  const line = i32x4.sub(i32x4.shr_s(i32x4.mul(f, i32x4.splat(33664)), 18), i32x4.splat(290));
  return v128.bitselect(cube, line, i32x4.gt_s(f, i32x4.splat(3390)));
}

/** One linear channel as an index of the gamma table. */
function lightOf(x: v128, y: v128, z: v128, weights: usize): v128 {
  const xy = i32x4.add(i32x4.mul(x, v128.load32_splat(weights)), i32x4.mul(y, v128.load32_splat(weights, 4)));
  const sum = i32x4.add(i32x4.add(xy, i32x4.mul(z, v128.load32_splat(weights, 8))), i32x4.splat(1 << 13));
  return i32x4.min_s(i32x4.max_s(i32x4.shr_s(sum, 14), i32x4.splat(0)), i32x4.splat(4095));
}
