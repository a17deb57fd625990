import { parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { checkRange } from './range.js';
import type { ReadOptions, WriteOptions } from './storage.js';

const signal = z.optional(z.custom<AbortSignal>((value) => value instanceof AbortSignal, 'an AbortSignal'));

const readSchema = z.strictObject({
  range: z.optional(z.strictObject({ start: z.unknown(), end: z.optional(z.unknown()) })),
  signal,
});

const writeSchema = z.strictObject({ ifAbsent: z.optional(z.boolean()), signal });

/**
 * Checks the options of `read` and `readStream`, for writers of backends.
 *
 * @throws PerceptError `INVALID_ARGUMENT` or `STORAGE_RANGE_INVALID`
 */
export function checkReadOptions(options: ReadOptions, key: string): void {
  parseOptions(readSchema, options, 'read() options');
  if (options.range !== undefined) checkRange(options.range, key);
}

/**
 * Checks the options of `write`, for writers of backends.
 *
 * @throws PerceptError `INVALID_ARGUMENT`
 */
export function checkWriteOptions(options: WriteOptions): void {
  parseOptions(writeSchema, options, 'write() options');
}
