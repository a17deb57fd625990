import { PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { checkRange } from './range.js';
import type { ReadOptions, ResumeWriteOptions, SignalOptions, Storage, WriteOptions } from './storage.js';

const signal = z.optional(z.custom<AbortSignal>((value) => value instanceof AbortSignal, 'an AbortSignal'));
const version = z.optional(z.string().check(z.minLength(1)));
const sha256 = z.optional(z.string().check(z.regex(/^[0-9a-f]{64}$/i, 'a SHA-256 of 64 hexadecimal digits')));

const signalSchema = z.strictObject({ signal });

const readSchema = z
  .strictObject({
    range: z.optional(z.strictObject({ start: z.unknown(), end: z.optional(z.unknown()) })),
    ifMatch: version,
    sha256,
    signal,
  })
  .check(
    z.refine(
      (options) => options.range === undefined || options.sha256 === undefined,
      'either range or sha256, which is of the whole object,',
    ),
  );

const condition = { ifAbsent: z.optional(z.boolean()), ifMatch: version, sha256, signal };
const oneCondition = (options: WriteOptions) => options.ifAbsent !== true || options.ifMatch === undefined;
const eitherCondition = 'either ifAbsent or ifMatch';

const writeSchema = z.strictObject(condition).check(z.refine(oneCondition, eitherCondition));

const aFunction = z.custom<(...values: never[]) => unknown>((value) => typeof value === 'function', 'a function');

const resumeSchema = z
  .strictObject({
    ...condition,
    session: version,
    onSession: z.optional(aFunction),
    onProgress: z.optional(aFunction),
  })
  .check(z.refine(oneCondition, eitherCondition));

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
 * Checks the options of `write`, for writers of backends, and whether the storage can do what they ask for.
 *
 * @throws PerceptError `INVALID_ARGUMENT`, `STORAGE_UNSUPPORTED`
 */
export function checkWriteOptions(options: WriteOptions, storage: Storage): void {
  parseOptions(writeSchema, options, 'write() options');
  checkConditions(options, storage);
}

/**
 * Checks the options of `resumeWrite`, for writers of backends, and whether the storage can do what they ask for.
 *
 * @throws PerceptError `INVALID_ARGUMENT`, `STORAGE_UNSUPPORTED`
 */
export function checkResumeOptions(options: ResumeWriteOptions, storage: Storage): void {
  parseOptions(resumeSchema, options, 'resumeWrite() options');
  checkConditions(options, storage);
}

/**
 * Checks the options of `stat`, `list` and `delete`, for writers of backends.
 *
 * @throws PerceptError `INVALID_ARGUMENT`
 */
export function checkSignalOptions(options: SignalOptions, call: string): void {
  parseOptions(signalSchema, options, `${call} options`);
}

function checkConditions(options: WriteOptions, { capabilities, description }: Storage): void {
  for (const condition of ['ifAbsent', 'ifMatch'] as const) {
    if (capabilities[condition] || options[condition] === undefined || options[condition] === false) continue;
    throw new PerceptError(
      'STORAGE_UNSUPPORTED',
      `Expected a storage that can write with ${condition} but ${description} cannot without races; ask capabilities.${condition} first, and keep what several writers change in a storage that can`,
      { details: { storage: description, condition } },
    );
  }
}
