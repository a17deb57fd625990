import type { Image } from '@percept/core';
import type { IntegralImage } from '../integral.js';

/** Plain TypeScript reference of `integralImage`. */
export function integralImage(image: Image<Uint8Array>): IntegralImage<Uint32Array> {
  const table = integrate(image, (value) => value);
  return { ...table, data: Uint32Array.from(table.data) };
}

/** Plain TypeScript reference of `integralOfSquares`. */
export function integralOfSquares(image: Image<Uint8Array>): IntegralImage<Float64Array> {
  return integrate(image, (value) => value * value);
}

function integrate(image: Image<Uint8Array>, term: (value: number) => number): IntegralImage<Float64Array> {
  const { channels, data } = image;
  const width = image.width + 1;
  const height = image.height + 1;
  const out = new Float64Array(width * height * channels);
  for (let y = 1; y < height; y++) {
    for (let x = 1; x < width; x++) {
      for (let c = 0; c < channels; c++) {
        const at = (y * width + x) * channels + c;
        const above = at - width * channels;
        const own = data[((y - 1) * image.width + x - 1) * channels + c]!;
        out[at] = term(own) + out[at - channels]! + out[above]! - out[above - channels]!;
      }
    }
  }
  return { width, height, channels, data: out };
}
