import { parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import type { SessionOptions } from './runtime.js';

const schema = z.strictObject({
  executionProviders: z.optional(z.array(z.string()).check(z.minLength(1))),
  threads: z.optional(z.int().check(z.minimum(1))),
  graphOptimization: z.optional(z.enum(['all', 'extended', 'basic', 'disabled'])),
  optimizedModelPath: z.optional(z.string()),
  configEntries: z.optional(z.record(z.string(), z.string())),
});

/** Checks the options of `createSession`. */
export function checkSessionOptions(options: SessionOptions): SessionOptions {
  parseOptions(schema, options, 'createSession() options');
  return options;
}
