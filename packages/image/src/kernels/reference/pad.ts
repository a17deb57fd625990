import type { Image, ImageData } from '@percept/core';
import type { PadMode, PadSizes, Rectangle } from '../pad.js';
import { arrayLike } from '../samples.js';

/** Plain TypeScript reference of `pad`. */
export function pad<Data extends ImageData>(
  { width, height, channels, data }: Image<Data>,
  { left = 0, top = 0, right = 0, bottom = 0 }: PadSizes,
  { mode = 'constant', value = 0 }: { mode?: PadMode; value?: number | readonly number[] } = {},
): Image<Data> {
  const outWidth = left + width + right;
  const outHeight = top + height + bottom;
  const out = arrayLike(data, outWidth * outHeight * channels);
  for (let i = 0; i < out.length; i++) {
    const c = i % channels;
    const x = walk((Math.floor(i / channels) % outWidth) - left, width, mode);
    const y = walk(Math.floor(i / channels / outWidth) - top, height, mode);
    const constant = typeof value === 'number' ? value : value[c]!;
    out[i] = x === undefined || y === undefined ? constant : data[(y * width + x) * channels + c]!;
  }
  return { width: outWidth, height: outHeight, channels, data: out };
}

/** Brings a position inside by mirroring (or stepping) as often as it takes; `undefined` is the constant. */
function walk(position: number, size: number, mode: PadMode): number | undefined {
  let inside = position;
  while (inside < 0 || inside >= size) {
    if (mode === 'constant') return undefined;
    if (mode === 'replicate' || (mode === 'reflect101' && size === 1)) return inside < 0 ? 0 : size - 1;
    if (mode === 'wrap') inside += inside < 0 ? size : -size;
    else if (mode === 'reflect') inside = inside < 0 ? -1 - inside : 2 * size - 1 - inside;
    else inside = inside < 0 ? -inside : 2 * size - 2 - inside;
  }
  return inside;
}

/** Plain TypeScript reference of `crop`. */
export function crop<Data extends ImageData>(image: Image<Data>, { left, top, width, height }: Rectangle): Image<Data> {
  const { channels, data } = image;
  const out = arrayLike(data, width * height * channels);
  for (let i = 0; i < out.length; i++) {
    const x = left + (Math.floor(i / channels) % width);
    const y = top + Math.floor(i / channels / width);
    out[i] = data[(y * image.width + x) * channels + (i % channels)]!;
  }
  return { width, height, channels, data: out };
}
