import { isPerceptError, PerceptError } from '@percept/core';
import type { Attribute, Graph, Model, Node, ValueInfo } from './model.js';
import { checkModelBytes } from './model-bytes.js';
import { decodeMessage } from './protobuf/decode.js';
import { encodeMessage } from './protobuf/encode.js';
import {
  attributeProto,
  attributeTypes,
  dataTypeNames,
  dimensionProto,
  graphProto,
  modelProto,
  nodeProto,
  operatorSetIdProto,
  stringStringEntryProto,
  tensorShapeProto,
  tensorTypeProto,
  typeProto,
  valueInfoProto,
} from './protobuf/onnx-tables.js';
import { safeInteger } from './safe-integer.js';
import { readStrings, readTensor } from './tensor-proto.js';

/**
 * Decodes an ONNX file (a serialized ModelProto).
 *
 * Weights are views of `bytes` where their alignment allows it, so neither change nor transfer `bytes` while the model
 * is in use. Whatever is not modelled is kept as bytes and written back: unknown fields, attributes of other kinds (or
 * with integers beyond 2^53), initializers of other element types or with external data ({@link Graph.opaqueInitializers}).
 * Only comments are dropped: doc strings of
 * tensors and attributes, names of tensors in attributes, denotations of types. The domain `ai.onnx`
 * becomes its synonym `''`.
 *
 * @throws PerceptError `ONNX_MODEL_MALFORMED` when the bytes are not a model; `INVALID_ARGUMENT` when they are no bytes
 */
