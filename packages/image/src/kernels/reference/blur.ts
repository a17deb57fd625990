// Blur and convolution of 8-bit images in plain TypeScript, with the arithmetic of the kernels.
import type { Image } from '@percept/core';
import { roundSymmetric } from '../blur-weights.js';
import { type ConvolutionKernel, roundKernel } from '../convolve.js';
import { borderIndex, type PadMode } from '../pad.js';

/** What lies at a pixel, inside the image or beyond its edge. */
function pixelsOf(
  { width, height, channels, data }: Image<Uint8Array>,
  mode: PadMode,
  fill: Uint8Array,
): (x: number, y: number, channel: number) => number {
  return (x, y, channel) => {
    const outside = x < 0 || y < 0 || x >= width || y >= height;
    if (outside && mode === 'constant') return fill[channel]!;
    const column = x < 0 || x >= width ? borderIndex(x, width, mode) : x;
    const row = y < 0 || y >= height ? borderIndex(y, height, mode) : y;
    return data[(row * width + column) * channels + channel]!;
  };
}

/** Plain TypeScript reference of the separable blur: columns, rounded to 7 fractional bits, then rows. */
export function blurReference(
  image: Image<Uint8Array>,
  weights: readonly number[],
  mode: PadMode,
  fill: Uint8Array,
): Image<Uint8Array> {
  const { width, height, channels } = image;
  const fixed = roundSymmetric(weights);
  const radius = (weights.length - 1) / 2;
  const at = pixelsOf(image, mode, fill);
  const data = new Uint8Array(image.data.length);
  const line = new Int32Array(width + 2 * radius);
  for (let y = 0; y < height; y++) {
    for (let c = 0; c < channels; c++) {
      for (let x = -radius; x < width + radius; x++) {
        let sum = 64;
        for (let k = 0; k < weights.length; k++) sum += fixed[k]! * at(x, y + k - radius, c);
        line[x + radius] = sum >> 7;
      }
      for (let x = 0; x < width; x++) {
        let sum = 2 ** 20;
        for (let k = 0; k < weights.length; k++) sum += fixed[k]! * line[x + k]!;
        data[(y * width + x) * channels + c] = sum >> 21;
      }
    }
  }
  return { width, height, channels, data };
}

/** Plain TypeScript reference of the `convolve` kernel. */
export function convolveReference(
  image: Image<Uint8Array>,
  kernel: ConvolutionKernel,
  mode: PadMode,
  fill: Uint8Array,
): Image<Uint8Array> {
  const { width, height, channels } = image;
  const { weights, shift } = roundKernel(kernel.weights);
  const at = pixelsOf(image, mode, fill);
  const data = new Uint8Array(image.data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) {
        let sum = (1 << shift) >> 1;
        weights.forEach((weight, i) => {
          const column = x + (i % kernel.width) - (kernel.width - 1) / 2;
          sum += weight * at(column, y + Math.floor(i / kernel.width) - (kernel.height - 1) / 2, c);
        });
        data[(y * width + x) * channels + c] = Math.min(Math.max(sum >> shift, 0), 255);
      }
    }
  }
  return { width, height, channels, data };
}
