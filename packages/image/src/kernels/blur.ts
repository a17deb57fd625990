import { type Image, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { gaussianSize, gaussianWeights, roundSymmetric } from './blur-weights.js';
import { type BorderOptions, borderPixel, borderSchema, borderValueSchema } from './border.js';
import { type KernelOptions, requireApart } from './kernel-options.js';
import { borderIndex, type PadMode } from './pad.js';
import { read, reserve, write } from './runtime.js';
import { requireImage, resultArray } from './samples.js';
import { transformKernels } from './transform.generated.js';

/** Options of {@link gaussianBlur}; `size` or `sigma` has to be there. The border is `reflect101` unless given. */
export interface GaussianBlurOptions extends BorderOptions, KernelOptions {
  /** Pixels that are weighed along each axis, odd, 1..255; six times `sigma` and one, made odd, unless given. */
  readonly size?: number | undefined;
  /** Standard deviation in pixels, 0.01..40; fitted to `size` as OpenCV does unless given. */
  readonly sigma?: number | undefined;
}

/** Options of {@link boxBlur}. The border is `reflect101` unless given. */
export interface BoxBlurOptions extends BorderOptions, KernelOptions {
  /** Pixels that are averaged along each axis, odd, 1..255. */
  readonly size: number;
}

const size = z.int().check(
  z.gte(1),
  z.lte(255),
  z.refine((value: number) => value % 2 === 1, 'an odd number'),
);
const border = { border: z._default(borderSchema, 'reflect101'), borderValue: borderValueSchema };
const gaussianSchema = z
  .strictObject({ size: z.optional(size), sigma: z.optional(z.number().check(z.gte(0.01), z.lte(40))), ...border })
  .check(z.refine(({ size, sigma }) => size !== undefined || sigma !== undefined, 'size or sigma'));
const boxSchema = z.strictObject({ size, ...border });

/**
 * Blurs an 8-bit image by a Gaussian, along columns and rows in turn, with OpenCV's `GaussianBlur` rules for size, standard
 * deviation and the small kernels; size 5 without a `sigma` is bit-exact with it, others are within 1 level.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not 8-bit or bad options
 */
export function gaussianBlur(image: Image, options: GaussianBlurOptions): Image<Uint8Array> {
  const { out, ...rest } = options;
  const parsed = parseOptions(gaussianSchema, rest, 'gaussianBlur() options');
  const weights = gaussianWeights(parsed.size ?? gaussianSize(parsed.sigma!), parsed.sigma);
  return blur(image, weights, parsed.border, parsed.borderValue, out);
}

/**
 * Averages the square of `size` × `size` pixels around each pixel of an 8-bit image: OpenCV's `blur`, within 1 level.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not 8-bit or bad options
 */
export function boxBlur(image: Image, options: BoxBlurOptions): Image<Uint8Array> {
  const { out, ...rest } = options;
  const parsed = parseOptions(boxSchema, rest, 'boxBlur() options');
  const weights = new Array<number>(parsed.size).fill(1 / parsed.size);
  return blur(image, weights, parsed.border, parsed.borderValue, out);
}

/** Bytes of source rows that are worked on at a time. */
const bandBytes = 2 ** 17;

function blur(
  image: Image,
  weights: readonly number[],
  mode: PadMode,
  borderValue: number | readonly number[],
  out: Uint8Array | undefined,
): Image<Uint8Array> {
  requireImage(image, ['uint8']);
  const { width, height, channels, data } = image as Image<Uint8Array>;
  const result = resultArray(out, data, data.length);
  requireApart(result, data, false);
  const pixel = borderPixel(image, borderValue);
  const fixed = roundSymmetric(weights);
  const binomial = fixed.length === 6 && fixed[0] === 1024 && fixed[1] === 4096;
  const radius = (weights.length - 1) / 2;
  const row = width * channels;
  const step = Math.min(height, Math.max(1, Math.floor(bandBytes / row)));

  const lineBytes = (width + 2 * radius) * channels * 2 + 64;
  const [source, blank, rowPointers, table, indices, fill, lines, target] = reserve(
    (step + 2 * radius) * row,
    row,
    (step + 2 * radius + 1) * 4,
    fixed.byteLength,
    radius * 8,
    channels * 2,
    2 * lineBytes,
    step * row,
  );
  const kernels = transformKernels();
  write(table, fixed);
  write(indices, borderIndices(width, radius, mode));
  // The binomial keeps 4 fractional bits in its line, all others 7.
  write(
    fill,
    Int16Array.from(pixel, (value) => value << (binomial ? 4 : 7)),
  );
  if (mode === 'constant') write(blank, repeated(pixel, width));
  const beyond = borderIndices(height, radius, mode);
  for (let top = 0; top < height; top += step) {
    const rows = Math.min(step, height - top);
    // Rows beyond the image may stand for any row of it: those are copied behind the band's own.
    const first = Math.max(0, top - radius);
    const last = Math.min(height, top + rows + radius);
    write(source, data.subarray(first * row, last * row));
    let spare = source + (last - first) * row;
    const list = new Int32Array(rows + 2 * radius + 1);
    for (let i = 0; i < rows + 2 * radius; i++) {
      const y = top + i - radius;
      const index = y < 0 ? beyond[y + radius]! : y >= height ? beyond[y - height + radius]! : y;
      if (index < 0) list[i] = blank;
      else if (index >= first && index < last) list[i] = source + (index - first) * row;
      else {
        write(spare, data.subarray(index * row, (index + 1) * row));
        list[i] = spare;
        spare += row;
      }
    }
    list[rows + 2 * radius] = source;
    write(rowPointers, list);
    kernels.blurRows(
      rowPointers,
      rows,
      width,
      channels,
      table,
      binomial ? 0 : fixed.length,
      indices,
      radius,
      fill,
      lines,
      lineBytes,
      target,
    );
    read(target, result.subarray(top * row, (top + rows) * row));
  }
  return { width, height, channels, data: result };
}

/** The indices that `radius` positions before 0 and `radius` behind the end stand for; -1 for the constant. */
function borderIndices(length: number, radius: number, mode: PadMode): Int32Array {
  return Int32Array.from({ length: 2 * radius }, (_, i) =>
    mode === 'constant' ? -1 : borderIndex(i < radius ? i - radius : length + i - radius, length, mode),
  );
}

function repeated(pixel: Uint8Array, count: number): Uint8Array {
  const row = new Uint8Array(pixel.length * count);
  for (let x = 0; x < count; x++) row.set(pixel, x * pixel.length);
  return row;
}
