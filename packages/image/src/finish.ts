import type { Image } from '@percept/core';
import { compositeOver, grayOf, rgbOf } from './color.js';
import type { DecodeSettings } from './decode-options.js';
import type { ImageHeader } from './headers/header.js';
import { orientImage } from './kernels/orient.js';

type Samples = Uint8Array | Uint16Array;

/** Turns stored pixels into what the caller asked for: alpha over the background, colour, depth, then upright. */
export function finishDecoding<Data extends Samples>(
  stored: Image<Data>,
  { orientation, gray }: ImageHeader,
  settings: DecodeSettings,
): Image<Data> | Image<Uint16Array> {
  const upright = orientImage(withColor(stored, gray, settings), orientation);
  return settings.depth === 16 && upright.data instanceof Uint8Array ? toUint16(upright) : upright;
}

function withColor<Data extends Samples>(
  stored: Image<Data>,
  gray: boolean,
  { color, background }: DecodeSettings,
): Image<Data> {
  const transparent = stored.channels === 4 && !isOpaque(stored);
  if (color === 'source') return transparent ? stored : gray ? grayOf(stored) : rgbOf(stored);
  const opaque = transparent ? compositeOver(stored, background) : stored;
  return color === 'gray' ? grayOf(opaque) : rgbOf(opaque);
}

function isOpaque({ data }: Image<Samples>): boolean {
  const full = data instanceof Uint16Array ? 65_535 : 255;
  for (let at = 3; at < data.length; at += 4) if (data[at] !== full) return false;
  return true;
}

function toUint16({ width, height, channels, data }: Image<Samples>): Image<Uint16Array> {
  return { width, height, channels, data: Uint16Array.from(data, (value) => value * 257) };
}
