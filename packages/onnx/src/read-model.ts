import { isPerceptError, PerceptError } from '@percept/core';
import { readDeviceConfiguration } from './device-proto.js';
import { foreignFormat } from './foreign-format.js';
import { readFunction, readGraph, readTrainingInfo } from './graph-proto.js';
import type { Model } from './model.js';
import { checkModelBytes } from './model-bytes.js';
import { decodeMessage } from './protobuf/message.js';
import { modelProto } from './protobuf/onnx-tables.js';
import { opsetEntries, readEntries, recordEntries } from './spelling.js';

/**
 * Decodes an ONNX file (a serialized ModelProto). Files of every opset and IR version are read, those of a later ONNX
 * too: what is not known yet is kept byte for byte ({@link Model.unknownFields}).
 *
 * Nothing is copied: weights are views of `bytes`, so neither change nor transfer `bytes` while the model is in use.
 * (A weight that is not aligned to its element size is copied when its `data` is first asked for.) The domain `ai.onnx`
 * becomes its synonym `''`. `writeModel` gives the same bytes again where they are as protocol buffers write them
 * themselves, and a model of the same content always.
 *
 * @throws PerceptError `ONNX_MODEL_MALFORMED` when the bytes are not a model; `INVALID_ARGUMENT` when they are no bytes
 */
export function readModel(bytes: Uint8Array): Model {
  checkModelBytes(bytes);
  // A plain view, so that no part of a Buffer stays one, with other methods under the same names.
  const view = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return decodeModel(view);
  } catch (cause) {
    const other = isPerceptError(cause, 'ONNX_MODEL_MALFORMED') ? foreignFormat(view) : undefined;
    if (other === undefined) throw cause;
    throw new PerceptError('ONNX_MODEL_MALFORMED', `Expected a serialized ONNX model but received ${other}`, { cause });
  }
}

function decodeModel(view: Uint8Array): Model {
  const { fields, kept } = decodeMessage(modelProto, view);
  if (fields.graph === undefined) {
    throw new PerceptError(
      'ONNX_MODEL_MALFORMED',
      `Expected a serialized ONNX model but received ${view.length} bytes without a graph. Check that the file is whole and not compressed`,
    );
  }
  const { functions, trainingInfo, configuration } = fields;
  return {
    irVersion: fields.irVersion ?? 0,
    opsets: readEntries(opsetEntries, fields.opsets, kept, 8),
    producerName: fields.producerName ?? '',
    producerVersion: fields.producerVersion ?? '',
    domain: fields.domain ?? '',
    modelVersion: fields.modelVersion ?? 0,
    docString: fields.docString ?? '',
    graph: readGraph(fields.graph),
    metadata: readEntries(recordEntries, fields.metadata, kept, 14),
    ...(functions.length > 0 && { functions: functions.map(readFunction) }),
    ...(trainingInfo.length > 0 && { trainingInfo: trainingInfo.map(readTrainingInfo) }),
    ...(configuration.length > 0 && { deviceConfigurations: configuration.map(readDeviceConfiguration) }),
    ...kept,
  };
}
