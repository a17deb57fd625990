import type { Image } from '@percept/core';
import { roundHalfEven } from './rounding.js';

/** Plain TypeScript reference of `scaleShift`. */
export function scaleShift<Data extends Uint8Array | Float32Array>(
  { width, height, channels, data }: Image<Data>,
  scale: number | readonly number[],
  shift: number | readonly number[],
): Image<Data> {
  const out = data.slice() as Data;
  for (let i = 0; i < data.length; i++) {
    const factor = Math.fround(typeof scale === 'number' ? scale : scale[i % channels]!);
    const offset = Math.fround(typeof shift === 'number' ? shift : shift[i % channels]!);
    const value = Math.fround(Math.fround(data[i]! * factor) + offset);
    out[i] = data instanceof Uint8Array ? Math.min(Math.max(roundHalfEven(value), 0), 255) : value;
  }
  return { width, height, channels, data: out };
}
