import { PerceptError } from './errors.js';
import { float32ToFloat16 } from './float16.js';

/** The typed array that holds each tensor type. float16 is kept as its 16 bits. */
export interface TensorDataTypes {
  float32: Float32Array;
  float64: Float64Array;
  float16: Uint16Array;
  int8: Int8Array;
  uint8: Uint8Array;
  int16: Int16Array;
  uint16: Uint16Array;
  int32: Int32Array;
  uint32: Uint32Array;
  int64: BigInt64Array;
  uint64: BigUint64Array;
  /** One byte an element, 0 or 1. */
  bool: Uint8Array;
  string: string[];
}

/** Name of an element type, as onnxruntime spells it. */
export type TensorType = keyof TensorDataTypes;

/**
 * An n-dimensional array: the field names of onnxruntime, so that it can be handed over as it is.
 * `data` is dense and row-major; its length is the product of `dims` (1 for a scalar, whose `dims` are empty).
 */
export interface Tensor<Type extends TensorType = TensorType> {
  readonly type: Type;
  readonly dims: readonly number[];
  readonly data: TensorDataTypes[Type];
}

const constructors = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
} as const;

/** Number of elements of a shape: the product of `dims`, 1 for a scalar. */
export function elementCount(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

/** Bytes that one element of `type` takes; `undefined` for `string`. */
export function bytesPerElement(type: TensorType): number | undefined {
  return type === 'string' ? undefined : constructors[type].BYTES_PER_ELEMENT;
}

/** A zero-filled typed array (empty strings for `string`) of `length` elements of `type`. */
export function tensorData<Type extends TensorType>(type: Type, length: number): TensorDataTypes[Type] {
  const data =
    type === 'string'
      ? new Array<string>(length).fill('')
      : new constructors[type as keyof typeof constructors](length);
  return data as TensorDataTypes[Type];
}

/**
 * Makes a tensor. `data` may be the matching typed array (kept, not copied) or plain numbers, which are converted
 * (float16 by round-to-nearest-even); without `data` the tensor is zero-filled.
 *
 * @throws PerceptError `TENSOR_INVALID` when a dimension is not a non-negative integer, or `data` has another length or
 *   array type than `type` and `dims` ask for
 */
export function tensor<Type extends TensorType>(
  type: Type,
  dims: readonly number[],
  data?: TensorDataTypes[Type] | readonly number[] | readonly bigint[],
): Tensor<Type> {
  for (const dim of dims) {
    if (!Number.isInteger(dim) || dim < 0) {
      throw new PerceptError(
        'TENSOR_INVALID',
        `Expected non-negative integers for dims but received [${dims.join(', ')}]`,
      );
    }
  }
  const length = elementCount(dims);
  if (data === undefined) return { type, dims: [...dims], data: tensorData(type, length) };
  if (data.length !== length) {
    throw new PerceptError(
      'TENSOR_INVALID',
      `Expected ${length} elements for a tensor of shape [${dims.join(', ')}] but received ${data.length}`,
    );
  }
  return { type, dims: [...dims], data: convertData(type, data) };
}

function convertData<Type extends TensorType>(type: Type, data: ArrayLike<unknown>): TensorDataTypes[Type] {
  if (type === 'string') {
    if (Array.isArray(data) && data.every((item) => typeof item === 'string')) return data as TensorDataTypes[Type];
    throw new PerceptError('TENSOR_INVALID', 'Expected an array of strings for a tensor of type string');
  }
  const arrayType = constructors[type as keyof typeof constructors];
  if (data instanceof arrayType) return data as TensorDataTypes[Type];
  if (!Array.isArray(data)) {
    throw new PerceptError(
      'TENSOR_INVALID',
      `Expected ${arrayType.name} for a tensor of type ${type} but received ${data.constructor.name}`,
    );
  }
  if (type === 'float16') return Uint16Array.from(data as number[], float32ToFloat16) as TensorDataTypes[Type];
  if (type === 'int64') return BigInt64Array.from(data as (number | bigint)[], BigInt) as TensorDataTypes[Type];
  if (type === 'uint64') return BigUint64Array.from(data as (number | bigint)[], BigInt) as TensorDataTypes[Type];
  return new arrayType(data as number[] & bigint[]) as TensorDataTypes[Type];
}
