import type { Image } from '@percept/core';
import { compositeOver, toGray, toRgb } from './color.js';
import type { DecodeSettings } from './decode-options.js';
import { orientImage } from './geometry.js';
import type { ImageHeader } from './headers/header.js';

/** Turns stored pixels into what the caller asked for: alpha over the background, colour, then upright. */
export function finishDecoding(
  stored: Image<Uint8Array>,
  { orientation, gray }: ImageHeader,
  settings: DecodeSettings,
): Image<Uint8Array> {
  return orientImage(withColor(stored, gray, settings), orientation);
}

function withColor(stored: Image<Uint8Array>, gray: boolean, { color, background }: DecodeSettings): Image<Uint8Array> {
  const transparent = stored.channels === 4 && !isOpaque(stored);
  if (color === 'source') return transparent ? stored : gray ? toGray(stored) : toRgb(stored);
  const opaque = transparent ? compositeOver(stored, background) : stored;
  return color === 'gray' ? toGray(opaque) : toRgb(opaque);
}

function isOpaque({ data }: Image<Uint8Array>): boolean {
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 255) return false;
  return true;
}
