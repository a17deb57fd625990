import type { Image } from '@percept/core';
import { toRgb } from '../color.js';
import { requireUint8Image } from '../pixels.js';
import type { Canvas } from './fill.js';

/** A copy of an 8-bit image to draw on: RGB, or RGBA when it has alpha. */
export function canvasOf(image: Image): Canvas {
  const source = requireUint8Image(image);
  const { width, height, channels, data } = source.channels === 1 ? toRgb(source) : source;
  return { width, height, channels, data: new Uint8Array(data) };
}

/** An RGB image of one colour. */
export function blankCanvas(
  width: number,
  height: number,
  [red, green, blue]: readonly [number, number, number],
): Canvas {
  const data = new Uint8Array(width * height * 3);
  for (let at = 0; at < data.length; at += 3) {
    data[at] = red;
    data[at + 1] = green;
    data[at + 2] = blue;
  }
  return { width, height, channels: 3, data };
}
