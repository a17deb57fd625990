// Resizing along one axis: where each output samples the input, and what the elements there weigh.
import { cubicKernel } from './cubic.js';
import { unsupported } from './interpreter-errors.js';

/** How one axis is resized. Names are those of the attributes of `Resize`. */
export interface AxisResize {
  readonly input: number;
  readonly output: number;
  /** Output size over input size; `output` is this times `input`, rounded. */
  readonly scale: number;
  readonly coordinates: string;
  /** Begin and end of the crop for `tf_crop_and_resize`, as parts of the input. */
  readonly roi: readonly [number, number];
  readonly mode: string;
  readonly nearestMode: string;
  readonly cubicCoefficient: number;
  readonly excludeOutside: boolean;
  readonly antialias: boolean;
}

/** What one output is made of. No indices: it lies outside of the crop and takes the extrapolation value. */
export interface AxisSample {
  readonly indices: readonly number[];
  readonly weights: readonly number[];
}

/** The sample of every output along the axis. */
export function resizeAxis(axis: AxisResize): AxisSample[] {
  return Array.from({ length: axis.output }, (_, at) => {
    const place = sourceCoordinate(at, axis);
    if (axis.coordinates === 'tf_crop_and_resize' && (place < 0 || place > axis.input - 1)) {
      return { indices: [], weights: [] };
    }
    return axis.mode === 'nearest' ? nearestSample(place, axis) : filteredSample(place, axis);
  });
}

function sourceCoordinate(at: number, { input, output, scale, coordinates, roi }: AxisResize): number {
  // Not rounded to whole elements: the definition of the operator uses the exact product.
  const width = scale * input;
  switch (coordinates) {
    case 'half_pixel':
      return (at + 0.5) / scale - 0.5;
    case 'half_pixel_symmetric':
      return (input / 2) * (1 - output / width) + (at + 0.5) / scale - 0.5;
    case 'pytorch_half_pixel':
      return width === 1 ? -0.5 : (at + 0.5) / scale - 0.5;
    case 'align_corners':
      return width === 1 ? 0 : (at * (input - 1)) / (width - 1);
    case 'asymmetric':
      return at / scale;
    case 'tf_half_pixel_for_nn':
      return (at + 0.5) / scale;
    case 'tf_crop_and_resize':
      return width === 1
        ? ((roi[0] + roi[1]) * (input - 1)) / 2
        : roi[0] * (input - 1) + (at * (roi[1] - roi[0]) * (input - 1)) / (width - 1);
    default:
      throw unsupported(`Expected a known coordinate_transformation_mode but received ${coordinates}`);
  }
}

function nearestSample(place: number, { input, scale, nearestMode }: AxisResize): AxisSample {
  const index = ((): number => {
    switch (nearestMode) {
      case 'round_prefer_floor':
        return Math.ceil(place - 0.5);
      case 'round_prefer_ceil':
        return Math.floor(place + 0.5);
      case 'floor':
        return Math.floor(place);
      case 'ceil':
        return Math.ceil(place);
      // Version 10 left it open; runtimes kept the later element when they sampled down.
      case 'version_10':
        return scale < 1 ? Math.ceil(place) : Math.floor(place);
      default:
        throw unsupported(`Expected a known nearest_mode but received ${nearestMode}`);
    }
  })();
  return { indices: [Math.min(Math.max(index, 0), input - 1)], weights: [1] };
}

function filteredSample(place: number, axis: AxisResize): AxisSample {
  const { input, scale, mode, cubicCoefficient, excludeOutside, antialias } = axis;
  // Antialiasing widens the filter by as much as is sampled down.
  const step = antialias ? Math.min(scale, 1) : 1;
  const radius = (mode === 'cubic' ? 2 : 1) / step;
  const filter = mode === 'cubic' ? (x: number) => cubicKernel(x, cubicCoefficient) : (x: number) => 1 - Math.abs(x);
  const indices: number[] = [];
  const weights: number[] = [];
  for (let index = Math.floor(place - radius) + 1; index < place + radius; index++) {
    if (excludeOutside && (index < 0 || index >= input)) continue;
    // Beyond the edges the outermost elements go on.
    indices.push(Math.min(Math.max(index, 0), input - 1));
    weights.push(filter((index - place) * step));
  }
  if (!excludeOutside && !antialias) return { indices, weights };
  const sum = weights.reduce((a, b) => a + b, 0);
  return { indices, weights: weights.map((weight) => weight / (sum === 0 ? 1 : sum)) };
}
