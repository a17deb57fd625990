import type { Image } from '@percept/core';
import { requireUint8Image } from './pixels.js';

/**
 * Converts to one grey channel by ITU-R 601 luma in 16-bit fixed point, bit-exact with Pillow's `convert('L')`. Alpha is
 * ignored; a grey image comes back as it is.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not 8-bit
 */
export function toGray(image: Image): Image<Uint8Array> {
  const source = requireUint8Image(image);
  const { width, height, channels, data } = source;
  if (channels === 1) return source;
  const gray = new Uint8Array(width * height);
  for (let to = 0, from = 0; to < gray.length; to++, from += channels) {
    gray[to] = (data[from]! * 19595 + data[from + 1]! * 38470 + data[from + 2]! * 7471 + 0x8000) >>> 16;
  }
  return { width, height, channels: 1, data: gray };
}

/**
 * Converts to three channels: grey is repeated, alpha is dropped, RGB comes back as it is.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not 8-bit
 */
export function toRgb(image: Image): Image<Uint8Array> {
  const source = requireUint8Image(image);
  const { width, height, channels, data } = source;
  if (channels === 3) return source;
  const rgb = new Uint8Array(width * height * 3);
  const second = channels === 1 ? 0 : 1;
  const third = channels === 1 ? 0 : 2;
  for (let to = 0, from = 0; to < rgb.length; to += 3, from += channels) {
    rgb[to] = data[from]!;
    rgb[to + 1] = data[from + second]!;
    rgb[to + 2] = data[from + third]!;
  }
  return { width, height, channels: 3, data: rgb };
}

/** Lays RGBA over an opaque background, in integer arithmetic with rounding. */
export function compositeOver(image: Image<Uint8Array>, background: readonly number[]): Image<Uint8Array> {
  const { width, height, data } = image;
  const rgb = new Uint8Array(width * height * 3);
  for (let to = 0, from = 0; to < rgb.length; to += 3, from += 4) {
    const alpha = data[from + 3]!;
    for (let channel = 0; channel < 3; channel++) {
      const mixed = data[from + channel]! * alpha + background[channel]! * (255 - alpha);
      rgb[to + channel] = (mixed + 127) / 255;
    }
  }
  return { width, height, channels: 3, data: rgb };
}
