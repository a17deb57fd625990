import { PerceptError } from '@percept/core';
import { type Color, classColor } from './class-color.js';
import { blend, type Canvas } from './fill.js';
import type { Rectangle } from './label.js';

/** Lays a colour over the pixels of a mask that are not 0, and draws their border in full colour. */
export function paintMask(
  canvas: Canvas,
  mask: ArrayLike<number>,
  { left, top, width: columns, height: rows }: Rectangle,
  color: Color,
  opacity: number,
): void {
  const { width, height, channels, data } = canvas;
  const tint = tintOf(color, opacity);
  for (let y = top; y < top + rows; y++) {
    for (let x = left, pixel = y * width + left; x < left + columns; x++, pixel++) {
      if (mask[pixel] === 0) continue;
      const border =
        (x > 0 && mask[pixel - 1] === 0) ||
        (x < width - 1 && mask[pixel + 1] === 0) ||
        (y > 0 && mask[pixel - width] === 0) ||
        (y < height - 1 && mask[pixel + width] === 0);
      if (border) blend(data, pixel * channels, channels, color, 1);
      else applyTint(data, pixel * channels, channels, tint);
    }
  }
}

/**
 * Lays the colour of its class over each pixel, but for those of the class `ignore`.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for a class that is not an integer
 */
export function paintClasses(canvas: Canvas, classes: ArrayLike<number>, ignore: number, opacity: number): void {
  const { channels, data } = canvas;
  const tints = new Map<number, Tint>();
  let last = ignore;
  let tint: Tint | undefined;
  for (let pixel = 0; pixel < classes.length; pixel++) {
    const index = classes[pixel]!;
    if (index === ignore) continue;
    // Neighbours mostly have the same class.
    if (index !== last || tint === undefined) {
      if (!Number.isInteger(index)) {
        throw new PerceptError(
          'INVALID_ARGUMENT',
          `Expected an integer for pixel ${pixel} of classMap but received ${index}`,
        );
      }
      tint = tints.get(index) ?? tintOf(classColor(index), opacity);
      tints.set(index, tint);
      last = index;
    }
    applyTint(data, pixel * channels, channels, tint);
  }
}

/** The smallest rectangle around the pixels of a mask that are not 0; `undefined` without any. */
export function maskBounds(mask: ArrayLike<number>, width: number, height: number): Rectangle | undefined {
  const words = wordsOf(mask, width);
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y++) {
    const row = y * width;
    if (words && isEmpty(words, row / 4, (row + width) / 4)) continue;
    let x = 0;
    while (x < width && mask[row + x] === 0) x++;
    if (x === width) continue;
    if (x < left) left = x;
    if (y < top) top = y;
    bottom = y;
    let end = width - 1;
    while (end > right && mask[row + end] === 0) end--;
    if (end > right) right = end;
  }
  return right < 0 ? undefined : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** Four pixels at a time, where the rows of a mask of bytes allow it: most of most masks is empty. */
function wordsOf(mask: ArrayLike<number>, width: number): Uint32Array | undefined {
  if (!(mask instanceof Uint8Array) || width % 4 !== 0 || mask.byteOffset % 4 !== 0) return undefined;
  return new Uint32Array(mask.buffer, mask.byteOffset, mask.length / 4);
}

function isEmpty(words: Uint32Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (words[i] !== 0) return false;
  return true;
}

/** What each sample becomes under a colour on an opaque pixel: three tables of 256, for red, green and blue. */
interface Tint {
  readonly table: Uint8Array;
  readonly color: Color;
  readonly opacity: number;
}

function tintOf(color: Color, opacity: number): Tint {
  const table = new Uint8Array(768);
  for (let i = 0; i < table.length; i++) table[i] = Math.round((i & 255) + (color[i >> 8]! - (i & 255)) * opacity);
  return { table, color, opacity };
}

function applyTint(data: Uint8Array, at: number, channels: number, { table, color, opacity }: Tint): void {
  if (channels === 4 && data[at + 3] !== 255) {
    if (opacity > 0) blend(data, at, channels, color, opacity);
    return;
  }
  data[at] = table[data[at]!]!;
  data[at + 1] = table[256 + data[at + 1]!]!;
  data[at + 2] = table[512 + data[at + 2]!]!;
}
