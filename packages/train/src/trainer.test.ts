import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BatchSource, isPerceptError, type Progress, type Tracker, tensor } from '@percept/core';
import { GraphBuilder, type Model, readMetadata, readModel, writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { memoryStorage } from '@percept/storage/backends/memory';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toyBatches } from './batches.fixture.js';
import { smallCnn } from './builders/small-cnn.js';
import { evaluate } from './evaluation/evaluate.js';
import { adam } from './optimizers/adam.js';
import { sgd } from './optimizers/sgd.js';
import { stepLR } from './schedules.js';
import { Trainer } from './trainer.js';
import type { TrainerOptions } from './trainer-options.js';

const small = (): TrainerOptions => ({
  model: smallCnn({ classes: 4, size: 8, width: 2 }),
  data: toyBatches(),
  epochs: 2,
  optimizer: adam({ learningRate: 0.01 }),
  threads: 1,
});

const codeOf = (error: unknown): string => (isPerceptError(error) ? error.code : String(error));
const failure = (promise: Promise<unknown>): Promise<string> => promise.then(() => 'nothing', codeOf);

function bytesOf(model: Model): Buffer {
  return Buffer.concat(
    [...model.graph.initializers.values()].map(({ data }) => {
      const { buffer, byteOffset, byteLength } = data as Float32Array;
      return Buffer.from(buffer, byteOffset, byteLength);
    }),
  );
}

/** Trains until `steps` have been reported, then aborts. */
async function abortAfter(steps: number, options: TrainerOptions): Promise<string> {
  const controller = new AbortController();
  const onProgress = ({ done }: Progress): void => {
    if (done >= steps) controller.abort();
  };
  return failure(new Trainer(options).fit({ signal: controller.signal, onProgress }));
}

