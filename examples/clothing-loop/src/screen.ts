import type { LongCallOptions } from '@percept/core';
import { terminalProgress } from '@percept/report';

/** The terminal: headings on standard output, progress bars on standard error. */
export interface Screen {
  heading(text: string): void;
  line(text: string): void;
  /** Runs a long call that Ctrl-C stops, with a progress bar that is gone before anything else is printed. */
  withProgress<Result>(run: (options: LongCallOptions) => Promise<Result>): Promise<Result>;
}

/** Steps of the whole loop, for "3/8". */
const steps = 8;

/** Opens the terminal; `signal` stops the long calls. */
export function openScreen(signal: AbortSignal): Screen {
  let step = 0;
  return {
    heading(text) {
      step++;
      console.log(`\n[${step}/${steps}] ${text}`);
    },
    line(text) {
      console.log(`  ${text}`);
    },
    async withProgress(run) {
      const bars = terminalProgress(process.stderr);
      try {
        return await run({ signal, onProgress: bars.onProgress });
      } finally {
        bars.stop();
      }
    },
  };
}
