// Mirrors and quarter turns: samples move, none changes. A pixel is `size` bytes wide, whatever its type and channels.

/** One pixel; up to 16 bytes are written, so the pixels behind it have to be written later. */
function copyPixel(from: usize, to: usize, size: i32): void {
  if (size <= 4) store<u32>(to, load<u32>(from));
  else if (size <= 8) store<u64>(to, load<u64>(from));
  else v128.store(to, v128.load(from));
}

const mirror3 = memory.data<u8>([12, 13, 14, 9, 10, 11, 6, 7, 8, 3, 4, 5, 0, 1, 2, 15], 16);
const mirror1 = memory.data<u8>([15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0], 16);

/** Mirrors every row of `width` pixels left to right. */
export function mirrorRows(from: usize, to: usize, width: i32, height: i32, size: i32): void {
  const row = <usize>width * size;
  const pattern = v128.load(size === 3 ? mirror3 : mirror1);
  for (let y = 0; y < height; y++) {
    let source = from + row;
    let target = to;
    let x = 0;
    if (size === 3) {
      // Ten pixels a step: the sixteenth byte of each store is overwritten by the next one.
      for (; x + 11 <= width; x += 10) {
        const near = v128.load(source - 15);
        const far = v128.load(source - 30);
        v128.store(target, v128.swizzle(near, pattern));
        v128.store(target, v128.swizzle(far, pattern), 15);
        source -= 30;
        target += 30;
      }
    } else if (size === 1) {
      for (; x + 16 <= width; x += 16) {
        source -= 16;
        const pixels = v128.load(source);
        v128.store(target, v128.swizzle(pixels, pattern));
        target += 16;
      }
    } else if (size === 4) {
      for (; x + 4 <= width; x += 4) {
        source -= 16;
        const pixels = v128.load(source);
        v128.store(target, v128.shuffle<i32>(pixels, pixels, 3, 2, 1, 0));
        target += 16;
      }
    }
    for (; x < width; x++) {
      source -= size;
      copyPixel(source, target, size);
      target += size;
    }
    from += row;
    to += row;
  }
}

/** Four pixels of three bytes, one in each 32-bit lane, and back. */
const spread = memory.data<u8>([0, 1, 2, 3, 3, 4, 5, 6, 6, 7, 8, 9, 9, 10, 11, 12], 16);
const gather = memory.data<u8>([0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 3, 7, 11, 15], 16);

function store3(to: usize, lanes: v128, pattern: v128, last: bool): void {
  const pixels = v128.swizzle(lanes, pattern);
  if (last) {
    v128.store64_lane(to, pixels, 0);
    v128.store32_lane(to, pixels, 2, 8);
  } else v128.store(to, pixels);
}

/**
 * Swaps rows and columns: pixel (x, y) of a `width` × `height` image goes to (y, x). Strides in bytes may be negative,
 * which mirrors on the way and makes the quarter turns.
 */
export function transpose(
  from: usize,
  fromStride: i32,
  to: usize,
  toStride: i32,
  width: i32,
  height: i32,
  size: i32,
): void {
  const apart = v128.load(spread);
  const together = v128.load(gather);
  const step = size << 2;
  // Tiles of 64 columns, so that the lines they are written to stay in the cache.
  for (let x0 = 0; x0 < width; x0 += 64) {
    const x1 = min(x0 + 64, width);
    let y = 0;
    if (size === 3 || size === 4) {
      for (; y + 4 <= height; y += 4) {
        const source = from + y * fromStride;
        // The four bytes behind four pixels of a row belong to the next tile, unless the row ends before.
        const last = y + 5 >= height;
        let row0 = source + x0 * size;
        let row1 = row0 + fromStride;
        let row2 = row1 + fromStride;
        let row3 = row2 + fromStride;
        let target = to + x0 * toStride + y * size;
        let x = x0;
        for (; x + 4 <= x1; x += 4) {
          let a = v128.load(row0);
          let b = v128.load(row1);
          let c = v128.load(row2);
          let d = v128.load(row3);
          row0 += step;
          row1 += step;
          row2 += step;
          row3 += step;
          if (size === 3) {
            a = v128.swizzle(a, apart);
            b = v128.swizzle(b, apart);
            c = v128.swizzle(c, apart);
            d = v128.swizzle(d, apart);
          }
          const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
          const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
          const ef = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
          const gh = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
          const first = v128.shuffle<i64>(ab, cd, 0, 2);
          const second = v128.shuffle<i64>(ab, cd, 1, 3);
          const third = v128.shuffle<i64>(ef, gh, 0, 2);
          const fourth = v128.shuffle<i64>(ef, gh, 1, 3);
          if (size === 3) {
            store3(target, first, together, last);
            target += toStride;
            store3(target, second, together, last);
            target += toStride;
            store3(target, third, together, last);
            target += toStride;
            store3(target, fourth, together, last);
          } else {
            v128.store(target, first);
            target += toStride;
            v128.store(target, second);
            target += toStride;
            v128.store(target, third);
            target += toStride;
            v128.store(target, fourth);
          }
          target += toStride;
        }
        for (; x < x1; x++) {
          for (let i = 0; i < 4; i++) {
            movePixel(source + i * fromStride + x * size, to + x * toStride + (y + i) * size, size);
          }
        }
      }
    }
    for (; y < height; y++) {
      for (let x = x0; x < x1; x++) movePixel(from + y * fromStride + x * size, to + x * toStride + y * size, size);
    }
  }
}

/** One pixel, exactly. */
function movePixel(from: usize, to: usize, size: i32): void {
  if (size === 1) store<u8>(to, load<u8>(from));
  else if (size === 2) store<u16>(to, load<u16>(from));
  else if (size === 3) {
    store<u16>(to, load<u16>(from));
    store<u8>(to + 2, load<u8>(from + 2));
  } else if (size === 4) store<u32>(to, load<u32>(from));
  else if (size === 6) {
    store<u32>(to, load<u32>(from));
    store<u16>(to + 4, load<u16>(from + 4));
  } else {
    store<u64>(to, load<u64>(from));
    if (size === 12) store<u32>(to + 8, load<u32>(from + 8));
    else if (size === 16) store<u64>(to + 8, load<u64>(from + 8));
  }
}
