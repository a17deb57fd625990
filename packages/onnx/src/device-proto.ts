import type { DeviceConfiguration, NodeDeviceConfiguration, ShardedDim, ShardingSpec } from './model.js';
import { decodeMessage, encodeMessage } from './protobuf/message.js';
import {
  deviceConfigurationProto,
  intIntListEntryProto,
  nodeDeviceConfigurationProto,
  shardedDimProto,
  shardingSpecProto,
  simpleShardedDimProto,
} from './protobuf/onnx-tables.js';
import type { Content } from './protobuf/writer.js';
import { safeInteger } from './safe-integer.js';
import { type EntriesCodec, readEntries, writeEntries } from './spelling.js';
import { readDimension, writeDimension } from './type-proto.js';

/** Decodes a DeviceConfigurationProto. */
export function readDeviceConfiguration(bytes: Uint8Array): DeviceConfiguration {
  const { fields, kept } = decodeMessage(deviceConfigurationProto, bytes);
  return { name: fields.name ?? '', deviceCount: fields.numDevices ?? 0, devices: fields.devices, ...kept };
}

/** Encodes a DeviceConfigurationProto. */
export function writeDeviceConfiguration({ name, deviceCount, devices, ...kept }: DeviceConfiguration): Content {
  return (writer) => encodeMessage(writer, deviceConfigurationProto, { name, numDevices: deviceCount, devices }, kept);
}

/** Decodes a NodeDeviceConfigurationProto. */
export function readNodeDevices(bytes: Uint8Array): NodeDeviceConfiguration {
  const { fields, kept } = decodeMessage(nodeDeviceConfigurationProto, bytes);
  const { configuration = '', sharding, pipelineStage } = fields;
  return {
    configuration,
    sharding: sharding.map(readSharding),
    ...(pipelineStage !== undefined && { pipelineStage }),
    ...kept,
  };
}

/** Encodes a NodeDeviceConfigurationProto. */
export function writeNodeDevices({
  configuration,
  sharding,
  pipelineStage,
  ...kept
}: NodeDeviceConfiguration): Content {
  const content = { configuration, sharding: sharding.map(writeSharding), pipelineStage };
  return (writer) => encodeMessage(writer, nodeDeviceConfigurationProto, content, kept);
}

const device = (value: number | bigint): number => safeInteger(value, 'a device');

/** Groups of devices by index (IntIntListEntryProto). */
const groupEntries: EntriesCodec<[number, number[]][]> = {
  read: (entries) =>
    entries.map((entry) => {
      const { key, value } = decodeMessage(intIntListEntryProto, entry).fields;
      return [device(key ?? 0), value.map(device)];
    }),
  write: (groups) =>
    groups.map(
      ([key, value]) =>
        (writer) =>
          encodeMessage(writer, intIntListEntryProto, { key, value }),
    ),
};

function readSharding(bytes: Uint8Array): ShardingSpec {
  const { fields, kept } = decodeMessage(shardingSpecProto, bytes);
  return {
    tensorName: fields.tensorName ?? '',
    devices: fields.devices.map(device),
    deviceGroups: readEntries(groupEntries, fields.deviceGroups, kept, 3),
    dims: fields.dims.map(readShardedDim),
    ...kept,
  };
}

function writeSharding({ tensorName, devices, deviceGroups, dims, ...kept }: ShardingSpec): Content {
  return (writer) =>
    encodeMessage(
      writer,
      shardingSpecProto,
      {
        tensorName,
        devices,
        deviceGroups: writeEntries(groupEntries, deviceGroups, kept, 3),
        dims: dims.map(writeShardedDim),
      },
      kept,
    );
}

function readShardedDim(bytes: Uint8Array): ShardedDim {
  const { fields, kept } = decodeMessage(shardedDimProto, bytes);
  const parts = fields.parts.map((part) => {
    const inner = decodeMessage(simpleShardedDimProto, part);
    return { size: readDimension(inner.fields), shards: inner.fields.numShards ?? 0, ...inner.kept };
  });
  return { axis: fields.axis ?? 0, parts, ...kept };
}

function writeShardedDim({ axis, parts, ...kept }: ShardedDim): Content {
  const contents = parts.map(
    ({ size, shards, ...inner }): Content =>
      (writer) =>
        encodeMessage(writer, simpleShardedDimProto, { ...writeDimension(size), numShards: shards }, inner),
  );
  return (writer) => encodeMessage(writer, shardedDimProto, { axis, parts: contents }, kept);
}
