import { PerceptError, type Tracker } from '@percept/core';
import { checkKey } from '@percept/storage';
import { type EventFolder, eventFilePrefix } from './event-folder.js';
import { fileVersionRecord, imageRecord, restartRecord, scalarsRecord, textRecord } from './event-records.js';
import { checkMetrics, ParamBook } from './log-entries.js';

/**
 * Writes a run as TensorBoard's event files, a new one each time that the run is gone on with. The file begins with the
 * first thing that is logged.
 */
export function eventLog(folder: EventFolder): Tracker {
  const params = new ParamBook();
  let last = 0;
  let file: Promise<{ name: string; resumed: boolean }> | undefined;
  let restarted = false;
  let queue: Promise<unknown> = Promise.resolve();

  async function begin(): Promise<{ name: string; resumed: boolean }> {
    const earlier = await folder.eventFiles();
    const seconds = Date.now() / 1000;
    // TensorBoard reads files in the order of their names: the new one must come last.
    const newest = Math.max(-1, ...earlier.map((name) => Number(/\d+/.exec(name.slice(eventFilePrefix.length)) ?? -1)));
    const stamp = String(Math.max(Math.floor(seconds), newest + 1)).padStart(10, '0');
    const name = `${eventFilePrefix}${stamp}.${folder.suffix}`;
    await folder.append(name, fileVersionRecord(seconds));
    return { name, resumed: earlier.length > 0 };
  }

  /** Appends records one after the other, in the order of the calls. */
  function append(recordsOf: (seconds: number, resumed: boolean) => readonly Uint8Array[]): Promise<void> {
    const done = queue.then(async () => {
      file ??= begin().catch((error) => {
        file = undefined;
        throw error;
      });
      const { name, resumed } = await file;
      for (const record of recordsOf(Date.now() / 1000, resumed)) await folder.append(name, record);
    });
    queue = done.catch(() => undefined);
    return done;
  }

  return {
    async logParams(given) {
      const fresh = params.add(given);
      if (fresh.length === 0) return;
      const text = markdownTable(params.entries());
      await append((seconds) => [textRecord({ seconds, step: 0 }, 'params', text)]);
    },
    async logMetrics(metrics, step) {
      checkMetrics(metrics, step);
      last = step;
      await append((seconds, resumed) => {
        const records = [scalarsRecord({ seconds, step }, metrics)];
        if (resumed && !restarted) records.unshift(restartRecord({ seconds, step }));
        restarted = true;
        return records;
      });
    },
    async logArtifact(path, bytes) {
      checkKey(path);
      if (path.includes('tfevents')) {
        throw new PerceptError(
          'INVALID_ARGUMENT',
          `Expected a path without tfevents, by which TensorBoard knows its files, for logArtifact() but received ${path}`,
        );
      }
      await folder.writeFile(path, bytes);
      const step = last;
      if (imageRecord({ seconds: 0, step }, path, bytes) === undefined) return;
      await append((seconds) => [imageRecord({ seconds, step }, path, bytes)!]);
    },
  };
}

function markdownTable(params: readonly (readonly [name: string, value: string])[]): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/\s+/g, ' ');
  return [
    '| name | value |',
    '| --- | --- |',
    ...params.map(([name, value]) => `| ${cell(name)} | ${cell(value)} |`),
  ].join('\n');
}
