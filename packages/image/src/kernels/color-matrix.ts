import { type Image, PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import type { KernelOptions } from './kernel-options.js';
import { requireImage, resultArray } from './samples.js';
import { mapStrips } from './strips.js';
import { transformKernels } from './transform.generated.js';

const schema = z.array(z.number()).check(z.length(12));
const mostWeight = 63;
const mostOffset = 4095;

/** A colour matrix in fixed point: what kernel and reference compute with. */
export interface FixedColorMatrix {
  /** Fractional bits of the weights. */
  readonly bits: number;
  /** How many times the rounded offsets count, so that they fit 16 bits as the weights do. */
  readonly offsetUnit: number;
  /** Three rows of r, g, b and offset. */
  readonly rows: Int16Array;
}

/** Rounds a matrix to 13 fractional bits if its weights leave room for that in 16, else to 9. */
export function fixedColorMatrix(matrix: readonly number[]): FixedColorMatrix {
  const largest = Math.max(...matrix.filter((_, i) => i % 4 < 3).map(Math.abs));
  const bits = largest * 2 ** 13 > 32_767 ? 9 : 13;
  const largestOffset = Math.max(...matrix.filter((_, i) => i % 4 === 3).map(Math.abs));
  let unit = 1;
  while ((largestOffset * 2 ** bits) / unit > 32_767) unit *= 2;
  const rows = Int16Array.from(matrix, (value, i) => Math.round((value * 2 ** bits) / (i % 4 === 3 ? unit : 1)));
  return { bits, offsetUnit: unit, rows };
}

/**
 * Multiplies RGB by a 3 × 4 matrix, row by row: `R' = m[0] R + m[1] G + m[2] B + m[3]`, and so on; rounded and saturated
 * to 8 bits. Works in 16-bit fixed point: every sample is within one level of exact arithmetic.
 *
 * @param matrix - 12 numbers, row-major: weights within ±63, offsets in levels of 255, within ±4095
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not whole, 8-bit and RGB, another matrix or an unfit `out`
 */
export function colorMatrix(
  image: Image<Uint8Array>,
  matrix: readonly number[],
  options: KernelOptions = {},
): Image<Uint8Array> {
  requireImage(image, ['uint8'], 'image', [3]);
  parseOptions(schema, matrix, 'matrix');
  const outside = matrix.find((value, i) => !(Math.abs(value) <= (i % 4 === 3 ? mostOffset : mostWeight)));
  if (outside !== undefined) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected weights within ±${mostWeight} and offsets within ±${mostOffset} for matrix but received ${outside}`,
    );
  }
  const { bits, offsetUnit, rows } = fixedColorMatrix(matrix);
  const numbers = new Int32Array(32);
  new Int16Array(numbers.buffer).set(
    Int16Array.from({ length: 48 }, (_, i) => rows[(i >> 4) * 4 + ((i & 8) >> 2) + (i & 1)]!),
  );
  numbers.fill(1 << (bits - 1), 24, 28);
  numbers.fill(offsetUnit << 16, 28, 32);
  const { width, height, data } = image;
  const out = resultArray(options.out, data, data.length);
  mapStrips(data, out, width * height, [numbers], (from, to, count, [weights]) =>
    bits === 13
      ? transformKernels().colorMatrixFine(from, to, count, weights!)
      : transformKernels().colorMatrixWide(from, to, count, weights!),
  );
  return { width, height, channels: 3, data: out };
}
