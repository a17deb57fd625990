import { type Image, PerceptError } from '@percept/core';
import { read, reserve, write } from './runtime.js';
import { requireImage } from './samples.js';
import { transformKernels } from './transform.generated.js';

/**
 * A summed-area table: entry (x, y) is the sum over all pixels left of x and above y, so it has one row and one column
 * more than the image, the first ones zero. Rows are interleaved as the image's.
 */
export interface IntegralImage<Data extends Uint32Array | Float64Array> {
  /** The image's width + 1. */
  readonly width: number;
  /** The image's height + 1. */
  readonly height: number;
  readonly channels: 1 | 3 | 4;
  readonly data: Data;
}

/** A sum of 255s beyond this many pixels does not fit 32 bits. */
const mostPixels = Math.floor(0xffff_ffff / 255);

/**
 * The integral image of an 8-bit image, per channel: OpenCV's `integral` (Viola and Jones 2001).
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not whole and 8-bit, or has more than 16,843,009 pixels
 */
export function integralImage(image: Image<Uint8Array>): IntegralImage<Uint32Array> {
  requireImage(image, ['uint8']);
  if (image.width * image.height > mostPixels) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected at most ${mostPixels} pixels for integralImage() but received ${image.width} × ${image.height}; take the integral of tiles`,
    );
  }
  return integrate(image, new Uint32Array((image.width + 1) * (image.height + 1) * image.channels), 'integralRows');
}

/**
 * The integral image of the squares of an 8-bit image, per channel, exact: the `sqsum` of OpenCV's `integral`.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not whole and 8-bit
 */
export function integralOfSquares(image: Image<Uint8Array>): IntegralImage<Float64Array> {
  requireImage(image, ['uint8']);
  const length = (image.width + 1) * (image.height + 1) * image.channels;
  return integrate(image, new Float64Array(length), 'integralSquareRows');
}

function integrate<Data extends Uint32Array | Float64Array>(
  { width, height, channels, data }: Image<Uint8Array>,
  out: Data,
  kernel: 'integralRows' | 'integralSquareRows',
): IntegralImage<Data> {
  const row = width * channels;
  const outRow = row + channels;
  const outBytes = outRow * out.BYTES_PER_ELEMENT;
  const step = Math.min(height, Math.max(1, Math.floor(65_536 / outBytes)));
  // One row above each strip: the last one of the strip before, which starts as zeros.
  const [from, to] = reserve(step * row, (step + 1) * outBytes);
  const kernels = transformKernels();
  for (let y = 0; y < height; y += step) {
    const rows = Math.min(step, height - y);
    write(to, out.subarray(y * outRow, (y + 1) * outRow));
    write(from, data.subarray(y * row, (y + rows) * row));
    kernels[kernel](from, to, width, rows, channels);
    read(to + outBytes, out.subarray((y + 1) * outRow, (y + 1 + rows) * outRow));
  }
  return { width: width + 1, height: height + 1, channels, data: out };
}
