// The messages of onnx.proto (ONNX 1.23, https://github.com/onnx/onnx/blob/main/onnx/onnx.proto), all of them. Fields of
// a later ONNX are kept as unknown fields.
import { many, messageTable, one } from './message.js';

export const modelProto = messageTable({
  irVersion: one(1, 'int64'),
  producerName: one(2, 'string'),
  producerVersion: one(3, 'string'),
  domain: one(4, 'string'),
  modelVersion: one(5, 'int64'),
  docString: one(6, 'string'),
  graph: one(7, 'message'),
  opsets: many(8, 'message'),
  metadata: many(14, 'message'),
  trainingInfo: many(20, 'message'),
  functions: many(25, 'message'),
  configuration: many(26, 'message'),
});

export const operatorSetIdProto = messageTable({ domain: one(1, 'string', true), version: one(2, 'int64', true) });

export const stringStringEntryProto = messageTable({ key: one(1, 'string', true), value: one(2, 'string', true) });

export const graphProto = messageTable({
  nodes: many(1, 'message'),
  name: one(2, 'string'),
  initializers: many(5, 'message'),
  docString: one(10, 'string'),
  inputs: many(11, 'message'),
  outputs: many(12, 'message'),
  valueInfos: many(13, 'message'),
  annotations: many(14, 'message'),
  sparseInitializers: many(15, 'message'),
  metadata: many(16, 'message'),
});

export const tensorAnnotation = messageTable({ tensorName: one(1, 'string'), parameters: many(2, 'message') });

export const nodeProto = messageTable({
  inputs: many(1, 'string'),
  outputs: many(2, 'string'),
  name: one(3, 'string'),
  opType: one(4, 'string'),
  attributes: many(5, 'message'),
  docString: one(6, 'string'),
  domain: one(7, 'string'),
  overload: one(8, 'string'),
  metadata: many(9, 'message'),
  deviceConfigurations: many(10, 'message'),
});

export const functionProto = messageTable({
  name: one(1, 'string'),
  inputs: many(4, 'string'),
  outputs: many(5, 'string'),
  attributes: many(6, 'string'),
  nodes: many(7, 'message'),
  docString: one(8, 'string'),
  opsets: many(9, 'message'),
  domain: one(10, 'string'),
  attributeDefaults: many(11, 'message'),
  valueInfos: many(12, 'message'),
  overload: one(13, 'string'),
  metadata: many(14, 'message'),
});

export const trainingInfoProto = messageTable({
  initialization: one(1, 'message'),
  algorithm: one(2, 'message'),
  initializationBinding: many(3, 'message'),
  updateBinding: many(4, 'message'),
});

export const attributeProto = messageTable({
  name: one(1, 'string'),
  f: one(2, 'float', true),
  i: one(3, 'int64', true),
  s: one(4, 'bytes', true),
  t: one(5, 'message'),
  g: one(6, 'message'),
  floats: many(7, 'float'),
  ints: many(8, 'int64'),
  strings: many(9, 'bytes'),
  tensors: many(10, 'message'),
  graphs: many(11, 'message'),
  docString: one(13, 'string'),
  tp: one(14, 'message'),
  typeProtos: many(15, 'message'),
  type: one(20, 'int32'),
  refAttrName: one(21, 'string'),
  sparseTensor: one(22, 'message'),
  sparseTensors: many(23, 'message'),
});

export const valueInfoProto = messageTable({
  name: one(1, 'string'),
  type: one(2, 'message'),
  docString: one(3, 'string'),
  metadata: many(4, 'message'),
});

export const typeProto = messageTable({
  tensor: one(1, 'message'),
  sequence: one(4, 'message'),
  map: one(5, 'message'),
  denotation: one(6, 'string'),
  opaque: one(7, 'message'),
  sparseTensor: one(8, 'message'),
  optional: one(9, 'message'),
});

/** TypeProto.Tensor and TypeProto.SparseTensor. */
export const tensorTypeProto = messageTable({ elemType: one(1, 'int32'), shape: one(2, 'message') });

/** TypeProto.Sequence and TypeProto.Optional. */
export const elementTypeProto = messageTable({ elemType: one(1, 'message') });

export const mapTypeProto = messageTable({ keyType: one(1, 'int32'), valueType: one(2, 'message') });

export const opaqueTypeProto = messageTable({ domain: one(1, 'string'), name: one(2, 'string') });

export const tensorShapeProto = messageTable({ dims: many(1, 'message') });

export const dimensionProto = messageTable({
  dimValue: one(1, 'int64', true),
  dimParam: one(2, 'string', true),
  denotation: one(3, 'string'),
});

export const tensorProto = messageTable({
  dims: many(1, 'int64'),
  dataType: one(2, 'int32'),
  segment: one(3, 'message'),
  floatData: one(4, 'floats'),
  int32Data: one(5, 'varints'),
  stringData: many(6, 'bytes'),
  int64Data: one(7, 'varints'),
  name: one(8, 'string'),
  rawData: one(9, 'bytes', true),
  doubleData: one(10, 'doubles'),
  uint64Data: one(11, 'varints'),
  docString: one(12, 'string'),
  externalData: many(13, 'message'),
  dataLocation: one(14, 'int32'),
  metadata: many(16, 'message'),
});

/** TensorProto.Segment. */
export const segmentProto = messageTable({ begin: one(1, 'int64'), end: one(2, 'int64') });

export const sparseTensorProto = messageTable({
  values: one(1, 'message'),
  indices: one(2, 'message'),
  dims: many(3, 'int64'),
});

export const deviceConfigurationProto = messageTable({
  name: one(1, 'string'),
  numDevices: one(2, 'int32'),
  devices: many(3, 'string'),
});

export const nodeDeviceConfigurationProto = messageTable({
  configuration: one(1, 'string'),
  sharding: many(2, 'message'),
  pipelineStage: one(3, 'int32', true),
});

export const shardingSpecProto = messageTable({
  tensorName: one(1, 'string'),
  devices: many(2, 'int64'),
  deviceGroups: many(3, 'message'),
  dims: many(4, 'message'),
});

export const intIntListEntryProto = messageTable({ key: one(1, 'int64'), value: many(2, 'int64') });

export const shardedDimProto = messageTable({ axis: one(1, 'int64'), parts: many(2, 'message') });

export const simpleShardedDimProto = messageTable({
  dimValue: one(1, 'int64', true),
  dimParam: one(2, 'string', true),
  numShards: one(3, 'int64'),
});
