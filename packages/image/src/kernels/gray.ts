import type { Image } from '@percept/core';
import type { KernelOptions } from './kernel-options.js';
import { preprocessKernels } from './preprocess.generated.js';
import { requireImage, resultArray } from './samples.js';
import { mapStrips } from './strips.js';

/**
 * RGB or RGBA (alpha is ignored) to one grey channel, 8-bit: ITU-R 601 luma in 16-bit fixed point, bit-exact with
 * Pillow's `convert('L')` and within one level of OpenCV's `COLOR_RGB2GRAY`.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not whole, 8-bit and of 3 or 4 channels, or an unfit `out`
 */
export function rgbToGray(image: Image<Uint8Array>, options: KernelOptions = {}): Image<Uint8Array> {
  requireImage(image, ['uint8'], 'image', [3, 4]);
  const { width, height, channels, data } = image;
  const out = resultArray(options.out, data, width * height);
  mapStrips(data, out, width * height, [], (from, to, count) =>
    channels === 3 ? preprocessKernels().rgbToGray(from, to, count) : preprocessKernels().rgbaToGray(from, to, count),
  );
  return { width, height, channels: 1, data: out };
}

/**
 * One grey channel to three equal ones, 8-bit.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not whole, 8-bit and grey, or an unfit `out`
 */
export function grayToRgb(image: Image<Uint8Array>, options: KernelOptions = {}): Image<Uint8Array> {
  requireImage(image, ['uint8'], 'image', [1]);
  const { width, height, data } = image;
  const out = resultArray(options.out, data, data.length * 3);
  mapStrips(data, out, width * height, [], (from, to, count) => preprocessKernels().grayToRgb(from, to, count));
  return { width, height, channels: 3, data: out };
}

/**
 * RGBA to RGB, 8-bit: alpha is dropped, not composited.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not whole, 8-bit and RGBA, or an unfit `out`
 */
export function rgbaToRgb(image: Image<Uint8Array>, options: KernelOptions = {}): Image<Uint8Array> {
  requireImage(image, ['uint8'], 'image', [4]);
  const { width, height, data } = image;
  const out = resultArray(options.out, data, width * height * 3);
  mapStrips(data, out, width * height, [], (from, to, count) => preprocessKernels().rgbaToRgb(from, to, count));
  return { width, height, channels: 3, data: out };
}
