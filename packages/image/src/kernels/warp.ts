import { type Image, PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { borderPixel } from './border.js';
import { type KernelOptions, requireApart } from './kernel-options.js';
import { read, reserve, write } from './runtime.js';
import { requireImage, resultArray } from './samples.js';
import { makeSampler, type Sampling, type SamplingOptions, samplerBytes, samplingShape } from './warp-sampling.js';

/** Nine numbers in row order: `[a, b, c, d, e, f, g, h, i]`. */
export type Matrix3 = readonly [number, number, number, number, number, number, number, number, number];

/** Options of {@link warp}. */
export interface WarpOptions extends SamplingOptions, KernelOptions {
  /** Size of the result in pixels, 1..65535; the image's own unless given. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

const side = z.int().check(z.gte(1), z.lte(65_535));
/** The checked options of a warp. */
export const warpShape = { width: z.optional(side), height: z.optional(side), ...samplingShape };
const schema = z.strictObject(warpShape);
const matrixSchema = z.array(z.number()).check(z.length(9));

/**
 * Warps an 8-bit image by one inverse matrix, affine or projective: the result's pixel (x, y) is taken at
 * ((a x + b y + c) / w, (d x + e y + f) / w) of the source, with w = g x + h y + i. Pixels' centres lie at whole numbers, as
 * in OpenCV's `warpAffine` and `warpPerspective` with `WARP_INVERSE_MAP`. Compose rotations, scalings, shears and shifts
 * into one matrix and the image is resampled once.
 *
 * Positions are rounded to 1/2048 pixel, blends to nearest: results are within 1 level of exact arithmetic.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not 8-bit, a matrix that is not nine finite numbers, or bad
 *   options
 */
export function warp(image: Image, inverse: Matrix3, options: WarpOptions = {}): Image<Uint8Array> {
  requireImage(image, ['uint8']);
  const { out, ...rest } = options;
  const parsed = parseOptions(schema, rest, 'warp() options');
  const matrix = requireMatrix(inverse);
  const { width = image.width, height = image.height, filter, border, borderValue } = parsed;
  const source = image as Image<Uint8Array>;
  const data = resultArray(out, source.data, width * height * source.channels);
  requireApart(data, source.data, false);
  const sampling = { filter, border, fill: borderPixel(source, borderValue) };
  const row = width * source.channels;
  warpBands(source, matrix, width, height, sampling, { perRow: 0, once: 0 }, ({ pointer, top, rows }) => {
    read(pointer, data.subarray(top * row, (top + rows) * row));
  });
  return { width, height, channels: source.channels, data };
}

/**
 * Checks a matrix.
 *
 * @throws PerceptError `INVALID_ARGUMENT` when it is not nine finite numbers
 */
export function requireMatrix(inverse: Matrix3): Matrix3 {
  const matrix = parseOptions(matrixSchema, inverse, 'inverse matrix');
  if (!matrix.every(Number.isFinite)) {
    throw new PerceptError('INVALID_ARGUMENT', `Expected finite numbers for inverse matrix but received [${matrix}]`);
  }
  return inverse;
}

/** Whether positions can be stepped along rows exactly: an affine matrix, and all positions within 2^19 pixels. */
export function isSteady([a, b, c, d, e, f, g, h, i]: Matrix3, width: number, height: number): boolean {
  if (g !== 0 || h !== 0 || i !== 1) return false;
  // The module makes positions four at a time, beyond the row's end.
  return [0, width + 4].every((x) =>
    [0, height].every((y) => Math.max(Math.abs(a * x + b * y + c), Math.abs(d * x + e * y + f)) < 2 ** 19),
  );
}

/** Rows `top … top + rows - 1` of a warp's result in the module's memory; `extra` is the caller's area. */
export interface WarpBand {
  readonly pointer: number;
  readonly top: number;
  readonly rows: number;
  readonly extra: number;
}

/** Bytes of a band of results. */
const bandBytes = 2 ** 16;

/** Warps, unchecked, handing over each band of finished rows. */
export function warpBands(
  image: Image<Uint8Array>,
  matrix: Matrix3,
  outWidth: number,
  outHeight: number,
  sampling: Sampling,
  extraBytes: { readonly perRow: number; readonly once: number },
  onBand: (band: WarpBand) => void,
): void {
  const begin = makeSampler(image, sampling);
  const row = outWidth * image.channels;
  const step = Math.min(outHeight, Math.max(1, Math.floor(bandBytes / row)));
  const positionBytes = 4 * (outWidth + 4);
  const [source, inverse, area, xs, ys, out, extra] = reserve(
    image.data.length,
    72,
    samplerBytes(outWidth),
    positionBytes,
    positionBytes,
    step * row,
    step * extraBytes.perRow + extraBytes.once,
  );
  write(source, image.data);
  write(inverse, Float64Array.from(matrix));
  const sample = begin(area);
  const steady = isSteady(matrix, outWidth, outHeight);
  for (let top = 0; top < outHeight; top += step) {
    const rows = Math.min(step, outHeight - top);
    sample(source, { matrix: inverse, steady, width: outWidth, firstRow: top, rows, xs, ys }, out);
    onBand({ pointer: out, top, rows, extra });
  }
}
