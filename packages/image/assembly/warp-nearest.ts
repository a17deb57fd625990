// Sampling 8-bit images by their nearest pixels.
import { tap } from './neighbours';
import { fillPositions } from './positions';

/** Nearest. */
export function sampleNearest(
  from: usize,
  width: i32,
  height: i32,
  channels: i32,
  matrix: usize,
  steady: bool,
  outWidth: i32,
  firstRow: i32,
  rows: i32,
  xs: usize,
  ys: usize,
  border: i32,
  fill: usize,
  _table: usize,
  _scratch: usize,
  to: usize,
): void {
  for (let y = firstRow; y < firstRow + rows; y++) {
    fillPositions(matrix, steady, y, outWidth, xs, ys);
    for (let x: usize = 0; x < <usize>outWidth; x++) {
      const column = (load<i32>(xs + (x << 2)) + 1024) >> 11;
      const row = (load<i32>(ys + (x << 2)) + 1024) >> 11;
      if (<u32>column < <u32>width && <u32>row < <u32>height) {
        const at = from + <usize>((row * width + column) * channels);
        if (channels == 1) store<u8>(to, load<u8>(at));
        else store<u32>(to, load<u32>(at));
      } else {
        for (let c = 0; c < channels; c++) {
          store<u8>(to + c, tap(from, width, height, channels, column, row, c, border, fill));
        }
      }
      to += channels;
    }
  }
}
