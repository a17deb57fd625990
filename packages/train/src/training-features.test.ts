import { type Batch, type BatchSource, isPerceptError, type Tracker, tensor } from '@percept/core';
import { GraphBuilder, type Model, readModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import type { Storage } from '@percept/storage';
import { memoryStorage } from '@percept/storage/backends/memory';
import { describe, expect, it } from 'vitest';
import { toyBatches } from './batches.fixture.js';
import { smallCnn } from './builders/small-cnn.js';
import type { StepRecord, TrainingCallback } from './callback.js';
import { readCheckpoint } from './checkpoint.js';
import { crossEntropy, mse } from './losses.js';
import { freeze } from './models/freeze.js';
import { headParameters } from './models/head.js';
import { chain } from './optimizers/chain.js';
import { clipByValue } from './optimizers/clipping.js';
import { sgd } from './optimizers/sgd.js';
import { emaWeights } from './optimizers/weight-average.js';
import { stepLR } from './schedules.js';
import { Trainer } from './trainer.js';
import type { TrainerOptions } from './trainer-options.js';

const small = (): TrainerOptions => ({
  model: smallCnn({ classes: 4, size: 8, width: 2 }),
  data: toyBatches(),
  epochs: 2,
  optimizer: sgd({ learningRate: 0.05 }),
  threads: 1,
  runtime: onnxruntimeNode({ worker: false }),
});

const fit = (options: Partial<TrainerOptions>) => new Trainer({ ...small(), ...options }).fit();
const failure = (options: Partial<TrainerOptions>): Promise<unknown> => fit(options).then(() => 'nothing', plain);
const plain = (error: unknown): unknown =>
  isPerceptError(error) ? { code: error.code, message: error.message, details: error.details } : error;

function values(model: Model, name: string): Float32Array {
  return model.graph.initializers.get(name)!.data as Float32Array;
}

/** The same batches with something else done to them. */
function changed(data: BatchSource, change: (batch: Batch, position: number) => Batch): BatchSource {
  return {
    ...data,
    async *batches(options) {
      let position = options.start ?? 0;
      for await (const batch of data.batches(options)) yield change(batch, position++);
    },
  };
}

describe('frozen layers', () => {
  const model = smallCnn({ classes: 4, size: 8, width: 2 });

  it('stay to the bit, their running statistics too, while the head learns', async () => {
    const freezing = freeze(model, '*', { except: headParameters(model) });
    const { model: trained, history } = await fit({ model, freeze: freezing, epochs: 3 });
    for (const name of [...freezing.frozen, ...freezing.frozenStatistics]) {
      expect(values(trained, name), name).toEqual(values(model, name));
    }
    for (const name of freezing.trained) expect(values(trained, name), name).not.toEqual(values(model, name));
    expect(freezing.frozenStatistics.length).toBeGreaterThan(0);
    expect(history.at(-1)!.trainLoss).toBeLessThan(history[0]!.trainLoss);
  });

  it('move their statistics in batch mode', async () => {
    const freezing = freeze(model, '*', { except: headParameters(model), batchNorm: 'batch' });
    const { model: trained } = await fit({ model, freeze: freezing, epochs: 1 });
    expect(freezing.frozenStatistics).toEqual([]);
    const statistics = [...model.graph.initializers.keys()].filter((name) => name.endsWith('running_mean'));
    for (const name of statistics) expect(values(trained, name)).not.toEqual(values(model, name));
    for (const name of freezing.frozen) expect(values(trained, name)).toEqual(values(model, name));
  });

  it('must be of the model', async () => {
    const freezing = { frozen: [], trained: ['nothing.weight'], frozenStatistics: [] };
    expect(() => new Trainer({ ...small(), freeze: freezing })).toThrow(/Call freeze\(\) on this very model/);
  });
});

describe('accumulation', () => {
  // Without batch statistics the mean over two half batches is the mean over the whole one.
  const linear = (): Model => {
    const g = new GraphBuilder('linear');
    const x = g.node('Flatten', [g.input('x', 'float32', ['N', 1, 8, 8])]);
    const weight = g.initializer(
      'weight',
      tensor(
        'float32',
        [4, 64],
        Float32Array.from({ length: 256 }, (_, i) => Math.sin(i) / 8),
      ),
    );
    const bias = g.initializer('bias', tensor('float32', [4]));
    g.output(g.node('Gemm', [x, weight, bias], { transB: 1 }, { outputs: ['logits'] }), 'float32', ['N', 4]);
    return g.build();
  };
  const optimizer = sgd({ learningRate: 0.1, momentum: 0.9 });

  it('moves the weights as one large batch does', async () => {
    const large = await fit({ model: linear(), data: toyBatches({ images: 48, batchSize: 16 }), optimizer });
    const steps: StepRecord[] = [];
    const callbacks = [{ onStep: (step: StepRecord) => void steps.push(step) }];
    const data = toyBatches({ images: 48, batchSize: 8 });
    const halves = await fit({ model: linear(), data, optimizer, accumulate: 2, callbacks });
    const [expected, actual] = [large, halves].map(({ model }) => values(model, 'weight'));
    for (const [index, value] of expected!.entries()) expect(actual![index]).toBeCloseTo(value, 6);
    expect(steps.map(({ gradientNorm }) => gradientNorm !== undefined)).toEqual(
      Array.from({ length: 12 }, (_, index) => index % 2 === 1),
    );
  });

  it('moves them at the end of an epoch, too, and resumes between two halves', async () => {
    const options = { data: toyBatches({ images: 40, batchSize: 8 }), accumulate: 3, epochs: 2 };
    const whole = await fit(options);
    const storage = memoryStorage();
    const controller = new AbortController();
    const trainer = new Trainer({ ...small(), ...options, checkpoint: { storage, key: 'a' } });
    const onProgress = ({ done }: { done: number }): void => {
      if (done === 1) controller.abort();
    };
    await expect(trainer.fit({ signal: controller.signal, onProgress })).rejects.toThrow();
    const resumed = await fit({ ...options, checkpoint: { storage, key: 'a' } });
    expect(resumed.resumedAt!.step % 3).not.toBe(0);
    for (const name of whole.model.graph.initializers.keys()) {
      expect(values(resumed.model, name)).toEqual(values(whole.model, name));
    }
  });
});

describe('what the model is to say', () => {
  it('may be probabilities, as mixed images have them', async () => {
    const soft = changed(toyBatches(), (batch) => {
      const labels = batch.labels as { data: BigInt64Array };
      const data = new Float32Array(labels.data.length * 4).fill(0.025);
      for (const [row, label] of labels.data.entries()) data[row * 4 + Number(label)] = 0.925;
      return { ...batch, labels: tensor('float32', [labels.data.length, 4], data) };
    });
    const loss = crossEntropy({ targets: 'probabilities' });
    const { history } = await fit({ data: soft, validation: soft, loss, epochs: 4 });
    const hard = await fit({ loss: crossEntropy({ labelSmoothing: 0.1 }), validation: toyBatches(), epochs: 4 });
    for (const [index, epoch] of history.entries()) {
      expect(epoch.trainLoss).toBeCloseTo(hard.history[index]!.trainLoss, 5);
      expect(epoch.validationLoss).toBeCloseTo(hard.history[index]!.validationLoss!, 5);
      expect(epoch.validationAccuracy).toBe(hard.history[index]!.validationAccuracy);
    }
  });

  it('may be numbers, without classes', async () => {
    const numbers = changed({ ...toyBatches(), classes: [] }, (batch) => {
      const corners = [...(batch.labels.data as BigInt64Array)].flatMap((label) => [
        Number(label) % 2,
        Number(label) / 2,
      ]);
      return { ...batch, labels: tensor('float32', [corners.length / 2, 2], corners) };
    });
    const model = smallCnn({ classes: 2, size: 8, width: 4 });
    const { history } = await fit({ model, data: numbers, validation: numbers, loss: mse(), epochs: 6 });
    expect(history.at(-1)!.trainLoss).toBeLessThan(history[0]!.trainLoss / 2);
    expect(history[0]).not.toHaveProperty('trainAccuracy');
    expect(history[0]).not.toHaveProperty('validationAccuracy');
  });

  it('must be of the kind that the loss compares with', async () => {
    expect(await failure({ loss: crossEntropy({ targets: 'probabilities' }) })).toMatchObject({
      code: 'TRAIN_DATA_INVALID',
      message: expect.stringMatching(/Expected float32 labels for crossEntropy\(.*but received int64/),
    });
  });
});

describe('callbacks', () => {
  it('see every step and epoch, add figures, take the model, and end the training', async () => {
    const seen: string[] = [];
    const callback: TrainingCallback = {
      onStart: ({ epoch, step }) => void seen.push(`start ${epoch} ${step}`),
      onStep: async ({ globalStep, loss, learningRate, gradientNorm }) => {
        expect([loss, learningRate, gradientNorm].every(Number.isFinite)).toBe(true);
        seen.push(`step ${globalStep}`);
      },
      async onEpochEnd({ epoch }, control) {
        const model = await control.model();
        if (epoch === 2) control.stop('enough');
        return { firstWeight: values(model, 'conv1.weight')[0]! };
      },
      onEnd: (history) => void seen.push(`end ${history.length}`),
    };
    const logged: [Readonly<Record<string, number>>, number][] = [];
    const tracker: Tracker = {
      logParams: async () => undefined,
      logMetrics: async (metrics, step) => void logged.push([metrics, step]),
      logArtifact: async () => undefined,
    };
    const options = { callbacks: [callback], epochs: 5, tracker: [tracker, tracker], trackSteps: 4 };
    const { history, stopped, model } = await fit(options);
    expect(stopped).toBe('enough');
    expect(history.map(({ metrics }) => metrics!.firstWeight)).toHaveLength(2);
    expect(history[1]!.metrics!.firstWeight).toBe(values(model, 'conv1.weight')[0]);
    expect(seen).toEqual(['start 0 0', ...Array.from({ length: 12 }, (_, at) => `step ${at + 1}`), 'end 2']);
    const steps = logged.filter(([metrics]) => 'stepLoss' in metrics);
    expect(steps.map(([, step]) => step)).toEqual([4, 4, 8, 8, 12, 12]);
    expect(steps[0]![0]).toEqual({
      stepLoss: expect.any(Number),
      stepLearningRate: 0.05,
      gradientNorm: expect.any(Number),
    });
    // On the axis of the steps, of which an epoch has 6.
    const epochs = logged.filter(([metrics]) => 'trainLoss' in metrics);
    expect(epochs.map(([{ epoch }, step]) => [epoch, step])).toEqual([
      [1, 6],
      [1, 6],
      [2, 12],
      [2, 12],
    ]);
    expect(epochs[0]![0]).toHaveProperty('firstWeight');
    logged.length = 0;
    await fit({ tracker });
    expect(logged.map(([metrics, step]) => ['epoch' in metrics, step])).toEqual([
      [false, 1],
      [false, 2],
    ]);
  });

  it('end the training when they throw', async () => {
    const callbacks = [{ onEpochEnd: () => Promise.reject(new RangeError('mine')) }];
    await expect(fit({ callbacks })).rejects.toThrow('mine');
  });
});

describe('early stopping and best models', () => {
  /** Figures that a callback invents, one per epoch. */
  const inventing = (...figures: number[]): TrainingCallback => ({
    onEpochEnd: ({ epoch }) => ({ score: figures[epoch - 1]! }),
  });
  const scores = inventing(0.1, 0.5, 0.4, 0.45, 0.9, 0.2);

  it('ends when the figure does not get better, and gives the best model', async () => {
    const earlyStopping = { monitor: 'score', patience: 2, restoreBest: true };
    const { history, stopped, best, model } = await fit({ callbacks: [scores], epochs: 6, earlyStopping });
    expect(history).toHaveLength(4);
    expect(stopped).toBe('score did not improve in 2 epochs');
    expect(best).toMatchObject({ epoch: 2, value: 0.5 });
    const two = await fit({ callbacks: [scores], epochs: 2 });
    for (const name of two.model.graph.initializers.keys())
      expect(values(model, name)).toEqual(values(two.model, name));
    expect(
      (await fit({ callbacks: [scores], epochs: 6, earlyStopping: { ...earlyStopping, patience: 3 } })).best,
    ).toMatchObject({ epoch: 5 });
  });

  it('counts the same when the training is resumed, and stays ended', async () => {
    const options = {
      callbacks: [scores],
      earlyStopping: { monitor: 'score', patience: 2 },
      checkpoint: { storage: memoryStorage(), key: 'a' },
    };
    expect((await fit({ ...options, epochs: 3 })).stopped).toBeUndefined();
    const resumed = await fit({ ...options, epochs: 6 });
    expect(resumed.history).toHaveLength(4);
    const again = await fit({ ...options, epochs: 6 });
    expect([again.history.length, again.stopped]).toEqual([4, 'score did not improve in 2 epochs']);
  });

  it('keeps as many of the best as asked for, as model files beside the checkpoint', async () => {
    const storage = memoryStorage();
    const options = {
      callbacks: [scores],
      best: { monitor: 'score', keep: 2 },
      checkpoint: { storage, key: 'runs/a' },
      optimizer: emaWeights(sgd({ learningRate: 0.05 })),
    };
    const { best, history } = await fit({ ...options, epochs: 6 });
    expect(best).toMatchObject({ epoch: 5, value: 0.9 });
    expect(history).toHaveLength(6);
    const keys: string[] = [];
    for await (const { key } of storage.list('runs/')) keys.push(key);
    expect(keys.sort()).toEqual(['runs/a', 'runs/a.best/epoch-0002.onnx', 'runs/a.best/epoch-0005.onnx']);
    const stored = readModel(await storage.read('runs/a.best/epoch-0002.onnx'));
    const two = await fit({ ...options, checkpoint: { storage: memoryStorage(), key: 'b' }, epochs: 2 });
    expect(values(stored, 'conv1.weight')).toEqual(values(two.model, 'conv1.weight'));
  });

  it('says which figures there are when the name is wrong', async () => {
    for (const wrong of [{ best: { monitor: 'accuracy' } }, { earlyStopping: { monitor: 'accuracy' } }]) {
      expect(await failure(wrong)).toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(/among trainLoss, trainAccuracy, .*but received "accuracy"/),
      });
    }
  });

  it('validates as often as asked for, and after the last epoch', async () => {
    const validation = toyBatches({ shuffle: false });
    const { history } = await fit({ validation, validateEvery: 2, epochs: 5, best: {} });
    expect(history.map(({ validationLoss }) => validationLoss !== undefined)).toEqual([false, true, false, true, true]);
  });
});

