import { type Model, writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { memoryStorage } from '@percept/storage/backends/memory';
import { describe, expect, it } from 'vitest';
import { toyBatches } from '../batches.fixture.js';
import { smallCnn } from '../builders/small-cnn.js';
import { differentiate } from '../differentiate.js';
import { constantLR, reduceLROnPlateau, warmUp } from '../schedules.js';
import { trainable } from '../trainable.js';
import { Trainer } from '../trainer.js';
import type { TrainerOptions } from '../trainer-options.js';
import { adamw } from './adamw.js';
import { chain } from './chain.js';
import { clipByGlobalNorm } from './clipping.js';
import { sgd } from './sgd.js';
import { emaWeights, swaWeights } from './weight-average.js';

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

describe('swaWeights', () => {
  it('asks for them behind clipping, too', () => {
    const swa = swaWeights(sgd({ learningRate: 1 }), { start: 1 });
    expect(chain(clipByGlobalNorm(1), swa)).toMatchObject({ collectsStatistics: true, average: swa.average });
  });

  it('gives the running statistics that belong to the averaged weights: their mean over one more pass', async () => {
    const { model } = options() as { model: Model };
    // So small a rate leaves the weights as they are.
    const optimizer = swaWeights(sgd({ learningRate: 1e-12 }), { start: 1 });
    const { model: trained } = await new Trainer({ ...options(), optimizer, schedule: constantLR(), epochs: 1 }).fit();
    const sums = new Map<string, Float64Array>();
    let batches = 0;
    for await (const { inputs, labels } of toyBatches().batches({ epoch: 1 })) {
      const bytes = writeModel(differentiate(model, { inputDims: inputs.dims }));
      const session = await onnxruntimeNode({ worker: false }).createSession(bytes);
      const weights = trainable(model).parameters.map((name) => [name, model.graph.initializers.get(name)!] as const);
      const results = await session.run({ input: inputs, labels, ...Object.fromEntries(weights) });
      await session.close();
      batches++;
      for (const [output, value] of Object.entries(results)) {
        if (!output.startsWith('next.')) continue;
        const name = output.slice('next.'.length);
        const before = model.graph.initializers.get(name)!.data as Float32Array;
        const sum = sums.get(name) ?? new Float64Array(before.length);
        // The running statistics take a tenth of the batch's.
        for (const [at, next] of (value.data as Float32Array).entries()) sum[at]! += (next - 0.9 * before[at]!) * 10;
        sums.set(name, sum);
      }
    }
    expect(sums.size).toBeGreaterThan(1);
    for (const [name, sum] of sums) {
      for (const [at, value] of (trained.graph.initializers.get(name)!.data as Float32Array).entries()) {
        expect(value, name).toBeCloseTo(sum[at]! / batches, 4);
      }
    }
  });
});
