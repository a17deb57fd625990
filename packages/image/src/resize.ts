import { type Image, parseOptions, type ResizeFilter } from '@percept/core';
import * as z from 'zod/mini';
import { requireUint8Image } from './pixels.js';
import { resample } from './resample.js';

const side = z.int().check(z.gte(1), z.lte(65_535));
const schema = z.strictObject({
  width: side,
  height: side,
  filter: z._default(z.enum(['nearest', 'bilinear', 'area']), 'bilinear'),
});

/**
 * Resizes to exactly `width` × `height` pixels, with any aspect; always a new image.
 *
 * `bilinear` (default) widens its triangle when shrinking (antialiased) and is bit-exact with Pillow's `BILINEAR`, which
 * torchvision v2 follows with `antialias=True`. `area` averages the exact footprint of each output pixel, as OpenCV's
 * `INTER_AREA` does when shrinking. `nearest` takes the sample under the pixel's centre, as Pillow's `NEAREST`.
 * Alpha is resampled like a colour, not premultiplied.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not 8-bit, or a side outside 1..65535
 */
export function resizeImage(
  image: Image,
  options: { readonly width: number; readonly height: number; readonly filter?: ResizeFilter | undefined },
): Image<Uint8Array> {
  const { width, height, filter } = parseOptions(schema, options, 'resizeImage() options');
  return resizeTo(requireUint8Image(image), width, height, filter);
}

/** {@link resizeImage} without the checks. */
export function resizeTo(
  image: Image<Uint8Array>,
  width: number,
  height: number,
  filter: ResizeFilter,
): Image<Uint8Array> {
  return filter === 'nearest' ? nearest(image, width, height) : resample(image, width, height, filter);
}

function nearest(image: Image<Uint8Array>, width: number, height: number): Image<Uint8Array> {
  const { channels, data } = image;
  const columns = sourceIndices(image.width, width);
  const rows = sourceIndices(image.height, height);
  const out = new Uint8Array(width * height * channels);
  let to = 0;
  for (let y = 0; y < height; y++) {
    const row = rows[y]! * image.width;
    for (let x = 0; x < width; x++) {
      const from = (row + columns[x]!) * channels;
      for (let channel = 0; channel < channels; channel++) out[to++] = data[from + channel]!;
    }
  }
  return { width, height, channels, data: out };
}

/** Summed up step by step as Pillow does, so that positions on the border of two pixels fall to the same side. */
function sourceIndices(from: number, to: number): Int32Array {
  const indices = new Int32Array(to);
  const scale = from / to;
  let position = scale * 0.5;
  for (let i = 0; i < to; i++, position += scale) indices[i] = Math.min(from - 1, Math.floor(position));
  return indices;
}
