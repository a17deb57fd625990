import type { Progress } from '@percept/core';
import { shareOf } from './progress-text.node.js';
import type { TerminalProgress } from './terminal-progress.node.js';

const leastMilliseconds = 100;

/** Progress as one JSON object a line: what was reported, with the milliseconds since its stage began. */
export function jsonProgress(stream: NodeJS.WritableStream): TerminalProgress {
  let latest: Progress | undefined;
  let written: Progress | undefined;
  let startedAt = 0;
  let writtenAt = Number.NEGATIVE_INFINITY;

  const write = (progress: Progress): void => {
    const now = performance.now();
    writtenAt = now;
    written = progress;
    const { stage, done, total, unit, values } = progress;
    stream.write(
      `${JSON.stringify({ stage, done, total, unit, values, milliseconds: Math.round(now - startedAt) })}\n`,
    );
  };
  const stop = (): void => {
    if (latest !== undefined && latest !== written) write(latest);
    latest = undefined;
  };

  return {
    onProgress(progress) {
      const first = latest === undefined || latest.stage !== progress.stage || progress.done < latest.done;
      if (first) {
        stop();
        startedAt = performance.now();
      }
      latest = progress;
      const due = performance.now() - writtenAt >= leastMilliseconds;
      if (first || due || shareOf(progress) === 1) write(progress);
    },
    stop,
  };
}
