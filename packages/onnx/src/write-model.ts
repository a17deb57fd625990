import { PerceptError } from '@percept/core';
import type { Attribute, Graph, Model, Node, ValueInfo } from './model.js';
import { Chunks, encodeMessage } from './protobuf/encode.js';
import {
  attributeProto,
  attributeTypes,
  dataTypes,
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
import { writeTensor } from './tensor-proto.js';

/** Protocol buffers cannot hold messages of 2 GiB or more. */
const maximumBytes = 2 ** 31 - 1;

/**
 * Encodes a model as an ONNX file (a serialized ModelProto). The same model gives the same bytes. Weights are copied
 * once, into the result.
 *
 * @throws PerceptError `ONNX_MODEL_UNWRITABLE` when the file would reach 2 GiB, or a number does not fit its field;
 *   `TENSOR_INVALID` when a tensor's data does not fit its shape
 */
export function writeModel(model: Model): Uint8Array<ArrayBuffer> {
  const chunks = encodeModel(model);
  if (chunks.length > maximumBytes) {
    throw new PerceptError(
      'ONNX_MODEL_UNWRITABLE',
      `Expected a model below 2 GiB, the limit of the format, but received ${chunks.length} bytes. Store weights as float16, or split the model`,
    );
  }
  return chunks.concat();
}

function encodeModel(model: Model): Chunks {
  return encodeMessage(
    modelProto,
    {
      irVersion: writeInteger(model.irVersion, 'irVersion'),
      producerName: text(model.producerName),
      producerVersion: text(model.producerVersion),
      domain: text(model.domain),
      modelVersion: model.modelVersion === 0 ? undefined : writeInteger(model.modelVersion, 'modelVersion'),
      docString: text(model.docString),
      graph: writeGraph(model.graph),
      opsetImport: Object.entries(model.opsets).map(([domain, version]) =>
        encodeMessage(operatorSetIdProto, { domain, version: writeInteger(version, `opset ${domain}`) }),
      ),
      metadataProps: Object.entries(model.metadata).map(([key, value]) =>
        encodeMessage(stringStringEntryProto, { key, value }),
      ),
    },
    model.unknownFields,
  );
}

function text(value: string): string | undefined {
  return value === '' ? undefined : value;
}

function writeInteger(value: number, what: string): number {
  if (!Number.isSafeInteger(value)) {
    throw new PerceptError('ONNX_MODEL_UNWRITABLE', `Expected a safe integer for ${what} but received ${value}`);
  }
  return value;
}

function writeGraph(graph: Graph): Chunks {
  return encodeMessage(
    graphProto,
    {
      node: graph.nodes.map(writeNode),
      name: text(graph.name),
      initializer: [
        ...[...graph.initializers].map(([name, tensor]) => writeTensor(name, tensor)),
        ...(graph.opaqueInitializers?.values() ?? []),
      ],
      docString: text(graph.docString),
      input: graph.inputs.map(writeValueInfo),
      output: graph.outputs.map(writeValueInfo),
      valueInfo: graph.valueInfos.map(writeValueInfo),
    },
    graph.unknownFields,
  );
}

function writeNode(node: Node): Chunks {
  return encodeMessage(
    nodeProto,
    {
      input: node.inputs,
      output: node.outputs,
      name: text(node.name),
      opType: node.opType,
      attribute: Object.entries(node.attributes).map(([name, attribute]) => writeAttribute(name, attribute)),
      docString: text(node.docString),
      domain: text(node.domain),
    },
    node.unknownFields,
  );
}

function writeAttribute(name: string, attribute: Attribute): Chunks | Uint8Array {
  if (attribute.type === 'opaque') return attribute.value;
  return encodeMessage(attributeProto, {
    name,
    type: attributeTypes[attribute.type],
    ...attributeValue(name, attribute),
  });
}

function attributeValue(name: string, attribute: Exclude<Attribute, { type: 'opaque' }>) {
  const encoder = new TextEncoder();
  switch (attribute.type) {
    case 'float':
      return { f: writeFloat(name, attribute.value) };
    case 'int':
      return { i: writeInteger(attribute.value, `attribute ${name}`) };
    case 'string':
      return { s: encoder.encode(attribute.value) };
    case 'tensor':
      return { t: writeTensor('', attribute.value) };
    case 'graph':
      return { g: writeGraph(attribute.value) };
    case 'floats':
      return { floats: attribute.value.map((value) => writeFloat(name, value)) };
    case 'ints':
      return { ints: attribute.value.map((value) => writeInteger(value, `attribute ${name}`)) };
    case 'strings':
      return { strings: attribute.value.map((value) => encoder.encode(value)) };
  }
}

function writeFloat(name: string, value: number): number {
  if (Number.isFinite(value) && !Number.isFinite(Math.fround(value))) {
    throw new PerceptError('ONNX_MODEL_UNWRITABLE', `Expected a float32 for attribute ${name} but received ${value}`);
  }
  return value;
}

function writeValueInfo(info: ValueInfo): Chunks {
  return encodeMessage(
    valueInfoProto,
    {
      name: info.name,
      // With neither, the type is not known, or it is of a kind that is kept among the unknown fields.
      type: info.type === undefined && info.dims === undefined ? undefined : writeTensorType(info),
      docString: text(info.docString),
    },
    info.unknownFields,
  );
}

function writeTensorType({ type, dims }: ValueInfo): Chunks {
  const shape = dims && encodeMessage(tensorShapeProto, { dim: dims.map(writeDimension) });
  const elemType = type && dataTypes[type];
  return encodeMessage(typeProto, { tensorType: encodeMessage(tensorTypeProto, { elemType, shape }) });
}

function writeDimension(dim: number | string | undefined): Chunks {
  if (dim === undefined) return new Chunks();
  return encodeMessage(
    dimensionProto,
    typeof dim === 'string' ? { dimParam: dim } : { dimValue: writeInteger(dim, 'a dimension') },
  );
}