export function readModel(bytes: Uint8Array): Model {
  checkModelBytes(bytes);
  try {
    // A plain view, so that no part of a Buffer stays one, with other methods under the same names.
    return decodeModel(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (error) {
    if (isPerceptError(error)) throw error;
    throw new PerceptError(
      'ONNX_MODEL_MALFORMED',
      `Expected a serialized ONNX model but received ${bytes.length} bytes that cannot be decoded: ${(error as Error).message}. Check that the file is whole and not compressed`,
      { cause: error },
    );
  }
}

function decodeModel(bytes: Uint8Array): Model {
  const { fields, unknown } = decodeMessage(modelProto, bytes);
  if (fields.graph === undefined) {
    throw new PerceptError(
      'ONNX_MODEL_MALFORMED',
      `Expected a serialized ONNX model but received ${bytes.length} bytes without a graph. Check that the file is whole and not compressed`,
    );
  }
  return {
    irVersion: safeInteger(fields.irVersion ?? 0n, 'ir_version'),
    opsets: Object.fromEntries(
      fields.opsetImport.map((item) => {
        const opset = decodeMessage(operatorSetIdProto, item).fields;
        return [readDomain(opset.domain), safeInteger(opset.version ?? 0n, 'an opset version')];
      }),
    ),
    producerName: fields.producerName ?? '',
    producerVersion: fields.producerVersion ?? '',
    domain: fields.domain ?? '',
    modelVersion: safeInteger(fields.modelVersion ?? 0n, 'model_version'),
    docString: fields.docString ?? '',
    graph: readGraph(fields.graph),
    metadata: Object.fromEntries(
      fields.metadataProps.map((item) => {
        const entry = decodeMessage(stringStringEntryProto, item).fields;
        return [entry.key ?? '', entry.value ?? ''];
      }),
    ),
    ...keep(unknown),
  };
}

function readDomain(domain: string | undefined): string {
  return domain === undefined || domain === 'ai.onnx' ? '' : domain;
}

function keep(unknown: Uint8Array[]): { unknownFields?: Uint8Array[] } {
  return unknown.length === 0 ? {} : { unknownFields: unknown };
}

function readGraph(bytes: Uint8Array): Graph {
  const { fields, unknown } = decodeMessage(graphProto, bytes);
  const graph: Graph = {
    name: fields.name ?? '',
    nodes: fields.node.map(readNode),
    inputs: fields.input.map(readValueInfo),
    outputs: fields.output.map(readValueInfo),
    initializers: new Map(),
    valueInfos: fields.valueInfo.map(readValueInfo),
    docString: fields.docString ?? '',
    ...keep(unknown),
  };
  for (const item of fields.initializer) {
    const { name, tensor } = readTensor(item);
    if (graph.initializers.has(name) || graph.opaqueInitializers?.has(name)) {
      throw new PerceptError(
        'ONNX_MODEL_MALFORMED',
        `Expected one initializer named ${JSON.stringify(name)} but received two`,
      );
    }
    if (tensor !== undefined) {
      graph.initializers.set(name, tensor);
    } else {
      graph.opaqueInitializers ??= new Map();
      graph.opaqueInitializers.set(name, item);
    }
  }
  return graph;
}

function readNode(bytes: Uint8Array): Node {
  const { fields, unknown } = decodeMessage(nodeProto, bytes);
  return {
    name: fields.name ?? '',
    opType: fields.opType ?? '',
    domain: readDomain(fields.domain),
    inputs: fields.input,
    outputs: fields.output,
    attributes: Object.fromEntries(fields.attribute.map(readAttribute)),
    docString: fields.docString ?? '',
    ...keep(unknown),
  };
}

const attributeTypeNames = new Map(
  Object.entries(attributeTypes).map(([name, number]) => [number as number, name as keyof typeof attributeTypes]),
);

function readAttribute(bytes: Uint8Array): [string, Attribute] {
  const { fields, unknown } = decodeMessage(attributeProto, bytes);
  const name = fields.name ?? '';
  const opaque: Attribute = { type: 'opaque', value: bytes };
  if (unknown.length > 0) return [name, opaque];
  return [name, readAttributeValue(fields) ?? opaque];
}

type AttributeFields = ReturnType<typeof decodeMessage<typeof attributeProto.fields>>['fields'];

/** The value of a modelled attribute, or nothing where it has to stay opaque. */
function readAttributeValue(fields: AttributeFields): Attribute | undefined {
  const type = attributeTypeNames.get(fields.type ?? 0) ?? (fields.type ? undefined : givenType(fields));
  switch (type) {
    case 'float':
      return { type, value: fields.f ?? 0 };
    case 'int':
      return readInts([fields.i ?? 0n], ([value]) => ({ type, value: value! }));
    case 'string': {
      const strings = readStrings([fields.s ?? new Uint8Array()]);
      return strings && { type, value: strings[0]! };
    }
    case 'tensor': {
      const tensor = fields.t && readTensor(fields.t);
      return tensor?.tensor && { type, value: tensor.tensor };
    }
    case 'graph':
      return fields.g && { type, value: readGraph(fields.g) };
    case 'floats':
      return { type, value: Array.from(fields.floats) };
    case 'ints':
      return readInts(fields.ints, (value) => ({ type, value }));
    case 'strings': {
      const strings = readStrings(fields.strings);
      return strings && { type, value: strings };
    }
    default:
      return undefined;
  }
}

function readInts(values: readonly bigint[], make: (values: number[]) => Attribute): Attribute | undefined {
  const numbers = values.map(Number);
  return numbers.every(Number.isSafeInteger) ? make(numbers) : undefined;
}

/** Files of IR version 1 carry no attribute type; the field that is set tells it. */
function givenType(fields: AttributeFields): keyof typeof attributeTypes | undefined {
  if (fields.f !== undefined) return 'float';
  if (fields.i !== undefined) return 'int';
  if (fields.s !== undefined) return 'string';
  if (fields.t !== undefined) return 'tensor';
  if (fields.g !== undefined) return 'graph';
  if (fields.floats.length > 0) return 'floats';
  if (fields.ints.length > 0) return 'ints';
  return fields.strings.length > 0 ? 'strings' : undefined;
}

function readValueInfo(bytes: Uint8Array): ValueInfo {
  const { fields, unknown } = decodeMessage(valueInfoProto, bytes);
  const info = { name: fields.name ?? '', docString: fields.docString ?? '' };
  if (fields.type === undefined) return { ...info, type: undefined, dims: undefined, ...keep(unknown) };
  const type = readTensorType(fields.type);
  if (type !== undefined) return { ...info, ...type, ...keep(unknown) };
  // Sequences, maps and element types without a name here: the whole type is carried along.
  const typeField = encodeMessage(valueInfoProto, { type: fields.type }).concat();
  return { ...info, type: undefined, dims: undefined, ...keep([typeField, ...unknown]) };
}

/** Element type and shape of a TypeProto; nothing where it is no tensor type that can be named. */
function readTensorType(bytes: Uint8Array): Pick<ValueInfo, 'type' | 'dims'> | undefined {
  const outer = decodeMessage(typeProto, bytes);
  if (outer.fields.tensorType === undefined || outer.unknown.length > 0) return undefined;
  const { elemType, shape } = decodeMessage(tensorTypeProto, outer.fields.tensorType).fields;
  const type = dataTypeNames.get(elemType ?? 0);
  if (type === undefined && elemType) return undefined;
  return { type, dims: shape && decodeMessage(tensorShapeProto, shape).fields.dim.map(readDimension) };
}

function readDimension(bytes: Uint8Array): number | string | undefined {
  const { dimValue, dimParam } = decodeMessage(dimensionProto, bytes).fields;
  if (dimParam) return dimParam;
  // Exporters write -1 for "unknown", and onnxruntime takes it so.
  return dimValue === undefined || dimValue < 0n ? undefined : safeInteger(dimValue, 'a dimension');
}
