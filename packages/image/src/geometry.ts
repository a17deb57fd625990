import type { Image } from '@percept/core';
import { flip, rotate90 } from './kernels/orient.js';
import { crop, type Rectangle } from './kernels/pad.js';
import { requireUint8Image } from './pixels.js';

/**
 * Copies a rectangle, in pixels.
 *
 * @throws PerceptError `INVALID_ARGUMENT` when the rectangle is empty or reaches outside the image
 */
export function cropImage(image: Image, rectangle: Rectangle): Image<Uint8Array> {
  return crop(requireUint8Image(image), rectangle);
}

/**
 * Mirrors left to right (`horizontal`) or top to bottom (`vertical`).
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not 8-bit, or another direction
 */
export function flipImage(image: Image, direction: 'horizontal' | 'vertical'): Image<Uint8Array> {
  return flip(requireUint8Image(image), direction);
}

/**
 * Turns clockwise by quarter turns; exact, no resampling.
 *
 * @param turns - any integer; 1 = 90° clockwise, -1 = 90° counter-clockwise
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not 8-bit, or a fraction of a turn
 */
export function rotate90Image(image: Image, turns = 1): Image<Uint8Array> {
  return rotate90(requireUint8Image(image), turns);
}