describe('numbers that are not finite', () => {
  const poisoned = (step: number) =>
    changed(toyBatches(), (batch, position) => {
      if (position === step) batch.inputs.data[3] = Number.NaN;
      return batch;
    });

  it('in the data are named as such', async () => {
    expect(await failure({ data: poisoned(2) })).toMatchObject({
      code: 'TRAIN_DIVERGED',
      message: expect.stringContaining('is the images of the batch. Check the data'),
      details: { epoch: 0, step: 2, tensor: { kind: 'input', name: 'images' } },
    });
  });

  it('in the network are traced to the first node that makes them', async () => {
    const model = smallCnn({ classes: 4, size: 8, width: 2 });
    values(model, 'conv2.weight').fill(3e38);
    expect(await failure({ model })).toMatchObject({
      code: 'TRAIN_DIVERGED',
      message: expect.stringMatching(/the first tensor that is not finite is the activation .* of Conv/),
      details: { step: 0, tensor: { kind: 'activation' } },
    });
  });

  it('leave the last good checkpoint as it was, and the training goes on from it with better data', async () => {
    const storage = memoryStorage();
    const checkpoint = { storage, key: 'a', everySteps: 2 };
    expect(await failure({ data: poisoned(5), checkpoint })).toMatchObject({ code: 'TRAIN_DIVERGED' });
    const resumed = await fit({ checkpoint });
    expect(resumed.resumedAt).toEqual({ epoch: 0, step: 4 });
    const whole = await fit({});
    for (const name of whole.model.graph.initializers.keys()) {
      expect(values(resumed.model, name)).toEqual(values(whole.model, name));
    }
  });

  it('in gradients are found before they reach the weights', async () => {
    const g = new GraphBuilder('root');
    const x = g.node('Flatten', [g.input('x', 'float32', ['N', 1, 8, 8])]);
    const hidden = g.node('MatMul', [x, g.initializer('weight', tensor('float32', [64, 4]))]);
    // The square root of zero is fine, its slope is not.
    g.output(g.node('Sqrt', [g.node('Relu', [hidden])], {}, { outputs: ['logits'] }), 'float32', ['N', 4]);
    const optimizer = chain(clipByValue(1), sgd({ learningRate: 0.1 }));
    const options = { model: g.build(), optimizer, schedule: stepLR({ stepSize: 1 }) };
    // Also where they would only be added up: no checkpoint must hold them.
    for (const accumulate of [1, 3]) {
      const checkpoint = { storage: memoryStorage(), key: 'a', everySteps: 1 };
      expect(await failure({ ...options, accumulate, checkpoint })).toMatchObject({
        code: 'TRAIN_DIVERGED',
        message: expect.stringMatching(/Expected gradients of finite length .* is the gradient of weight/),
        details: { step: 0 },
      });
      expect(await readCheckpoint(checkpoint.storage, 'a')).toBeUndefined();
    }
  });
});

