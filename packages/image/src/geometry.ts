import { type Image, type ImageData, PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { requireUint8Image } from './pixels.js';

const cropSchema = z.strictObject({ left: z.int(), top: z.int(), width: z.int(), height: z.int() });

/**
 * Copies a rectangle, in pixels.
 *
 * @throws PerceptError `INVALID_ARGUMENT` when the rectangle is empty or reaches outside the image
 */
export function cropImage(
  image: Image,
  rectangle: { readonly left: number; readonly top: number; readonly width: number; readonly height: number },
): Image<Uint8Array> {
  const source = requireUint8Image(image);
  const { left, top, width, height } = parseOptions(cropSchema, rectangle, 'cropImage() rectangle');
  if (width < 1 || height < 1 || left < 0 || top < 0 || left + width > source.width || top + height > source.height) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected a rectangle inside ${source.width} × ${source.height} but received ${width} × ${height} at (${left}, ${top})`,
    );
  }
  const { channels, data } = source;
  const row = width * channels;
  const out = new Uint8Array(row * height);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * source.width + left) * channels;
    out.set(data.subarray(from, from + row), y * row);
  }
  return { width, height, channels, data: out };
}

/**
 * Mirrors left to right (`horizontal`) or top to bottom (`vertical`).
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not 8-bit, or another direction
 */
export function flipImage(image: Image, direction: 'horizontal' | 'vertical'): Image<Uint8Array> {
  parseOptions(directionSchema, direction, 'direction');
  return orientImage(requireUint8Image(image), direction === 'horizontal' ? 2 : 4);
}

const directionSchema = z.enum(['horizontal', 'vertical']);

/**
 * Turns clockwise by quarter turns; exact, no resampling.
 *
 * @param turns - any integer; 1 = 90° clockwise, -1 = 90° counter-clockwise
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not 8-bit, or a fraction of a turn
 */
export function rotate90Image(image: Image, turns = 1): Image<Uint8Array> {
  parseOptions(z.int(), turns, 'turns');
  return orientImage(requireUint8Image(image), [1, 6, 3, 8][((turns % 4) + 4) % 4]!);
}

/** Where the upright image's pixel (0, 0) and its steps along a row and down a column lie in the stored one. */
interface Walk {
  readonly start: number;
  readonly right: number;
  readonly down: number;
}

/** Makes an image with EXIF orientation `orientation` (1..8, EXIF 2.32 table "Orientation") upright. */
export function orientImage<Data extends ImageData>(image: Image<Data>, orientation: number): Image<Data> {
  const { width, height, channels, data } = image;
  if (orientation === 1) return image;
  const walk = walkOf(orientation, width, height);
  const turned = orientation >= 5;
  const outWidth = turned ? height : width;
  const outHeight = turned ? width : height;
  const out = new (data.constructor as new (length: number) => Data)(data.length);
  let to = 0;
  for (let y = 0; y < outHeight; y++) {
    let from = (walk.start + y * walk.down) * channels;
    const step = walk.right * channels;
    for (let x = 0; x < outWidth; x++, from += step) {
      for (let channel = 0; channel < channels; channel++) out[to++] = data[from + channel]!;
    }
  }
  return { width: outWidth, height: outHeight, channels, data: out };
}

function walkOf(orientation: number, width: number, height: number): Walk {
  const topRight = width - 1;
  const bottomLeft = (height - 1) * width;
  const bottomRight = bottomLeft + topRight;
  const walks: Readonly<Record<number, Walk>> = {
    2: { start: topRight, right: -1, down: width },
    3: { start: bottomRight, right: -1, down: -width },
    4: { start: bottomLeft, right: 1, down: -width },
    5: { start: 0, right: width, down: 1 },
    6: { start: bottomLeft, right: -width, down: 1 },
    7: { start: bottomRight, right: -width, down: -1 },
    8: { start: topRight, right: width, down: -1 },
  };
  return walks[orientation]!;
}
