import type { Tensor } from '@percept/core';
import { readAttributes, writeAttributes } from './attribute-proto.js';
import { readNodeDevices, writeNodeDevices } from './device-proto.js';
import { groupInitializers, orderedInitializers } from './initializers.js';
import type { Graph, ModelFunction, Node, QuantizationAnnotation, TrainingInfo, ValueInfo } from './model.js';
import type { RawTensor, SparseTensor } from './model-tensors.js';
import { decodeMessage, encodeMessage } from './protobuf/message.js';
import {
  functionProto,
  graphProto,
  nodeProto,
  tensorAnnotation,
  trainingInfoProto,
  valueInfoProto,
} from './protobuf/onnx-tables.js';
import { malformed } from './protobuf/reader.js';
import type { Content } from './protobuf/writer.js';
import {
  keepDomain,
  opsetEntries,
  pairEntries,
  readEntries,
  readMetadataProps,
  recordEntries,
  spellDomain,
  writeEntries,
} from './spelling.js';
import { readSparseTensor, readTensor, writeSparseTensor, writeTensor } from './tensor-proto.js';
import { valueTypeEntries } from './type-proto.js';

/** Graphs inside graphs deeper than this are refused, as protocol buffers refuse messages nested 100 deep. */
const maximumDepth = 32;

/** Decodes a GraphProto that stands `depth` graphs deep. */
export function readGraph(bytes: Uint8Array, depth = 0): Graph {
  if (depth > maximumDepth) throw malformed('its graphs are nested too deeply');
  const { fields, kept } = decodeMessage(graphProto, bytes);
  const annotations = fields.annotations.map(readAnnotation);
  const initializers = fields.initializers.map((item): [string, Tensor | RawTensor] => {
    const { name, tensor } = readTensor(item, false);
    return [name, tensor];
  });
  return {
    name: fields.name ?? '',
    nodes: fields.nodes.map((node) => readNode(node, depth)),
    inputs: fields.inputs.map(readValueInfo),
    outputs: fields.outputs.map(readValueInfo),
    ...groupInitializers(initializers, kept),
    ...readSparseInitializers(fields.sparseInitializers),
    valueInfos: fields.valueInfos.map(readValueInfo),
    docString: fields.docString ?? '',
    ...(annotations.length > 0 && { quantizationAnnotations: annotations }),
    ...readMetadataProps(fields.metadata, kept, 16),
    ...kept,
  };
}

function readSparseInitializers(entries: Uint8Array[]): Pick<Graph, 'sparseInitializers'> {
  const sparseInitializers = new Map<string, SparseTensor>();
  for (const item of entries) {
    const { name, tensor } = readSparseTensor(item, false);
    if (sparseInitializers.has(name)) throw malformed(`it has two initializers named ${JSON.stringify(name)}`);
    sparseInitializers.set(name, tensor);
  }
  return sparseInitializers.size > 0 ? { sparseInitializers } : {};
}

/** Encodes a GraphProto. */
export function writeGraph(graph: Graph): Content {
  const content = {
    nodes: graph.nodes.map(writeNode),
    name: graph.name,
    initializers: orderedInitializers(graph).map(([name, tensor]) => writeTensor(name, tensor)),
    docString: graph.docString,
    inputs: graph.inputs.map(writeValueInfo),
    outputs: graph.outputs.map(writeValueInfo),
    valueInfos: graph.valueInfos.map(writeValueInfo),
    annotations: graph.quantizationAnnotations?.map(writeAnnotation),
    sparseInitializers: [...(graph.sparseInitializers ?? [])].map(([name, tensor]) => writeSparseTensor(name, tensor)),
    metadata: writeEntries(recordEntries, graph.metadata ?? {}, graph, 16),
  };
  return (writer) => encodeMessage(writer, graphProto, content, graph);
}

function readNode(bytes: Uint8Array, depth: number): Node {
  const { fields, kept } = decodeMessage(nodeProto, bytes);
  const devices = fields.deviceConfigurations.map(readNodeDevices);
  return {
    name: fields.name ?? '',
    opType: fields.opType ?? '',
    domain: keepDomain(fields.domain, kept, 7),
    inputs: fields.inputs,
    outputs: fields.outputs,
    attributes: readAttributes(fields.attributes, kept, depth),
    docString: fields.docString ?? '',
    ...(fields.overload && { overload: fields.overload }),
    ...readMetadataProps(fields.metadata, kept, 9),
    ...(devices.length > 0 && { deviceConfigurations: devices }),
    ...kept,
  };
}

