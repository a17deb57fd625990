import type { OnProgress } from '@percept/core';
import { barProgress } from './progress-bars.node.js';
import { lineProgress } from './progress-lines.node.js';

/** Shows progress in a terminal. */
export interface TerminalProgress {
  /** Hand it to any long call. */
  readonly onProgress: OnProgress;
  /** Ends the stage being shown. Call it when the work is done or has failed; again is fine. */
  stop(): void;
}

/**
 * Shows the progress of long calls: on a terminal a bar for each stage with percentage, time left and latest values; on
 * anything else (a file, the log of a build) a line when a stage starts, every 10 %, and when it ends. A stage whose
 * total is unknown shows its count, as lines whenever it has doubled.
 *
 * The cursor is never hidden and line wrapping never turned off, so that a killed program leaves the terminal as it was,
 * and a forgotten `stop()` does not keep the program alive.
 *
 * @param stream - where to write. Default: standard error, which keeps standard output for results.
 */
export function terminalProgress(
  stream: NodeJS.WriteStream | NodeJS.WritableStream = process.stderr,
): TerminalProgress {
  return 'isTTY' in stream && stream.isTTY ? barProgress(stream) : lineProgress(stream);
}
