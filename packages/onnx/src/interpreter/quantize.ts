// The arithmetic of linear quantization: real = (quantized - zeroPoint) * scale.
import { type ElementType, integerFormat, integerRange } from './element-type.js';
import { normalizeAxis, splitAt } from './indexing.js';
import { malformed } from './interpreter-errors.js';
import { roundHalfEven } from './rounding.js';
import { fromNumbers, numbers, type TensorValue } from './value.js';

/**
 * For every element of `dims` the position of its scale: one for all; one for each index of `axis`; or, with a
 * `blockSize`, one for so many neighbours along `axis`.
 */
export function scalePositions(
  dims: readonly number[],
  scale: TensorValue,
  axis: number,
  blockSize: number,
): (at: number) => number {
  if (scale.data.length === 1) return () => 0;
  const own = dims.length === 1 ? 0 : normalizeAxis(axis, dims.length);
  const { size, inner } = splitAt(dims, own);
  if (blockSize === 0) {
    if (scale.dims.length !== 1 || scale.dims[0] !== size) {
      throw malformed(`Expected ${size} scales for axis ${own} but received [${scale.dims.join(', ')}]`);
    }
    return (at) => Math.floor(at / inner) % size;
  }
  const blocks = Math.ceil(size / blockSize);
  if (scale.dims.some((count, at) => count !== (at === own ? blocks : dims[at]))) {
    throw malformed(
      `Expected scales for blocks of ${blockSize} of [${dims.join(', ')}] but received [${scale.dims.join(', ')}]`,
    );
  }
  return (at) => {
    const index = Math.floor(at / inner) % size;
    const outer = Math.floor(at / (inner * size));
    return (outer * blocks + Math.floor(index / blockSize)) * inner + (at % inner);
  };
}

/** Scaled values as a quantized type: rounded, moved by their zero points, and saturated. */
export function quantized(
  type: ElementType,
  dims: readonly number[],
  scaled: Float64Array,
  zeroPoint: (at: number) => number,
  saturate = true,
): TensorValue {
  if (integerFormat(type) === undefined) {
    return fromNumbers(
      type,
      dims,
      scaled.map((value, at) => value + zeroPoint(at)),
      { saturate },
    );
  }
  const [low, high] = integerRange(type);
  return fromNumbers(
    type,
    dims,
    scaled.map((value, at) => Math.min(Math.max(roundHalfEven(value) + zeroPoint(at), low), high)),
  );
}

/** The elements less their zero points; exact. */
export function centered(tensor: TensorValue, zeroPoint: (at: number) => number): Float64Array {
  return numbers(tensor).map((value, at) => value - zeroPoint(at));
}
