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

/** Parts of an axis (SimpleShardedDimProto). */
const partEntries: EntriesCodec<ShardedDim['parts']> = {
  read: (entries) =>
    entries.map((entry) => {
      const { fields } = decodeMessage(simpleShardedDimProto, entry);
      return { size: readDimension(fields), shards: device(fields.numShards ?? 0) };
    }),
  write: (parts) =>
    parts.map(
      ({ size, shards }) =>
        (writer) =>
          encodeMessage(writer, simpleShardedDimProto, { ...writeDimension(size), numShards: shards }),
    ),
};

function readShardedDim(bytes: Uint8Array): ShardedDim {
  const { fields, kept } = decodeMessage(shardedDimProto, bytes);
  return { axis: fields.axis ?? 0, parts: readEntries(partEntries, fields.parts, kept, 2), ...kept };
}

function writeShardedDim({ axis, parts, ...kept }: ShardedDim): Content {
  return (writer) =>
    encodeMessage(writer, shardedDimProto, { axis, parts: writeEntries(partEntries, parts, kept, 2) }, kept);
}
