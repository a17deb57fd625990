// Resampling of 16-bit and float images, in plain TypeScript: weights, sums and the rows between the passes in double
// precision, one rounding at the end.
import type { Image } from '@percept/core';
import type { ResizeRequest } from './resize-bands.js';
import { type AxisWeights, axisWeights, nearestIndices } from './resize-weights.js';
import { allocate } from './samples.js';

/** Writes the window of a resized image into `out`, unchecked. */
export function resizeWide(
  { width: fromWidth, height: fromHeight, channels, data }: Image<Uint16Array> | Image<Float32Array>,
  { width, height, filter, antialias, window }: ResizeRequest,
  out: Uint16Array | Float32Array,
): void {
  const across = { from: fromWidth, to: width, first: window.left, count: window.width };
  const down = { from: fromHeight, to: height, first: window.top, count: window.height };
  const row = window.width * channels;
  if (filter === 'nearest') {
    const columns = nearestIndices(across, antialias);
    nearestIndices(down, antialias).forEach((fromRow, y) => {
      columns.forEach((fromColumn, x) => {
        const from = (fromRow * fromWidth + fromColumn) * channels;
        for (let c = 0; c < channels; c++) out[y * row + x * channels + c] = data[from + c]!;
      });
    });
    return;
  }
  const columns = axisWeights(across, filter, antialias);
  const rows = axisWeights(down, filter, antialias);
  const between = allocate(fromHeight * row, () => new Float64Array(fromHeight * row));
  for (let y = 0; y < fromHeight; y++) {
    for (let x = 0; x < window.width; x++) {
      for (let c = 0; c < channels; c++) {
        const from = (y * fromWidth + columns.starts[x]!) * channels + c;
        between[y * row + x * channels + c] = weigh(data, from, channels, columns, x);
      }
    }
  }
  const integers = out instanceof Uint16Array;
  for (let y = 0; y < window.height; y++) {
    for (let i = 0; i < row; i++) {
      const value = weigh(between, rows.starts[y]! * row + i, row, rows, y);
      out[y * row + i] = integers ? Math.min(65_535, Math.max(0, Math.floor(value + 0.5))) : value;
    }
  }
}

function weigh(
  samples: Uint16Array | Float32Array | Float64Array,
  from: number,
  step: number,
  { counts, stride, weights }: AxisWeights,
  output: number,
): number {
  let sum = 0;
  const first = output * stride;
  for (let k = 0; k < counts[output]!; k++) sum += weights[first + k]! * samples[from + k * step]!;
  return sum;
}