function writeNode(node: Node): Content {
  const content = {
    inputs: node.inputs,
    outputs: node.outputs,
    name: node.name,
    opType: node.opType,
    attributes: writeAttributes(node.attributes, node),
    docString: node.docString,
    domain: spellDomain(node.domain, node, 7),
    overload: node.overload,
    metadata: node.metadata && writeEntries(recordEntries, node.metadata, node, 9),
    deviceConfigurations: node.deviceConfigurations?.map(writeNodeDevices),
  };
  return (writer) => encodeMessage(writer, nodeProto, content, node);
}

function readValueInfo(bytes: Uint8Array): ValueInfo {
  const { fields, kept } = decodeMessage(valueInfoProto, bytes);
  return {
    name: fields.name ?? '',
    ...readEntries(valueTypeEntries, fields.type ? [fields.type] : [], kept, 2),
    docString: fields.docString ?? '',
    ...readMetadataProps(fields.metadata, kept, 4),
    ...kept,
  };
}

function writeValueInfo(info: ValueInfo): Content {
  const { name, docString, metadata = {}, unknownFields: _, wire: __, ...type } = info;
  const content = {
    name,
    type: writeEntries(valueTypeEntries, type, info, 2)[0],
    docString,
    metadata: writeEntries(recordEntries, metadata, info, 4),
  };
  return (writer) => encodeMessage(writer, valueInfoProto, content, info);
}

function readAnnotation(bytes: Uint8Array): QuantizationAnnotation {
  const { fields, kept } = decodeMessage(tensorAnnotation, bytes);
  const parameters = readEntries(recordEntries, fields.parameters, kept, 2);
  return { tensorName: fields.tensorName ?? '', parameters, ...kept };
}

function writeAnnotation({ tensorName, parameters, ...kept }: QuantizationAnnotation): Content {
  const content = { tensorName, parameters: writeEntries(recordEntries, parameters, kept, 2) };
  return (writer) => encodeMessage(writer, tensorAnnotation, content, kept);
}

/** Decodes a FunctionProto. */
export function readFunction(bytes: Uint8Array): ModelFunction {
  const { fields, kept } = decodeMessage(functionProto, bytes);
  return {
    name: fields.name ?? '',
    domain: keepDomain(fields.domain, kept, 10),
    overload: fields.overload ?? '',
    inputs: fields.inputs,
    outputs: fields.outputs,
    attributes: fields.attributes,
    attributeDefaults: readAttributes(fields.attributeDefaults, kept, 0),
    nodes: fields.nodes.map((node) => readNode(node, 0)),
    docString: fields.docString ?? '',
    opsets: readEntries(opsetEntries, fields.opsets, kept, 9),
    valueInfos: fields.valueInfos.map(readValueInfo),
    ...readMetadataProps(fields.metadata, kept, 14),
    ...kept,
  };
}

/** Encodes a FunctionProto. */
export function writeFunction(item: ModelFunction): Content {
  const content = {
    name: item.name,
    inputs: item.inputs,
    outputs: item.outputs,
    attributes: item.attributes,
    nodes: item.nodes.map(writeNode),
    docString: item.docString,
    opsets: writeEntries(opsetEntries, item.opsets, item, 9),
    domain: spellDomain(item.domain, item, 10),
    attributeDefaults: writeAttributes(item.attributeDefaults, item),
    valueInfos: item.valueInfos.map(writeValueInfo),
    overload: item.overload,
    metadata: writeEntries(recordEntries, item.metadata ?? {}, item, 14),
  };
  return (writer) => encodeMessage(writer, functionProto, content, item);
}

/** Decodes a TrainingInfoProto. */
export function readTrainingInfo(bytes: Uint8Array): TrainingInfo {
  const { fields, kept } = decodeMessage(trainingInfoProto, bytes);
  return {
    ...(fields.initialization && { initialization: readGraph(fields.initialization) }),
    ...(fields.algorithm && { algorithm: readGraph(fields.algorithm) }),
    initializationBinding: readEntries(pairEntries, fields.initializationBinding, kept, 3),
    updateBinding: readEntries(pairEntries, fields.updateBinding, kept, 4),
    ...kept,
  };
}

/** Encodes a TrainingInfoProto. */
export function writeTrainingInfo(info: TrainingInfo): Content {
  const content = {
    initialization: info.initialization && writeGraph(info.initialization),
    algorithm: info.algorithm && writeGraph(info.algorithm),
    initializationBinding: writeEntries(pairEntries, info.initializationBinding, info, 3),
    updateBinding: writeEntries(pairEntries, info.updateBinding, info, 4),
  };
  return (writer) => encodeMessage(writer, trainingInfoProto, content, info);
}
