import type { Progress } from '@percept/core';
import { countText, durationText, rateText, shareOf, stageText } from './progress-text.node.js';
import type { TerminalProgress } from './terminal-progress.node.js';

interface Stage {
  latest: Progress;
  readonly started: number;
  readonly doneAtStart: number;
  /** Tenths, or the count of units when the total is unknown, at which the next line is due. */
  due: number;
}

/** Progress as lines, for streams that are no terminal. */
export function lineProgress(stream: NodeJS.WritableStream): TerminalProgress {
  let stage: Stage | undefined;

  const write = (progress: Progress, what: string): void => {
    stream.write(`${stageText(progress)}: ${what}\n`);
  };
  const end = (): void => {
    if (stage === undefined) return;
    const finished = shareOf(stage.latest) ?? 1;
    const word = finished === 1 ? 'done' : 'stopped';
    write(
      stage.latest,
      `${word}, ${countText(stage.latest)}, ${durationText((performance.now() - stage.started) / 1000)}${rateText(stage.latest, stage.started, stage.doneAtStart)}`,
    );
    stage = undefined;
  };

  return {
    onProgress(progress) {
      if (stage !== undefined && (stage.latest.stage !== progress.stage || progress.done < stage.latest.done)) end();
      const share = shareOf(progress);
      const reached = share === undefined ? progress.done : Math.floor(share * 10 + 1e-9);
      const next = (): number => (share === undefined ? Math.max(1, 2 * reached) : reached + 1);
      if (stage === undefined) {
        stage = { latest: progress, started: performance.now(), doneAtStart: progress.done, due: next() };
        write(progress, `started, ${countText(progress)}`);
      }
      stage.latest = progress;
      if (share === 1) return end();
      if (reached < stage.due) return;
      stage.due = next();
      write(progress, `${share === undefined ? '' : `${reached * 10} %, `}${countText(progress)}`);
    },
    stop: end,
  };
}
