import type { Learned } from './learn.js';
import type { Shrunk } from './shrink.js';
import type { Task } from './task.js';
import type { Workspace } from './workspace.js';

/** A pair of registered models: int8 for service, float as its fallback. */
export interface Release {
  readonly int8Version: number;
  readonly floatVersion: number;
}

/** Registers both models with what they come from. Nothing serves them before {@link promote}. */
export async function register(
  workspace: Workspace,
  task: Task,
  dataset: string,
  learned: Learned,
  shrunk: Shrunk,
): Promise<Release> {
  const origin = { runId: learned.runId, datasetVersion: dataset };
  const float = await workspace.registry.registerModel(`${task.name}-float`, await workspace.files.read(shrunk.float), {
    ...origin,
    parentModel: learned.digest,
    metrics: { top1: shrunk.floatTop1 },
  });
  const int8 = await workspace.registry.registerModel(task.name, await workspace.files.read(shrunk.int8), {
    ...origin,
    parentModel: float.digest,
    metrics: { top1: shrunk.int8Top1 },
  });
  return { int8Version: int8.version, floatVersion: float.version };
}

/** Points `production` to a release; a running predictor serves it after its next reload. */
export async function promote(workspace: Workspace, task: Task, release: Release): Promise<void> {
  await workspace.registry.setAlias(`${task.name}-float`, 'production', release.floatVersion);
  await workspace.registry.setAlias(task.name, 'production', release.int8Version);
}