describe('weights that are not finite', () => {
  it('after an update by finite gradients are never saved and never handed out', async () => {
    const g = new GraphBuilder('line');
    const x = g.node('Flatten', [g.input('x', 'float32', ['N', 1, 8, 8])]);
    const weight = g.initializer('weight', tensor('float32', [64, 4]));
    g.output(g.node('MatMul', [x, weight], {}, { outputs: ['logits'] }), 'float32', ['N', 4]);
    const bright = changed(toyBatches({ images: 8 }), ({ inputs, ...batch }) => ({
      ...batch,
      inputs: tensor(
        'float32',
        inputs.dims,
        inputs.data.map((value) => value * 1e3),
      ),
    }));
    const options = { model: g.build(), data: bright, epochs: 1, optimizer: sgd({ learningRate: 3e38 }) };
    const checkpoint = { storage: memoryStorage(), key: 'a' };
    for (const saved of [{ checkpoint }, {}]) {
      expect(await failure({ ...options, ...saved })).toMatchObject({
        code: 'TRAIN_DIVERGED',
        message: expect.stringContaining('Expected finite weights to keep but weight holds a value that is not'),
        details: { tensor: { kind: 'parameter', name: 'weight' } },
      });
    }
    expect(await readCheckpoint(checkpoint.storage, 'a')).toBeUndefined();
  });
});

