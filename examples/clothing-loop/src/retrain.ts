import { keyedPermutation } from '@percept/core';
import { concatSources, subset } from '@percept/data';
import type { HeldOut } from './held-out.js';
import { cameraAugmentation, type Learned, learn, loadModel, openSplit } from './learn.js';
import type { Prepared } from './prepare.js';
import type { Screen } from './screen.js';
import { seed, type Task } from './task.js';
import type { Workspace } from './workspace.js';

/** Old pictures that are learned again beside the corrections, so that nothing is forgotten. */
const replayed = 20_000;

/** Goes on from the weights in production with the corrections and a replay of what they were learned from. */
export async function retrain(
  workspace: Workspace,
  task: Task,
  prepared: Prepared,
  dataset: string,
  learned: Learned,
  heldOut: HeldOut,
  key: string,
  screen: Screen,
): Promise<Learned> {
  const train = await openSplit(workspace, dataset, 'train');
  const permutation = keyedPermutation(prepared.train, seed, 'replay');
  const replay = Array.from({ length: Math.min(replayed, prepared.train) }, (_, position) => permutation.at(position));
  // The shard of corrections follows its parent's shards.
  const corrections = Array.from({ length: train.length - prepared.train }, (_, index) => prepared.train + index);
  return learn(
    workspace,
    task,
    {
      name: 'retrain',
      key,
      dataset,
      start: await loadModel(workspace, learned.model),
      parentModel: learned.digest,
      train: concatSources(subset(train, replay), subset(train, corrections)),
      heldOut: heldOut.untouched,
      epochs: 2,
      learningRate: 2e-4,
      transform: cameraAugmentation,
    },
    screen,
  );
}
