// sRGB (D65) to and from CIE L*a*b* in 8 bits. Gamma and cube root come from tables that the host makes. The
// steps between integers are OpenCV's for 8 bits, so that its results are met.
import { interleave, store3, takeFirst, takeSecond, takeThird } from './pixels';
import { roundBias, roundLanes } from './rounding';

/** L* = 296 f(Y) - 40.8, a* = 500 (f(X) - f(Y)) + 128, b* = 200 (f(Y) - f(Z)) + 128, with 2¹⁵ = 1 and halves to round. */
const labNumbers = memory.data<i32>([296, -1320550, 500, 200, 4210688], 16);

/**
 * @param lights - three tables of 256 × 4 × i32: what each value of red, green and blue adds to X/Xn, Y/Yn and Z/Zn,
 *   2040 × 2¹² = white
 * @param roots - 2041 × i32: the function f of CIE 15 at i / 2040, 2¹⁵ = 1
 */
export function rgbToLab(from: usize, to: usize, pixels: i32, lights: usize, roots: usize): void {
  const pattern = v128.load(interleave);
  const forL = v128.load32_splat(labNumbers);
  const shiftL = v128.load32_splat(labNumbers, 4);
  const forA = v128.load32_splat(labNumbers, 8);
  const forB = v128.load32_splat(labNumbers, 12);
  const shift = v128.load32_splat(labNumbers, 16);
  const end = from + pixels * 3;
  for (; from < end; from += 12) {
    const p = lightAt(from, lights);
    const q = lightAt(from + 3, lights);
    const r = lightAt(from + 6, lights);
    const s = lightAt(from + 9, lights);
    let x = v128.load32_zero(roots + i32x4.extract_lane(p, 0));
    let y = v128.load32_zero(roots + i32x4.extract_lane(p, 1));
    let z = v128.load32_zero(roots + i32x4.extract_lane(p, 2));
    x = v128.load32_lane(roots + i32x4.extract_lane(q, 0), x, 1);
    y = v128.load32_lane(roots + i32x4.extract_lane(q, 1), y, 1);
    z = v128.load32_lane(roots + i32x4.extract_lane(q, 2), z, 1);
    x = v128.load32_lane(roots + i32x4.extract_lane(r, 0), x, 2);
    y = v128.load32_lane(roots + i32x4.extract_lane(r, 1), y, 2);
    z = v128.load32_lane(roots + i32x4.extract_lane(r, 2), z, 2);
    x = v128.load32_lane(roots + i32x4.extract_lane(s, 0), x, 3);
    y = v128.load32_lane(roots + i32x4.extract_lane(s, 1), y, 3);
    z = v128.load32_lane(roots + i32x4.extract_lane(s, 2), z, 3);
    const l = i32x4.shr_s(i32x4.add(i32x4.mul(y, forL), shiftL), 15);
    const a = i32x4.shr_s(i32x4.add(i32x4.mul(i32x4.sub(x, y), forA), shift), 15);
    const b = i32x4.shr_s(i32x4.add(i32x4.mul(i32x4.sub(y, z), forB), shift), 15);
    store3(to, l, a, b, pattern);
    to += 12;
  }
}

/** Where in `roots` one pixel's X, Y and Z are found, in bytes; the half to round is in the first table. */
function lightAt(from: usize, lights: usize): v128 {
  const red = v128.load(lights + ((<usize>load<u8>(from)) << 4));
  const green = v128.load(lights + ((<usize>load<u8>(from, 1)) << 4), 4096);
  const blue = v128.load(lights + ((<usize>load<u8>(from, 2)) << 4), 8192);
  return i32x4.shl(i32x4.shr_s(i32x4.add(i32x4.add(red, green), blue), 12), 2);
}

/** f(Y) of CIE 15, with 2¹⁴ = 1, is this times an 8-bit L* plus that. */
const lightness = memory.data<f32>([55.388776, 2259.8621], 16);

/**
 * @param weights - 9 × i32: X/Xn, Y/Yn, Z/Zn to linear RGB, row by row, 2¹² = 1
 * @param gamma - 4096 × u8: the sRGB value of linear light i / 4095
 */
export function labToRgb(from: usize, to: usize, pixels: i32, weights: usize, gamma: usize): void {
  const first = v128.load(takeFirst);
  const second = v128.load(takeSecond);
  const third = v128.load(takeThird);
  const bias = v128.load32_splat(roundBias);
  for (let i = 0; i < pixels; i += 4) {
    const bytes = v128.load(from);
    const l = f32x4.convert_i32x4_s(v128.swizzle(bytes, first));
    // f of CIE 15 with 2¹⁴ = 1: f(Y) = (L* + 16) / 116, and a* / 500 above it, b* / 200 below it.
    const y = roundLanes(f32x4.add(f32x4.mul(l, v128.load32_splat(lightness)), v128.load32_splat(lightness, 4)), bias);
    const a = i32x4.add(i32x4.mul(v128.swizzle(bytes, second), i32x4.splat(268435)), i32x4.splat(128));
    const b = i32x4.add(i32x4.mul(v128.swizzle(bytes, third), i32x4.splat(41943)), i32x4.splat(16));
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
