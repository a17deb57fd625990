import type { Normalization } from './normalization.js';
import type { TensorPlace } from './normalize-rows.js';
import type { Rectangle } from './pad.js';

/** The part of a window that lies inside `width` × `height` pixels (empty when `width` or `height` ≤ 0), and its place. */
export interface TensorWindow {
  readonly inside: Rectangle;
  readonly place: TensorPlace;
  /** Values of the whole window. */
  readonly count: number;
}

/** Lays a window over `width` × `height` pixels; its values stand in a tensor from `offset` on. */
export function tensorWindow(
  window: Rectangle,
  width: number,
  height: number,
  { layout, channels }: Normalization,
  offset: number,
): TensorWindow {
  const left = Math.max(0, window.left);
  const top = Math.max(0, window.top);
  const inside = {
    left,
    top,
    width: Math.min(width, window.left + window.width) - left,
    height: Math.min(height, window.top + window.height) - top,
  };
  const columnStep = layout === 'NCHW' ? 1 : channels.length;
  const rowStep = window.width * columnStep;
  const first = offset + (top - window.top) * rowStep + (left - window.left) * columnStep;
  const planeStep = window.width * window.height;
  return { inside, place: { offset: first, rowStep, planeStep }, count: planeStep * channels.length };
}

/** Fills a window's values, from `offset` on, with those of one sample in every channel. */
export function fillWindow(
  sample: number,
  count: number,
  { layout, channels }: Normalization,
  out: Float32Array,
  offset: number,
): void {
  const planes = channels.length;
  const pixels = count / planes;
  channels.forEach(({ table }, index) => {
    const value = table[sample]!;
    if (layout === 'NCHW') out.fill(value, offset + index * pixels, offset + (index + 1) * pixels);
    else for (let at = offset + index; at < offset + count; at += planes) out[at] = value;
  });
}
