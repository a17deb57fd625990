import type { Image } from '@percept/core';

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
  const { width, height } = image;
  const luma = lumaOf(image);
  const step = Math.max(1, Math.ceil(Math.sqrt((width * height) / maximumPixels)));
  const pixels = new RunningMoments();
  const edges = new RunningMoments();
  for (let y = 0; y < height; y += step) {
    const row = y * width;
    const above = mirrored(y - 1, height) * width;
    const below = mirrored(y + 1, height) * width;
    for (let x = 0; x < width; x += step) {
      const centre = luma(row + x);
      pixels.add(centre);
      const sides = luma(row + mirrored(x - 1, width)) + luma(row + mirrored(x + 1, width));
      edges.add(sides + luma(above + x) + luma(below + x) - 4 * centre);
    }
  }
  return {
    brightness: pixels.mean,
    contrast: Math.sqrt(pixels.variance),
    sharpness: edges.variance,
    width,
    height,
  };
}

/** The luma of a pixel by its index. */
function lumaOf({ data, channels }: Image): (pixel: number) => number {
  const scale = data instanceof Float32Array ? 1 : data instanceof Uint16Array ? 1 / 65535 : 1 / 255;
  if (channels === 1) return (pixel) => data[pixel]! * scale;
  return (pixel) => {
    const start = pixel * channels;
    return (0.299 * data[start]! + 0.587 * data[start + 1]! + 0.114 * data[start + 2]!) * scale;
  };
}

/** The index that stands for `index` where that lies one beyond either end. */
function mirrored(index: number, length: number): number {
  if (length === 1) return 0;
  if (index < 0) return 1;
  return index < length ? index : length - 2;
}

/** Mean and variance in one pass, centred on the first value so that nothing cancels out. */
class RunningMoments {
  #count = 0;
  #first = 0;
  #sum = 0;
  #squares = 0;

  add(value: number): void {
    if (this.#count++ === 0) this.#first = value;
    const offset = value - this.#first;
    this.#sum += offset;
    this.#squares += offset * offset;
  }

  get mean(): number {
    return this.#first + this.#sum / this.#count;
  }

  get variance(): number {
    const mean = this.#sum / this.#count;
    return Math.max(0, this.#squares / this.#count - mean * mean);
  }
}
