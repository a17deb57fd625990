// Where a preprocessing spec moves things. Coordinates are continuous: pixel i of a row covers [i, i + 1), its centre is
// i + 0.5, and the corners of an image of width w are 0 and w. Points and boxes are moved by the exact scale and offset of
// the spec's geometry; masks are resampled by the same rule, at pixel centres.
import {
  describeValue,
  type Image,
  type ImageData,
  PerceptError,
  type PreprocessSpec,
  type PreprocessType,
  parseOptions,
} from '@percept/core';
import * as z from 'zod/mini';
import { nearestIndices } from './kernels/resize-weights.js';
import { geometryOf, type PreprocessGeometry, type Size } from './preprocess-geometry.js';
import { planOf } from './preprocess-plan.js';

/** Options of {@link CoordinateMap.boxes}. */
export interface MapBoxesOptions {
  /** Whether what lies outside the target is cut off, which may leave a box without area. Default `true`. */
  readonly clip?: boolean;
}

/** Options of {@link CoordinateMap.mask}. */
export interface MapMaskOptions {
  /**
   * `nearest` (default) keeps labels as they are; `bilinear` blends neighbours without antialiasing, for probabilities and
   * logits of `Float32Array` masks.
   */
  readonly filter?: 'nearest' | 'bilinear';
  /** Value where the source has nothing: outside a crop, or in the bars of a letterbox. Default 0. */
  readonly fill?: number;
}

/** Moves annotations and predictions from one pixel grid to another. */
export interface CoordinateMap {
  /** Size of the target grid in pixels. */
  readonly target: Size;
  /**
   * Moves `[N, 2]` points, `x, y` one after another. Nothing is cut off. Returns a new array.
   *
   * @throws PerceptError `INVALID_ARGUMENT` when the length is not a multiple of 2
   */
  points(points: ArrayLike<number>): Float32Array;
  /**
   * Moves `[N, 4]` boxes, `left, top, right, bottom` (`xyxy`) one after another. Returns a new array.
   *
   * @throws PerceptError `INVALID_ARGUMENT` when the length is not a multiple of 4
   */
  boxes(boxes: ArrayLike<number>, options?: MapBoxesOptions): Float32Array;
  /**
   * Resamples a one-channel mask onto the target grid. A mask of another resolution than the source grid is taken to
   * cover the same area, as the output of a segmentation model with a stride does.
   *
   * @throws PerceptError `INVALID_ARGUMENT` for a mask of more channels or the wrong length, or `bilinear` for integers
   */
  mask<Data extends ImageData>(mask: Image<Data>, options?: MapMaskOptions): Image<Data>;
}

/** `to = from * scale + offset` on one axis, between grids of `from` and `to` pixels. */
interface Axis {
  readonly from: number;
  readonly to: number;
  readonly scale: number;
  readonly offset: number;
  /** Where the content begins and ends in the target, whole pixels: outside of it the source has nothing. */
  readonly start: number;
  readonly end: number;
}

/**
 * The map from an image of `size` (upright, as decoded) to the pixels of the tensor that the spec makes of it: for
 * annotations that travel with an image into training.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for a size that is not positive integers, or a spec that
 *   {@link parsePreprocessSpec} refuses
 */
export function forwardMap(spec: PreprocessSpec<PreprocessType>, size: Size): CoordinateMap {
  const geometry = checkedGeometry(spec, size);
  const { content, tensor } = geometry;
  const axis = (from: number, to: number, resized: number, first: number): Axis => ({
    from,
    to,
    scale: resized / from,
    offset: first,
    start: Math.max(0, first),
    end: Math.min(to, first + resized),
  });
  return createMap(
    axis(size.width, tensor.width, content.width, content.left),
    axis(size.height, tensor.height, content.height, content.top),
  );
}

/**
 * The map from the pixels of the tensor that the spec makes of an image of `size` (upright, as decoded) back to the image:
 * for boxes, points and masks that a model predicts.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for a size that is not positive integers, or a spec that
 *   {@link parsePreprocessSpec} refuses
 */
export function inverseMap(spec: PreprocessSpec<PreprocessType>, size: Size): CoordinateMap {
  const geometry = checkedGeometry(spec, size);
  const { content, tensor } = geometry;
  const axis = (from: number, to: number, resized: number, first: number): Axis => {
    const scale = to / resized;
    // A pixel of the image has a source when its centre falls inside the tensor.
    const start = Math.max(0, Math.ceil(-first * scale - 0.5));
    const end = Math.min(to, Math.ceil((from - first) * scale - 0.5));
    return { from, to, scale, offset: -first * scale, start, end };
  };
  return createMap(
    axis(tensor.width, size.width, content.width, content.left),
    axis(tensor.height, size.height, content.height, content.top),
  );
}

const sizeSchema = z.object({ width: z.int().check(z.gte(1)), height: z.int().check(z.gte(1)) });

