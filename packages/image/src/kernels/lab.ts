import type { Image } from '@percept/core';
import type { KernelOptions } from './kernel-options.js';
import { gammaTable, lightTables, rgbWeights, rootTable } from './lab-tables.js';
import { constantTable } from './runtime.js';
import { requireImage, resultArray } from './samples.js';
import { mapStrips } from './strips.js';
import { transformKernels } from './transform.generated.js';

/**
 * sRGB to CIE L*a*b* with the D65 white point, in OpenCV's 8-bit form (`COLOR_RGB2Lab`, within one level): L* × 255 / 100,
 * a* + 128, b* + 128.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not whole, 8-bit and RGB, or an unfit `out`
 */
export function rgbToLab(image: Image<Uint8Array>, options: KernelOptions = {}): Image<Uint8Array> {
  requireImage(image, ['uint8'], 'image', [3]);
  const { width, height, data } = image;
  const out = resultArray(options.out, data, data.length);
  const lights = constantTable('lab lights', lightTables);
  const roots = constantTable('lab roots', rootTable);
  mapStrips(data, out, width * height, [], (from, to, count) =>
    transformKernels().rgbToLab(from, to, count, lights, roots),
  );
  return { width, height, channels: 3, data: out };
}

/**
 * 8-bit CIE L*a*b* (L* × 255 / 100, a* + 128, b* + 128; D65) to sRGB; colours outside sRGB are clipped per channel.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not whole, 8-bit and of 3 channels, or an unfit `out`
 */
export function labToRgb(image: Image<Uint8Array>, options: KernelOptions = {}): Image<Uint8Array> {
  requireImage(image, ['uint8'], 'image', [3]);
  const { width, height, data } = image;
  const out = resultArray(options.out, data, data.length);
  const weights = constantTable('lab rgb', rgbWeights);
  const gamma = constantTable('lab gamma', gammaTable);
  mapStrips(data, out, width * height, [], (from, to, count) =>
    transformKernels().labToRgb(from, to, count, weights, gamma),
  );
  return { width, height, channels: 3, data: out };
}
