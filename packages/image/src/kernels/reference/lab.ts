import type { Image } from '@percept/core';
import { gammaTable, lightTables, rgbWeights, rootTable } from '../lab-tables.js';
import { roundHalfEven } from './rounding.js';

const { fround } = Math;

/** Plain TypeScript reference of `rgbToLab`. */
export function rgbToLab({ width, height, data }: Image<Uint8Array>): Image<Uint8Array> {
  const lights = lightTables();
  const roots = rootTable();
  const out = new Uint8ClampedArray(data.length);
  for (let i = 0; i < data.length; i += 3) {
    const [x, y, z] = [0, 1, 2].map((k) => {
      let light = 0;
      for (let c = 0; c < 3; c++) light += lights[(c * 256 + data[i + c]!) * 4 + k]!;
      return roots[light >> 12]!;
    }) as [number, number, number];
    out[i] = (296 * y - 1_336_934 + 16_384) >> 15;
    out[i + 1] = (500 * (x - y) + 128 * 32_768 + 16_384) >> 15;
    out[i + 2] = (200 * (y - z) + 128 * 32_768 + 16_384) >> 15;
  }
  return { width, height, channels: 3, data: new Uint8Array(out.buffer) };
}

/** Plain TypeScript reference of `labToRgb`. */
export function labToRgb({ width, height, data }: Image<Uint8Array>): Image<Uint8Array> {
  const weights = rgbWeights();
  const gamma = gammaTable();
  const out = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 3) {
    const fy = roundHalfEven(fround(fround(data[i]! * fround(1_638_400 / 29_580)) + fround(262_144 / 116)));
    const fx = fy + ((data[i + 1]! * 268_435 + 128) >> 13) - 4194;
    const fz = fy - (((data[i + 2]! * 41_943 + 16) >> 9) - 10_484);
    const light = [cubeOf(fx), cubeOf(fy), cubeOf(fz)];
    for (let c = 0; c < 3; c++) {
      let sum = 1 << 13;
      for (let k = 0; k < 3; k++) sum += light[k]! * weights[c * 3 + k]!;
      out[i + c] = gamma[Math.min(Math.max(sum >> 14, 0), 4095)]!;
    }
  }
  return { width, height, channels: 3, data: out };
}

function cubeOf(f: number): number {
  if (f <= 3390) return ((f * 33_664) >> 18) - 290;
  return Math.floor((Math.floor((f * f) / 16_384) * f) / 16_384);
}
