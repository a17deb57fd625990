import { type BatchSource, type Progress, tensor } from '@percept/core';
import type { Model } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { memoryStorage } from '@percept/storage/backends/memory';
import { describe, expect, it } from 'vitest';
import { toyBatches } from '../batches.fixture.js';
import { mobilenetV2 } from '../builders/mobilenet-v2.js';
import { smallCnn } from '../builders/small-cnn.js';
import { crossEntropy } from '../losses.js';
import { freeze } from '../models/freeze.js';
import { headParameters } from '../models/head.js';
import { sgd } from '../optimizers/sgd.js';
import { Trainer } from '../trainer.js';
import type { TrainerOptions } from '../trainer-options.js';
import { splitModel } from './split-model.js';

const model = smallCnn({ classes: 4, size: 8, width: 2 });
const freezing = freeze(model, '*', { except: headParameters(model) });
const options = (): TrainerOptions => ({
  model,
  freeze: freezing,
  features: {},
  data: toyBatches({ batchSize: 44 }),
  validation: toyBatches({ images: 20 }),
  epochs: 4,
  optimizer: sgd({ learningRate: 0.1, momentum: 0.9 }),
  threads: 1,
  runtime: onnxruntimeNode({ worker: false }),
});

function head(trained: Model): number[] {
  return freezing.trained.flatMap((name) => [...(trained.graph.initializers.get(name)!.data as Float32Array)]);
}

/** Counts the batches that are asked for, and can end early. */
function counted(data: BatchSource): BatchSource & { seen: string[] } {
  const seen: string[] = [];
  return {
    ...data,
    seen,
    async *batches(request) {
      let position = request.start ?? 0;
      for await (const batch of data.batches(request)) {
        seen.push(`${request.epoch}.${position++}`);
        yield batch;
      }
    },
  };
}

