import { type Image, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { toGray } from '../color.js';
import { borderPixel } from './border.js';
import { type NormalizeOptions, normalizationOf, normalizeShape, requireRoom } from './normalize.js';
import { rowNormalizer, spareBytes } from './normalize-rows.js';
import { requireImage } from './samples.js';
import { type Matrix3, requireMatrix, warpBands, warpShape } from './warp.js';
import type { SamplingOptions } from './warp-sampling.js';

/** Options of {@link warpNormalizeInto}. */
export interface WarpNormalizeOptions extends SamplingOptions, NormalizeOptions {
  /** Size of the result in pixels, 1..65535; the image's own unless given. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

const schema = z.strictObject({ ...warpShape, ...normalizeShape });

/**
 * Warps an 8-bit image and normalises it in one pass over memory: `warp` followed by `normalizeInto`, bit by bit. For
 * `color: 'gray'` of a colour image the grey values are warped, and `borderValue` is one value.
 *
 * @returns how many values were written
 * @throws PerceptError `INVALID_ARGUMENT` as `warp` and `normalizeInto`
 */
export function warpNormalizeInto(
  image: Image,
  inverse: Matrix3,
  options: WarpNormalizeOptions,
  out: Float32Array,
  offset = 0,
): number {
  requireImage(image, ['uint8']);
  const parsed = parseOptions(schema, options, 'warpNormalizeInto() options');
  const matrix = requireMatrix(inverse);
  const normalization = normalizationOf(parsed);
  const colored = image as Image<Uint8Array>;
  const source = normalization.color === 'gray' ? toGray(colored) : colored;
  const { width = image.width, height = image.height, filter, border, borderValue } = parsed;
  const planes = normalization.channels.length;
  requireRoom(out, offset, width * height * planes);

  const normalizer = rowNormalizer(normalization, source.channels);
  const extraBytes = { perRow: width * normalizer.pixelBytes, once: normalizer.constantBytes + spareBytes };
  const sampling = { filter, border, fill: borderPixel(source, borderValue) };
  const rowStep = normalization.layout === 'NCHW' ? width : width * planes;
  warpBands(source, matrix, width, height, sampling, extraBytes, ({ pointer, top, rows, extra }) => {
    if (top === 0) normalizer.load(extra);
    const area = { pixels: pointer, constants: extra, values: extra + normalizer.constantBytes };
    const place = { offset: offset + top * rowStep, rowStep, planeStep: width * height };
    normalizer.run(area, width, rows, out, place);
  });
  return width * height * planes;
}
