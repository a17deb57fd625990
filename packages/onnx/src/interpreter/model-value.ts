import { elementCount, type Tensor, type TensorType } from '@percept/core';
import { elementTypeName, rawElementBits } from '../element-types.js';
import { isExternal, isRawTensor, type RawTensor, type SparseTensor } from '../model-tensors.js';
import { type ElementType, elementData, integerFormat } from './element-type.js';
import { malformed, unsupported } from './interpreter-errors.js';
import type { Precision } from './kernel.js';
import { asTensor, fromNumbers, integers, numbers, type TensorValue, tensorValue, type Value } from './value.js';

/** What is fed: a tensor as everywhere in Percept or as the file holds it, or any value of the interpreter. */
export type Feed = Tensor | RawTensor | Value;

/** A feed or constant as the interpreter computes with it. The elements are shared, not copied. */
export function toValue(feed: Feed, precision: Precision): Value {
  const value =
    'kind' in feed ? feed : isRawTensor(feed) ? fromRaw(feed) : tensorValue(feed.type, feed.dims, feed.data);
  return precision === 'float64' ? widened(value) : value;
}

/** Whether the type takes part in the promotion to double. */
function isWidened(type: TensorValue['type']): boolean {
  return type === 'float32' || type === 'float16' || type === 'bfloat16';
}

/** The value with its floats of 16 and 32 bits as float64. */
export function widened(value: Value): Value {
  switch (value.kind) {
    case 'tensor':
      return isWidened(value.type) ? fromNumbers('float64', value.dims, numbers(value)) : value;
    case 'sequence':
      return { kind: 'sequence', items: value.items.map(widened) };
    case 'optional':
      return { kind: 'optional', value: value.value && widened(value.value) };
  }
}

function fromRaw(tensor: RawTensor): TensorValue {
  const { type, dims, raw } = tensor;
  if (isExternal(tensor)) {
    throw unsupported(`Expected elements in memory but they lie in ${tensor.raw.location}. Load external data first`);
  }
  if (typeof type === 'number') throw unsupported(`Expected a known element type but received number ${type}`);
  const bytes = raw as Uint8Array;
  const data = elementData(type, elementCount(dims));
  if (Array.isArray(data)) throw unsupported('Expected strings as a list of texts but received bytes');
  const bits = type in rawElementBits ? rawElementBits[type as keyof typeof rawElementBits] : 8;
  if (bits < 8) return tensorValue(type, dims, unpack(bytes, bits, data as Uint8Array, type));
  if (bytes.length !== data.byteLength) {
    throw malformed(`Expected ${data.byteLength} bytes for a tensor of ${type} but received ${bytes.length}`);
  }
  new Uint8Array(data.buffer).set(bytes);
  return tensorValue(type, dims, data);
}

/** Spreads packed elements, least significant bits first, over a byte each. */
function unpack(packed: Uint8Array, bits: number, data: Uint8Array, type: ElementType): Uint8Array {
  const signed = integerFormat(type)?.signed ?? false;
  for (let at = 0; at < data.length; at++) {
    const first = at * bits;
    const word = packed[first >> 3]! | ((packed[(first >> 3) + 1] ?? 0) << 8);
    const pattern = (word >> (first & 7)) & ((1 << bits) - 1);
    data[at] = signed && pattern >> (bits - 1) ? pattern - (1 << bits) : pattern;
  }
  return data;
}

/** A sparse constant with its zeros. */
export function fromSparse({ values, indices, dims }: SparseTensor, precision: Precision): Value {
  const given = asTensor(toValue(values, precision));
  const where = asTensor(toValue(indices, precision));
  const flat = integers(where);
  const rank = where.dims.length === 2 ? where.dims[1]! : 1;
  const dense = tensorValue(given.type, dims);
  const [to, from] = [dense.data as Float64Array, given.data as Float64Array];
  for (let at = 0; at < from.length; at++) {
    let position = flat[at * rank]!;
    for (let axis = 1; axis < rank; axis++) position = position * dims[axis]! + flat[at * rank + axis]!;
    to[position] = from[at]!;
  }
  return dense;
}

/** The element type of a `TensorProto.DataType` number under a precision. */
export function elementTypeOf(dataType: number, precision: Precision): ElementType {
  const type = elementTypeName(dataType);
  if (type === undefined) throw unsupported(`Expected a known element type but received number ${dataType}`);
  return precision === 'float64' && isWidened(type) ? 'float64' : type;
}

/** A result as a tensor of Percept; refuses sequences, optionals and element types that it has no array for. */
export function toTensor(value: Value, name: string): Tensor {
  if (value.kind !== 'tensor') {
    throw unsupported(`Expected a tensor for output ${name} but received a ${value.kind}. Use evaluateModel instead`);
  }
  if (!(value.type in tensorTypes)) {
    throw unsupported(
      `Expected a tensor type for output ${name} but received ${value.type}. Use evaluateModel instead`,
    );
  }
  return { type: value.type, dims: value.dims, data: value.data } as Tensor;
}

const tensorTypes: Record<TensorType, true> = {
  float32: true,
  float64: true,
  float16: true,
  int8: true,
  uint8: true,
  int16: true,
  uint16: true,
  int32: true,
  uint32: true,
  int64: true,
  uint64: true,
  bool: true,
  string: true,
};
