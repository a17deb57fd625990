import type { SampleSource } from '@percept/core';
import { platform } from '../training-platform.node.js';
import { type AutoTrainResult, autoTrainOn } from './auto-train.js';
import type { AutoTrainOptions } from './auto-train-options.js';

export type { AutoTrainResult } from './auto-train.js';
export type { ArchitectureName, AutoTrainOptions, LoaderRequest, MakeLoader } from './auto-train-options.js';
export type { AutoTrainPlan } from './plan.js';
export type { Recipe } from './recipe.js';
export type { AutoTrainReport, LeaderboardRow } from './report.js';

/**
 * Makes a classifier of samples and a time: looks at the images, measures what models cost, searches for model, optimizer,
 * schedule, augmentation and batch size by TPE with successive halving over rounds of training, and trains the best again
 * for as long as is left. Gives the most accurate model that it met, and tells what it tried.
 *
 * The same data, options and seed with the same `plan` give the same trials in the same order, whatever `parallel`; how
 * many there are is what the budget decides. With a storage, the same call goes on where an earlier one was killed or
 * aborted, within trials too, on its plan and with the seconds that it had left.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range; `ABORTED`, everything being kept; `TRAIN_SEARCH_FAILED`
 *   when no trial was complete; `TRAIN_SEARCH_MISMATCH` when something else is stored under the key,
 *   `TRAIN_SEARCH_INVALID` when it cannot be read; `TRAIN_DATA_INVALID`; what `Trainer`, loader and storage throw
 */
export async function autoTrain(source: SampleSource, options: AutoTrainOptions): Promise<AutoTrainResult> {
  return autoTrainOn(platform, source, options);
}
