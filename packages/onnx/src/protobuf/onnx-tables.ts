// The messages of onnx.proto (ONNX 1.23, https://github.com/onnx/onnx/blob/main/onnx/onnx.proto) as far as they are
// modelled here. Fields that are not listed are kept as unknown fields.
import type { Tensor } from '@percept/core';
import { many, messageTable, one } from './message.js';

export const modelProto = messageTable({
  irVersion: one(1, 'int64'),
  producerName: one(2, 'string'),
  producerVersion: one(3, 'string'),
  domain: one(4, 'string'),
  modelVersion: one(5, 'int64'),
  docString: one(6, 'string'),
  graph: one(7, 'message'),
  opsetImport: many(8, 'message'),
  metadataProps: many(14, 'message'),
});

export const operatorSetIdProto = messageTable({ domain: one(1, 'string'), version: one(2, 'int64') });

export const stringStringEntryProto = messageTable({ key: one(1, 'string'), value: one(2, 'string') });

export const graphProto = messageTable({
  node: many(1, 'message'),
  name: one(2, 'string'),
  initializer: many(5, 'message'),
  docString: one(10, 'string'),
  input: many(11, 'message'),
  output: many(12, 'message'),
  valueInfo: many(13, 'message'),
});

export const nodeProto = messageTable({
  input: many(1, 'string'),
  output: many(2, 'string'),
  name: one(3, 'string'),
  opType: one(4, 'string'),
  attribute: many(5, 'message'),
  docString: one(6, 'string'),
  domain: one(7, 'string'),
});

export const attributeProto = messageTable({
  name: one(1, 'string'),
  f: one(2, 'float'),
  i: one(3, 'int64'),
  s: one(4, 'bytes'),
  t: one(5, 'message'),
  g: one(6, 'message'),
  floats: many(7, 'float'),
  ints: many(8, 'int64'),
  strings: many(9, 'bytes'),
  docString: one(13, 'string'),
  type: one(20, 'int32'),
});

/** AttributeProto.AttributeType of the modelled kinds. */
export const attributeTypes = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
} as const;

export const valueInfoProto = messageTable({
  name: one(1, 'string'),
  type: one(2, 'message'),
  docString: one(3, 'string'),
});

export const typeProto = messageTable({ tensorType: one(1, 'message'), denotation: one(6, 'string') });

export const tensorTypeProto = messageTable({ elemType: one(1, 'int32'), shape: one(2, 'message') });

export const tensorShapeProto = messageTable({ dim: many(1, 'message') });

export const dimensionProto = messageTable({
  dimValue: one(1, 'int64'),
  dimParam: one(2, 'string'),
  denotation: one(3, 'string'),
});

export const tensorProto = messageTable({
  dims: many(1, 'int64'),
  dataType: one(2, 'int32'),
  floatData: many(4, 'float'),
  int32Data: many(5, 'int32'),
  stringData: many(6, 'bytes'),
  int64Data: many(7, 'int64'),
  name: one(8, 'string'),
  rawData: one(9, 'bytes'),
  doubleData: many(10, 'double'),
  uint64Data: many(11, 'uint64'),
  docString: one(12, 'string'),
});

/** TensorProto.DataType of the element types that have a name here. */
export const dataTypes: Record<Tensor['type'] | 'bfloat16', number> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
};

/** The inverse of {@link dataTypes}. */
export const dataTypeNames: ReadonlyMap<number, Tensor['type'] | 'bfloat16'> = new Map(
  Object.entries(dataTypes).map(([name, number]) => [number, name as Tensor['type'] | 'bfloat16']),
);
