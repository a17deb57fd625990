import type { Image } from '@percept/core';
import type { Fill } from './transform.js';

/** Where an output pixel (x, y) comes from: `(xx * x + xy * y + x0, yx * x + yy * y + y0)`, in pixel centres. */
export interface InverseAffine {
  readonly xx: number;
  readonly xy: number;
  readonly x0: number;
  readonly yx: number;
  readonly yy: number;
  readonly y0: number;
}

/** Linear map `[xx, xy, yx, yy]` around the image's centre. */
export function aroundCenter(image: Image, xx: number, xy: number, yx: number, yy: number): InverseAffine {
  const x = (image.width - 1) / 2;
  const y = (image.height - 1) / 2;
  return { xx, xy, x0: x - xx * x - xy * y, yx, yy, y0: y - yx * x - yy * y };
}

/**
 * Resamples by an affine map, bilinear without antialiasing, to the same size. Neighbours outside the image count as
 * `fill`, as with OpenCV's `warpAffine` and `BORDER_CONSTANT` (whose coordinates are rounded to 1/32 pixel; ours are not).
 */
export function warpAffine(image: Image<Uint8Array>, inverse: InverseAffine, fill: Fill): Image<Uint8Array> {
  const { width, height, channels, data } = image;
  const { xx, xy, x0, yx, yy, y0 } = inverse;
  const background = typeof fill === 'number' ? [fill, fill, fill] : fill;
  const out = new Uint8Array(data.length);
  const row = width * channels;
  let to = 0;
  for (let y = 0; y < height; y++) {
    const startX = xy * y + x0;
    const startY = yy * y + y0;
    for (let x = 0; x < width; x++) {
      const sourceX = xx * x + startX;
      const sourceY = yx * x + startY;
      const left = Math.floor(sourceX);
      const top = Math.floor(sourceY);
      const toRight = sourceX - left;
      const toBottom = sourceY - top;
      if (left >= 0 && top >= 0 && left < width - 1 && top < height - 1) {
        let at = top * row + left * channels;
        for (let channel = 0; channel < channels; channel++, at++) {
          const above = data[at]! + (data[at + channels]! - data[at]!) * toRight;
          const below = data[at + row]! + (data[at + row + channels]! - data[at + row]!) * toRight;
          out[to++] = above + (below - above) * toBottom + 0.5;
        }
      } else {
        for (let channel = 0; channel < channels; channel++) {
          const outside = background[channel]!;
          const above = mix(at(left, top, channel, outside), at(left + 1, top, channel, outside), toRight);
          const below = mix(at(left, top + 1, channel, outside), at(left + 1, top + 1, channel, outside), toRight);
          out[to++] = mix(above, below, toBottom) + 0.5;
        }
      }
    }
  }
  return { width, height, channels, data: out };

  function at(x: number, y: number, channel: number, outside: number): number {
    return x < 0 || y < 0 || x >= width || y >= height ? outside : data[y * row + x * channels + channel]!;
  }
}

function mix(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}
