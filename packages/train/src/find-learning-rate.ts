import { throwIfAborted } from '@percept/core';
import { checkRangeTest, type LearningRateFinding, type RangeTestOptions, rangeTest } from './range-test.js';
import type { TrainerOptions } from './trainer-options.js';
import { TrainingSetup } from './training-setup.js';

/**
 * Finds a learning rate by a range test (Smith, arXiv:1506.01186), as `lr_find` of fastai: trains some steps while the rate
 * rises, until the loss explodes, and looks where it fell. The model is not changed. Of the options of a training it takes
 * those that decide a step (model, data, loss, optimizer, freeze, features, accumulate, seed) and where it is computed; the
 * optimizer's own rate, schedule, epochs, checkpoint, callbacks and trackers are not used.
 *
 * The same options give the same finding, on the same runtime version, CPU family and number of threads.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range; `TRAIN_DIVERGED` when the loss explodes before there is
 *   anything to judge; `ABORTED`; what `Trainer` throws for model and data
 */
export async function findLearningRate(
  options: Omit<TrainerOptions, 'epochs'> & { epochs?: number },
  range: RangeTestOptions = {},
): Promise<LearningRateFinding> {
  const checked = checkRangeTest(range);
  const setup = new TrainingSetup({ ...options, epochs: options.epochs ?? 1 });
  throwIfAborted(checked.signal);
  return rangeTest(await setup.prepare(checked), checked);
}
