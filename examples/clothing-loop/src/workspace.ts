import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { openRegistry, type Registry } from '@percept/registry';
import { readJson, type Storage, writeJson } from '@percept/storage';
import { fsStorage } from '@percept/storage/backends/fs';

/** What a finished step leaves behind. */
interface StepRecord<Result> {
  readonly key: string;
  readonly result: Result;
}

/** The folder of one data set and size, in which finished steps are remembered by what went into them. */
export interface Workspace {
  readonly folder: string;
  /** Shards, dataset versions and corrections. */
  readonly data: Storage;
  /** Checkpoints, models between steps, plots. */
  readonly files: Storage;
  readonly registry: Registry;
  /**
   * Runs a step once per set of inputs: with the same inputs as the last time its recorded result is returned.
   * A step that is killed leaves no record and runs again, so its own work must be resumable.
   */
  step<Result>(name: string, inputs: unknown, run: (key: string) => Promise<Result>): Promise<Step<Result>>;
}

/** A step's result, and whether it was there already. */
export interface Step<Result> {
  readonly result: Result;
  readonly reused: boolean;
}

/** Opens (or makes) a workspace; rejects at once where nothing can be written. */
export async function openWorkspace(folder: string): Promise<Workspace> {
  const files = fsStorage(join(folder, 'work'));
  await writeJson(files, 'workspace.json', { format: 1 });
  return {
    folder,
    data: fsStorage(join(folder, 'data')),
    files,
    registry: openRegistry(fsStorage(join(folder, 'registry'))),
    async step<Result>(name: string, inputs: unknown, run: (key: string) => Promise<Result>) {
      const key = createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 16);
      const record = await readJson<StepRecord<Result>>(files, `steps/${name}.json`);
      if (record?.key === key) return { result: record.result, reused: true };
      const result = await run(key);
      await writeJson(files, `steps/${name}.json`, { key, result } satisfies StepRecord<Result>);
      return { result, reused: false };
    },
  };
}
