import type { Image } from '@percept/core';
import type { KernelOptions } from './kernel-options.js';
import { requireImage, resultArray } from './samples.js';
import { mapStrips } from './strips.js';
import { transformKernels } from './transform.generated.js';

/**
 * RGB to hue, saturation and value, 8-bit. Hue counts degrees by two, 0..179 (red 0, green 60, blue 120); saturation and
 * value are 0..255; greys have hue 0. The ranges and the arithmetic of OpenCV's `COLOR_RGB2HSV`, to the bit.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not whole, 8-bit and RGB, or an unfit `out`
 */
export function rgbToHsv(image: Image<Uint8Array>, options: KernelOptions = {}): Image<Uint8Array> {
  return convert(image, options, 'rgbToHsv');
}

/**
 * Hue (0..179), saturation and value (0..255), 8-bit, to RGB: OpenCV's `COLOR_HSV2RGB` within one level. Hues from 180 on
 * go once round.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not whole, 8-bit and of 3 channels, or an unfit `out`
 */
export function hsvToRgb(image: Image<Uint8Array>, options: KernelOptions = {}): Image<Uint8Array> {
  return convert(image, options, 'hsvToRgb');
}

/**
 * RGB to hue, saturation and lightness, in that order, 8-bit. Hue is that of `rgbToHsv` (0..179), the others are 0..255:
 * OpenCV's `COLOR_RGB2HLS` within one level, with its last two channels swapped.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not whole, 8-bit and RGB, or an unfit `out`
 */
export function rgbToHsl(image: Image<Uint8Array>, options: KernelOptions = {}): Image<Uint8Array> {
  return convert(image, options, 'rgbToHsl');
}

/**
 * Hue (0..179), saturation and lightness (0..255), in that order, 8-bit, to RGB: OpenCV's `COLOR_HLS2RGB` within one
 * level, with its last two channels swapped. Hues from 180 on go once round.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not whole, 8-bit and of 3 channels, or an unfit `out`
 */
export function hslToRgb(image: Image<Uint8Array>, options: KernelOptions = {}): Image<Uint8Array> {
  return convert(image, options, 'hslToRgb');
}

function convert(
  image: Image<Uint8Array>,
  options: KernelOptions,
  kernel: 'rgbToHsv' | 'hsvToRgb' | 'rgbToHsl' | 'hslToRgb',
): Image<Uint8Array> {
  requireImage(image, ['uint8'], 'image', [3]);
  const { width, height, data } = image;
  const out = resultArray(options.out, data, data.length);
  mapStrips(data, out, width * height, [], (from, to, count) => transformKernels()[kernel](from, to, count));
  return { width, height, channels: 3, data: out };
}