describe('features of a frozen backbone', () => {
  it('train the head as the whole model would, and every image passes the backbone once', async () => {
    const data = counted(toyBatches({ batchSize: 44 }));
    const { features: _, ...whole } = options();
    const expected = await new Trainer(whole).fit();
    const stages = new Set<string>();
    const onProgress = ({ stage }: Progress): void => void stages.add(stage);
    const cached = await new Trainer({ ...options(), data }).fit({ onProgress });
    expect(data.seen).toEqual(['0.0']);
    const reference = head(expected.model);
    for (const [index, value] of head(cached.model).entries()) expect(value).toBeCloseTo(reference[index]!, 5);
    for (const [index, { validationLoss }] of cached.history.entries()) {
      expect(validationLoss).toBeCloseTo(expected.history[index]!.validationLoss!, 5);
    }
    for (const name of freezing.frozen) {
      expect(cached.model.graph.initializers.get(name)).toEqual(model.graph.initializers.get(name));
    }
    expect([...stages]).toEqual([
      'features of the training data',
      'features of the validation data',
      'train',
      'evaluate',
    ]);
  });

  it('are taken from as many passes as asked for, in an order of their own', async () => {
    const data = counted(toyBatches({ batchSize: 11 }));
    const fit = () => new Trainer({ ...options(), data, features: { views: 2 }, epochs: 5 }).fit();
    const first = await fit();
    expect(data.seen).toEqual(['0.0', '0.1', '0.2', '0.3', '1.0', '1.1', '1.2', '1.3']);
    expect(head((await fit()).model)).toEqual(head(first.model));
    const other = await new Trainer({ ...options(), data, features: { views: 2 }, epochs: 5, seed: 1 }).fit();
    expect(head(other.model)).not.toEqual(head(first.model));
  });

  it('are kept in a storage: computed on from where an interruption was, and not again', async () => {
    const storage = memoryStorage();
    const features = { storage, augmentation: 'toy 1' };
    const whole = toyBatches({ batchSize: 11 });
    const broken: BatchSource = {
      ...whole,
      async *batches(request) {
        for await (const batch of whole.batches(request)) {
          if (request.epoch === 1) throw new RangeError('gone');
          yield batch;
        }
      },
    };
    const run = (data: BatchSource, more = {}) =>
      new Trainer({ ...options(), data, features: { ...features, views: 2, ...more } }).fit();
    await expect(run(broken)).rejects.toThrow('gone');
    const data = counted(whole);
    const { model: trained } = await run(data);
    expect(data.seen).toEqual(['1.0', '1.1', '1.2', '1.3']);
    const again = counted(whole);
    expect(head((await run(again)).model)).toEqual(head(trained));
    expect(again.seen).toEqual([]);
    const renamed = counted(whole);
    await run(renamed, { augmentation: 'toy 2' });
    expect(renamed.seen).toHaveLength(8);
    for await (const { key } of storage.list('features/')) await storage.write(key, new Uint8Array([1, 2, 3]));
    await expect(run(whole)).rejects.toMatchObject({ code: 'TRAIN_FEATURES_INVALID' });
  });

  it('are all seen where the batches are unequal, and another number of views is another training', async () => {
    const uneven: BatchSource = {
      ...toyBatches(),
      batchesPerEpoch: 3,
      async *batches({ start = 0 }) {
        const sizes = [4, 8, 8].slice(start);
        for (const images of sizes) {
          for await (const batch of toyBatches({ images, batchSize: images }).batches({ epoch: 0 })) yield batch;
        }
      },
    };
    const checkpoint = { storage: memoryStorage(), key: 'a' };
    const { history } = await new Trainer({ ...options(), data: uneven, epochs: 1, checkpoint }).fit();
    expect(history[0]!.imagesPerSecond * history[0]!.seconds).toBeCloseTo(20, 3);
    const more = new Trainer({ ...options(), data: uneven, features: { views: 2 }, epochs: 2, checkpoint });
    await expect(more.fit()).rejects.toMatchObject({
      code: 'TRAIN_CHECKPOINT_MISMATCH',
      details: { different: ['data'] },
    });
  });

  it('need a name of the data to be stored', async () => {
    const { data } = options();
    const fit = (source: BatchSource) =>
      new Trainer({ ...options(), data: source, features: { storage: memoryStorage() } }).fit();
    await expect(fit(data)).rejects.toThrow(/Give features\.augmentation/);
    const named = { ...data, fingerprint: 'toy' };
    await expect(fit(named)).rejects.toThrow(/Give features\.augmentation/);
    const validation = { ...toyBatches({ images: 20 }), fingerprint: 'toy validation' };
    const trainer = new Trainer({ ...options(), data: named, validation, features: { storage: memoryStorage() } });
    expect((await trainer.fit()).history).toHaveLength(4);
  });

  it('end before Dropout, which draws anew in every step', () => {
    const net = mobilenetV2({ classes: 3, dropout: 0.2 });
    const { backbone, head: rest } = splitModel(net, freeze(net, '*', { except: headParameters(net) }));
    expect(rest.graph.nodes.map(({ opType }) => opType)).toEqual(['Dropout', 'Gemm']);
    expect(backbone.graph.nodes.some(({ opType }) => opType === 'Dropout')).toBe(false);
  });

  it('refuse models where nothing frozen comes before the trained part', () => {
    const first = freeze(model, '*', { except: 'conv1.weight' });
    expect(() => new Trainer({ ...options(), freeze: first })).toThrow(
      expect.objectContaining({ code: 'TRAIN_FEATURES_IMPOSSIBLE' }),
    );
    const { freeze: _, ...without } = options();
    expect(() => new Trainer(without)).toThrow(/Expected freeze beside features/);
  });
});

it('gives labels of any kind back', async () => {
  const soft: BatchSource = {
    ...toyBatches(),
    async *batches(request) {
      for await (const batch of toyBatches().batches(request)) {
        yield {
          ...batch,
          labels: tensor('float32', [batch.keys.length, 4], new Float32Array(batch.keys.length * 4).fill(0.25)),
        };
      }
    },
  };
  const { validation: _, ...rest } = options();
  const { history } = await new Trainer({
    ...rest,
    data: soft,
    loss: crossEntropy({ targets: 'probabilities' }),
  }).fit();
  expect(history.at(-1)!.trainLoss).toBeLessThan(history[0]!.trainLoss);
});
