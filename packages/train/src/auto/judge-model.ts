import type { BatchSource } from '@percept/core';
import type { Model } from '@percept/onnx';
import { crossEntropy } from '../losses.js';
import { adam } from '../optimizers/adam.js';
import { TrainingSetup } from '../training-setup.js';
import type { CheckedAutoTrain } from './auto-train-options.js';
import { engineOptions } from './measure-cost.js';

/** Share of right answers of a model, 0..1, as a training would judge it. */
export async function judgeModel(model: Model, data: BatchSource, options: CheckedAutoTrain): Promise<number> {
  const { signal, seed, threads } = options;
  const setup = new TrainingSetup({ ...engineOptions(options), model, data, epochs: 1 });
  const { createEngine } = await setup.prepare({ signal });
  const { classes } = data;
  const engine = await createEngine({ loss: crossEntropy(), optimizer: adam(), classes, accumulate: 1, seed, threads });
  let [right, images] = [0, 0];
  try {
    await engine.restore(engine.initialState());
    for await (const batch of data.batches({ epoch: 0, signal })) {
      images += batch.inputs.dims[0]!;
      right += (await engine.score(batch)).correct ?? 0;
    }
  } finally {
    await engine.close();
  }
  return right / images;
}
