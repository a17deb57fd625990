import { keyedPermutation, PerceptError } from '@percept/core';
import {
  commitDatasetVersion,
  type IndexedSource,
  packShards,
  type ShardRef,
  subset,
  validateSource,
} from '@percept/data';
import type { Screen } from './screen.js';
import { seed, type Task } from './task.js';
import type { Step, Workspace } from './workspace.js';

/** What the dataset version holds. */
export interface Prepared {
  /** Id of the dataset version. */
  readonly dataset: string;
  readonly classes: readonly string[];
  readonly train: number;
  readonly test: number;
  /** Files that could not be used, with the reason. */
  readonly skipped: readonly string[];
}

/** Checks every picture, packs the sound ones into shards and commits them as a dataset version. */
export function prepare(workspace: Workspace, task: Task, quick: boolean, screen: Screen): Promise<Step<Prepared>> {
  return workspace.step('prepare', { data: task.identity, quick, seed }, async (key) => {
    const skipped: string[] = [];
    const loaded = await task.load((path, reason) => skipped.push(`${path}: ${reason}`));
    const splits: Record<string, readonly ShardRef[]> = {};
    const counts: Record<string, number> = {};
    for (const [split, source] of Object.entries(
      quick ? { train: tenth(loaded.train), test: tenth(loaded.test) } : loaded,
    )) {
      const { valid, report } = await screen.withProgress((long) => validateSource(source, long));
      for (const skip of report.skipped) skipped.push(`${skip.key}: ${skip.reason}`);
      for (const warning of report.warnings) screen.line(`${split}: ${warning}`);
      const packed = await screen.withProgress((long) =>
        packShards(valid, workspace.data, { prefix: `shards/${key}/${split}`, ...long }),
      );
      splits[split] = packed.shards;
      counts[split] = valid.length;
    }
    checkEnough(task, loaded.train.classes.length, counts);
    const version = await commitDatasetVersion(workspace.data, {
      name: task.name,
      classes: loaded.train.classes,
      splits,
      message: `${task.source}${quick ? ', a tenth' : ''}`,
    });
    await workspace.registry.registerDataset({
      name: task.name,
      id: version.id,
      parents: [],
      location: workspace.data.description,
    });
    return { dataset: version.id, classes: version.classes, train: counts.train!, test: counts.test!, skipped };
  });
}

/** A network needs two classes to tell apart, and pictures to learn from and to be judged by. */
function checkEnough(task: Task, classes: number, counts: Readonly<Record<string, number>>): void {
  if (classes >= 2 && counts.train! >= 2 && counts.test! >= 2) return;
  throw new PerceptError(
    'EXAMPLE_TOO_FEW_PICTURES',
    `Expected at least 2 classes with 2 pictures to learn from and 2 held out but received ${classes} classes with ${counts.train} and ${counts.test} in ${task.source}; add pictures, a folder for each class`,
  );
}

/** A tenth of the samples, drawn by key, in their original order. */
function tenth(source: IndexedSource): IndexedSource {
  const permutation = keyedPermutation(source.length, seed, 'tenth');
  const wanted = Math.max(1, Math.round(source.length / 10));
  return subset(
    source,
    Array.from({ length: wanted }, (_, position) => permutation.at(position)).sort((a, b) => a - b),
  );
}
