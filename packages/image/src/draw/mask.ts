import type { Color } from './class-color.js';
import { blend, type Canvas } from './fill.js';

/** Lays a colour over the pixels where `inside` holds, and draws their border in full colour where `outline` asks for it. */
export function paintMask(
  canvas: Canvas,
  inside: (pixel: number) => boolean,
  { color, opacity, outline }: { color: Color; opacity: number; outline: boolean },
): void {
  const { width, height, channels, data } = canvas;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = y * width + x;
      if (!inside(pixel)) continue;
      const border =
        outline &&
        ((x > 0 && !inside(pixel - 1)) ||
          (x < width - 1 && !inside(pixel + 1)) ||
          (y > 0 && !inside(pixel - width)) ||
          (y < height - 1 && !inside(pixel + width)));
      blend(data, pixel * channels, channels, color, border ? 1 : opacity);
    }
  }
}
