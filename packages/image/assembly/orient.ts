// Mirrors and quarter turns: samples move, none changes. A pixel is `size` bytes wide, whatever its type and channels.

/** Mirrors every row of `width` pixels left to right. */
export function mirrorRows(from: usize, to: usize, width: i32, height: i32, size: i32): void {
  if (size === 3) {
    mirrorRows3(from, to, width, height);
    return;
  }
  const row = <usize>width * size;
  for (let y = 0; y < height; y++) {
    let source = from + row - size;
    for (let x = 0; x < width; x++) {
      for (let i = 0; i < size; i++) store<u8>(to + i, load<u8>(source + i));
      to += size;
      source -= size;
    }
    from += row;
  }
}

/** Five pixels a step: the sixteenth byte of each store is overwritten by the next. */
function mirrorRows3(from: usize, to: usize, width: i32, height: i32): void {
  const row = <usize>width * 3;
  for (let y = 0; y < height; y++) {
    let source = from + row - 15;
    let target = to;
    let x = 0;
    for (; x + 6 <= width; x += 5) {
      const pixels = v128.load(source);
      v128.store(target, v128.shuffle<i8>(pixels, pixels, 12, 13, 14, 9, 10, 11, 6, 7, 8, 3, 4, 5, 0, 1, 2, 15));
      source -= 15;
      target += 15;
    }
    source += 12;
    for (; x < width; x++) {
      store<u16>(target, load<u16>(source));
      store<u8>(target + 2, load<u8>(source + 2));
      source -= 3;
      target += 3;
    }
    from += row;
    to += row;
  }
}
