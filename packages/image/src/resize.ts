import { type Image, parseOptions, type ResizeQuality } from '@percept/core';
import * as z from 'zod/mini';
import { resizeShape, resizeWindow } from './kernels/resize.js';
import { requireUint8Image } from './pixels.js';

const schema = z.strictObject(resizeShape);

/**
 * Resizes to exactly `width` × `height` pixels, with any aspect; always a new image.
 *
 * With `antialias` (default), `nearest`, `bilinear` (default), `bicubic` and `lanczos` are bit-exact with Pillow's
 * filters of these names up to its version 12.1, channel by channel: when shrinking they widen, so that every source pixel
 * counts. Since 13 Pillow works down before across where an image loses more than twice as many rows as columns
 * (`height - to.height > 2 * (width - to.width)`); to have the same bits there, resize to the new height first and to the new
 * width then. With `antialias: false` the filters follow OpenCV's `INTER_NEAREST`, `INTER_LINEAR`, `INTER_CUBIC` and
 * `INTER_LANCZOS4` (four lobes) within 1 level. `area` averages the exact footprint of each output pixel either way, as
 * OpenCV's `INTER_AREA` does. Results are rounded to nearest. Alpha is resampled like a colour, not premultiplied (Pillow
 * premultiplies `RGBA`).
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not 8-bit, or a side outside 1..65535; `IMAGE_TOO_LARGE` when
 *   there is no memory for the result
 */
export function resizeImage(
  image: Image,
  options: { readonly width: number; readonly height: number } & ResizeQuality,
): Image<Uint8Array> {
  const { width, height, filter, antialias } = parseOptions(schema, options, 'resizeImage() options');
  return resizeTo(requireUint8Image(image), width, height, filter, antialias);
}

/** {@link resizeImage} without the checks. */
function resizeTo(
  image: Image<Uint8Array>,
  width: number,
  height: number,
  filter: NonNullable<ResizeQuality['filter']>,
  antialias = true,
): Image<Uint8Array> {
  return resizeWindow(image, { width, height, filter, antialias }, { left: 0, top: 0, width, height });
}
