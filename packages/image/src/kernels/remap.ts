import { type Image, PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { borderPixel } from './border.js';
import { type KernelOptions, requireApart } from './kernel-options.js';
import { read, reserve, write } from './runtime.js';
import { requireImage, resultArray } from './samples.js';
import { transformKernels } from './transform.generated.js';
import { makeSampler, type SamplingOptions, samplerBytes, samplingShape } from './warp-sampling.js';

/** Where each pixel of a result is taken from: a float per pixel, row by row, in the source's pixels. */
export interface SamplingGrid {
  readonly width: number;
  readonly height: number;
  /** `width * height` columns; pixels' centres lie at whole numbers. */
  readonly x: Float32Array;
  /** `width * height` rows. */
  readonly y: Float32Array;
}

/** Options of {@link remap}. */
export interface RemapOptions extends SamplingOptions, KernelOptions {}

const schema = z.strictObject(samplingShape);

/** Pixels that are worked on at a time. */
const bandPixels = 2 ** 13;

/**
 * Samples an 8-bit image by a grid, as OpenCV's `remap`: for lens corrections, elastic deformations and whatever no matrix
 * describes. Positions are rounded to 1/2048 pixel, blends to nearest; a position that is not a number counts as 0.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not 8-bit, a grid whose arrays do not fit its size, or bad
 *   options
 */
export function remap(image: Image, grid: SamplingGrid, options: RemapOptions = {}): Image<Uint8Array> {
  requireImage(image, ['uint8']);
  const { out, ...rest } = options;
  const { filter, border, borderValue } = parseOptions(schema, rest, 'remap() options');
  requireGrid(grid);
  const { channels, data } = image as Image<Uint8Array>;
  const result = resultArray(out, data, grid.width * grid.height * channels);
  requireApart(result, data, false);
  const begin = makeSampler(image, { filter, border, fill: borderPixel(image, borderValue) });
  const total = grid.width * grid.height;
  const step = Math.min(total, bandPixels);
  const positionBytes = step * 4 + 16;
  const [source, xs, ys, area, to] = reserve(
    data.length,
    positionBytes,
    positionBytes,
    samplerBytes(step),
    step * channels,
  );
  const kernels = transformKernels();
  write(source, data);
  const sample = begin(area);
  for (let first = 0; first < total; first += step) {
    const count = Math.min(step, total - first);
    write(xs, grid.x.subarray(first, first + count));
    write(ys, grid.y.subarray(first, first + count));
    kernels.gridPositions(xs, count);
    kernels.gridPositions(ys, count);
    sample(source, { matrix: 0, steady: false, width: count, firstRow: 0, rows: 1, xs, ys }, to);
    read(to, result.subarray(first * channels, (first + count) * channels));
  }
  return { width: grid.width, height: grid.height, channels, data: result };
}

function requireGrid({ width, height, x, y }: SamplingGrid): void {
  const fits = (array: unknown): boolean => array instanceof Float32Array && array.length === width * height;
  if (Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0 && fits(x) && fits(y)) return;
  throw new PerceptError(
    'INVALID_ARGUMENT',
    `Expected Float32Arrays of width × height values for the grid's x and y but received ${width} × ${height} with ${x?.length} and ${y?.length}`,
  );
}
