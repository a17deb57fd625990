// Sampling at free coordinates (Jaderberg et al., "Spatial Transformer Networks", arXiv:1506.02025).
import { elementCount } from '@percept/core';
import { cubicKernel } from '../cubic.js';
import { forEachIndex, strides } from '../indexing.js';
import { unsupported } from '../interpreter-errors.js';
import type { Kernel } from '../kernel.js';
import { roundHalfEven } from '../rounding.js';
import { asTensor, fromNumbers, integers, numbers } from '../value.js';

export const GridSample: Kernel = ([input, coordinates], context) => {
  const [x, grid] = [asTensor(input), asTensor(coordinates)];
  const [images, channels, ...spatial] = x.dims as [number, number, ...number[]];
  const outputs = grid.dims.slice(1, -1);
  const rank = spatial.length;
  const corners = context.int('align_corners', 0) === 1;
  const padding = context.string('padding_mode', 'zeros');
  const sample = tapsOf(context.string('mode', context.opset < 20 ? 'bilinear' : 'linear'));
  const steps = strides(spatial);
  const [size, count] = [elementCount(spatial), elementCount(outputs)];
  const [values, points] = [numbers(x), numbers(grid)];
  const out = new Float64Array(images * channels * count);
  for (let image = 0; image < images; image++) {
    for (let at = 0; at < count; at++) {
      let positions = [0];
      let weights = [1];
      for (let axis = 0; axis < rank; axis++) {
        const length = spatial[axis]!;
        // Coordinates stand in the order x, y, …: innermost axis first.
        const given = points[(image * count + at) * rank + rank - 1 - axis]!;
        const place = corners ? ((given + 1) / 2) * (length - 1) : ((given + 1) * length - 1) / 2;
        const bounds: Bounds = corners ? [0, length - 1] : [-0.5, length - 0.5];
        const taps = sample(place, (coordinate) => bring(coordinate, length, bounds, padding))
          .map(({ index, weight }) => ({ index: bring(index, length, bounds, padding), weight }))
          .filter(({ index }) => index >= 0 && index < length);
        [positions, weights] = [
          positions.flatMap((position) => taps.map(({ index }) => position + index * steps[axis]!)),
          weights.flatMap((weight) => taps.map((tap) => weight * tap.weight)),
        ];
      }
      for (let channel = 0; channel < channels; channel++) {
        const plane = (image * channels + channel) * size;
        let sum = 0;
        for (const [k, position] of positions.entries()) sum += weights[k]! * values[plane + position]!;
        out[(image * channels + channel) * count + at] = sum;
      }
    }
  }
  return [fromNumbers(x.type, [images, channels, ...outputs], out)];
};

type Bounds = readonly [low: number, high: number];
interface Tap {
  readonly index: number;
  readonly weight: number;
}

/** The elements that an interpolation takes around a place; `bring` moves places beyond the borders first. */
function tapsOf(mode: string): (place: number, bring: (place: number) => number) => Tap[] {
  switch (mode) {
    case 'nearest':
      return (place, bring) => [{ index: Math.trunc(bring(roundHalfEven(place))), weight: 1 }];
    case 'linear':
    case 'bilinear':
      return (place, bring) => taps(bring(place), 0, 1, (distance) => 1 - Math.abs(distance));
    case 'cubic':
    case 'bicubic':
      // Not the place but each element is brought inside, as torch.nn.functional.grid_sample does.
      return (place) => taps(place, -1, 2, (distance) => cubicKernel(distance, -0.75));
    default:
      throw unsupported(`Expected nearest, linear or cubic for mode but received ${mode}`);
  }
}

function taps(place: number, first: number, last: number, kernel: (distance: number) => number): Tap[] {
  const below = Math.floor(place);
  const found: Tap[] = [];
  for (let k = first; k <= last; k++) found.push({ index: below + k, weight: kernel(place - below - k) });
  return found;
}

/** Clamps to the outermost elements, reflects at the bounds, or leaves the place where it is. */
function bring(place: number, length: number, [low, high]: Bounds, padding: string): number {
  if (place >= low && place <= high) return place;
  if (padding === 'border') return Math.min(Math.max(place, 0), length - 1);
  if (padding !== 'reflection') return place;
  const range = high - low;
  if (range === 0) return low;
  const distance = place < low ? low - place : place - high;
  const rest = distance % range;
  const even = Math.floor(distance / range) % 2 === 0;
  return even === place < low ? low + rest : high - rest;
}

export const AffineGrid: Kernel = ([matrices, shape], context) => {
  const theta = asTensor(matrices);
  const [images, , ...spatial] = integers(asTensor(shape)) as [number, number, ...number[]];
  const rank = spatial.length;
  const corners = context.int('align_corners', 0) === 1;
  const values = numbers(theta);
  const out: number[] = [];
  for (let image = 0; image < images; image++) {
    forEachIndex(spatial, (index) => {
      const point = index
        .map((at, axis) => {
          const size = spatial[axis]!;
          // One element alone lies in the middle.
          if (corners) return size === 1 ? 0 : -1 + (2 * at) / (size - 1);
          return (2 * at + 1) / size - 1;
        })
        .reverse();
      for (let row = 0; row < rank; row++) {
        const first = (image * rank + row) * (rank + 1);
        out.push(point.reduce((sum, coordinate, k) => sum + values[first + k]! * coordinate, values[first + rank]!));
      }
    });
  }
  return [fromNumbers(theta.type, [images, ...spatial, rank], out)];
};