describe('ways to compute', () => {
  it('are timed once, stand in the checkpoint and are told to trackers', async () => {
    const storage = memoryStorage();
    const artifacts: string[] = [];
    const tracker: Tracker = {
      logParams: async () => undefined,
      logMetrics: async () => undefined,
      logArtifact: async (path, bytes) => void artifacts.push(path, new TextDecoder().decode(bytes)),
    };
    const checkpoint = { storage, key: 'a' };
    const whole = await fit({ tune: { storage, version: '1.30.0' }, checkpoint, tracker });
    const chosen = JSON.parse(artifacts[1]!);
    expect(artifacts[0]).toBe('choices.json');
    expect(Object.keys(chosen).some((key) => key.startsWith('weight of [8,'))).toBe(true);
    expect((await readCheckpoint(storage, 'a'))!.position.choices).toEqual(chosen);
    // With the cache another training chooses the same, and ends with the same bits.
    const again = await fit({ tune: { storage, version: '1.30.0' } });
    for (const name of whole.model.graph.initializers.keys()) {
      expect(values(again.model, name)).toEqual(values(whole.model, name));
    }
    const longer = await fit({ checkpoint, tracker, epochs: 3 });
    expect(longer.resumedAt).toEqual({ epoch: 2, step: 0 });
    expect(artifacts).toHaveLength(2);
  });

  it('can save memory by computing again, without another result', async () => {
    const [plainly, again] = [await fit({}), await fit({ checkpointing: 'sqrt' })];
    for (const name of plainly.model.graph.initializers.keys()) {
      expect(values(again.model, name)).toEqual(values(plainly.model, name));
    }
  });
});

