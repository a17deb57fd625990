import type { Sample } from '@percept/core';
import { type DriveResult, drive } from './drive.js';
import { promote, type Release } from './register.js';
import type { Service } from './service.js';
import type { Task } from './task.js';
import type { Workspace } from './workspace.js';

/** Puts a release into service while photos keep coming; the result counts every request that was not answered. */
export async function swapUnderLoad(
  workspace: Workspace,
  task: Task,
  service: Service,
  release: Release,
  photos: readonly Sample[],
  classes: readonly string[],
): Promise<DriveResult> {
  let swapped = false;
  const traffic = (async () => {
    const rounds: DriveResult[] = [];
    // At least one whole round after the exchange, so that the new model has answered, too.
    for (let last = false; !last; ) {
      last = swapped;
      rounds.push(await drive(service.url, photos, classes, { stage: 'photos during the swap', correct: false }));
    }
    return rounds;
  })();
  try {
    await promote(workspace, task, release);
    await service.predictor.reload();
  } finally {
    swapped = true;
    await traffic;
  }
  return sum(await traffic);
}

function sum(rounds: readonly DriveResult[]): DriveResult {
  const total = (figure: (round: DriveResult) => number) => rounds.reduce((all, round) => all + figure(round), 0);
  const requests = total((round) => round.requests);
  return {
    requests,
    failed: total((round) => round.failed),
    accuracy: total((round) => round.accuracy * round.requests) / requests,
    corrections: total((round) => round.corrections),
  };
}
