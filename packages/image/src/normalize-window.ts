import type { Image } from '@percept/core';
import type { Normalization } from './kernels/normalization.js';
import { rowNormalizer, spareBytes } from './kernels/normalize-rows.js';
import type { Rectangle } from './kernels/pad.js';
import { reserve, write } from './kernels/runtime.js';
import { fillWindow, tensorWindow } from './kernels/tensor-window.js';

/** Bytes of pixels that are worked on at a time, so that they and their values stay in the processor's cache. */
const bandBytes = 2 ** 15;

/**
 * Cuts or pads and normalises an image that needs no resizing (grey already, where the tensor is): what the fused resize
 * writes for its own size, without the passes.
 */
export function normalizeWindowInto(
  { data, width, height, channels }: Image<Uint8Array>,
  window: Rectangle,
  padValue: number,
  normalization: Normalization,
  out: Float32Array,
  offset: number,
): void {
  const { inside, place, count } = tensorWindow(window, width, height, normalization, offset);
  if (inside.width < window.width || inside.height < window.height) {
    fillWindow(padValue, count, normalization, out, offset);
  }
  if (inside.width <= 0 || inside.height <= 0) return;

  const normalizer = rowNormalizer(normalization, channels);
  const row = inside.width * channels;
  const band = Math.min(inside.height, Math.max(1, Math.floor(bandBytes / row)));
  const [pixels, constants, values] = reserve(
    band * row,
    normalizer.constantBytes,
    band * inside.width * normalizer.pixelBytes + spareBytes,
  );
  normalizer.load(constants);
  for (let top = 0; top < inside.height; top += band) {
    const rows = Math.min(band, inside.height - top);
    for (let y = 0; y < rows; y++) {
      const from = ((inside.top + top + y) * width + inside.left) * channels;
      write(pixels + y * row, data.subarray(from, from + row));
    }
    const area = { pixels, constants, values };
    normalizer.run(area, inside.width, rows, out, { ...place, offset: place.offset + top * place.rowStep });
  }
}
