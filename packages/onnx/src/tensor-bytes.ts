// Elements of tensors as the bytes that `raw_data` holds: little-endian, dense, row-major. Every machine that JavaScript
// engines run on is little-endian, so a typed array's memory is those bytes.
import { PerceptError, type Tensor, type TensorType, tensorData } from '@percept/core';
import { isExternal, isRawTensor, type RawTensor } from './model-tensors.js';

type NumericType = Exclude<TensorType, 'string'>;
type NumericData = Exclude<Tensor['data'], string[]>;
type ArrayConstructor = (new (
  buffer: ArrayBufferLike,
  offset: number,
  length: number,
) => NumericData) & {
  readonly BYTES_PER_ELEMENT: number;
};

const arrayTypes: Partial<Record<NumericType, ArrayConstructor>> = {};

/** The array type of an element type, which making an empty one tells; remembered, for that takes its time. */
function arrayTypeOf(type: NumericType): ArrayConstructor {
  arrayTypes[type] ??= tensorData(type, 0).constructor as ArrayConstructor;
  return arrayTypes[type];
}

/** A getter of `data` that knows the bytes that it will copy when it is asked for the first time. */
interface LazyData {
  (): NumericData;
  bytes: Uint8Array;
}

/**
 * A tensor over bytes of a file. Where their alignment allows it, `data` is a view of them; else it is a copy, made when
 * it is first asked for.
 */
export function tensorOver(type: NumericType, dims: readonly number[], bytes: Uint8Array): Tensor {
  const ArrayType = arrayTypeOf(type);
  const length = bytes.length / ArrayType.BYTES_PER_ELEMENT;
  if (bytes.byteOffset % ArrayType.BYTES_PER_ELEMENT === 0) {
    return { type, dims, data: new ArrayType(bytes.buffer, bytes.byteOffset, length) } as Tensor;
  }
  const tensor = { type, dims };
  const get = (() => {
    const value = new ArrayType(new Uint8Array(bytes).buffer, 0, length);
    Object.defineProperty(tensor, 'data', { value, enumerable: true, writable: true });
    return value;
  }) as LazyData;
  get.bytes = bytes;
  return Object.defineProperty(tensor, 'data', { get, enumerable: true, configurable: true }) as Tensor;
}

/**
 * The elements of a tensor in the layout of `raw_data` (little-endian, dense, row-major), not copied: a view of the
 * tensor's memory, or of the file that it was read from.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for strings, which have no such layout, and for elements in another file
 *   (`readExternalData` reads them)
 */
export function tensorBytes(tensor: Tensor | RawTensor): Uint8Array {
  if (isRawTensor(tensor)) {
    if (tensor.raw instanceof Uint8Array) return tensor.raw;
  } else if (tensor.type !== 'string') {
    const lazy = Object.getOwnPropertyDescriptor(tensor, 'data')?.get as LazyData | undefined;
    if (lazy?.bytes !== undefined) return lazy.bytes;
    const { buffer, byteOffset, byteLength } = tensor.data as NumericData;
    return new Uint8Array(buffer, byteOffset, byteLength);
  }
  throw new PerceptError(
    'INVALID_ARGUMENT',
    `Expected a tensor whose elements have bytes in memory but received one ${isExternal(tensor) ? `that lies in ${JSON.stringify(tensor.raw.location)}` : 'of strings'}`,
  );
}
