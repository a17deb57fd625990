import { readFileSync } from 'node:fs';
import { type BatchSource, tensor } from '@percept/core';
import { GraphBuilder, type Model, modelDigest, writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { plotFromSpec } from '@percept/report';
import { describe, expect, it } from 'vitest';
import { toyBatches } from './batches.fixture.js';
import { smallCnn } from './builders/small-cnn.js';
import type { EngineModel, StepRequest } from './engine.js';
import { findLearningRate } from './find-learning-rate.js';
import { minimumRate, steepestRate, valleyRate } from './learning-rate-suggestions.js';
import { mse } from './losses.js';
import { freeze } from './models/freeze.js';
import { headParameters } from './models/head.js';
import { sgd } from './optimizers/sgd.js';

const golden = JSON.parse(
  readFileSync(new URL('../../../test/goldens/train/learning-rate-finder.json', import.meta.url), 'utf8'),
) as { curves: Record<string, GoldenCurve> };

interface GoldenCurve {
  steps: number;
  rates: number[];
  raw: number[];
  losses: number[];
  valley: number;
  steepest: number;
  minimum: number;
}

const runtime = onnxruntimeNode({ worker: false });
const plain = { runtime, threads: 1 };

/** An engine without weights whose losses are given. */
function scripted(losses: readonly number[]): { model: EngineModel; requests: StepRequest[]; closed: () => boolean } {
  const requests: StepRequest[] = [];
  let closed = false;
  const refuse = () => Promise.reject(new Error('not for a range test'));
  return {
    requests,
    closed: () => closed,
    model: {
      createEngine: async () => ({
        fingerprint: {},
        initialState: () => new Map(),
        restore: async () => undefined,
        snapshot: refuse,
        score: refuse,
        diagnose: refuse,
        exportModel: refuse,
        step: async (request) => ({ loss: losses[requests.push(request) - 1]! }),
        close: async () => {
          closed = true;
        },
      }),
    },
  };
}

describe('findLearningRate, against fastai', () => {
  for (const [name, curve] of Object.entries(golden.curves)) {
    it(`finds, smooths and stops the same: ${name}`, async () => {
      const { model, requests, closed } = scripted(curve.raw.concat(curve.raw.at(-1)! * 1e9));
      const range = { from: curve.rates[0]!, to: curve.rates[0]! * (curve.rates[1]! / curve.rates[0]!) ** curve.steps };
      const found = await findLearningRate({ model, data: toyBatches() }, { ...range, steps: curve.steps });
      expect(found.rates).toHaveLength(curve.rates.length);
      for (const [at, rate] of curve.rates.entries()) {
        expect(found.rates[at]! / rate).toBeCloseTo(1, 9);
        expect(found.losses[at]! / curve.losses[at]!).toBeCloseTo(1, 9);
        expect(requests[at]!.scalars.learningRate! / rate).toBeCloseTo(1, 9);
      }
      expect(found.learningRate / curve.valley).toBeCloseTo(1, 9);
      expect(found.steepest / curve.steepest).toBeCloseTo(1, 9);
      expect(found.minimum / curve.minimum).toBeCloseTo(1, 9);
      expect(found.exploded).toBe(curve.rates.length < curve.steps);
      expect(closed()).toBe(true);
    });
  }

  it('gives a rate of the curve even where the losses are two', () => {
    for (const losses of [
      [2, 1],
      [1, 2],
    ]) {
      const curve = { rates: [0.1, 0.2], losses };
      expect(curve.rates).toContain(valleyRate(curve));
      expect(steepestRate(curve)).toBe(0.1);
      expect(minimumRate(curve)).toBe(curve.rates[losses.indexOf(1)]! / 10);
    }
  });
});

describe('findLearningRate', () => {
  /** Loss (w - 1)², whose second derivative is L = 2: gradient descent shrinks it below the rate 2 / L = 1, and only there. */
  const bowl = (): { model: Model; data: BatchSource } => {
    const g = new GraphBuilder('bowl');
    const x = g.node('Flatten', [g.input('x', 'float32', ['N', 1, 1, 1])]);
    const weight = g.initializer('weight', tensor('float32', [1, 1], [1e3]));
    g.output(g.node('MatMul', [x, weight], {}, { outputs: ['y'] }), 'float32', ['N', 1]);
    const one = (): Float32Array<ArrayBuffer> => new Float32Array(4).fill(1);
    return {
      model: g.build(),
      data: {
        batchesPerEpoch: 2,
        classes: [],
        async *batches({ start = 0 }) {
          for (let at = start; at < 2; at++) {
            const labels = tensor('float32', [4, 1], one());
            yield { keys: ['a', 'b', 'c', 'd'], inputs: tensor('float32', [4, 1, 1, 1], one()), labels };
          }
        },
      },
    };
  };

  it('sees a quadratic bowl explode from 2 / L on', async () => {
    const options = { ...plain, ...bowl(), loss: mse(), optimizer: sgd({ learningRate: 1 }) };
    const found = await findLearningRate(options, { from: 0.7, to: 1.4, steps: 60, smoothing: 0, stopAt: 1e9 });
    for (const [at, rate] of found.rates.slice(0, -1).entries()) {
      // Between two steps the loss changes by (1 - L rate)².
      expect(found.stepLosses[at + 1]! / found.stepLosses[at]!).toBeCloseTo((1 - 2 * rate) ** 2, 2);
    }
    const lowest = found.rates[found.losses.indexOf(Math.min(...found.losses))]!;
    expect(lowest).toBeGreaterThan(0.98);
    expect(lowest).toBeLessThan(1.03);
    expect(found.learningRate).toBeLessThan(1);
  });

  it('stops where it explodes, and leaves out what is not finite', async () => {
    const options = { ...plain, ...bowl(), loss: mse(), optimizer: sgd({ learningRate: 1 }) };
    const found = await findLearningRate(options, { from: 1e-3, to: 1e6, steps: 50, stopAt: 1e300, smoothing: 0.9 });
    expect(found.exploded).toBe(true);
    expect(found.rates.length).toBeLessThan(50);
    expect(found.stepLosses.every(Number.isFinite)).toBe(true);
    expect(found.learningRate).toBeLessThan(1);
  });

  it('finds a rate that trains a network, the same each time, and does not change the model', async () => {
    const model = smallCnn({ classes: 4, size: 8, width: 2 });
    const before = await modelDigest(writeModel(model));
    const progress: number[] = [];
    const options = { ...plain, model, data: toyBatches({ images: 20 }), optimizer: sgd({ learningRate: 1 }) };
    const range = { from: 1e-4, steps: 40, onProgress: ({ done }: { done: number }) => void progress.push(done) };
    const found = await findLearningRate(options, range);
    expect(found.learningRate).toBeGreaterThan(1e-3);
    expect(found.learningRate).toBeLessThan(1);
    expect(found.rates[0]).toBe(1e-4);
    expect(progress).toEqual(found.rates.map((_, at) => at + 1));
    expect(await modelDigest(writeModel(model))).toBe(before);
    const again = await findLearningRate(options, { from: 1e-4, steps: 40 });
    expect(again).toEqual(found);
    expect(plotFromSpec(found.plot).toSvg()).toContain('valley');
  });

  it('looks at frozen models, at cached features and at batches that are added up', async () => {
    const model = smallCnn({ classes: 4, size: 8, width: 2 });
    const freezing = freeze(model, '*', { except: headParameters(model) });
    const options = { ...plain, model, data: toyBatches({ images: 8 }), freeze: freezing };
    const range = { steps: 20, from: 1e-4, to: 1 };
    const whole = await findLearningRate(options, range);
    const cached = await findLearningRate({ ...options, features: {} }, range);
    for (const [at, loss] of whole.stepLosses.entries()) expect(cached.stepLosses[at]).toBeCloseTo(loss, 4);
    const halves = { ...options, data: toyBatches({ images: 16, batchSize: 4, shuffle: false }), accumulate: 2 };
    const wholes = { ...options, data: toyBatches({ images: 16, batchSize: 8, shuffle: false }) };
    const [added, large] = [await findLearningRate(halves, range), await findLearningRate(wholes, range)];
    for (const [at, loss] of large.stepLosses.entries()) expect(added.stepLosses[at]).toBeCloseTo(loss, 4);
  });

  it('says why there is no rate, and can be aborted', async () => {
    const options = { ...plain, ...bowl(), loss: mse(), optimizer: sgd({ learningRate: 1 }) };
    await expect(findLearningRate(options, { from: 1e3, to: 1e9 })).rejects.toMatchObject({
      code: 'TRAIN_DIVERGED',
      message: expect.stringContaining('Begin at a lower rate (from: 1)'),
    });
    const controller = new AbortController();
    const onProgress = (): void => controller.abort();
    const aborted = findLearningRate(options, { from: 1e-3, onProgress, signal: controller.signal });
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' });
    await expect(findLearningRate(options, { from: 1, to: 0.1 })).rejects.toThrow(/Expected more than from for to /);
    const empty = { ...options, data: { ...options.data, async *batches() {} } };
    await expect(findLearningRate(empty)).rejects.toMatchObject({ code: 'TRAIN_DATA_INVALID' });
  });
});
