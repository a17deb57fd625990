import { type OnProgress, parseOptions } from '@percept/core';
import * as z from 'zod';
import { barProgress } from './progress-bars.node.js';
import { jsonProgress } from './progress-json.node.js';
import { lineProgress } from './progress-lines.node.js';

/** Shows progress in a terminal. */
export interface TerminalProgress {
  /** Hand it to any long call. */
  readonly onProgress: OnProgress;
  /** Ends the stage being shown. Call it when the work is done or has failed; again is fine. */
  stop(): void;
}

/** Options of {@link terminalProgress}. */
export interface TerminalProgressOptions {
  /**
   * `auto` (default): bars on a terminal, a few lines elsewhere. `json`: every report as one line of JSON, at most ten a
   * second for each stage and its last one, for programs that read along. `silent`: nothing.
   */
  format?: 'auto' | 'json' | 'silent';
}

const schema = z.strictObject({ format: z.enum(['auto', 'json', 'silent']).default('auto') });

/**
 * Shows the progress of long calls: on a terminal a bar for each stage with percentage, rate, time left and latest
 * values. Anything else (a file, the log of a build) is kept quiet: a line when a stage starts, every 10 %, and when it
 * ends. A stage whose total is unknown shows its count, as lines whenever it has doubled.
 *
 * The cursor is never hidden and line wrapping never turned off, so that a killed program leaves the terminal as it was,
 * and a forgotten `stop()` does not keep the program alive.
 *
 * @param stream - where to write. Default: standard error, which keeps standard output for results.
 * @throws PerceptError `INVALID_ARGUMENT` for an unknown format
 */
export function terminalProgress(
  stream: NodeJS.WriteStream | NodeJS.WritableStream = process.stderr,
  options: TerminalProgressOptions = {},
): TerminalProgress {
  const { format } = parseOptions(schema, options, 'terminalProgress() options');
  if (format === 'silent') return { onProgress() {}, stop() {} };
  if (format === 'json') return jsonProgress(stream);
  return 'isTTY' in stream && stream.isTTY ? barProgress(stream) : lineProgress(stream);
}
