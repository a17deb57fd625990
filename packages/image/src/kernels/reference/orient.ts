import type { Image, ImageData } from '@percept/core';
import { arrayLike } from '../samples.js';

/** Plain TypeScript reference of the `flip` kernel. */
export function flip<Data extends ImageData>(image: Image<Data>, direction: 'horizontal' | 'vertical'): Image<Data> {
  const { width, height, channels, data } = image;
  const out = arrayLike(data, data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = direction === 'horizontal' ? y * width + (width - 1 - x) : (height - 1 - y) * width + x;
      for (let c = 0; c < channels; c++) out[(y * width + x) * channels + c] = data[from * channels + c]!;
    }
  }
  return { width, height, channels, data: out };
}
