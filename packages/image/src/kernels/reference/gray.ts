import type { Image } from '@percept/core';

/** Plain TypeScript reference of `rgbToGray`. */
export function rgbToGray({ width, height, channels, data }: Image<Uint8Array>): Image<Uint8Array> {
  const out = new Uint8Array(width * height);
  for (let i = 0; i < out.length; i++) {
    const at = i * channels;
    out[i] = (data[at]! * 19_595 + data[at + 1]! * 38_470 + data[at + 2]! * 7471 + 32_768) >> 16;
  }
  return { width, height, channels: 1, data: out };
}

/** Plain TypeScript reference of `grayToRgb`. */
export function grayToRgb({ width, height, data }: Image<Uint8Array>): Image<Uint8Array> {
  const out = new Uint8Array(data.length * 3).map((_, i) => data[Math.floor(i / 3)]!);
  return { width, height, channels: 3, data: out };
}

/** Plain TypeScript reference of `rgbaToRgb`. */
export function rgbaToRgb({ width, height, data }: Image<Uint8Array>): Image<Uint8Array> {
  const out = new Uint8Array(width * height * 3).map((_, i) => data[Math.floor(i / 3) * 4 + (i % 3)]!);
  return { width, height, channels: 3, data: out };
}
