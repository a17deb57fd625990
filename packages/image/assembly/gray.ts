// Luma by ITU-R 601 in 16-bit fixed point (19595, 38470, 7471), and back.

const redGreen3 = memory.data<u8>([0, 128, 1, 128, 3, 128, 4, 128, 6, 128, 7, 128, 9, 128, 10, 128], 16);
const greenBlue3 = memory.data<u8>([1, 128, 2, 128, 4, 128, 5, 128, 7, 128, 8, 128, 10, 128, 11, 128], 16);
const redGreen4 = memory.data<u8>([0, 128, 1, 128, 4, 128, 5, 128, 8, 128, 9, 128, 12, 128, 13, 128], 16);
const greenBlue4 = memory.data<u8>([1, 128, 2, 128, 5, 128, 6, 128, 9, 128, 10, 128, 13, 128, 14, 128], 16);
/** The green weight needs 17 bits as a signed product, so it is taken in two halves. */
const redGreenWeights = memory.data<i16>([19595, 19235], 16);
const greenBlueWeights = memory.data<i16>([19235, 7471], 16);
const half = memory.data<i32>([0x8000], 16);

/** RGB to grey. */
export function rgbToGray(from: usize, to: usize, pixels: i32): void {
  toGray(from, to, pixels, 12, v128.load(redGreen3), v128.load(greenBlue3));
}

/** RGBA to grey; alpha is ignored. */
export function rgbaToGray(from: usize, to: usize, pixels: i32): void {
  toGray(from, to, pixels, 16, v128.load(redGreen4), v128.load(greenBlue4));
}

/** `step` is the bytes of four pixels. */
function toGray(from: usize, to: usize, pixels: i32, step: usize, redGreen: v128, greenBlue: v128): void {
  const left = v128.load32_splat(redGreenWeights);
  const right = v128.load32_splat(greenBlueWeights);
  const bias = v128.load32_splat(half);
  const end = to + pixels;
  for (; to < end; to += 16) {
    const a = luma(v128.load(from), redGreen, greenBlue, left, right, bias);
    const b = luma(v128.load(from + step), redGreen, greenBlue, left, right, bias);
    const c = luma(v128.load(from + step * 2), redGreen, greenBlue, left, right, bias);
    const d = luma(v128.load(from + step * 3), redGreen, greenBlue, left, right, bias);
    v128.store(to, i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d)));
    from += step * 4;
  }
}

function luma(bytes: v128, redGreen: v128, greenBlue: v128, left: v128, right: v128, bias: v128): v128 {
  const first = i32x4.dot_i16x8_s(v128.swizzle(bytes, redGreen), left);
  const second = i32x4.dot_i16x8_s(v128.swizzle(bytes, greenBlue), right);
  return i32x4.shr_u(i32x4.add(i32x4.add(first, second), bias), 16);
}

const repeatLow = memory.data<u8>([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5], 16);
const repeatMiddle = memory.data<u8>([5, 5, 6, 6, 6, 7, 7, 7, 8, 8, 8, 9, 9, 9, 10, 10], 16);
const repeatHigh = memory.data<u8>([10, 11, 11, 11, 12, 12, 12, 13, 13, 13, 14, 14, 14, 15, 15, 15], 16);

/** Grey to RGB: every sample three times. */
export function grayToRgb(from: usize, to: usize, pixels: i32): void {
  const low = v128.load(repeatLow);
  const middle = v128.load(repeatMiddle);
  const high = v128.load(repeatHigh);
  const end = from + pixels;
  for (; from < end; from += 16) {
    const gray = v128.load(from);
    v128.store(to, v128.swizzle(gray, low));
    v128.store(to, v128.swizzle(gray, middle), 16);
    v128.store(to, v128.swizzle(gray, high), 32);
    to += 48;
  }
}

const dropFourth = memory.data<u8>([0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 3, 7, 11, 15], 16);

/** RGBA to RGB: alpha is dropped. */
export function rgbaToRgb(from: usize, to: usize, pixels: i32): void {
  const pattern = v128.load(dropFourth);
  const end = from + ((<usize>pixels) << 2);
  for (; from < end; from += 16) {
    v128.store(to, v128.swizzle(v128.load(from), pattern));
    to += 12;
  }
}
