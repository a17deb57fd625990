import type { Image } from '@percept/core';
import { roundHalfEven } from './rounding.js';

type Triple = readonly [number, number, number];

const { fround } = Math;

function map({ width, height, data }: Image<Uint8Array>, convert: (pixel: Triple) => Triple): Image<Uint8Array> {
  const out = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 3) {
    const converted = convert([data[i]!, data[i + 1]!, data[i + 2]!]);
    for (const [c, value] of converted.entries()) out[i + c] = Math.min(Math.max(value, 0), 255);
  }
  return { width, height, channels: 3, data: out };
}

function hueOf([r, g, b]: Triple, high: number, range: number): number {
  const sixths = high === r ? g - b : high === g ? b - r + 2 * range : r - g + 4 * range;
  const perRange = roundHalfEven((180 * 4096) / 6 / Math.max(range, 1));
  const hue = (sixths * perRange + 2048) >> 12;
  return hue < 0 ? hue + 180 : hue;
}

/** Plain TypeScript reference of `rgbToHsv`. */
export function rgbToHsv(image: Image<Uint8Array>): Image<Uint8Array> {
  return map(image, (rgb) => {
    const high = Math.max(...rgb);
    const range = high - Math.min(...rgb);
    const perHigh = roundHalfEven((255 * 4096) / Math.max(high, 1));
    return [hueOf(rgb, high, range), (range * perHigh + 2048) >> 12, high];
  });
}

/** Plain TypeScript reference of `rgbToHsl`. */
export function rgbToHsl(image: Image<Uint8Array>): Image<Uint8Array> {
  return map(image, (rgb) => {
    const high = Math.max(...rgb);
    const low = Math.min(...rgb);
    const sum = high + low;
    const span = Math.max(Math.min(sum, 510 - sum), 1);
    const saturation = roundHalfEven(fround((255 * (high - low)) / span));
    return [hueOf(rgb, high, high - low), saturation, (sum + 1) >> 1];
  });
}

/** RGB of a colour whose largest channel is `value` and whose channels span `chroma`. */
function colorOf(hue: number, value: number, chroma: number): Triple {
  const sixth = fround((hue >= 180 ? hue - 180 : hue) * fround(1 / 30));
  const below = (part: number): number =>
    roundHalfEven(fround(value - fround(chroma * Math.min(Math.max(part, 0), 1))));
  return [
    below(fround(2 - Math.abs(fround(sixth - 3)))),
    below(fround(Math.abs(fround(sixth - 2)) - 1)),
    below(fround(Math.abs(fround(sixth - 4)) - 1)),
  ];
}

/** Plain TypeScript reference of `hsvToRgb`. */
export function hsvToRgb(image: Image<Uint8Array>): Image<Uint8Array> {
  return map(image, ([hue, saturation, value]) =>
    colorOf(hue, value, fround(value * fround(saturation * fround(1 / 255)))),
  );
}

/** Plain TypeScript reference of `hslToRgb`. */
export function hslToRgb(image: Image<Uint8Array>): Image<Uint8Array> {
  return map(image, ([hue, saturation, lightness]) => {
    const half = fround(fround(saturation * fround(1 / 255)) * Math.min(lightness, 255 - lightness));
    return colorOf(hue, fround(lightness + half), fround(half + half));
  });
}
