import { PerceptError } from '@percept/core';
import { writeDeviceConfiguration } from './device-proto.js';
import { writeFunction, writeGraph, writeTrainingInfo } from './graph-proto.js';
import type { Model } from './model.js';
import { encodeMessage } from './protobuf/message.js';
import { modelProto } from './protobuf/onnx-tables.js';
import { WireWriter } from './protobuf/writer.js';
import { writableInteger } from './safe-integer.js';
import { opsetEntries, recordEntries, writeEntries } from './spelling.js';

/** Protocol buffers cannot hold messages of 2 GiB or more. */
const maximumBytes = 2 ** 31 - 1;

/**
 * Encodes a model as an ONNX file (a serialized ModelProto). The same model gives the same bytes, and an unedited one
 * those that it was read from, see {@link readModel}. Weights are copied once, into the result; those in other files
 * stay references (`saveModel` of `@percept/onnx/load` writes them too).
 *
 * @throws PerceptError `ONNX_MODEL_UNWRITABLE` when the file would reach 2 GiB, or a number does not fit its field;
 *   `TENSOR_INVALID` when a tensor's data does not fit its shape
 */
export function writeModel(model: Model): Uint8Array<ArrayBuffer> {
  return encodeModel(model).concat();
}

/**
 * {@link writeModel} without the copy: the pieces of the file, in order, to be written to a file, a stream or a `Blob`.
 * Pieces may be views of the model's weights, so write them before you change these.
 *
 * @throws PerceptError as {@link writeModel}
 */
export function writeModelPieces(model: Model): Uint8Array[] {
  return encodeModel(model).pieces();
}

/** {@link writeModel} without the copy: a writer that holds the file as pieces. */
export function encodeModel(model: Model): WireWriter {
  const writer = new WireWriter();
  encodeMessage(
    writer,
    modelProto,
    {
      irVersion: checkedInteger(model, 'irVersion', 1),
      producerName: model.producerName,
      producerVersion: model.producerVersion,
      domain: model.domain,
      modelVersion: checkedInteger(model, 'modelVersion', 5),
      docString: model.docString,
      graph: writeGraph(model.graph),
      opsets: writeEntries(opsetEntries, model.opsets, model, 8),
      metadata: writeEntries(recordEntries, model.metadata, model, 14),
      trainingInfo: model.trainingInfo?.map(writeTrainingInfo),
      functions: model.functions?.map(writeFunction),
      configuration: model.deviceConfigurations?.map(writeDeviceConfiguration),
    },
    model,
  );
  if (writer.length > maximumBytes) {
    throw new PerceptError(
      'ONNX_MODEL_UNWRITABLE',
      `Expected a model below 2 GiB, the limit of the format, but received ${writer.length} bytes. Keep its weights in a file of their own with saveModel() of @percept/onnx/load`,
    );
  }
  return writer;
}

function checkedInteger(model: Model, name: 'irVersion' | 'modelVersion', field: number): number {
  const exact = model.wire?.exact?.[field];
  return exact !== undefined && Number(exact) === model[name] ? model[name] : writableInteger(model[name], name);
}