describe('Trainer', () => {
  it('learns, validates, reports and gives a model that describes itself', async () => {
    const progress: Progress[] = [];
    const logged: [string, unknown, number?][] = [];
    const tracker: Tracker = {
      logParams: async (params) => void logged.push(['params', params]),
      logMetrics: async (metrics, step) => void logged.push(['metrics', metrics, step]),
      logArtifact: async () => undefined,
    };
    const validation = toyBatches({ shuffle: false, images: 30 });
    const trainer = new Trainer({
      ...small(),
      model: smallCnn({ classes: 4, size: 8, width: 6 }),
      validation,
      tracker,
      epochs: 4,
      seed: 9,
      schedule: stepLR({ stepSize: 3, gamma: 0.5 }),
      metadata: { lineage: { codeVersion: 'abc' } },
    });
    const { model, history, resumedAt } = await trainer.fit({ onProgress: (report) => progress.push(report) });

    expect(resumedAt).toBeUndefined();
    expect(history.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
    expect(history.map(({ learningRate }) => learningRate)).toEqual([0.01, 0.01, 0.01, 0.005]);
    expect(history.at(-1)!.trainLoss).toBeLessThan(history[0]!.trainLoss / 2);
    expect(history.at(-1)!.validationAccuracy).toBeGreaterThan(0.9);

    const report = await evaluate(writeModel(model), validation, { runtime: onnxruntimeNode({ worker: false }) });
    expect(report.accuracy).toBe(history.at(-1)!.validationAccuracy);
    expect(report.samples).toBe(30);

    expect(model.graph.inputs[0]).toMatchObject({ name: 'input', dims: ['N', 1, 8, 8] });
    expect(model.graph.outputs[0]).toMatchObject({ name: 'logits', dims: ['N', 4] });
    expect(readMetadata(readModel(writeModel(model)))).toEqual({
      labels: validation.classes,
      lineage: { seed: 9, codeVersion: 'abc' },
    });

    const training = progress.filter(({ stage }) => stage === 'train');
    expect(training.map(({ done }) => done)).toEqual(Array.from({ length: 24 }, (_, i) => i + 1));
    expect(training.at(-1)).toMatchObject({ total: 24, unit: 'steps', values: { epoch: 4 } });
    expect(progress.some(({ stage }) => stage === 'evaluate')).toBe(true);
    expect(logged[0]).toMatchObject(['params', { epochs: 4, seed: 9, learningRate: 0.01 }]);
    expect(logged.filter(([kind]) => kind === 'metrics').map(([, , step]) => step)).toEqual([1, 2, 3, 4]);
  });

  it('trains on from the result of an earlier training', async () => {
    const first = await new Trainer(small()).fit();
    const again = await new Trainer({ ...small(), model: readModel(writeModel(first.model)), epochs: 1 }).fit();
    expect(again.history[0]!.trainLoss).toBeLessThan(first.history[0]!.trainLoss);
    expect(bytesOf(again.model).equals(bytesOf(first.model))).toBe(false);
  });

  it('gives the same bits again', async () => {
    const [first, second] = [await new Trainer(small()).fit(), await new Trainer(small()).fit()];
    expect(bytesOf(first.model).equals(bytesOf(second.model))).toBe(true);
  });
});

describe('resuming', () => {
  it('ends with the same bits wherever the training is aborted, and however often', async () => {
    const options = { ...small(), optimizer: sgd({ learningRate: 0.05, momentum: 0.9, weightDecay: 0.01 }) };
    const whole = await new Trainer(options).fit();
    const steps = 2 * options.data.batchesPerEpoch;
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 1, max: steps - 1 }), { minLength: 1, maxLength: 2 }),
        fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
        async (stops, everySteps) => {
          const storage = memoryStorage();
          const checkpoint = { storage, key: 'runs/a', ...(everySteps === undefined ? {} : { everySteps }) };
          for (const stop of stops.sort((a, b) => a - b)) {
            expect(['ABORTED', 'nothing']).toContain(await abortAfter(stop, { ...options, checkpoint }));
          }
          const resumed = await new Trainer({ ...options, checkpoint }).fit();
          expect(resumed.resumedAt).toBeDefined();
          expect(bytesOf(resumed.model).equals(bytesOf(whole.model))).toBe(true);
          expect(resumed.history.map(({ trainLoss }) => trainLoss)).toEqual(
            whole.history.map(({ trainLoss }) => trainLoss),
          );
        },
      ),
      { numRuns: 4 },
    );
  });

  it('goes on after an abort during validation', async () => {
    const storage = memoryStorage();
    const options = { ...small(), epochs: 1, validation: toyBatches(), checkpoint: { storage, key: 'a' } };
    const controller = new AbortController();
    const onProgress = ({ stage }: Progress): void => {
      if (stage === 'evaluate') controller.abort();
    };
    expect(await failure(new Trainer(options).fit({ signal: controller.signal, onProgress }))).toBe('ABORTED');
    const resumed = await new Trainer(options).fit();
    expect(resumed.resumedAt).toEqual({ epoch: 0, step: options.data.batchesPerEpoch });
    expect(resumed.history).toHaveLength(1);
  });

  it('survives kill -9 and ends with the same bits', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'percept-train-'));
    try {
      const killed = start(folder);
      await new Promise<void>((resolve) => {
        killed.on('message', (message: { done?: number }) => {
          if (message.done === 9) killed.kill('SIGKILL');
        });
        killed.on('exit', () => resolve());
      });
      expect(killed.signalCode).toBe('SIGKILL');
      const resumed = await finish(start(folder));
      expect(resumed.resumedAt).toEqual({ epoch: 1, step: expect.any(Number) });
      const whole = await new Trainer({ ...small(), epochs: 3 }).fit();
      expect(resumed.weights).toBe(bytesOf(whole.model).toString('base64'));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('gives the result at once when the training is complete, and goes on when more epochs are asked for', async () => {
    const checkpoint = { storage: memoryStorage(), key: 'a' };
    const done = await new Trainer({ ...small(), checkpoint }).fit();
    const again = await new Trainer({ ...small(), checkpoint }).fit();
    expect(again.resumedAt).toEqual({ epoch: 2, step: 0 });
    expect(bytesOf(again.model).equals(bytesOf(done.model))).toBe(true);
    const longer = await new Trainer({ ...small(), checkpoint, epochs: 3 }).fit();
    expect(bytesOf(longer.model).equals(bytesOf((await new Trainer({ ...small(), epochs: 3 }).fit()).model))).toBe(
      true,
    );
    await expect(new Trainer({ ...small(), checkpoint, epochs: 2 }).fit()).rejects.toThrow(/at most 2 epochs/);
  });

  it('refuses the checkpoint of another training and says what differs', async () => {
    const checkpoint = { storage: memoryStorage(), key: 'a' };
    await new Trainer({ ...small(), epochs: 1, checkpoint }).fit();
    const others: [string, Partial<TrainerOptions>][] = [
      ['model', { model: smallCnn({ classes: 4, size: 8, width: 2, seed: 1 }) }],
      ['optimizer', { optimizer: adam({ learningRate: 0.01, weightDecay: 0.1 }) }],
      ['learningRate', { optimizer: adam({ learningRate: 0.02 }) }],
      ['schedule', { schedule: stepLR({ stepSize: 1 }) }],
      ['seed', { seed: 3 }],
      ['batchesPerEpoch', { data: toyBatches({ batchSize: 4 }) }],
    ];
    for (const [name, change] of others) {
      const refused = new Trainer({ ...small(), ...change, checkpoint }).fit();
      await expect(refused).rejects.toMatchObject({
        code: 'TRAIN_CHECKPOINT_MISMATCH',
        details: { different: expect.arrayContaining([name]) },
      });
    }
  });
});

