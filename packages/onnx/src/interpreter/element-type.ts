// The element types of ONNX (TensorProto.DataType) and how the interpreter stores and rounds each of them.
//
// Formats that JavaScript has no array for are kept as their bits (float16, bfloat16: Uint16Array; 8- to 4-bit floats:
// Uint8Array, one element a byte). 4- and 2-bit integers are kept unpacked, one element a byte, as plain values.
// Complex numbers are kept as pairs (real, imaginary), so their arrays are twice as long as the tensor has elements.
import type { ElementType } from '../element-types.js';
import { smallFloats } from './small-float.js';

export type { ElementType };

/** What holds the elements of a tensor, see the head of this file. */
export type ElementData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | string[];

const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
  int4: Int8Array,
  uint4: Uint8Array,
  int2: Int8Array,
  uint2: Uint8Array,
  complex64: Float32Array,
  complex128: Float64Array,
} as const;

/** Zero elements (empty strings) for a tensor of `count` elements. */
export function elementData(type: ElementType, count: number): ElementData {
  if (type === 'string') return new Array<string>(count).fill('');
  if (type in smallFloats) return new Uint8Array(count);
  const length = isComplex(type) ? 2 * count : count;
  return new arrays[type as keyof typeof arrays](length);
}

/** Whether the type is real floating point, of any width. */
export function isFloat(type: ElementType): boolean {
  return type === 'float32' || type === 'float64' || type === 'float16' || type === 'bfloat16' || type in smallFloats;
}

/** Whether the type is kept as pairs of numbers. */
export function isComplex(type: ElementType): boolean {
  return type === 'complex64' || type === 'complex128';
}

/** Whether the elements are bigints. */
export function isBig(type: ElementType): type is 'int64' | 'uint64' {
  return type === 'int64' || type === 'uint64';
}

/** Bits and sign of an integer type; `undefined` for every other type. */
export function integerFormat(type: ElementType): { readonly bits: number; readonly signed: boolean } | undefined {
  const parsed = /^(u?)int(\d+)$/.exec(type);
  return parsed === null ? undefined : { bits: Number(parsed[2]), signed: parsed[1] === '' };
}

/** Smallest and largest value of an integer type that fits a number exactly (all but the 64-bit ones). */
export function integerRange(type: ElementType): readonly [number, number] {
  const { bits, signed } = integerFormat(type)!;
  return signed ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
}
