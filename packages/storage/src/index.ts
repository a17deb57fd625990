export { objectSource } from './byte-source.js';
export { readJson, writeJson } from './json.js';
export { checkKey } from './key.js';
export { type OpenStorageOptions, openObject, openStorage } from './open-storage.js';
export type {
  ByteRange,
  ByteSource,
  ObjectInfo,
  ReadOptions,
  ResumableStorage,
  ResumeWriteOptions,
  SignalOptions,
  Storage,
  StorageCapabilities,
  WriteOptions,
} from './storage.js';
export { updateObject } from './update.js';
