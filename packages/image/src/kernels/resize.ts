import { type Image, type ImageData, parseOptions, type ResizeQuality } from '@percept/core';
import * as z from 'zod/mini';
import { type KernelOptions, requireApart } from './kernel-options.js';
import type { Rectangle } from './pad.js';
import { type ResizeRequest, resizeBands } from './resize-bands.js';
import { resizeWide } from './resize-wide.js';
import { read } from './runtime.js';
import { arrayLike, requireImage, resultArray } from './samples.js';

const side = z.int().check(z.gte(1), z.lte(65_535));
/** The checked options of a resize: size, filter and antialiasing, with their defaults. */
export const resizeShape = {
  width: side,
  height: side,
  filter: z._default(z.enum(['nearest', 'bilinear', 'bicubic', 'lanczos', 'area']), 'bilinear'),
  antialias: z._default(z.boolean(), true),
};
const schema = z.strictObject(resizeShape);

/** Options of {@link resize}. */
export interface ResizeOptions<Data extends ImageData = Uint8Array> extends ResizeQuality, KernelOptions<Data> {
  /** Size of the result in pixels, 1..65535. */
  readonly width: number;
  readonly height: number;
}

/**
 * Resizes to exactly `width` × `height` pixels, with any aspect. Any element type, 1, 3 or 4 channels; 8-bit images are
 * fast.
 *
 * With `antialias` (default), `nearest`, `bilinear` (default), `bicubic` and `lanczos` are Pillow's filters of these names:
 * when shrinking they widen, so that every source pixel counts. 8-bit images are bit-exact with Pillow up to 12.1, channel by
 * channel; since 13 it works down before across where an image loses more than twice as many rows as columns. With
 * `antialias: false` the filters follow OpenCV's `INTER_NEAREST`, `INTER_LINEAR`, `INTER_CUBIC` and `INTER_LANCZOS4` (four lobes)
 * within 1 level. `area` averages the exact footprint of each output pixel either way, as OpenCV's `INTER_AREA` does. Integers
 * are rounded to nearest, half up. Alpha is resampled like a colour, not premultiplied.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not whole, a side outside 1..65535 or an unfit `out`; `IMAGE_TOO_LARGE` when
 *   there is no memory for the result
 */
export function resize<Data extends ImageData>(image: Image<Data>, options: ResizeOptions<Data>): Image<Data> {
  const type = requireImage(image, ['uint8', 'uint16', 'float32']);
  const { out, ...rest } = options;
  const { width, height, filter, antialias } = parseOptions(schema, rest, 'resize() options');
  const request = { width, height, filter, antialias, window: { left: 0, top: 0, width, height } };
  const data = resultArray(out, image.data, width * height * image.channels);
  requireApart(data, image.data, false);
  if (type === 'uint8') resizeBytes(image as Image<Uint8Array>, request, data as Uint8Array);
  else resizeWide(image as Image<Uint16Array> | Image<Float32Array>, request, data as Uint16Array | Float32Array);
  return { width, height, channels: image.channels, data };
}

/** Writes the window of a resized 8-bit image, unchecked. */
function resizeBytes(image: Image<Uint8Array>, request: ResizeRequest, out: Uint8Array): void {
  const row = request.window.width * image.channels;
  resizeBands(image, request, noExtra, ({ pointer, top, rows }) => {
    read(pointer, out.subarray(top * row, (top + rows) * row));
  });
}

const noExtra = { perRow: 0, once: 0 };

/** The part `window` of an 8-bit image resized to `width` × `height`, unchecked; only that part is computed. */
export function resizeWindow(
  image: Image<Uint8Array>,
  request: Omit<ResizeRequest, 'window'>,
  window: Rectangle,
): Image<Uint8Array> {
  const data = arrayLike(image.data, window.width * window.height * image.channels);
  resizeBytes(image, { ...request, window }, data);
  return { width: window.width, height: window.height, channels: image.channels, data };
}
