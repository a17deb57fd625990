import type { Image, ImageData } from '@percept/core';
import { arrayLike } from '../samples.js';

/** Plain TypeScript reference of `flip`. */
export function flip<Data extends ImageData>(image: Image<Data>, direction: 'horizontal' | 'vertical'): Image<Data> {
  const { width, height } = image;
  return direction === 'horizontal'
    ? gather(image, width, height, (x, y) => y * width + (width - 1 - x))
    : gather(image, width, height, (x, y) => (height - 1 - y) * width + x);
}

/** Plain TypeScript reference of `transpose`. */
export function transpose<Data extends ImageData>(image: Image<Data>): Image<Data> {
  return gather(image, image.height, image.width, (x, y) => x * image.width + y);
}

/** Plain TypeScript reference of `rotate90`: single turns, one after the other. */
export function rotate90<Data extends ImageData>(image: Image<Data>, turns = 1): Image<Data> {
  let turned = gather(image, image.width, image.height, (x, y) => y * image.width + x);
  for (let turn = 0; turn < ((turns % 4) + 4) % 4; turn++) {
    const { width, height } = turned;
    turned = gather(turned, height, width, (x, y) => (height - 1 - x) * width + y);
  }
  return turned;
}

function gather<Data extends ImageData>(
  { channels, data }: Image<Data>,
  width: number,
  height: number,
  sourceOf: (x: number, y: number) => number,
): Image<Data> {
  const out = arrayLike(data, data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) out[(y * width + x) * channels + c] = data[sourceOf(x, y) * channels + c]!;
    }
  }
  return { width, height, channels, data: out };
}
