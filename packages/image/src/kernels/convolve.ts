import { type Image, PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { type BorderOptions, borderPixel, borderSchema, borderValueSchema } from './border.js';
import { type KernelOptions, requireApart } from './kernel-options.js';
import { pad } from './pad.js';
import { read, reserve, write } from './runtime.js';
import { requireImage, resultArray } from './samples.js';
import { transformKernels } from './transform.generated.js';

/** A convolution kernel: weights row by row, around the one in the middle. */
export interface ConvolutionKernel {
  /** Odd, 1..31. */
  readonly width: number;
  /** Odd, 1..31. */
  readonly height: number;
  /** `width * height` finite numbers. */
  readonly weights: readonly number[];
}

/** Options of {@link convolve}. The border is `reflect101` unless given. */
export interface ConvolveOptions extends BorderOptions, KernelOptions {}

const schema = z.strictObject({ border: z._default(borderSchema, 'reflect101'), borderValue: borderValueSchema });

/** Weights with `shift` fractional bits. */
export interface FixedKernel {
  readonly weights: readonly number[];
  readonly shift: number;
}

/**
 * Rounds weights to as many fractional bits (20 at most) as let each fit into 16 bits and their sums into 32.
 *
 * @throws PerceptError `INVALID_ARGUMENT` when not even whole numbers fit
 */
export function roundKernel(weights: readonly number[]): FixedKernel {
  const largest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
  const sum = weights.reduce((total, weight) => total + Math.abs(weight), 0);
  for (let shift = 20; shift >= 0; shift--) {
    const one = 2 ** shift;
    if (largest * one < 32_767 && (sum * one + weights.length) * 255 + one < 2 ** 31) {
      return { weights: weights.map((weight) => Math.floor(weight * one + 0.5)), shift };
    }
  }
  throw new PerceptError(
    'INVALID_ARGUMENT',
    `Expected weights below 32767 for the convolution kernel but received ${largest}`,
  );
}

/**
 * Convolves an 8-bit image with a small kernel, each channel by itself; sums are rounded to nearest, half up, and clamped to
 * 0..255. As in OpenCV's `filter2D` the kernel is not mirrored (strictly, a correlation). Weights are rounded to 15
 * bits below the largest: whole numbers and dyadic fractions are exact, others within 1 level.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not 8-bit, a kernel of even or unfit size, or bad options
 */
export function convolve(image: Image, kernel: ConvolutionKernel, options: ConvolveOptions = {}): Image<Uint8Array> {
  requireImage(image, ['uint8']);
  const { out, ...rest } = options;
  const { border, borderValue } = parseOptions(schema, rest, 'convolve() options');
  requireKernel(kernel);
  const source = image as Image<Uint8Array>;
  const { width, height, channels, data } = source;
  const result = resultArray(out, data, data.length);
  requireApart(result, data, false);

  const across = (kernel.width - 1) / 2;
  const down = (kernel.height - 1) / 2;
  const sizes = { left: across, right: across, top: down, bottom: down };
  const padded = pad(source, sizes, { mode: border, value: [...borderPixel(source, borderValue)] });
  const stride = padded.width * channels;
  const { taps, pairs, shift } = tapPairs(kernel, stride, channels);
  const row = width * channels;
  const [from, table, to] = reserve(padded.data.length, taps.byteLength, row * height);
  const kernels = transformKernels();
  write(from, padded.data);
  write(table, taps);
  kernels.convolveRows(from, stride, height, row, table, pairs, shift, to);
  read(to, result);
  return { width, height, channels, data: result };
}

/** The taps that are not zero, two by two: the byte offset of each, and both weights in one integer. */
function tapPairs(
  kernel: ConvolutionKernel,
  stride: number,
  channels: number,
): { taps: Int32Array; pairs: number; shift: number } {
  const { weights, shift } = roundKernel(kernel.weights);
  const used = weights.flatMap((weight, i) => {
    const offset = Math.floor(i / kernel.width) * stride + (i % kernel.width) * channels;
    return weight === 0 ? [] : [{ weight, offset }];
  });
  const pairs = Math.ceil(used.length / 2);
  const taps = new Int32Array(pairs * 3);
  for (let i = 0; i < pairs; i++) {
    const first = used[2 * i]!;
    const second = used[2 * i + 1] ?? { weight: 0, offset: first.offset };
    taps.set([first.offset, second.offset, (first.weight & 0xffff) | (second.weight << 16)], i * 3);
  }
  return { taps, pairs, shift };
}

function requireKernel({ width, height, weights }: ConvolutionKernel): void {
  const odd = (value: number): boolean => value % 2 === 1 && value >= 1 && value <= 31;
  if (odd(width) && odd(height) && weights?.length === width * height && weights.every(Number.isFinite)) return;
  throw new PerceptError(
    'INVALID_ARGUMENT',
    `Expected a convolution kernel of odd sides 1..31 with width × height finite weights but received ${width} × ${height} with ${weights?.length}`,
  );
}
