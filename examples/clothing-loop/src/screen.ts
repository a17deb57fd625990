import type { OnProgress } from '@percept/core';
import { terminalProgress } from '@percept/report';

/** The terminal: headings on standard output, progress bars on standard error. */
export interface Screen {
  heading(text: string): void;
  line(text: string): void;
  /** Runs a long call with a progress bar that is gone before anything else is printed. */
  withProgress<Result>(run: (onProgress: OnProgress) => Promise<Result>): Promise<Result>;
}

/** Steps of the whole loop, for "3/8". */
const steps = 8;

export function openScreen(): Screen {
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
        return await run(bars.onProgress);
      } finally {
        bars.stop();
      }
    },
  };
}
