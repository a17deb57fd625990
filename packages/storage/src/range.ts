import { describeValue, PerceptError } from '@percept/core';
import type { ByteRange } from './storage.js';

/**
 * Checks a range for itself, before the object's size is known.
 *
 * @throws PerceptError `STORAGE_RANGE_INVALID` unless 0 <= start <= end are integers
 */
export function checkRange(range: ByteRange, key: string): void {
  const { start, end = start } = range;
  if (Number.isSafeInteger(start) && start >= 0 && Number.isSafeInteger(end) && end >= start) return;
  throw new PerceptError(
    'STORAGE_RANGE_INVALID',
    `Expected a range with integers 0 <= start <= end for "${key}" but received start ${describeValue(range.start)} and end ${describeValue(range.end)}`,
    { details: { key, range } },
  );
}

/**
 * The bytes that a range means in an object of `size` bytes.
 *
 * @throws PerceptError `STORAGE_RANGE_INVALID` when it starts beyond the object's end
 */
export function resolveRange(range: ByteRange | undefined, size: number, key: string): { start: number; end: number } {
  if (range === undefined) return { start: 0, end: size };
  if (range.start > size) {
    throw new PerceptError(
      'STORAGE_RANGE_INVALID',
      `Expected a range that starts within the ${size} bytes of "${key}" but received start ${range.start}`,
      { details: { key, range, size } },
    );
  }
  return { start: range.start, end: Math.min(range.end ?? size, size) };
}

/**
 * Room for the bytes of an object.
 *
 * @throws PerceptError `STORAGE_FAILED` when they are more than an array can hold here
 */
export function allocate(size: number, key: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(size);
  } catch (cause) {
    throw new PerceptError(
      'STORAGE_FAILED',
      `Expected bytes that fit in memory but "${key}" has ${size}; read it by ranges or with readStream()`,
      { details: { key, size }, cause },
    );
  }
}
