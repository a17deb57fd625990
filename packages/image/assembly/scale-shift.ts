// Each sample times a factor plus an offset, in float32. `coefficients` holds 12 factors and 12 offsets: those of the
// channels, repeated, so that three vectors serve one, three and four channels alike.
import { roundLanes } from './rounding';

/** 8-bit: rounded half to even, saturated. */
export function scaleShift8(from: usize, to: usize, length: i32, coefficients: usize): void {
  const s0 = v128.load(coefficients);
  const s1 = v128.load(coefficients, 16);
  const s2 = v128.load(coefficients, 32);
  const b0 = v128.load(coefficients, 48);
  const b1 = v128.load(coefficients, 64);
  const b2 = v128.load(coefficients, 80);
  const zero = i32x4.splat(0);
  for (let i = 0; i < length; i += 12) {
    const bytes = v128.load(from + i);
    const x0 = f32x4.convert_i32x4_s(
      v128.shuffle<i8>(bytes, zero, 0, 16, 16, 16, 1, 16, 16, 16, 2, 16, 16, 16, 3, 16, 16, 16),
    );
    const x1 = f32x4.convert_i32x4_s(
      v128.shuffle<i8>(bytes, zero, 4, 16, 16, 16, 5, 16, 16, 16, 6, 16, 16, 16, 7, 16, 16, 16),
    );
    const x2 = f32x4.convert_i32x4_s(
      v128.shuffle<i8>(bytes, zero, 8, 16, 16, 16, 9, 16, 16, 16, 10, 16, 16, 16, 11, 16, 16, 16),
    );
    const y0 = roundLanes(f32x4.add(f32x4.mul(x0, s0), b0));
    const y1 = roundLanes(f32x4.add(f32x4.mul(x1, s1), b1));
    const y2 = roundLanes(f32x4.add(f32x4.mul(x2, s2), b2));
    v128.store(to + i, i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(y0, y1), i16x8.narrow_i32x4_s(y2, zero)));
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
