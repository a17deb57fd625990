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

function turned(sector: number, offset: number, turn: number): number {
  const sum = fround(sector + offset);
  return sum >= turn ? fround(sum - turn) : sum;
}

/** Plain TypeScript reference of `hsvToRgb`. */
export function hsvToRgb(image: Image<Uint8Array>): Image<Uint8Array> {
  return map(image, ([h, s, value]) => {
    const sector = fround((h >= 180 ? h - 180 : h) * fround(1 / 30));
    const chroma = fround(value * fround(s * fround(1 / 255)));
    const channel = (offset: number): number => {
      const k = turned(sector, offset, 6);
      const part = Math.max(Math.min(k, fround(4 - k), 1), 0);
      return roundHalfEven(fround(value - fround(chroma * part)));
    };
    return [channel(5), channel(3), channel(1)];
  });
}

/** Plain TypeScript reference of `hslToRgb`. */
export function hslToRgb(image: Image<Uint8Array>): Image<Uint8Array> {
  return map(image, ([h, s, lightness]) => {
    const sector = fround((h >= 180 ? h - 180 : h) * fround(1 / 15));
    const chroma = fround(fround(s * fround(1 / 255)) * Math.min(lightness, 255 - lightness));
    const channel = (offset: number): number => {
      const k = turned(sector, offset, 12);
      const part = Math.max(Math.min(fround(k - 3), fround(9 - k), 1), -1);
      return roundHalfEven(fround(lightness - fround(chroma * part)));
    };
    return [channel(0), channel(8), channel(4)];
  });
}
