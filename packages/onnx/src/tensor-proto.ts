import { bytesPerElement, elementCount, PerceptError, type Tensor, type TensorType } from '@percept/core';
import { type ElementType, elementTypeName, elementTypeNumber, rawElementBits } from './element-types.js';
import { externalDataEntries } from './external/entries.js';
import {
  isExternal,
  isRawTensor,
  type RawTensor,
  type SparseTensor,
  type TensorInfo,
  tensorInfo,
} from './model-tensors.js';
import { decodeMessage, type Encodable, encodeMessage, type Message } from './protobuf/message.js';
import { segmentProto, sparseTensorProto, tensorProto } from './protobuf/onnx-tables.js';
import { decodeText, encodeText } from './protobuf/utf8.js';
import { type Content, encodeBytes } from './protobuf/writer.js';
import { safeInteger, writableInteger } from './safe-integer.js';
import { type EntriesCodec, readEntries, readMetadataProps, recordEntries, writeEntries } from './spelling.js';
import { tensorBytes, tensorOver } from './tensor-bytes.js';
import { rawToTyped, typedField, typedToRaw } from './typed-data.js';
import type { Kept } from './wire-hints.js';

type TensorFields = Message<typeof tensorProto.fields>;

/** A tensor and the name that the file gives it. */
export interface NamedTensor {
  readonly name: string;
  readonly tensor: Tensor | RawTensor;
}

/** Fields that hold elements; a tensor uses one of them. */
const dataFields = [
  'rawData',
  'floatData',
  'int32Data',
  'int64Data',
  'doubleData',
  'uint64Data',
  'stringData',
] as const;

/** The part of a tensor in pieces (TensorProto.Segment). */
const segmentEntries: EntriesCodec<NonNullable<TensorInfo['segment']>> = {
  read([entry]) {
    const { begin, end } = decodeMessage(segmentProto, entry!).fields;
    return { begin: begin ?? 0, end: end ?? 0 };
  },
  write: (segment) => [(writer) => encodeMessage(writer, segmentProto, segment)],
};

/**
 * Decodes a TensorProto. Elements are views of `bytes` where their alignment allows it, see {@link tensorOver}. The name
 * stays on the tensor where `keepName` says that nothing else will hold it.
 */
export function readTensor(bytes: Uint8Array, keepName: boolean): NamedTensor {
  const { fields, kept } = decodeMessage(tensorProto, bytes);
  const name = fields.name ?? '';
  const dataType = fields.dataType ?? 0;
  const type = elementTypeName(dataType) ?? dataType;
  const dims = fields.dims.map((dim) => safeInteger(dim, `a dimension of tensor ${JSON.stringify(name)}`));
  const external = fields.dataLocation === 1;
  const field = external ? 'externalData' : dataField(type, fields);
  keepStrays(kept, fields, field);
  const metadata = readMetadataProps(fields.metadata, kept, 16);
  const elements = external
    ? readEntries(externalDataEntries, fields.externalData, kept, 13)
    : readElements(name, type, dims, fields);
  const segment = fields.segment && readEntries(segmentEntries, [fields.segment], kept, 3);
  const info: TensorInfo = {
    ...(keepName && name !== '' && { name }),
    ...(fields.docString && { docString: fields.docString }),
    ...metadata,
    ...(!external && type !== 'string' && fields.rawData === undefined && { typed: true }),
    ...(segment && { segment }),
    ...kept,
  };
  return { name, tensor: withInfo(makeTensor(type, dims, elements, segment !== undefined), info) };
}

/** The tensor with what is said of it, where anything is. Its data is not touched. */
function withInfo<Any extends Tensor | RawTensor>(tensor: Any, info: TensorInfo): Any {
  if (Object.keys(info).length > 0) (tensor as { info?: TensorInfo }).info = info;
  return tensor;
}

function dataField(type: ElementType | number, fields: TensorFields): (typeof dataFields)[number] {
  if (type === 'string') return 'stringData';
  return fields.rawData !== undefined || typeof type === 'number' ? 'rawData' : typedField(type);
}

/** Keeps the fields that hold elements although others count. */
function keepStrays(kept: Kept, fields: TensorFields, used: string): void {
  const strays = [...dataFields, 'externalData' as const].filter((field) => field !== used && fields[field]?.length);
  const dataLocation = (fields.dataLocation ?? 0) > 1 ? fields.dataLocation : undefined;
  if (strays.length === 0 && dataLocation === undefined) return;
  const bytes = encodeBytes((writer) => {
    const content = Object.fromEntries(strays.map((field) => [field, fields[field]]));
    encodeMessage(writer, tensorProto, { ...content, dataLocation });
  });
  kept.unknownFields = [...(kept.unknownFields ?? []), bytes];
}

function readElements(
  name: string,
  type: ElementType | number,
  dims: readonly number[],
  fields: TensorFields,
): string[] | Uint8Array {
  if (type === 'string') {
    checkElements(name, type, dims, fields.stringData.length, elementCount(dims), fields);
    return fields.stringData.map(decodeText);
  }
  if (typeof type === 'number') return fields.rawData ?? new Uint8Array();
  const raw =
    fields.rawData ?? typedToRaw(type, (fields[typedField(type)] as Uint8Array | undefined) ?? new Uint8Array());
  checkElements(name, type, dims, raw.length, rawLength(type, dims), fields);
  return raw;
}