describe('what goes wrong', () => {
  it('stops when the loss is not finite, and names the step', async () => {
    const { data } = small();
    const broken: BatchSource = {
      ...data,
      async *batches(options) {
        let step = options.start ?? 0;
        for await (const batch of data.batches(options)) {
          if (step++ === 3) batch.inputs.data[0] = Number.NaN;
          yield batch;
        }
      },
    };
    await expect(new Trainer({ ...small(), data: broken }).fit()).rejects.toMatchObject({
      code: 'TRAIN_DIVERGED',
      details: { epoch: 0, step: 3 },
    });
  });

  it('refuses labels out of range and a wrong number of batches', async () => {
    const { data } = small();
    const model = smallCnn({ classes: 2, size: 8, width: 2 });
    const fewer = { ...data, classes: ['a', 'b'] };
    expect(await failure(new Trainer({ ...small(), model, data: fewer }).fit())).toBe('TRAIN_DATA_INVALID');
    expect(await failure(new Trainer({ ...small(), data: { ...data, batchesPerEpoch: 9 } }).fit())).toBe(
      'TRAIN_DATA_INVALID',
    );
  });

  it('refuses data of another number of classes than the model has', async () => {
    const { data } = small();
    const more = { ...data, classes: [...data.classes, 'middle'] };
    expect(await failure(new Trainer({ ...small(), data: more }).fit())).toBe('TRAIN_MODEL_INVALID');
  });

  it('refuses data without a batch instead of leaving the network untrained', () => {
    const empty: BatchSource = { ...small().data, batchesPerEpoch: 0 };
    expect(() => new Trainer({ ...small(), data: empty })).toThrow(
      expect.objectContaining({ code: 'TRAIN_DATA_INVALID' }),
    );
  });

  it('refuses images of another size than the model takes', async () => {
    expect(await failure(new Trainer({ ...small(), data: toyBatches({ size: 12 }) }).fit())).toBe('TRAIN_UNSUPPORTED');
    const colour = smallCnn({ classes: 4, size: 8, width: 2, channels: 3 });
    await expect(new Trainer({ ...small(), model: colour }).fit()).rejects.toMatchObject({
      code: 'TRAIN_DATA_INVALID',
      message: expect.stringMatching(
        /Expected batches \[N, 3, 8, 8\] for the model's input \S+ but received \[8, 1, 8, 8\]/,
      ),
    });
  });

  it('passes on what the data throws', async () => {
    const data: BatchSource = {
      ...small().data,
      // biome-ignore lint/correctness/useYield: it fails before the first batch
      async *batches() {
        throw new RangeError('gone');
      },
    };
    await expect(new Trainer({ ...small(), data }).fit()).rejects.toThrow(/gone/);
  });

  it('does not start when it is aborted already', async () => {
    expect(await failure(new Trainer(small()).fit({ signal: AbortSignal.abort() }))).toBe('ABORTED');
  });

  it('refuses options out of range and models that cannot be trained', () => {
    const build = (options: Partial<TrainerOptions>) => () => new Trainer({ ...small(), ...options });
    expect(build({ epochs: 0 })).toThrow(/Expected number of at least 1 for epochs of Trainer options/);
    const g = new GraphBuilder('unknown');
    const scores = g.node('MatMul', [g.input('x', 'float32', ['N', 4]), g.constant(tensor('float32', [4, 4]))]);
    const options = { domain: 'com.example', name: 'mystery' };
    g.output(g.node('Mystery', [scores], {}, options), 'float32', undefined);
    expect(build({ model: g.build() })).toThrow(
      /Expected only operators with a gradient .*Mystery, first in .*mystery/,
    );
  });

  it.each([
    '',
    'not a checkpoint',
    Buffer.from(writeModel(smallCnn({ classes: 2, size: 4, width: 1 }))).toString('latin1'),
  ])('refuses an object that is no checkpoint', async (text) => {
    const storage = memoryStorage();
    await storage.write('a', Buffer.from(text, 'latin1'));
    expect(await failure(new Trainer({ ...small(), checkpoint: { storage, key: 'a' } }).fit())).toBe(
      'TRAIN_CHECKPOINT_INVALID',
    );
  });
});

interface Finished {
  weights: string;
  resumedAt?: { epoch: number; step: number };
}

function start(folder: string): ChildProcess {
  return fork(new URL('killed-training.fixture.ts', import.meta.url), [folder, '3'], {
    execArgv: ['--conditions=@percept/source', '--import', 'tsx'],
  });
}

function finish(child: ChildProcess): Promise<Finished> {
  return new Promise((resolve, reject) => {
    child.on('message', (message: Finished) => {
      if ('weights' in message) resolve(message);
    });
    child.on('exit', (code) => reject(new Error(`the training ended with ${code}`)));
  });
}
