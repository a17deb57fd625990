import { isPerceptError, PerceptError, parseOptions } from '@percept/core';
import type * as z from 'zod';

/**
 * Parses a JSON body and checks it against a schema.
 *
 * @throws PerceptError `SERVE_BODY_INVALID`
 */
export function parseJsonBody<Schema extends z.ZodType>(bytes: Uint8Array, schema: Schema): z.output<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new PerceptError('SERVE_BODY_INVALID', 'Expected a JSON body but received something else', { cause });
  }
  try {
    return parseOptions(schema, value, 'the JSON body');
  } catch (cause) {
    if (!isPerceptError(cause)) throw cause;
    throw new PerceptError('SERVE_BODY_INVALID', cause.message, { cause });
  }
}
