import type { TensorType } from '@percept/core';

/** Bits that one element takes in `raw_data`, for the element types that JavaScript has no array of. */
export const rawElementBits = {
  complex64: 64,
  complex128: 128,
  bfloat16: 16,
  float8e4m3fn: 8,
  float8e4m3fnuz: 8,
  float8e5m2: 8,
  float8e5m2fnuz: 8,
  uint4: 4,
  int4: 4,
  float4e2m1: 4,
  float8e8m0: 8,
  uint2: 2,
  int2: 2,
  float6e2m3: 6,
  float6e3m2: 6,
} as const;

/** An ONNX element type that JavaScript has no array of; {@link RawTensor} carries it as bytes. */
export type RawElementType = keyof typeof rawElementBits;

/** Every element type of ONNX (TensorProto.DataType). */
export type ElementType = TensorType | RawElementType;

/** TensorProto.DataType of the element types, in the order of their numbers, which begin with 1. */
const inOrder: readonly ElementType[] = [
  'float32',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  'float16',
  'float64',
  'uint32',
  'uint64',
  ...(Object.keys(rawElementBits) as RawElementType[]),
];

/** The name of a TensorProto.DataType; `undefined` for 0 (UNDEFINED) and for numbers of a later ONNX. */
export function elementTypeName(dataType: number): ElementType | undefined {
  return inOrder[dataType - 1];
}

/** The TensorProto.DataType of a name. */
export function elementTypeNumber(type: ElementType): number {
  return inOrder.indexOf(type) + 1;
}
