import { type Image, parseOptions, type ResizeQuality } from '@percept/core';
import * as z from 'zod/mini';
import { type NormalizeOptions, normalizationOf, normalizeShape, requireRoom } from './normalize.js';
import type { Rectangle } from './pad.js';
import { resizeShape } from './resize.js';
import { resizeNormalizeInto as writeResized } from './resize-normalize.js';
import { requireImage } from './samples.js';

/** Options of {@link resizeNormalizeInto}. */
export interface ResizeNormalizeIntoOptions extends ResizeQuality, NormalizeOptions {
  /** Size of the whole resized image in pixels, 1..65535. */
  readonly width: number;
  readonly height: number;
  /**
   * The part of the resized image that is written, all of it unless given: a crop, or with a negative `left` or `top` a
   * letterbox.
   */
  readonly window?: Rectangle | undefined;
  /** Sample, 0..255, around the image where the window reaches beyond it. Default 0. */
  readonly padValue?: number | undefined;
}

const side = z.int().check(z.gte(1), z.lte(65_535));
const schema = z.strictObject({
  ...resizeShape,
  ...normalizeShape,
  window: z.optional(z.strictObject({ left: z.int(), top: z.int(), width: side, height: side })),
  padValue: z._default(z.int().check(z.gte(0), z.lte(255)), 0),
});

/**
 * Resizes an 8-bit image, cuts or pads it, and normalises it in one pass over memory: `resize` followed by
 * `normalizeInto`, bit by bit; only pixels inside the window are computed. Writes the window's `[C, H, W]` (or
 * `[H, W, C]`) values into `out` from `offset` on.
 *
 * @returns how many values were written
 * @throws PerceptError `INVALID_ARGUMENT` as `resize` and `normalizeInto`
 */
export function resizeNormalizeInto(
  image: Image,
  options: ResizeNormalizeIntoOptions,
  out: Float32Array,
  offset = 0,
): number {
  requireImage(image, ['uint8']);
  const parsed = parseOptions(schema, options, 'resizeNormalizeInto() options');
  const { width, height, filter, antialias, padValue } = parsed;
  const normalization = normalizationOf(parsed);
  const window = parsed.window ?? { left: 0, top: 0, width, height };
  requireRoom(out, offset, window.width * window.height * normalization.channels.length);
  const request = { width, height, filter, antialias, window, padValue, normalization };
  return writeResized(image as Image<Uint8Array>, request, out, offset);
}
