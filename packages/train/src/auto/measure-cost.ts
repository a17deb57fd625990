import type { BatchSource, SampleSource } from '@percept/core';
import { sgd } from '../optimizers/sgd.js';
import { Trainer } from '../trainer.js';
import type { CheckedAutoTrain } from './auto-train-options.js';
import type { Candidate } from './candidates.js';
import { slicedEpochs } from './sliced-epochs.js';

/** Steps whose time is taken, after one that builds and warms everything. */
const timedSteps = 4;
const batchSize = 32;

/** Seconds that an image costs while a candidate is trained, loading and augmentation included: the median of some steps. */
export async function measureCost(
  { preprocess, build }: Candidate,
  train: SampleSource,
  options: CheckedAutoTrain,
): Promise<number> {
  const { loader, augmentations, seed, signal } = options;
  const request = { source: train, preprocess, batchSize, augmentation: augmentations.at(-1)!, seed };
  const data: BatchSource = loader({ ...request, shuffle: true, dropLast: train.length >= batchSize });
  const ends: number[] = [];
  const trainer = new Trainer({
    ...build(),
    ...engineOptions(options),
    data: slicedEpochs(data, timedSteps + 1),
    epochs: 1,
    optimizer: sgd({ learningRate: 1e-4 }),
    callbacks: [{ onStep: () => void ends.push(performance.now()) }],
  });
  await trainer.fit({ signal });
  const times = ends.slice(1).map((end, at) => end - ends[at]!);
  const median = times.sort((a, b) => a - b)[times.length >> 1]!;
  return Math.max(1e-6, median / 1000 / Math.min(batchSize, train.length));
}

/** What decides where steps are computed. */
export function engineOptions({ runtime, threads, executionProviders, wasmPaths }: CheckedAutoTrain) {
  return {
    ...(runtime === undefined ? {} : { runtime }),
    ...(threads === undefined ? {} : { threads }),
    ...(executionProviders === undefined ? {} : { executionProviders }),
    ...(wasmPaths === undefined ? {} : { wasmPaths }),
  };
}
