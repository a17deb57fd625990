import type { Image, ResizeFilter } from '@percept/core';
import { toGray } from '../color.js';
import type { Normalization } from './normalization.js';
import { normalizeReference } from './reference/normalize.js';
import { resizeReference } from './reference/resize.js';

/** Options of {@link resizeNormalizeInto}. */
export interface ResizeNormalizeOptions {
  /** Size of the whole resized image. */
  readonly width: number;
  readonly height: number;
  readonly filter: ResizeFilter;
  readonly antialias: boolean;
  /** The part of the resized image that is written, all of it unless given; outside of the image it is `padValue`. */
  readonly window?: Rectangle | undefined;
  /** Sample (0..255) around the image before it is normalised, 0 unless given. */
  readonly padValue?: number | undefined;
  readonly normalization: Normalization;
}

/** A rectangle in pixels; `left` and `top` may be negative. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Resizes, cuts or pads, and normalises in one pass over memory: writes the window's `[C, H, W]` (or `[H, W, C]`) values
 * from `offset` on. Only the pixels inside the window are computed. Nothing is checked: callers have.
 *
 * @returns how many values were written
 */
export function resizeNormalizeInto(
  image: Image<Uint8Array>,
  options: ResizeNormalizeOptions,
  out: Float32Array,
  offset: number,
): number {
  const { width, height, filter, antialias, normalization, padValue = 0 } = options;
  const window = options.window ?? { left: 0, top: 0, width, height };
  const source = normalization.color === 'gray' ? toGray(image) : image;
  const pixels = window.width * window.height;
  const planes = normalization.channels.length;
  const planar = normalization.layout === 'NCHW';
  const columnStep = planar ? 1 : planes;
  const rowStep = window.width * columnStep;
  const channelStep = planar ? pixels : 1;

  const left = Math.max(0, window.left);
  const top = Math.max(0, window.top);
  const inside = {
    left,
    top,
    width: Math.min(width, window.left + window.width) - left,
    height: Math.min(height, window.top + window.height) - top,
  };
  if (inside.width < window.width || inside.height < window.height) {
    normalization.channels.forEach(({ table }, index) => {
      const value = table[padValue]!;
      const end = offset + (planar ? (index + 1) * pixels : pixels * planes);
      for (let at = offset + index * channelStep; at < end; at += columnStep) out[at] = value;
    });
  }
  if (inside.width > 0 && inside.height > 0) {
    const resized = resizeReference(source, width, height, filter, antialias, inside);
    normalizeReference(resized.data, inside.width, source.channels, normalization, out, {
      offset: offset + (inside.top - window.top) * rowStep + (inside.left - window.left) * columnStep,
      columnStep,
      rowStep,
      channelStep,
    });
  }
  return pixels * planes;
}
