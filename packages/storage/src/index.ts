export { readJson, writeJson } from './json.js';
export { checkKey } from './key.js';
export type { ByteRange, ObjectInfo, ReadOptions, Storage, WriteOptions } from './storage.js';
