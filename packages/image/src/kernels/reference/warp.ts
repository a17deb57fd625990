// Sampling 8-bit images anywhere, in plain TypeScript: the arithmetic of the `warp` and `remap` kernels, one pixel after
// the other.
import type { Image } from '@percept/core';
import { makeCubicTable } from '../cubic-table.js';
import { borderIndex } from '../pad.js';
import type { SamplingGrid } from '../remap.js';
import { isSteady, type Matrix3 } from '../warp.js';
import type { Sampling } from '../warp-sampling.js';

/** Plain TypeScript reference of the `warp` kernel. */
export function warpReference(
  image: Image<Uint8Array>,
  matrix: Matrix3,
  width: number,
  height: number,
  sampling: Sampling,
): Image<Uint8Array> {
  const steady = isSteady(matrix, width, height);
  const [a, b, c, d, e, f, g, h, i] = matrix;
  const sample = sampler(image, sampling);
  const data = new Uint8Array(width * height * image.channels);
  for (let y = 0; y < height; y++) {
    const p = b * y + c;
    const q = e * y + f;
    for (let x = 0; x < width; x++) {
      const w = g * x + (h * y + i);
      const column = steady ? steadyPosition(p, a, x) : rounded((a * x + p) / w);
      const row = steady ? steadyPosition(q, d, x) : rounded((d * x + q) / w);
      sample(column, row, data, (y * width + x) * image.channels);
    }
  }
  return { width, height, channels: image.channels, data };
}

/** Plain TypeScript reference of the `remap` kernel. */
export function remapReference(image: Image<Uint8Array>, grid: SamplingGrid, sampling: Sampling): Image<Uint8Array> {
  const { width, height, x, y } = grid;
  const sample = sampler(image, sampling);
  const data = new Uint8Array(width * height * image.channels);
  for (let at = 0; at < width * height; at++) {
    sample(rounded(x[at]!), rounded(y[at]!), data, at * image.channels);
  }
  return { width, height, channels: image.channels, data };
}

/** With 11 fractional bits: base + x * step, both in units of 2^-32, which doubles hold exactly here. */
function steadyPosition(base: number, step: number, x: number): number {
  const exact = Math.floor(base * 2 ** 32 + 2 ** 20) + x * Math.floor(step * 2 ** 32 + 0.5);
  return Math.floor(exact / 2 ** 21);
}

function rounded(position: number): number {
  const whole = Math.floor(position * 2048 + 0.5);
  return Number.isNaN(whole) ? 0 : Math.min(Math.max(whole, -(2 ** 30)), 2 ** 30);
}

type Sampler = (column: number, row: number, out: Uint8Array, to: number) => void;

function sampler({ width, height, channels, data }: Image<Uint8Array>, { filter, border, fill }: Sampling): Sampler {
  const tap = (x: number, y: number, channel: number): number => {
    const outside = x < 0 || y < 0 || x >= width || y >= height;
    if (outside && border === 'constant') return fill[channel]!;
    const column = x < 0 || x >= width ? borderIndex(x, width, border) : x;
    const row = y < 0 || y >= height ? borderIndex(y, height, border) : y;
    return data[(row * width + column) * channels + channel]!;
  };
  if (filter === 'nearest') {
    return (column, row, out, to) => {
      for (let c = 0; c < channels; c++) out[to + c] = tap((column + 1024) >> 11, (row + 1024) >> 11, c);
    };
  }
  if (filter === 'bilinear') {
    return (column, row, out, to) => {
      const x = column >> 11;
      const y = row >> 11;
      const right = column & 2047;
      const below = row & 2047;
      const corner = (right * below + 128) >> 8;
      for (let c = 0; c < channels; c++) {
        const sum =
          tap(x, y, c) * (16384 - right * 8 - below * 8 + corner) +
          tap(x + 1, y, c) * (right * 8 - corner) +
          tap(x, y + 1, c) * (below * 8 - corner) +
          tap(x + 1, y + 1, c) * corner;
        out[to + c] = (sum + 8192) >> 14;
      }
    };
  }
  const table = makeCubicTable();
  return (column, row, out, to) => {
    const x = (column >> 11) - 1;
    const y = (row >> 11) - 1;
    for (let c = 0; c < channels; c++) {
      let sum = 2 ** 19;
      for (let j = 0; j < 4; j++) {
        let line = 2 ** 7;
        for (let i = 0; i < 4; i++) line += tap(x + i, y + j, c) * table[(column & 2047) * 4 + i]!;
        sum += (line >> 8) * table[(row & 2047) * 4 + j]!;
      }
      out[to + c] = Math.min(Math.max(sum >> 20, 0), 255);
    }
  };
}
