import type { Image } from '@percept/core';
import { fixedColorMatrix } from '../color-matrix.js';

/** Plain TypeScript reference of `colorMatrix`. */
export function colorMatrix({ width, height, data }: Image<Uint8Array>, matrix: readonly number[]): Image<Uint8Array> {
  const { bits, offsetUnit, rows } = fixedColorMatrix(matrix);
  const out = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 3) {
    for (let row = 0; row < 3; row++) {
      let sum = rows[row * 4 + 3]! * offsetUnit;
      for (let c = 0; c < 3; c++) sum += rows[row * 4 + c]! * data[i + c]!;
      const rounded = (sum + 2 ** (bits - 1)) >> bits;
      out[i + row] = Math.min(Math.max(rounded, 0), 255);
    }
  }
  return { width, height, channels: 3, data: out };
}
