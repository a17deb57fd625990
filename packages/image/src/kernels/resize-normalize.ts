import type { Image, ResizeFilter } from '@percept/core';
import { toGray } from '../color.js';
import type { Normalization } from './normalization.js';
import { rowNormalizer, spareBytes } from './normalize-rows.js';
import type { Rectangle } from './pad.js';
import { resizeBands } from './resize-bands.js';
import { fillWindow, tensorWindow } from './tensor-window.js';

/** Options of {@link resizeNormalizeInto}. */
export interface ResizeNormalizeOptions {
  /** Size of the whole resized image. */
  readonly width: number;
  readonly height: number;
  readonly filter: ResizeFilter;
  readonly antialias: boolean;
  /** The part of the resized image that is written, all of it unless given; it may reach outside. */
  readonly window?: Rectangle | undefined;
  /** Sample (0..255) that stands outside of the image; without it, what lies there in `out` is left as it is. */
  readonly padValue?: number | undefined;
  readonly normalization: Normalization;
}

/**
 * Resizes, cuts or pads, and normalises in one pass over memory: writes the window's `[C, H, W]` (or `[H, W, C]`) values
 * from `offset` on. Only the pixels inside the window are computed. Nothing is checked: callers have.
 *
 * @returns how many values the window has
 */
export function resizeNormalizeInto(
  image: Image<Uint8Array>,
  options: ResizeNormalizeOptions,
  out: Float32Array,
  offset: number,
): number {
  const { width, height, filter, antialias, normalization, padValue } = options;
  const window = options.window ?? { left: 0, top: 0, width, height };
  const source = normalization.color === 'gray' ? toGray(image) : image;
  const { inside, place, count } = tensorWindow(window, width, height, normalization, offset);
  if (padValue !== undefined && (inside.width < window.width || inside.height < window.height)) {
    fillWindow(padValue, count, normalization, out, offset);
  }
  if (inside.width <= 0 || inside.height <= 0) return count;

  const normalizer = rowNormalizer(normalization, source.channels);
  const request = { width, height, filter, antialias, window: inside };
  const extra = { perRow: inside.width * normalizer.pixelBytes, once: normalizer.constantBytes + spareBytes };
  let loaded = false;
  resizeBands(source, request, extra, ({ pointer, top, rows, extra: constants }) => {
    if (!loaded) normalizer.load(constants);
    loaded = true;
    const area = { pixels: pointer, constants, values: constants + normalizer.constantBytes };
    normalizer.run(area, inside.width, rows, out, { ...place, offset: place.offset + top * place.rowStep });
  });
  return count;
}
