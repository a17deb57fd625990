// Luma by ITU-R 601 in 16-bit fixed point (19595, 38470, 7471), and back.

/** RGB to grey. The green weight needs 17 bits as a signed product, so it is taken in two halves. */
export function rgbToGray(from: usize, to: usize, pixels: i32): void {
  for (let i = 0; i < pixels; i += 16) {
    const a = luma3(v128.load(from));
    const b = luma3(v128.load(from, 12));
    const c = luma3(v128.load(from, 24));
    const d = luma3(v128.load(from, 36));
    v128.store(to, i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d)));
    from += 48;
    to += 16;
  }
}

/** RGBA to grey; alpha is ignored. */
export function rgbaToGray(from: usize, to: usize, pixels: i32): void {
  for (let i = 0; i < pixels; i += 16) {
    const a = luma4(v128.load(from));
    const b = luma4(v128.load(from, 16));
    const c = luma4(v128.load(from, 32));
    const d = luma4(v128.load(from, 48));
    v128.store(to, i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d)));
    from += 64;
    to += 16;
  }
}

function luma3(bytes: v128): v128 {
  const zero = i32x4.splat(0);
  const rg = v128.shuffle<i8>(bytes, zero, 0, 16, 1, 16, 3, 16, 4, 16, 6, 16, 7, 16, 9, 16, 10, 16);
  const gb = v128.shuffle<i8>(bytes, zero, 1, 16, 2, 16, 4, 16, 5, 16, 7, 16, 8, 16, 10, 16, 11, 16);
  return luma(rg, gb);
}

function luma4(bytes: v128): v128 {
  const zero = i32x4.splat(0);
  const rg = v128.shuffle<i8>(bytes, zero, 0, 16, 1, 16, 4, 16, 5, 16, 8, 16, 9, 16, 12, 16, 13, 16);
  const gb = v128.shuffle<i8>(bytes, zero, 1, 16, 2, 16, 5, 16, 6, 16, 9, 16, 10, 16, 13, 16, 14, 16);
  return luma(rg, gb);
}

function luma(rg: v128, gb: v128): v128 {
  const left = i32x4.dot_i16x8_s(rg, i16x8(19595, 19235, 19595, 19235, 19595, 19235, 19595, 19235));
  const right = i32x4.dot_i16x8_s(gb, i16x8(19235, 7471, 19235, 7471, 19235, 7471, 19235, 7471));
  return i32x4.shr_s(i32x4.add(i32x4.add(left, right), i32x4.splat(0x8000)), 16);
}

/** Grey to RGB: every sample three times. */
export function grayToRgb(from: usize, to: usize, pixels: i32): void {
  for (let i = 0; i < pixels; i += 16) {
    const gray = v128.load(from);
    v128.store(to, v128.shuffle<i8>(gray, gray, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5));
    v128.store(to, v128.shuffle<i8>(gray, gray, 5, 5, 6, 6, 6, 7, 7, 7, 8, 8, 8, 9, 9, 9, 10, 10), 16);
    v128.store(to, v128.shuffle<i8>(gray, gray, 10, 11, 11, 11, 12, 12, 12, 13, 13, 13, 14, 14, 14, 15, 15, 15), 32);
    from += 16;
    to += 48;
  }
}

/** RGBA to RGB: alpha is dropped. */
export function rgbaToRgb(from: usize, to: usize, pixels: i32): void {
  for (let i = 0; i < pixels; i += 4) {
    const rgba = v128.load(from);
    v128.store(to, v128.shuffle<i8>(rgba, rgba, 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 3, 7, 11, 15));
    from += 16;
    to += 12;
  }
}
