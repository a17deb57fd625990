import { elementCount, float16ToFloat32, type Tensor, type TensorType, tensor, tensorData } from '@percept/core';
import type { TfliteType } from './schema.js';

/** The element type that values of an ONNX type have in the file; `undefined` where there is none. float16 is computed in float32. */
export function tfliteType(type: string | number | undefined): TfliteType | undefined {
  switch (type) {
    case 'float32':
    case 'float16':
      return 'float32';
    case 'int64':
    case 'int32':
    case 'bool':
    case 'int8':
    case 'uint8':
    case 'int16':
      return type;
    default:
      return undefined;
  }
}

/** A float16 tensor as float32; others as they are. */
export function widened(value: Tensor): Tensor {
  if (value.type !== 'float16') return value;
  return tensor('float32', value.dims, Float32Array.from(value.data as Uint16Array, float16ToFloat32));
}

/** A tensor whose axis `at` is axis `permutation[at]` of the given one. */
export function permuteAxes<Type extends TensorType>(
  value: Tensor<Type>,
  permutation: readonly number[],
): Tensor<Type> {
  const { type, dims, data } = value;
  if (permutation.every((axis, at) => axis === at)) return value;
  const strides = dims.map((_, axis) => elementCount(dims.slice(axis + 1)));
  const shape = permutation.map((axis) => dims[axis]!);
  const steps = permutation.map((axis) => strides[axis]!);
  const result = tensorData(type, elementCount(dims)) as unknown as unknown[];
  const from = data as unknown as ArrayLike<unknown>;
  const index = shape.map(() => 0);
  let offset = 0;
  for (let at = 0; at < result.length; at++) {
    result[at] = from[offset]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      offset += steps[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      offset -= steps[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return tensor(type, shape, result as unknown as Tensor<Type>['data']);
}

/** Little-endian bytes of a tensor's elements. */
export function littleEndianBytes({ data }: Tensor): Uint8Array {
  const array = data as unknown as ArrayBufferView;
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