describe('resuming', () => {
  it('keeps what a callback said before the end of the epoch', async () => {
    const storage = memoryStorage();
    const checkpoint = { storage, key: 'a', everySteps: 1 };
    const controller = new AbortController();
    const callbacks: TrainingCallback[] = [
      {
        onStep({ globalStep }, control) {
          if (globalStep === 2) control.stop('seen enough');
          if (globalStep === 4) controller.abort();
        },
      },
    ];
    const first = new Trainer({ ...small(), checkpoint, callbacks, epochs: 5 });
    await expect(first.fit({ signal: controller.signal })).rejects.toMatchObject({ code: 'ABORTED' });
    const validation = toyBatches({ images: 16 });
    const { history, stopped } = await fit({ checkpoint, validation, validateEvery: 3, epochs: 5 });
    expect([history.length, stopped]).toEqual([1, 'seen enough']);
    expect(history[0]!.validationLoss).toBeDefined();
  });

  it('ranks epochs anew when they are judged by something else', async () => {
    const checkpoint = { storage: memoryStorage(), key: 'a' };
    await fit({ checkpoint, best: { monitor: 'trainLoss' }, epochs: 1 });
    const { best } = await fit({ checkpoint, best: { monitor: 'trainAccuracy' }, epochs: 2 });
    expect(best!.epoch).toBe(2);
  });
});

