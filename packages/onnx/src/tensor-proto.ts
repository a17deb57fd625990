import { bytesPerElement, elementCount, PerceptError, type Tensor, type TensorType, tensorData } from '@percept/core';
import { decodeMessage } from './protobuf/decode.js';
import { type Chunks, encodeMessage } from './protobuf/encode.js';
import type { Message } from './protobuf/message.js';
import { dataTypeNames, dataTypes, tensorProto } from './protobuf/onnx-tables.js';
import { safeInteger } from './safe-integer.js';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The field of TensorProto, other than `raw_data`, that holds each type's elements. */
const typedFields = {
  float32: 'floatData',
  float64: 'doubleData',
  int64: 'int64Data',
  uint64: 'uint64Data',
  uint32: 'uint64Data',
  float16: 'int32Data',
  int32: 'int32Data',
  int16: 'int32Data',
  int8: 'int32Data',
  uint16: 'int32Data',
  uint8: 'int32Data',
  bool: 'int32Data',
} as const;

/** A decoded TensorProto. `tensor` is missing where {@link Tensor} cannot hold it; the bytes must be kept then. */
export interface NamedTensor {
  readonly name: string;
  readonly tensor: Tensor | undefined;
}

/**
 * Decodes a TensorProto. Raw data is a view of `bytes` where its alignment allows one, else a copy. Element types
 * without a JavaScript array (bfloat16, float8, 4-bit), external data and segments give no tensor.
 */
export function readTensor(bytes: Uint8Array): NamedTensor {
  const { fields, unknown } = decodeMessage(tensorProto, bytes);
  const name = fields.name ?? '';
  const type = dataTypeNames.get(fields.dataType ?? 0);
  // What is unknown here changes what the data means: segment, external_data, data_location.
  if (type === undefined || type === 'bfloat16' || unknown.length > 0) return { name, tensor: undefined };
  const dims = fields.dims.map((dim) => safeInteger(dim, `a dimension of tensor ${JSON.stringify(name)}`));
  const data = type === 'string' ? readStrings(fields.stringData) : readElements(type, fields);
  if (data === undefined) return { name, tensor: undefined };
  if (dims.some((dim) => dim < 0) || data.length !== elementCount(dims)) {
    throw new PerceptError(
      'ONNX_MODEL_MALFORMED',
      `Expected ${elementCount(dims)} elements of ${type} for tensor ${JSON.stringify(name)} of shape [${dims.join(', ')}] but received ${data.length}`,
    );
  }
  return { name, tensor: { type, dims, data } as Tensor };
}

function readElements(type: Exclude<TensorType, 'string'>, fields: Message<typeof tensorProto.fields>) {
  const { rawData } = fields;
  const size = bytesPerElement(type)!;
  const ArrayType = tensorData(type, 0).constructor as new (
    source: ArrayBufferLike | ArrayLike<number> | ArrayLike<bigint>,
    offset?: number,
    length?: number,
  ) => Exclude<Tensor['data'], string[]>;
  if (rawData === undefined) {
    const values = fields[typedFields[type]];
    return type === 'uint32'
      ? Uint32Array.from(values as bigint[], Number)
      : new ArrayType(values as ArrayLike<number>);
  }
  if (rawData.length % size !== 0) {
    throw new PerceptError(
      'ONNX_MODEL_MALFORMED',
      `Expected a multiple of ${size} bytes for tensor ${JSON.stringify(fields.name ?? '')} of ${type} but received ${rawData.length}`,
    );
  }
  const aligned = rawData.byteOffset % size === 0 ? rawData : new Uint8Array(rawData);
  return new ArrayType(aligned.buffer, aligned.byteOffset, aligned.length / size);
}

/** Decodes strings, or gives nothing where one is no UTF-8 text. */
export function readStrings(items: readonly Uint8Array[]): string[] | undefined {
  try {
    return items.map((item) => utf8.decode(item));
  } catch {
    return undefined;
  }
}

/** Encodes a tensor under a name. Numbers go to `raw_data` without being copied yet. */
export function writeTensor(name: string, tensor: Tensor): Chunks {
  const { dims, data } = tensor;
  const type = dataTypes[tensor.type];
  if (type === undefined || data.length !== elementCount(dims)) {
    throw new PerceptError(
      'TENSOR_INVALID',
      `Expected a tensor type and ${elementCount(dims)} elements for ${JSON.stringify(name)} of shape [${dims.join(', ')}] but received ${data.length} of ${tensor.type}`,
    );
  }
  const encoder = new TextEncoder();
  return encodeMessage(tensorProto, {
    dims,
    dataType: type,
    name: name === '' ? undefined : name,
    ...(Array.isArray(data)
      ? { stringData: data.map((item) => encoder.encode(item)) }
      : { rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) }),
  });
}
