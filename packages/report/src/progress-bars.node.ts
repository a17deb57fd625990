import type { Progress } from '@percept/core';
import cliProgress, { type Options, type SingleBar } from 'cli-progress';
import { countText, durationText, rateText, shareOf, stageText } from './progress-text.node.js';
import type { TerminalProgress } from './terminal-progress.node.js';

/** Progress as one bar a stage, for terminals. */
export function barProgress(stream: NodeJS.WritableStream): TerminalProgress {
  let bar: SingleBar | undefined;
  let latest: Progress | undefined;
  let started = { at: 0, done: 0 };

  const stop = (): void => {
    bar?.stop();
    bar = undefined;
    latest = undefined;
  };
  const start = (progress: Progress): SingleBar => {
    const created: SingleBar = new cliProgress.SingleBar({
      stream,
      hideCursor: false,
      // Left on: turning it off would outlive a killed program.
      linewrap: true,
      gracefulExit: false,
      barsize: 24,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      format: (options, { eta }) => {
        queueMicrotask(() => releaseTimer(created));
        return lineOf(latest ?? progress, options, eta, started);
      },
    });
    started = { at: performance.now(), done: progress.done };
    created.start(progress.total ?? 0, progress.done);
    return created;
  };

  return {
    onProgress(progress) {
      if (latest !== undefined && (latest.stage !== progress.stage || progress.done < latest.done)) stop();
      latest = progress;
      bar ??= start(progress);
      bar.setTotal(progress.total ?? 0);
      bar.update(progress.done);
      if (shareOf(progress) === 1) stop();
    },
    stop,
  };
}

function lineOf(progress: Progress, options: Options, eta: unknown, started: { at: number; done: number }): string {
  const share = shareOf(progress);
  const rate = rateText(progress, started.at, started.done);
  if (share === undefined) return `${stageText(progress)}  ${countText(progress)}${rate}`;
  const percentage = `${Math.floor(share * 100)} %`.padStart(5);
  const left =
    share < 1 && typeof eta === 'number' && eta > 0 && Number.isFinite(eta) ? `  ${durationText(eta)} left` : '';
  return `${stageText(progress)}  ${cliProgress.Format.BarFormat(share, options)} ${percentage}  ${countText(progress)}${rate}${left}`;
}

/** The redraw timer of cli-progress, set anew after each drawing, would keep the program alive. */
function releaseTimer(bar: SingleBar): void {
  (bar as unknown as { timer: NodeJS.Timeout | null }).timer?.unref();
}
