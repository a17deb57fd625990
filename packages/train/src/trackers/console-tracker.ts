import { parseOptions, type Tracker } from '@percept/core';
import * as z from 'zod';
import { checkMetrics, ParamBook } from './log-entries.js';

/** Options of {@link consoleTracker}. */
export interface ConsoleTrackerOptions {
  /** Takes the lines. Default: the console. */
  output?: { log(line: string): void };
  /** What a step is called. Default `epoch`. */
  unit?: string;
}

const schema = z.strictObject({
  output: z
    .custom<{ log(line: string): void }>(
      (value) => typeof (value as { log?: unknown } | null)?.log === 'function',
      'an object with a function log',
    )
    .optional(),
  unit: z.string().default('epoch'),
});

/**
 * Prints what a run does: a line for its parameters, one for the metrics of each step, one for each file.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range; its functions too, and `TRAIN_PARAM_CONFLICT`
 */
export function consoleTracker(options: ConsoleTrackerOptions = {}): Tracker {
  const { output = console, unit } = parseOptions(schema, options, 'consoleTracker() options');
  const params = new ParamBook();
  const line = (parts: readonly string[]): void => output.log(parts.join('  '));
  return {
    async logParams(given) {
      const fresh = params.add(given);
      if (fresh.length > 0) line(['params', ...fresh.map(([name, value]) => `${name}=${value}`)]);
    },
    async logMetrics(metrics, step) {
      checkMetrics(metrics, step);
      line([`${unit} ${step}`, ...Object.entries(metrics).map(([name, value]) => `${name}=${short(value)}`)]);
    },
    async logArtifact(path, bytes) {
      line(['file', path, `${bytes.length} bytes`]);
    },
  };
}

/** Four significant digits. */
function short(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}