describe('what cannot be trained', () => {
  it('is data of more batches than announced, before they move a weight', async () => {
    const storage = memoryStorage();
    const data = { ...toyBatches(), batchesPerEpoch: 4 };
    expect(await failure({ data, checkpoint: { storage, key: 'a', everySteps: 1 } })).toMatchObject({
      code: 'TRAIN_DATA_INVALID',
      message: expect.stringContaining('Expected 4 batches in epoch 0 but received more'),
    });
    expect((await readCheckpoint(storage, 'a'))!.position.step).toBeLessThanOrEqual(4);
    for (const count of [4, 9]) {
      const validation = { ...toyBatches(), batchesPerEpoch: count };
      expect(await failure({ validation })).toMatchObject({ code: 'TRAIN_DATA_INVALID' });
    }
  });

  it('is data that gives the same buffers twice, or labels of another shape', async () => {
    const emptied = changed(toyBatches(), (batch) => ({
      ...batch,
      inputs: { ...batch.inputs, data: new Float32Array(0) },
    }));
    expect(await failure({ data: emptied })).toMatchObject({
      code: 'TRAIN_DATA_INVALID',
      message: expect.stringContaining('handed over'),
    });
    const short = changed(toyBatches(), (batch) => ({ ...batch, labels: tensor('int64', [1], [0]) }));
    expect(await failure({ data: short })).toMatchObject({ code: 'TRAIN_DATA_INVALID' });
  });

  it('is a figure that is no number, or has the name of another', async () => {
    for (const given of [{ f1: null }, { trainLoss: 1 }]) {
      const callbacks = [{ onEpochEnd: () => given as unknown as Record<string, number> }];
      expect(await failure({ callbacks })).toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
  });

  it('is a model without parameters', () => {
    const g = new GraphBuilder('sums');
    g.output(g.node('ReduceSum', [g.input('x', 'float32', ['N', 4, 8])], { keepdims: 0 }), 'float32', undefined);
    expect(() => new Trainer({ ...small(), model: g.build() })).toThrow(/Expected a model with parameters to train/);
  });

  it('is a batch of one image with batch statistics over one value', async () => {
    const g = new GraphBuilder('normalized');
    const x = g.node('Flatten', [g.input('x', 'float32', ['N', 1, 8, 8])]);
    const channel = (name: string, value: number) =>
      g.initializer(name, tensor('float32', [64], new Float32Array(64).fill(value)));
    const statistics = [channel('mean', 0), channel('variance', 1)];
    const normalized = g.node('BatchNormalization', [x, channel('scale', 1), channel('bias', 0), ...statistics]);
    const weight = g.initializer('weight', tensor('float32', [64, 4], new Float32Array(256).fill(0.1)));
    g.output(g.node('MatMul', [normalized, weight], {}, { outputs: ['logits'] }), 'float32', ['N', 4]);
    const data = toyBatches({ images: 9, batchSize: 8 });
    expect(await failure({ model: g.build(), data })).toMatchObject({ code: 'TRAIN_UNSUPPORTED' });
  });

  it('is where checkpoints cannot be written, and the last good one stays', async () => {
    const storage = memoryStorage();
    let writes = 0;
    const full = new Proxy(storage, {
      get(target, name: keyof Storage) {
        if (name !== 'write') return (target[name] as () => unknown).bind(target);
        return (key: string, bytes: Uint8Array) => {
          if (++writes > 1) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
          return target.write(key, bytes);
        };
      },
    });
    const checkpoint = { storage: full, key: 'a', everySteps: 2 };
    await expect(fit({ checkpoint })).rejects.toThrow('no space left');
    expect((await fit({ checkpoint: { storage, key: 'a' } })).resumedAt).toEqual({ epoch: 0, step: 2 });
  });
});
