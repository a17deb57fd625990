// Separable resampling of 8-bit rows in fixed point, in plain TypeScript. Antialiased and `area`: weights with 22
// fractional bits, the horizontal pass rounded and clamped to 8 bits, then the vertical one: Pillow's arithmetic
// (Resample.c), and bit-exact with it up to version 12.1; 13 begins with the vertical pass for some sizes. Otherwise: 14-bit
// weights, rows kept with 6 fractional bits and not clamped between the passes, as OpenCV keeps them.
import type { Image, ResizeFilter } from '@percept/core';
import { axisWeights, balanceWeights, type FixedWeights, nearestIndices, roundWeights } from '../resize-weights.js';

/** The pixels `window` of the image resized to `width` × `height`. */
export function resizeReference(
  { width: fromWidth, height: fromHeight, channels, data }: Image<Uint8Array>,
  width: number,
  height: number,
  filter: ResizeFilter,
  antialias: boolean,
  window: { readonly left: number; readonly top: number; readonly width: number; readonly height: number },
): Image<Uint8Array> {
  const alongX = { from: fromWidth, to: width, first: window.left, count: window.width };
  const alongY = { from: fromHeight, to: height, first: window.top, count: window.height };
  const size = { width: window.width, height: window.height, channels };
  if (filter === 'nearest') {
    const columns = nearestIndices(alongX, antialias);
    const rows = nearestIndices(alongY, antialias);
    const pixels = takePixels(data, fromWidth, channels, columns, rows);
    return { ...size, data: pixels };
  }
  const clampBetween = antialias || filter === 'area';
  const toFixed = clampBetween ? roundWeights : balanceWeights;
  const columns = toFixed(axisWeights(alongX, filter, antialias));
  const rows = toFixed(axisWeights(alongY, filter, antialias));
  return { ...size, data: resampleReference(data, fromWidth, channels, columns, rows, clampBetween) };
}

function takePixels(
  data: Uint8Array,
  sourceWidth: number,
  channels: number,
  columns: Int32Array,
  rows: Int32Array,
): Uint8Array {
  const out = new Uint8Array(columns.length * rows.length * channels);
  let to = 0;
  for (const row of rows) {
    for (const column of columns) {
      const from = (row * sourceWidth + column) * channels;
      for (let channel = 0; channel < channels; channel++) out[to++] = data[from + channel]!;
    }
  }
  return out;
}

/** Resamples `data`, `sourceWidth` samples of `channels` a row, along both axes. */
function resampleReference(
  data: Uint8Array,
  sourceWidth: number,
  channels: number,
  columns: FixedWeights,
  rows: FixedWeights,
  clampBetween: boolean,
): Uint8Array {
  const width = columns.starts.length;
  const height = rows.starts.length;
  const sourceHeight = data.length / (sourceWidth * channels);
  const between = new Int16Array(width * sourceHeight * channels);
  for (let y = 0; y < sourceHeight; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < channels; channel++) {
        const from = (y * sourceWidth + columns.starts[x]!) * channels + channel;
        const sum = weigh(data, from, channels, columns, x);
        between[(y * width + x) * channels + channel] = clampBetween
          ? clamp((sum + (1 << 21)) >> 22, 0, 255)
          : clamp((sum + (1 << 7)) >> 8, -32768, 32767);
      }
    }
  }
  const row = width * channels;
  const out = new Uint8Array(row * height);
  for (let y = 0; y < height; y++) {
    for (let i = 0; i < row; i++) {
      const sum = weigh(between, rows.starts[y]! * row + i, row, rows, y);
      out[y * row + i] = clamp(clampBetween ? (sum + (1 << 21)) >> 22 : (sum + (1 << 19)) >> 20, 0, 255);
    }
  }
  return out;
}

function weigh(
  samples: ArrayLike<number>,
  from: number,
  step: number,
  { counts, taps, weights }: FixedWeights,
  output: number,
): number {
  let sum = 0;
  const first = output * taps;
  for (let k = 0; k < counts[output]!; k++) {
    sum = (sum + Math.imul(weights[first + k]!, samples[from + k * step]!)) | 0;
  }
  return sum;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
