import type { Model } from '@percept/onnx';
import { memoryStorage } from '@percept/storage/backends/memory';
import { describe, expect, it } from 'vitest';
import { toyBatches } from '../batches.fixture.js';
import { smallCnn } from '../builders/small-cnn.js';
import { reduceLROnPlateau, warmUp } from '../schedules.js';
import { Trainer } from '../trainer.node.js';
import type { TrainerOptions } from '../trainer-options.js';
import { adamw } from './adamw.js';
import { chain } from './chain.js';
import { clipByGlobalNorm } from './clipping.js';
import { emaWeights } from './weight-average.js';

const plain = chain(clipByGlobalNorm(1), adamw({ learningRate: 0.01, decayed: 'matrices' }));
const options = (): TrainerOptions => ({
  model: smallCnn({ classes: 4, size: 8, width: 2 }),
  data: toyBatches(),
  epochs: 3,
  optimizer: emaWeights(plain, { decay: 0.8 }),
  schedule: warmUp(reduceLROnPlateau({ metric: 'trainLoss', patience: 0, threshold: 0.5 }), {
    length: 3,
    unit: 'steps',
  }),
  threads: 1,
});
const weightsOf = ({ graph }: Model) => [...graph.initializers.values()].map(({ data }) => data);

describe('averaged weights', () => {
  it('are what a training gives, and survive an interruption to the bit, with clipping, warm-up and plateau', async () => {
    const whole = await new Trainer(options()).fit();
    const storage = memoryStorage();
    const checkpoint = { storage, key: 'runs/average' };
    const controller = new AbortController();
    const onProgress = ({ done }: { done: number }) => {
      if (done === options().data.batchesPerEpoch + 2) controller.abort();
    };
    const interrupted = new Trainer({ ...options(), checkpoint }).fit({ signal: controller.signal, onProgress });
    await expect(interrupted).rejects.toMatchObject({ code: 'ABORTED' });
    const resumed = await new Trainer({ ...options(), checkpoint }).fit();
    expect(resumed.resumedAt).toBeDefined();
    expect(weightsOf(resumed.model)).toEqual(weightsOf(whole.model));
    expect(resumed.history.map(({ learningRate }) => learningRate)).toEqual(
      whole.history.map(({ learningRate }) => learningRate),
    );

    const last = await new Trainer({ ...options(), optimizer: plain }).fit();
    expect(last.history[0]!.trainLoss).toBe(whole.history[0]!.trainLoss);
    expect(weightsOf(last.model)).not.toEqual(weightsOf(whole.model));
  });
});
