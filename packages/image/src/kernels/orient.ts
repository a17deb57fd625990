import { type Image, type ImageData, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { read, reserve, write } from './runtime.js';
import { requireImage, resultArray } from './samples.js';

const directionSchema = z.enum(['horizontal', 'vertical']);

/** Options of kernels whose result can be written into an array of the caller's. */
export interface KernelOptions<Data extends ImageData = Uint8Array> {
  /**
   * Where the result goes instead of a new array: same element type, exactly as long as the result. May be the source's
   * own array. Saves the allocation, which costs more than many of the kernels.
   */
  readonly out?: Data | undefined;
}

/**
 * Mirrors left to right (`horizontal`) or top to bottom (`vertical`). Any element type, 1, 3 or 4 channels.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not whole, another direction or an unfit `out`
 */
export function flip<Data extends ImageData>(
  image: Image<Data>,
  direction: 'horizontal' | 'vertical',
  options: KernelOptions<Data> = {},
): Image<Data> {
  requireImage(image, ['uint8', 'uint16', 'float32']);
  parseOptions(directionSchema, direction, 'direction');
  const { width, height, channels, data } = image;
  const out = resultArray(options.out, data, data.length);
  const size = channels * data.BYTES_PER_ELEMENT;
  const { kernels, pointers } = reserve(data.byteLength, data.byteLength);
  const [from, to] = pointers;
  write(from, data);
  if (direction === 'horizontal') kernels.mirrorRows(from, to, width, height, size);
  else kernels.mirrorRows(from, to, height, 1, width * size);
  read(to, out);
  return { width, height, channels, data: out };
}
