import type { Image } from '@percept/core';

/** What an image looks like, in figures that lighting, focus, exposure and size change. */
export interface ImageProperties {
  /** Mean luma, 0 (black) to 1 (white). */
  readonly brightness: number;
  /** RMS contrast: standard deviation of luma, 0 to 0.5. */
  readonly contrast: number;
  /** Variance of the 4-neighbour Laplacian of luma, at least 0; low when blurred, high when noisy. */
  readonly sharpness: number;
  /** Pixels in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
}

const longestSide = 256;
const samplesAcross = 4;

/**
 * Measures an image: `[H, W, C]`, 8-bit, 16-bit or float in 0..1, grey, RGB or RGBA (alpha is ignored).
 *
 * Luma is `0.299 R + 0.587 G + 0.114 B` of the sRGB values (ITU-R BT.601), scaled to 0..1. An image with a side above 256
 * is first shrunk by the whole factor that makes its longer side at most 256; each pixel of the small image is the mean
 * of up to 4 × 4 evenly spaced pixels of its cell. So the cost is bounded for any size, and sharpness means the same for
 * a photo and its thumbnail: blur narrower than the factor is not seen. The Laplacian is taken at inner pixels; an image
 * less than 3 pixels wide or high has sharpness 0.
 *
 * The figures agree with Pertuz et al., "Analysis of focus measure operators" (2013), LAPV, and Peli, "Contrast in
 * complex images" (1990), RMS contrast.
 */
export function imageProperties(image: Image): ImageProperties {
  const { luma, width, height } = smallLuma(image);
  let sum = 0;
  for (let i = 0; i < luma.length; i++) sum += luma[i]!;
  const brightness = sum / luma.length;
  let squares = 0;
  for (let i = 0; i < luma.length; i++) squares += (luma[i]! - brightness) ** 2;
  return {
    brightness,
    contrast: Math.sqrt(squares / luma.length),
    sharpness: laplacianVariance(luma, width, height),
    width: image.width,
    height: image.height,
  };
}

function smallLuma(image: Image): { luma: Float64Array; width: number; height: number } {
  const { data, channels } = image;
  const factor = Math.ceil(Math.max(image.width, image.height) / longestSide);
  const width = Math.max(1, Math.floor(image.width / factor));
  const height = Math.max(1, Math.floor(image.height / factor));
  // A side shorter than the factor has cells that would reach over its end.
  const columns = offsets(Math.min(factor, image.width));
  const rows = offsets(Math.min(factor, image.height));
  const [red, green, blue] = channels === 1 ? [1, 0, 0] : [0.299, 0.587, 0.114];
  const second = channels === 1 ? 0 : 1;
  const third = channels === 1 ? 0 : 2;
  const range = data instanceof Uint8Array ? 255 : data instanceof Uint16Array ? 65_535 : 1;
  const scale = 1 / (range * columns.length * rows.length);
  const luma = new Float64Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (const row of rows) {
        for (const column of columns) {
          const at = ((y * factor + row) * image.width + x * factor + column) * channels;
          sum += red! * data[at]! + green! * data[at + second]! + blue! * data[at + third]!;
        }
      }
      luma[y * width + x] = sum * scale;
    }
  }
  return { luma, width, height };
}

/** Up to four positions spread evenly over a cell of `size` pixels. */
function offsets(size: number): number[] {
  const count = Math.min(size, samplesAcross);
  return Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * size) / count));
}

function laplacianVariance(luma: Float64Array, width: number, height: number): number {
  if (width < 3 || height < 3) return 0;
  const count = (width - 2) * (height - 2);
  let sum = 0;
  let squares = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x;
      const value = luma[at - 1]! + luma[at + 1]! + luma[at - width]! + luma[at + width]! - 4 * luma[at]!;
      sum += value;
      squares += value * value;
    }
  }
  return Math.max(0, squares / count - (sum / count) ** 2);
}
