// Each sample times a factor plus an offset, in float32. `coefficients` holds 12 factors and 12 offsets: those of the
// channels, repeated, so that three vectors serve one, three and four channels alike.
import { roundBias, roundLanes } from './rounding';

const fourBytes = memory.data<u8>(
  [
    0, 128, 128, 128, 1, 128, 128, 128, 2, 128, 128, 128, 3, 128, 128, 128, 4, 128, 128, 128, 5, 128, 128, 128, 6, 128,
    128, 128, 7, 128, 128, 128, 8, 128, 128, 128, 9, 128, 128, 128, 10, 128, 128, 128, 11, 128, 128, 128,
  ],
  16,
);

/** 8-bit: rounded half to even, saturated. */
export function scaleShift8(from: usize, to: usize, length: i32, coefficients: usize): void {
  const s0 = v128.load(coefficients);
  const s1 = v128.load(coefficients, 16);
  const s2 = v128.load(coefficients, 32);
  const b0 = v128.load(coefficients, 48);
  const b1 = v128.load(coefficients, 64);
  const b2 = v128.load(coefficients, 80);
  const take0 = v128.load(fourBytes);
  const take1 = v128.load(fourBytes, 16);
  const take2 = v128.load(fourBytes, 32);
  const bias = v128.load32_splat(roundBias);
  const end = from + length;
  for (; from < end; from += 12) {
    const bytes = v128.load(from);
    const x0 = f32x4.convert_i32x4_s(v128.swizzle(bytes, take0));
    const x1 = f32x4.convert_i32x4_s(v128.swizzle(bytes, take1));
    const x2 = f32x4.convert_i32x4_s(v128.swizzle(bytes, take2));
    const y0 = roundLanes(f32x4.add(f32x4.mul(x0, s0), b0), bias);
    const y1 = roundLanes(f32x4.add(f32x4.mul(x1, s1), b1), bias);
    const y2 = roundLanes(f32x4.add(f32x4.mul(x2, s2), b2), bias);
    v128.store(to, i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(y0, y1), i16x8.narrow_i32x4_s(y2, y2)));
    to += 12;
  }
}

/** float32: neither rounded nor clamped. */
export function scaleShiftFloat(from: usize, to: usize, length: i32, coefficients: usize): void {
  for (let i = 0; i < length; i += 12) {
    const source = from + ((<usize>i) << 2);
    const target = to + ((<usize>i) << 2);
    for (let k: usize = 0; k < 48; k += 16) {
      const scaled = f32x4.mul(v128.load(source + k), v128.load(coefficients + k));
      v128.store(target + k, f32x4.add(scaled, v128.load(coefficients + k, 48)));
    }
  }
}