/** Bytes of a tensor's elements in `raw_data`. */
export function rawLength(type: Exclude<ElementType, 'string'>, dims: readonly number[]): number {
  const bits = type in rawElementBits ? rawElementBits[type as 'int4'] : 8 * bytesPerElement(type as TensorType)!;
  return Math.ceil((elementCount(dims) * bits) / 8);
}

function checkElements(
  name: string,
  type: ElementType,
  dims: readonly number[],
  length: number,
  expected: number,
  { segment }: TensorFields,
): void {
  if (segment !== undefined || (length === expected && dims.every((dim) => dim >= 0))) return;
  throw new PerceptError(
    'ONNX_MODEL_MALFORMED',
    `Expected ${expected} ${type === 'string' ? 'strings' : 'bytes'} for tensor ${JSON.stringify(name)} of ${type} and shape [${dims.join(', ')}] but received ${length}`,
  );
}

/** A tensor over elements: a `Tensor` where it can hold them. */
export function makeTensor(
  type: ElementType | number,
  dims: readonly number[],
  elements: string[] | Uint8Array | RawTensor['raw'],
  isSegment: boolean,
): Tensor | RawTensor {
  if (Array.isArray(elements)) return { type: 'string', dims, data: elements };
  const isRaw = !(elements instanceof Uint8Array) || typeof type === 'number' || type in rawElementBits || isSegment;
  return isRaw ? { type, dims, raw: elements } : tensorOver(type as Exclude<TensorType, 'string'>, dims, elements);
}

/** Encodes a tensor under a name. Numbers are not copied yet. */
export function writeTensor(name: string | undefined, tensor: Tensor | RawTensor): Content {
  const info: TensorInfo = tensorInfo(tensor) ?? {};
  const { docString, segment, metadata = {} } = info;
  const dataType = typeof tensor.type === 'number' ? tensor.type : elementTypeNumber(tensor.type);
  const content = {
    dims: tensor.dims.map((dim) => writableInteger(dim, `a dimension of tensor ${JSON.stringify(name)}`)),
    dataType,
    segment: segment && writeEntries(segmentEntries, segment, info, 3)[0],
    name: name ?? info.name ?? '',
    docString,
    metadata: writeEntries(recordEntries, metadata, info, 16),
    ...writeElements(name ?? '', tensor, info),
  };
  return (writer) => encodeMessage(writer, tensorProto, content, info);
}

function writeElements(
  name: string,
  tensor: Tensor | RawTensor,
  info: TensorInfo,
): Encodable<typeof tensorProto.fields> {
  if (isExternal(tensor)) {
    return { dataLocation: 1, externalData: writeEntries(externalDataEntries, tensor.raw, info, 13) };
  }
  checkWritable(name, tensor);
  if (!isRawTensor(tensor) && tensor.type === 'string') {
    return { stringData: (tensor as Tensor<'string'>).data.map(encodeText) };
  }
  const raw = tensorBytes(tensor);
  if (!info.typed) return { rawData: raw };
  if (typeof tensor.type === 'number') return {};
  return { [typedField(tensor.type)]: rawToTyped(tensor.type, raw, elementCount(tensor.dims)) };
}

/** Checks what a caller without types may have got wrong: the element type, and the number of elements. */
function checkWritable(name: string, tensor: Tensor | RawTensor): void {
  const { type, dims } = tensor;
  if (typeof type === 'number' || tensorInfo(tensor)?.segment) return;
  const isKnown = elementTypeNumber(type) > 0;
  const expected = isKnown && type !== 'string' ? rawLength(type, dims) : elementCount(dims);
  const received = type === 'string' ? (tensor as Tensor<'string'>).data.length : tensorBytes(tensor).length;
  if (isKnown && received === expected) return;
  throw new PerceptError(
    'TENSOR_INVALID',
    `Expected an element type of ONNX and ${expected} ${type === 'string' ? 'strings' : 'bytes of elements'} for ${JSON.stringify(name)} of ${type} and shape [${dims.join(', ')}] but received ${received}`,
  );
}

/** Decodes a SparseTensorProto; its name is that of its values. */
export function readSparseTensor(bytes: Uint8Array, keepName: boolean): { name: string; tensor: SparseTensor } {
  const { fields, kept } = decodeMessage(sparseTensorProto, bytes);
  const absent = [fields.values, fields.indices].flatMap((part, at) => (part === undefined ? [at + 1] : []));
  if (absent.length > 0) kept.wire = { ...kept.wire, absent };
  const empty = new Uint8Array();
  const { name, tensor: values } = readTensor(fields.values ?? empty, keepName);
  const indices = readTensor(fields.indices ?? empty, true).tensor;
  const dims = fields.dims.map((dim) => safeInteger(dim, 'a dimension of a sparse tensor'));
  return { name, tensor: { values, indices, dims, ...kept } };
}

/** Encodes a SparseTensorProto under a name. */
export function writeSparseTensor(name: string | undefined, { values, indices, dims, ...kept }: SparseTensor): Content {
  const isGiven = (field: number, tensor: Tensor | RawTensor): boolean =>
    !kept.wire?.absent?.includes(field) || tensor.type !== 0;
  const content = {
    values: isGiven(1, values) ? writeTensor(name, values) : undefined,
    indices: isGiven(2, indices) ? writeTensor(undefined, indices) : undefined,
    dims,
  };
  return (writer) => encodeMessage(writer, sparseTensorProto, content, kept);
}
