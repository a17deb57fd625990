/** The predictor of PNG's filter 4: whichever of left, up and upper left is nearest to left + up - upper left. */
export function paeth(left: number, up: number, upLeft: number): number {
  const toLeft = Math.abs(up - upLeft);
  const toUp = Math.abs(left - upLeft);
  const toUpLeft = Math.abs(left + up - 2 * upLeft);
  if (toLeft <= toUp && toLeft <= toUpLeft) return left;
  return toUp <= toUpLeft ? up : upLeft;
}

/**
 * Undoes the filters of `rows` scanlines in place (PNG 3rd edition, section 9). Each is one filter byte and `stride`
 * bytes, beginning at `start`; `step` is the number of bytes of a pixel, at least 1.
 *
 * @returns `false` at a filter that does not exist
 */
export function unfilter(data: Uint8Array, start: number, rows: number, stride: number, step: number): boolean {
  for (let row = 0; row < rows; row++) {
    const filter = data[start + row * (stride + 1)]!;
    const at = start + row * (stride + 1) + 1;
    const end = at + stride;
    const up = row === 0 ? -1 : at - stride - 1;
    if (filter === 1) {
      for (let i = at + step; i < end; i++) data[i] = data[i]! + data[i - step]!;
    } else if (filter === 2) {
      if (up >= 0) for (let i = 0; i < stride; i++) data[at + i] = data[at + i]! + data[up + i]!;
    } else if (filter === 3) {
      for (let i = 0; i < stride; i++) {
        const left = i < step ? 0 : data[at + i - step]!;
        const above = up < 0 ? 0 : data[up + i]!;
        data[at + i] = data[at + i]! + ((left + above) >> 1);
      }
    } else if (filter === 4) {
      for (let i = 0; i < stride; i++) {
        const left = i < step ? 0 : data[at + i - step]!;
        const above = up < 0 ? 0 : data[up + i]!;
        const aboveLeft = i < step || up < 0 ? 0 : data[up + i - step]!;
        data[at + i] = data[at + i]! + paeth(left, above, aboveLeft);
      }
    } else if (filter !== 0) return false;
  }
  return true;
}
