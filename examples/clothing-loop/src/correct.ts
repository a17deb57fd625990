import { applyCorrections, feedbackStore } from '@percept/data';
import type { Screen } from './screen.js';
import type { Task } from './task.js';
import type { Step, Workspace } from './workspace.js';

/** The dataset version that users' corrections made. */
export interface Corrected {
  readonly dataset: string;
  /** Corrections in it. */
  readonly corrections: number;
}

/** Makes every stored correction part of a new dataset version whose parent is the one that was learned from. */
export async function correct(
  workspace: Workspace,
  task: Task,
  parent: string,
  screen: Screen,
): Promise<Step<Corrected>> {
  const identity: [string, string][] = [];
  for await (const { predictionId, correctLabel } of feedbackStore(workspace.data).list()) {
    identity.push([predictionId, correctLabel]);
  }
  return workspace.step('correct', { parent, identity }, async () => {
    const version = await screen.withProgress((long) =>
      applyCorrections(workspace.data, { parent, corrections: feedbackStore(workspace.data).list(), ...long }),
    );
    await workspace.registry.registerDataset({
      name: task.name,
      id: version.id,
      parents: version.parents,
      location: workspace.data.description,
    });
    return { dataset: version.id, corrections: identity.length };
  });
}
