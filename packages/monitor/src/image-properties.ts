import type { Image, ImageData } from '@percept/core';

/** What a monitor looks at in a picture. */
export interface ImageProperties {
  /** Mean luma, 0 (black) .. 1 (white). */
  readonly brightness: number;
  /** RMS contrast: standard deviation of luma, 0 .. 0.5. */
  readonly contrast: number;
  /**
   * Variance of the Laplacian of luma, 0 .. 4; low for blurred and for empty pictures. Multiply by 255² to compare with
   * OpenCV's `Laplacian(gray, CV_64F).var()` of 8-bit grey.
   */
  readonly sharpness: number;
  /** Pixels in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
}

/** Pixels looked at in one picture, at most about. */
const maximumPixels = 256 * 256;

/**
 * Measures a decoded image of any size, channels and sample type.
 *
 * Luma is ITU-R BT.601's `0.299 R + 0.587 G + 0.114 B` of the sRGB samples, scaled to 0..1; grey is its own luma and
 * alpha is not looked at. The Laplacian is that of 4 neighbours, `left + right + up + down - 4 × centre`, mirrored at
 * the borders without repeating the border pixel, as OpenCV does by default. In pictures of more than 256 × 256 pixels
 * every k-th pixel of every k-th row is looked at, `k = ceil(sqrt(width × height / 256²))`, always with its true
 * neighbours, so the figures are estimates of those of the whole picture at its own resolution and not of a smaller one.
 *
 * Samples that are NaN make `brightness`, `contrast` and `sharpness` NaN.
 */
export function imageProperties(image: Image): ImageProperties {
  const { width, height, channels, data } = image;
  const scale = data instanceof Float32Array ? 1 : data instanceof Uint16Array ? 1 / 65535 : 1 / 255;
  const step = Math.max(1, Math.ceil(Math.sqrt((width * height) / maximumPixels)));
  // Sums are centred on the first pixel, and neighbours on their centre, so that nothing cancels out and flat is flat.
  const first = luma(data, channels, 0);
  let [count, sum, squares, edgeSum, edgeSquares] = [0, 0, 0, 0, 0];
  for (let y = 0; y < height; y += step) {
    const row = y * width;
    const above = mirrored(y - 1, height) * width;
    const below = mirrored(y + 1, height) * width;
    for (let x = 0; x < width; x += step) {
      const centre = luma(data, channels, row + x);
      const offset = centre - first;
      const edge =
        luma(data, channels, row + mirrored(x - 1, width)) -
        centre +
        (luma(data, channels, row + mirrored(x + 1, width)) - centre) +
        (luma(data, channels, above + x) - centre) +
        (luma(data, channels, below + x) - centre);
      count++;
      sum += offset;
      squares += offset * offset;
      edgeSum += edge;
      edgeSquares += edge * edge;
    }
  }
  return {
    brightness: (first + sum / count) * scale,
    contrast: Math.sqrt(variance(count, sum, squares)) * scale,
    sharpness: variance(count, edgeSum, edgeSquares) * scale * scale,
    width,
    height,
  };
}

/** The luma of a pixel by its index, in the range of the samples. */
function luma(data: ImageData, channels: number, pixel: number): number {
  if (channels === 1) return data[pixel]!;
  const start = pixel * channels;
  return 0.299 * data[start]! + 0.587 * data[start + 1]! + 0.114 * data[start + 2]!;
}

/** The index that stands for `index` where that lies one beyond either end. */
function mirrored(index: number, length: number): number {
  if (length === 1) return 0;
  if (index < 0) return 1;
  return index < length ? index : length - 2;
}

function variance(count: number, sum: number, squares: number): number {
  const mean = sum / count;
  return Math.max(0, squares / count - mean * mean);
}
