import { type Image, type ImageData, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { type KernelOptions, requireApart } from './kernel-options.js';
import { preprocessKernels } from './preprocess.generated.js';
import { read, reserve, view, write } from './runtime.js';
import { arrayLike, requireImage, resultArray, type SampleType } from './samples.js';
import { mapStrips } from './strips.js';

const directionSchema = z.enum(['horizontal', 'vertical']);
const turnsSchema = z.int();
const anyType: readonly SampleType[] = ['uint8', 'uint16', 'float32'];

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
  requireImage(image, anyType);
  parseOptions(directionSchema, direction, 'direction');
  const { width, height, channels, data } = image;
  const out = resultArray(options.out, data, data.length);
  if (direction === 'horizontal') mirror(data, out, width, height, channels);
  else reverseRows(data, out, width * channels, height);
  return { width, height, channels, data: out };
}

function mirror(data: ImageData, out: ImageData, width: number, height: number, channels: number): void {
  const size = channels * data.BYTES_PER_ELEMENT;
  mapStrips(data, out, height, [], (from, to, rows) => preprocessKernels().mirrorRows(from, to, width, rows, size));
}

/** Whole rows move: copying them straight from array to array beats any detour through WebAssembly's memory. */
function reverseRows(data: ImageData, out: ImageData, row: number, height: number): void {
  requireApart(out, data, false);
  for (let y = 0, to = (height - 1) * row; y < height; y++, to -= row) {
    out.set(data.subarray(y * row, (y + 1) * row), to);
  }
}

/**
 * Swaps rows and columns: the pixel at (x, y) goes to (y, x). Any element type, 1, 3 or 4 channels.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not whole, or an unfit `out`
 */
export function transpose<Data extends ImageData>(image: Image<Data>, options: KernelOptions<Data> = {}): Image<Data> {
  requireImage(image, anyType);
  return swapAxes(image, resultArray(options.out, image.data, image.data.length), false, false);
}

/**
 * Turns clockwise by quarter turns; exact, no resampling. Any element type, 1, 3 or 4 channels.
 *
 * @param turns - any integer; 1 = 90° clockwise, -1 = 90° counter-clockwise
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not whole, a fraction of a turn or an unfit `out`
 */
export function rotate90<Data extends ImageData>(
  image: Image<Data>,
  turns = 1,
  options: KernelOptions<Data> = {},
): Image<Data> {
  requireImage(image, anyType);
  parseOptions(turnsSchema, turns, 'turns');
  const { width, height, channels, data } = image;
  const out = resultArray(options.out, data, data.length);
  const quarter = ((turns % 4) + 4) % 4;
  if (quarter === 1) return swapAxes(image, out, true, false);
  if (quarter === 3) return swapAxes(image, out, false, true);
  requireApart(out, data, false);
  if (quarter === 0) out.set(data);
  else {
    // A half turn mirrors the rows and their order: strip by strip from the end.
    const size = channels * data.BYTES_PER_ELEMENT;
    const pixels = width * height;
    const step = Math.max(1, Math.floor(16_384 / size));
    const [from, to] = reserve(step * size, step * size);
    const kernels = preprocessKernels();
    for (let first = 0; first < pixels; first += step) {
      const count = Math.min(step, pixels - first);
      write(from, data.subarray(first * channels, (first + count) * channels));
      kernels.mirrorRows(from, to, count, 1, size);
      read(to, out.subarray((pixels - first - count) * channels, (pixels - first) * channels));
    }
  }
  return { width, height, channels, data: out };
}

/** Makes an image with EXIF orientation `orientation` (1..8, EXIF 2.32 table "Orientation") upright, unchecked. */
export function orientImage<Data extends ImageData>(image: Image<Data>, orientation: number): Image<Data> {
  const { data } = image;
  if (orientation === 1) return image;
  if (orientation === 2) return flip(image, 'horizontal');
  if (orientation === 3) return rotate90(image, 2);
  if (orientation === 4) return flip(image, 'vertical');
  const out = arrayLike(data, data.length);
  return swapAxes(image, out, orientation === 6 || orientation === 7, orientation === 7 || orientation === 8);
}

function swapAxes<Data extends ImageData>(image: Image<Data>, out: Data, fromBottom: boolean, toBottom: boolean) {
  const { width, height, channels, data } = image;
  const size = channels * data.BYTES_PER_ELEMENT;
  const stride = width * size;
  const outStride = height * size;
  // Columns become rows, some at a time, so that they are still in the cache when they are read.
  const step = Math.min(width, 64);
  const [from, to] = reserve(data.byteLength, step * outStride);
  const kernels = preprocessKernels();
  write(from, data);
  const rows = view(to, out, step * height * channels);
  for (let x = 0; x < width; x += step) {
    const count = Math.min(step, width - x);
    kernels.transpose(
      (fromBottom ? from + (height - 1) * stride : from) + x * size,
      fromBottom ? -stride : stride,
      toBottom ? to + (count - 1) * outStride : to,
      toBottom ? -outStride : outStride,
      count,
      height,
      size,
    );
    const row = toBottom ? width - x - count : x;
    out.set(count === step ? rows : rows.subarray(0, count * height * channels), row * height * channels);
  }
  return { width: height, height: width, channels, data: out };
}
