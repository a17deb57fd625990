import { type Image, parseOptions, type ResizeQuality } from '@percept/core';
import * as z from 'zod/mini';
import { resizeShape, resizeWindow } from './kernels/resize.js';
import { requireUint8Image } from './pixels.js';

const schema = z.strictObject(resizeShape);

/**
 * Resizes to exactly `width` × `height` pixels, with any aspect; always a new image.
 *
 * With `antialias` (default), `nearest`, `bilinear` (default), `bicubic` and `lanczos` are bit-exact with Pillow's
 * filters of these names, which torchvision v2 follows: when shrinking they widen, so that every source pixel counts.
 * With `antialias: false` they follow OpenCV's `INTER_NEAREST`, `INTER_LINEAR`, `INTER_CUBIC` and `INTER_LANCZOS4` (four
 * lobes) within 1 level. `area` averages the exact footprint of each output pixel either way, as OpenCV's `INTER_AREA`
 * does. Results are rounded to nearest. Alpha is resampled like a colour, not premultiplied.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not 8-bit, or a side outside 1..65535
 */
export function resizeImage(
  image: Image,
  options: { readonly width: number; readonly height: number } & ResizeQuality,
): Image<Uint8Array> {
  const { width, height, filter, antialias } = parseOptions(schema, options, 'resizeImage() options');
  return resizeTo(requireUint8Image(image), width, height, filter, antialias);
}

/** {@link resizeImage} without the checks. */
export function resizeTo(
  image: Image<Uint8Array>,
  width: number,
  height: number,
  filter: NonNullable<ResizeQuality['filter']>,
  antialias = true,
): Image<Uint8Array> {
  return resizeWindow(image, { width, height, filter, antialias }, { left: 0, top: 0, width, height });
}
