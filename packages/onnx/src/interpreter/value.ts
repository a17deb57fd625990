// The values that flow through the interpreter: tensors of every ONNX element type, sequences, optionals and maps.
// Kernels read elements as float64 numbers (or as bigints, for exact 64-bit integers), compute, and round back.
import { elementCount, float16ToFloat32, float32ToFloat16 } from '@percept/core';
import { type ElementData, type ElementType, elementData, integerFormat, isBig, isComplex } from './element-type.js';
import { malformed } from './interpreter-errors.js';
import {
  bfloat16ToNumber,
  numberToBfloat16,
  type SmallFloatFormat,
  type SmallFloatRounding,
  smallFloats,
} from './small-float.js';

/** A dense, row-major tensor; `data` as {@link ElementType} says. Never changed once made: kernels share them. */
export interface TensorValue {
  readonly kind: 'tensor';
  readonly type: ElementType;
  readonly dims: readonly number[];
  readonly data: ElementData;
}

/** An ordered list of values. */
export interface SequenceValue {
  readonly kind: 'sequence';
  readonly items: readonly Value[];
}

/** A value or none. */
export interface OptionalValue {
  readonly kind: 'optional';
  readonly value: Value | undefined;
}

/** What a node takes and gives. */
export type Value = TensorValue | SequenceValue | OptionalValue;

/** A tensor over `data` (kept, not copied); without it, zeros or empty strings. */
export function tensorValue(type: ElementType, dims: readonly number[], data?: ElementData): TensorValue {
  return { kind: 'tensor', type, dims, data: data ?? elementData(type, elementCount(dims)) };
}

/** The value as a tensor; refuses sequences, optionals and inputs that are not given. */
export function asTensor(value: Value | undefined, what = 'an input'): TensorValue {
  if (value?.kind === 'optional' && value.value !== undefined) return asTensor(value.value, what);
  if (value?.kind !== 'tensor')
    throw malformed(`Expected a tensor for ${what} but received ${value?.kind ?? 'nothing'}`);
  return value;
}

/** The items of a sequence; refuses anything else. */
export function asSequence(value: Value | undefined, what = 'an input'): readonly Value[] {
  if (value?.kind === 'optional' && value.value !== undefined) return asSequence(value.value, what);
  if (value?.kind !== 'sequence')
    throw malformed(`Expected a sequence for ${what} but received ${value?.kind ?? 'nothing'}`);
  return value.items;
}

/**
 * The elements as float64 numbers: exact for every type but 64-bit integers beyond 2^53. bool gives 0 and 1. The array
 * is the tensor's own for float64: do not write into it.
 */
export function numbers(tensor: TensorValue): Float64Array {
  const { type, data } = tensor;
  if (data instanceof Float64Array && !isComplex(type)) return data;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Float64Array.from(data, Number);
  if (type === 'float16') return Float64Array.from(data as Uint16Array, float16ToFloat32);
  if (type === 'bfloat16') return Float64Array.from(data as Uint16Array, bfloat16ToNumber);
  if (type in smallFloats) {
    const { values } = smallFloats[type as SmallFloatFormat];
    return Float64Array.from(data as Uint8Array, (bits) => values[bits]!);
  }
  if (Array.isArray(data) || isComplex(type)) throw malformed(`Expected a tensor of real numbers but received ${type}`);
  return new Float64Array(data);
}

/** The elements of an integer or bool tensor as bigints. */
export function bigints(tensor: TensorValue): readonly bigint[] {
  const { type, data } = tensor;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Array.from(data);
  if (integerFormat(type) === undefined && type !== 'bool') {
    throw malformed(`Expected a tensor of integers but received ${type}`);
  }
  return Array.from(data as Int32Array, BigInt);
}

/** The elements of a string tensor. */
export function strings(tensor: TensorValue): readonly string[] {
  if (!Array.isArray(tensor.data)) throw malformed(`Expected a tensor of strings but received ${tensor.type}`);
  return tensor.data;
}

/** The elements as plain integers: for shapes, axes, counts and indices. */
export function integers(tensor: TensorValue): number[] {
  return Array.from(numbers(tensor));
}

/** The one element of a scalar, or of a tensor that has one element, as a number. */
export function scalar(tensor: TensorValue): number {
  if (elementCount(tensor.dims) !== 1) {
    throw malformed(`Expected one element but received a tensor of shape [${tensor.dims.join(', ')}]`);
  }
  return numbers(tensor)[0]!;
}

/**
 * A tensor of `type` from numbers. Floats are rounded to nearest, ties to even (8-bit ones as `rounding` says); integers
 * are cut towards zero and wrapped as two's complement; bool is "not 0".
 */
