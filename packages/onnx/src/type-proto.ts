import { type ElementType, elementTypeName, elementTypeNumber } from './element-types.js';
import type { Dimension, ValueInfo } from './model.js';
import type { TypeProto } from './model-types.js';
import { decodeMessage, encodeMessage } from './protobuf/message.js';
import {
  dimensionProto,
  elementTypeProto,
  mapTypeProto,
  opaqueTypeProto,
  tensorShapeProto,
  tensorTypeProto,
  typeProto,
} from './protobuf/onnx-tables.js';
import { malformed } from './protobuf/reader.js';
import type { Content } from './protobuf/writer.js';
import { writableInteger } from './safe-integer.js';
import type { EntriesCodec } from './spelling.js';

/** Types inside types deeper than this are refused, as protocol buffers refuse messages nested 100 deep. */
const maximumDepth = 32;

/** Types of values, see {@link EntriesCodec}. */
export const typeEntries: EntriesCodec<TypeProto[]> = {
  read: (entries) => entries.map((entry) => readType(entry)),
  write: (types) => types.map(writeType),
};

/** What a ValueInfo says of its type. */
export type ValueType = Pick<ValueInfo, 'type' | 'dims' | 'denotation' | 'dimDenotations' | 'valueType'>;

/** The type of a ValueInfo, see {@link EntriesCodec}. */
export const valueTypeEntries: EntriesCodec<ValueType> = {
  read([entry]) {
    const type = entry && readType(entry);
    if (type === undefined) return { type: undefined, dims: undefined };
    if (type.kind !== 'tensor' || typeof type.elementType === 'number') {
      return { type: undefined, dims: undefined, ...(type.kind !== 'none' && { valueType: type }) };
    }
    const { kind: _, elementType, ...rest } = type;
    return { type: elementType, ...rest };
  },
  write({ type, dims, valueType, ...denotations }) {
    if (valueType !== undefined) return [writeType(valueType)];
    if (type === undefined && dims === undefined) return [];
    return [writeType({ kind: 'tensor', elementType: type, dims, ...denotations })];
  },
};

function readType(bytes: Uint8Array, depth = 0): TypeProto {
  if (depth > maximumDepth) throw malformed('its types are nested too deeply');
  const { fields } = decodeMessage(typeProto, bytes);
  const denotation = fields.denotation ? { denotation: fields.denotation } : {};
  if (fields.tensor) return { kind: 'tensor', ...readTensorType(fields.tensor), ...denotation };
  if (fields.sparseTensor) return { kind: 'sparseTensor', ...readTensorType(fields.sparseTensor), ...denotation };
  if (fields.sequence) return { kind: 'sequence', ...readElementType(fields.sequence, depth), ...denotation };
  if (fields.optional) return { kind: 'optional', ...readElementType(fields.optional, depth), ...denotation };
  if (fields.map) {
    const { keyType, valueType } = decodeMessage(mapTypeProto, fields.map).fields;
    return {
      kind: 'map',
      keyType: nameOrNumber(keyType),
      valueType: valueType && readType(valueType, depth + 1),
      ...denotation,
    };
  }
  if (fields.opaque) {
    const { domain, name } = decodeMessage(opaqueTypeProto, fields.opaque).fields;
    return { kind: 'opaque', domain: domain ?? '', name: name ?? '', ...denotation };
  }
  return { kind: 'none', ...denotation };
}

function readElementType(bytes: Uint8Array, depth: number): { elementType: TypeProto | undefined } {
  const { elemType } = decodeMessage(elementTypeProto, bytes).fields;
  return { elementType: elemType && readType(elemType, depth + 1) };
}

function nameOrNumber(dataType: number | undefined): ElementType | number | undefined {
  return dataType ? (elementTypeName(dataType) ?? dataType) : undefined;
}

function readTensorType(bytes: Uint8Array) {
  const { elemType, shape } = decodeMessage(tensorTypeProto, bytes).fields;
  const elementType = nameOrNumber(elemType);
  if (shape === undefined) return { elementType, dims: undefined };
  const dims = decodeMessage(tensorShapeProto, shape).fields.dims.map(
    (dim) => decodeMessage(dimensionProto, dim).fields,
  );
  const denotations = dims.map((dim) => dim.denotation || undefined);
  return {
    elementType,
    dims: dims.map(readDimension),
    ...(denotations.some((denotation) => denotation !== undefined) && { dimDenotations: denotations }),
  };
}

/** A size, which two messages give alike. Exporters write -1 for "unknown", and onnxruntime takes it so. */
export function readDimension(fields: { dimValue: number | undefined; dimParam: string | undefined }): Dimension {
  if (fields.dimParam) return fields.dimParam;
  const { dimValue } = fields;
  return dimValue !== undefined && dimValue >= 0 && Number.isSafeInteger(dimValue) ? dimValue : undefined;
}

/** The inverse of {@link readDimension}. */
export function writeDimension(dim: Dimension): { dimValue?: number; dimParam?: string } {
  if (dim === undefined) return {};
  return typeof dim === 'string' ? { dimParam: dim } : { dimValue: writableInteger(dim, 'a dimension') };
}

function writeType(type: TypeProto): Content {
  const { denotation } = type;
  return (writer) => encodeMessage(writer, typeProto, { denotation, ...typeValue(type) });
}

function typeValue(type: TypeProto): Record<string, Content> {
  switch (type.kind) {
    case 'tensor':
    case 'sparseTensor':
      return { [type.kind]: writeTensorType(type) };
    case 'sequence':
    case 'optional': {
      const elemType = type.elementType && writeType(type.elementType);
      return { [type.kind]: (writer) => encodeMessage(writer, elementTypeProto, { elemType }) };
    }
    case 'map': {
      const keyType = dataType(type.keyType);
      const valueType = type.valueType && writeType(type.valueType);
      return { map: (writer) => encodeMessage(writer, mapTypeProto, { keyType, valueType }) };
    }
    case 'opaque': {
      const { domain, name } = type;
      return { opaque: (writer) => encodeMessage(writer, opaqueTypeProto, { domain, name }) };
    }
    case 'none':
      return {};
  }
}

function dataType(type: ElementType | number | undefined): number | undefined {
  return typeof type === 'string' ? elementTypeNumber(type) : type;
}

function writeTensorType(type: Extract<TypeProto, { kind: 'tensor' | 'sparseTensor' }>): Content {
  const { dims, dimDenotations } = type;
  const shape: Content | undefined =
    dims &&
    ((writer) =>
      encodeMessage(writer, tensorShapeProto, {
        dims: dims.map(
          (dim, at) => (inner) =>
            encodeMessage(inner, dimensionProto, { ...writeDimension(dim), denotation: dimDenotations?.[at] }),
        ),
      }));
  return (writer) => encodeMessage(writer, tensorTypeProto, { elemType: dataType(type.elementType), shape });
}