function checkedGeometry(spec: PreprocessSpec<PreprocessType>, size: Size): PreprocessGeometry {
  return geometryOf(planOf(spec).spec, parseOptions(sizeSchema, size, 'the size of the image'));
}

const boxesSchema = z.strictObject({ clip: z._default(z.boolean(), true) });
const maskSchema = z.strictObject({
  filter: z._default(z.enum(['nearest', 'bilinear']), 'nearest'),
  fill: z._default(z.number(), 0),
});

function createMap(x: Axis, y: Axis): CoordinateMap {
  const move = (values: ArrayLike<number>, clip: boolean): Float32Array =>
    Float32Array.from(values, (value, index) => {
      const { scale, offset, to } = index % 2 === 0 ? x : y;
      const moved = value * scale + offset;
      return clip ? Math.min(to, Math.max(0, moved)) : moved;
    });
  return {
    target: { width: x.to, height: y.to },
    points(points) {
      requireMultiple(points, 2, 'points');
      return move(points, false);
    },
    boxes(boxes, options = {}) {
      const { clip } = parseOptions(boxesSchema, options, 'boxes() options');
      requireMultiple(boxes, 4, 'boxes');
      return move(boxes, clip);
    },
    mask(mask, options = {}) {
      const { filter, fill } = parseOptions(maskSchema, options, 'mask() options');
      requireMask(mask);
      if (filter === 'nearest') return nearestMask(mask, x, y, fill);
      if (mask.data instanceof Float32Array) return bilinearMask(mask, x, y, fill);
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected a Float32Array mask for the filter bilinear but received ${describeValue(mask.data)}; use nearest for labels`,
      );
    },
  };
}

function requireMultiple(values: ArrayLike<number>, count: number, name: string): void {
  if (values.length % count === 0) return;
  throw new PerceptError(
    'INVALID_ARGUMENT',
    `Expected ${count} numbers for each of the ${name} but received ${values.length} numbers`,
  );
}

function requireMask({ width, height, channels, data }: Image): void {
  if (channels === 1 && width >= 1 && height >= 1 && data.length === width * height) return;
  throw new PerceptError(
    'INVALID_ARGUMENT',
    `Expected width × height samples of 1 channel for the mask but received ${width} × ${height} × ${channels} with ${data.length} samples`,
  );
}

function nearestMask<Data extends ImageData>(mask: Image<Data>, x: Axis, y: Axis, fill: number): Image<Data> {
  const columns = indicesOf(x, mask.width);
  const rows = indicesOf(y, mask.height);
  const data = new (mask.data.constructor as new (length: number) => Data)(x.to * y.to).fill(fill) as Data;
  for (let row = y.start; row < y.end; row++) {
    const from = rows[row]! * mask.width;
    const to = row * x.to;
    for (let column = x.start; column < x.end; column++) data[to + column] = mask.data[from + columns[column]!]!;
  }
  return { width: x.to, height: y.to, channels: 1, data };
}

/** Per target pixel, the mask's sample under its centre. */
function indicesOf({ from, to, scale, offset, start, end }: Axis, samples: number): Int32Array {
  const indices = new Int32Array(to);
  const density = samples / from;
  // Shrinking or stretching a whole mask follows the resize kernel to the last rounding.
  const resized = Math.round(from * scale);
  const whole = samples === from && Number.isInteger(offset) && Math.abs(from * scale - resized) < 1e-9;
  const exact = whole
    ? nearestIndices({ from, to: resized, first: start - offset, count: end - start }, true)
    : undefined;
  for (let i = start; i < end; i++) {
    const position = ((i + 0.5 - offset) / scale) * density;
    indices[i] = exact ? exact[i - start]! : Math.min(samples - 1, Math.max(0, Math.floor(position)));
  }
  return indices;
}

function bilinearMask<Data extends ImageData>(mask: Image<Data>, x: Axis, y: Axis, fill: number): Image<Data> {
  const data = new Float32Array(x.to * y.to).fill(fill);
  const at = ({ from, scale, offset }: Axis, samples: number, index: number): number =>
    Math.min(samples - 1, Math.max(0, ((index + 0.5 - offset) / scale) * (samples / from) - 0.5));
  for (let row = y.start; row < y.end; row++) {
    const v = at(y, mask.height, row);
    const top = Math.floor(v);
    const bottom = Math.min(mask.height - 1, top + 1);
    for (let column = x.start; column < x.end; column++) {
      const u = at(x, mask.width, column);
      const left = Math.floor(u);
      const right = Math.min(mask.width - 1, left + 1);
      const sample = (line: number): number => {
        const first = mask.data[line * mask.width + left]!;
        return first + (mask.data[line * mask.width + right]! - first) * (u - left);
      };
      const above = sample(top);
      data[row * x.to + column] = above + (sample(bottom) - above) * (v - top);
    }
  }
  return { width: x.to, height: y.to, channels: 1, data: data as ImageData as Data };
}