export function fromNumbers(
  type: ElementType,
  dims: readonly number[],
  values: ArrayLike<number>,
  rounding?: SmallFloatRounding,
): TensorValue {
  if (type === 'float64' && values instanceof Float64Array) return tensorValue(type, dims, values);
  const data = elementData(type, values.length);
  const put = encoder(type, data, rounding);
  for (let at = 0; at < values.length; at++) put(at, values[at]!);
  return tensorValue(type, dims, data);
}

function encoder(
  type: ElementType,
  data: ElementData,
  rounding: SmallFloatRounding | undefined,
): (at: number, value: number) => void {
  const array = data as Float64Array;
  if (type === 'float16') return (at, value) => (array[at] = numberToFloat16(value));
  if (type === 'bfloat16') return (at, value) => (array[at] = numberToBfloat16(value));
  if (type === 'bool') return (at, value) => (array[at] = value === 0 ? 0 : 1);
  if (type in smallFloats) {
    const { encode } = smallFloats[type as SmallFloatFormat];
    return (at, value) => (array[at] = encode(value, rounding));
  }
  if (isBig(type)) {
    const big = data as BigInt64Array;
    return (at, value) => (big[at] = wholeBigInt(value));
  }
  const format = integerFormat(type);
  if (format !== undefined && format.bits < 8) return (at, value) => (array[at] = wrap(Math.trunc(value), format));
  if (type === 'string' || isComplex(type)) throw malformed(`Expected a type of real numbers but received ${type}`);
  return (at, value) => (array[at] = value);
}

/** float16 bits of a number. Rounds once: through float32 a number just beside a tie could be rounded twice. */
function numberToFloat16(value: number): number {
  const near = Math.fround(value);
  if (near === value || !Number.isFinite(near)) return float32ToFloat16(near);
  // float32 to odd, which keeps the side of the tie that the number was on.
  odd[0] = near;
  if ((oddBits[0]! & 1) === 0) oddBits[0] = Math.abs(near) < Math.abs(value) ? oddBits[0]! + 1 : oddBits[0]! - 1;
  return float32ToFloat16(near === 0 ? near : odd[0]!);
}
const odd = new Float32Array(1);
const oddBits = new Uint32Array(odd.buffer);

function wholeBigInt(value: number): bigint {
  return Number.isFinite(value) ? BigInt(Math.trunc(value)) : value > 0 ? 2n ** 63n - 1n : -(2n ** 63n);
}

function wrap(value: number, { bits, signed }: { readonly bits: number; readonly signed: boolean }): number {
  const rest = ((value % 2 ** bits) + 2 ** bits) % 2 ** bits;
  return signed && rest >= 2 ** (bits - 1) ? rest - 2 ** bits : rest;
}

/** A tensor of an integer or bool type from bigints, wrapped as two's complement. */
export function fromBigInts(type: ElementType, dims: readonly number[], values: ArrayLike<bigint>): TensorValue {
  if (isBig(type)) {
    const data = elementData(type, values.length) as BigInt64Array;
    for (let at = 0; at < values.length; at++) data[at] = values[at]!;
    return tensorValue(type, dims, data);
  }
  const bits = integerFormat(type)?.bits ?? 53;
  return fromNumbers(
    type,
    dims,
    Array.from(values, (value) => Number(BigInt.asIntN(Math.max(bits, 33), value))),
  );
}

/** An int64 tensor. */
export function int64(dims: readonly number[], values: ArrayLike<number>): TensorValue {
  return fromNumbers('int64', dims, values);
}

/** A bool tensor from truth values or numbers. */
export function bools(dims: readonly number[], values: ArrayLike<boolean | number>): TensorValue {
  return tensorValue(
    'bool',
    dims,
    Uint8Array.from(values, (value) => (value ? 1 : 0)),
  );
}

/** The same elements under another shape. */
export function reshaped(tensor: TensorValue, dims: readonly number[]): TensorValue {
  if (elementCount(dims) !== elementCount(tensor.dims)) {
    throw malformed(`Expected a shape of ${elementCount(tensor.dims)} elements but received [${dims.join(', ')}]`);
  }
  return { ...tensor, dims };
}

/**
 * A tensor of shape `dims` whose element `i` is element `sources[i]` of `tensor`; a negative source gives the one element
 * of `fill`, or zero (an empty string).
 */
export function pick(
  tensor: TensorValue,
  dims: readonly number[],
  sources: ArrayLike<number>,
  fill?: TensorValue,
): TensorValue {
  const data = elementData(tensor.type, sources.length);
  const width = isComplex(tensor.type) ? 2 : 1;
  const [from, to] = [tensor.data as Float64Array, data as Float64Array];
  const empty = (fill?.data as Float64Array | undefined) ?? (elementData(tensor.type, 1) as Float64Array);
  for (let at = 0; at < sources.length; at++) {
    const source = sources[at]!;
    for (let part = 0; part < width; part++) {
      to[at * width + part] = source < 0 ? empty[part]! : from[source * width + part]!;
    }
  }
  return tensorValue(tensor.type, dims, data);
}
