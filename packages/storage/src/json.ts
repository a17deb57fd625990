import { isPerceptError, PerceptError } from '@percept/core';
import type { ObjectInfo, ReadOptions, Storage, WriteOptions } from './storage.js';

/**
 * Reads an object as JSON (UTF-8). The type parameter is the caller's claim; check what comes from others.
 *
 * @returns `undefined` when there is no such object
 * @throws PerceptError `STORAGE_JSON_INVALID` when the bytes are not UTF-8 or not JSON; what {@link Storage.read} throws
 */
export async function readJson<T>(
  storage: Storage,
  key: string,
  options: Pick<ReadOptions, 'signal'> = {},
): Promise<T | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await storage.read(key, options);
  } catch (error) {
    if (isPerceptError(error, 'STORAGE_NOT_FOUND')) return undefined;
    throw error;
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as T;
  } catch (cause) {
    throw new PerceptError(
      'STORAGE_JSON_INVALID',
      `Expected JSON in "${key}" of ${storage.description} but it cannot be parsed; restore or delete the object`,
      { details: { key, storage: storage.description }, cause },
    );
  }
}

/**
 * Writes a value as JSON (UTF-8, no white space), atomically.
 *
 * @throws PerceptError `INVALID_ARGUMENT` when the value has no JSON (a function, a bigint, a cycle); what
 *   {@link Storage.write} throws
 */
export async function writeJson(
  storage: Storage,
  key: string,
  value: unknown,
  options: WriteOptions = {},
): Promise<ObjectInfo> {
  return storage.write(key, new TextEncoder().encode(toJson(value, key)), options);
}

function toJson(value: unknown, key: string): string {
  let text: string | undefined;
  let cause: unknown;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    cause = error;
  }
  if (text !== undefined) return text;
  throw new PerceptError('INVALID_ARGUMENT', `Expected a value that JSON can express for "${key}"`, {
    details: { key },
    cause,
  });
}
