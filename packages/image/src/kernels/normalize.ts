import { type Image, PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { toGray } from '../color.js';
import { type Normalization, planNormalization } from './normalization.js';
import { rowNormalizer, spareBytes } from './normalize-rows.js';
import { reserve, write } from './runtime.js';
import { requireImage } from './samples.js';

/** Options of {@link normalize}: each value is `(sample * scale - mean) / std`. */
export interface NormalizeOptions {
  /** Channels of the tensor and their order; grey is made of colour by luma, colour of grey by repeating it. */
  readonly color: 'gray' | 'rgb' | 'bgr';
  /** Factor from 0..255 to the range of `mean` and `std`, 1/255 unless given. */
  readonly scale?: number | undefined;
  /** One value per channel of the tensor, 0 unless given. */
  readonly mean?: readonly number[] | undefined;
  /** One value per channel of the tensor, none of them 0; 1 unless given. */
  readonly std?: readonly number[] | undefined;
  /** `NCHW` (default): a plane a channel. `NHWC`: channels interleaved. */
  readonly layout?: 'NCHW' | 'NHWC' | undefined;
}

const numbers = z.array(z.number()).check(z.minLength(1), z.maxLength(3));
/** The checked options of a normalization. */
export const normalizeShape = {
  color: z.enum(['gray', 'rgb', 'bgr']),
  scale: z._default(z.number(), 1 / 255),
  mean: z.optional(numbers),
  std: z.optional(numbers),
  layout: z._default(z.enum(['NCHW', 'NHWC']), 'NCHW'),
};
const schema = z.strictObject(normalizeShape);

/** Plans a normalization whose options have been parsed by {@link normalizeShape}. */
export function normalizationOf(options: z.infer<typeof schema>): Normalization {
  const { color, scale, layout } = options;
  const channels = color === 'gray' ? 1 : 3;
  const mean = options.mean ?? new Array<number>(channels).fill(0);
  const std = options.std ?? new Array<number>(channels).fill(1);
  if (mean.length !== channels || std.length !== channels || std.includes(0)) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected ${channels} values for mean and as many other than 0 for std but received [${mean.join(', ')}] and [${std.join(', ')}]`,
    );
  }
  return planNormalization({ color, scale, mean, std, layout });
}

/**
 * Turns an 8-bit image into float32 values and writes its `[C, H, W]` (or `[H, W, C]`) values into `out` from `offset` on.
 * Values are exact to 1e-6.
 *
 * @returns how many values were written
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not 8-bit, bad options, or when the values do not fit
 */
export function normalizeInto(image: Image, options: NormalizeOptions, out: Float32Array, offset = 0): number {
  requireImage(image, ['uint8']);
  const normalization = normalizationOf(parseOptions(schema, options, 'normalizeInto() options'));
  const count = image.width * image.height * normalization.channels.length;
  requireRoom(out, offset, count);
  const source = image as Image<Uint8Array>;
  normalizeImage(normalization.color === 'gray' ? toGray(source) : source, normalization, out, offset);
  return count;
}

/**
 * Checks that values fit.
 *
 * @throws PerceptError `INVALID_ARGUMENT` when they do not
 */
export function requireRoom(out: Float32Array, offset: number, count: number): void {
  if (!(out instanceof Float32Array) || !Number.isInteger(offset) || offset < 0 || offset + count > out.length) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected a Float32Array with room for ${count} values from offset ${offset} but received one of ${out?.length}`,
    );
  }
}

/** Bytes of pixels that are worked on at a time, so that they and their values stay in the processor's cache. */
const bandBytes = 2 ** 15;

/** Normalises a whole image, unchecked; strip by strip, so that little memory is touched. */
function normalizeImage(
  { data, width, height, channels }: Image<Uint8Array>,
  normalization: Normalization,
  out: Float32Array,
  offset: number,
): void {
  const normalizer = rowNormalizer(normalization, channels);
  const planeStep = width * height;
  const strip = Math.max(1, Math.floor(bandBytes / channels));
  const longest = Math.min(strip, planeStep);
  const [pixels, constants, values] = reserve(
    longest * channels,
    normalizer.constantBytes,
    longest * normalizer.pixelBytes + spareBytes,
  );
  normalizer.load(constants);
  const perPixel = normalization.layout === 'NCHW' ? 1 : normalization.channels.length;
  for (let first = 0; first < planeStep; first += strip) {
    const count = Math.min(strip, planeStep - first);
    write(pixels, data.subarray(first * channels, (first + count) * channels));
    const place = { offset: offset + first * perPixel, rowStep: count * perPixel, planeStep };
    normalizer.run({ pixels, constants, values }, count, 1, out, place);
  }
}
