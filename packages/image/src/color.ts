import type { Image } from '@percept/core';
import { grayToRgb, rgbaToRgb, rgbToGray } from './kernels/gray.js';
import { requireUint8Image } from './pixels.js';

type Samples = Uint8Array | Uint16Array;

/**
 * Converts to one grey channel by ITU-R 601 luma in 16-bit fixed point, bit-exact with Pillow's `convert('L')`. Alpha is
 * ignored; a grey image comes back as it is.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not 8-bit
 */
export function toGray(image: Image): Image<Uint8Array> {
  return grayOf(requireUint8Image(image));
}

/**
 * Converts to three channels: grey is repeated, alpha is dropped, RGB comes back as it is.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not 8-bit
 */
export function toRgb(image: Image): Image<Uint8Array> {
  return rgbOf(requireUint8Image(image));
}

/** {@link toGray} for 8 and 16 bits, unchecked. */
export function grayOf<Data extends Samples>(source: Image<Data>): Image<Data> {
  const { width, height, channels, data } = source;
  if (channels === 1) return source;
  if (is8Bit(source)) return rgbToGray(source) as Image as Image<Data>;
  const gray = emptyLike(data, width * height);
  for (let to = 0, from = 0; to < gray.length; to++, from += channels) {
    gray[to] = (data[from]! * 19595 + data[from + 1]! * 38470 + data[from + 2]! * 7471 + 0x8000) >>> 16;
  }
  return { width, height, channels: 1, data: gray };
}

/** {@link toRgb} for 8 and 16 bits, unchecked. */
export function rgbOf<Data extends Samples>(source: Image<Data>): Image<Data> {
  const { width, height, channels, data } = source;
  if (channels === 3) return source;
  if (is8Bit(source)) return (channels === 1 ? grayToRgb(source) : rgbaToRgb(source)) as Image as Image<Data>;
  const rgb = emptyLike(data, width * height * 3);
  const second = channels === 1 ? 0 : 1;
  const third = channels === 1 ? 0 : 2;
  for (let to = 0, from = 0; to < rgb.length; to += 3, from += channels) {
    rgb[to] = data[from]!;
    rgb[to + 1] = data[from + second]!;
    rgb[to + 2] = data[from + third]!;
  }
  return { width, height, channels: 3, data: rgb };
}

/** Lays RGBA of 8 or 16 bits over an opaque background (0..255 a channel), in integer arithmetic with rounding. */
export function compositeOver<Data extends Samples>(image: Image<Data>, background: readonly number[]): Image<Data> {
  const { width, height, data } = image;
  const rgb = emptyLike(data, width * height * 3);
  const full = data instanceof Uint16Array ? 65_535 : 255;
  const behind = background.map((value) => (value * full) / 255);
  for (let to = 0, from = 0; to < rgb.length; to += 3, from += 4) {
    const alpha = data[from + 3]!;
    for (let channel = 0; channel < 3; channel++) {
      const mixed = data[from + channel]! * alpha + behind[channel]! * (full - alpha);
      rgb[to + channel] = (mixed + (full >> 1)) / full;
    }
  }
  return { width, height, channels: 3, data: rgb };
}

function is8Bit(image: Image): image is Image<Uint8Array> {
  return image.data instanceof Uint8Array;
}

function emptyLike<Data extends Samples>(data: Data, length: number): Data {
  return new (data.constructor as new (length: number) => Data)(length);
}
