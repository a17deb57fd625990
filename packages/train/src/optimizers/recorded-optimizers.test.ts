import { readFileSync } from 'node:fs';
import { type Tensor, tensor } from '@percept/core';
import { writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { describe, expect, it } from 'vitest';
import { StepBuilder } from '../step-builder.js';
import { adagrad } from './adagrad.js';
import { adam } from './adam.js';
import { adamw } from './adamw.js';
import { chain } from './chain.js';
import { adaptiveClip, clipByGlobalNorm, clipByValue } from './clipping.js';
import { emitUpdates, optimizerStateName } from './emit-updates.js';
import { lamb } from './lamb.js';
import { lion } from './lion.js';
import { rmsprop } from './rmsprop.js';
import { sgd } from './sgd.js';
import type { Optimizer } from './transformation.js';
import { emaWeights, swaWeights } from './weight-average.js';

type Weights = Record<string, number[]>;
interface Golden {
  shapes: Record<string, number[]>;
  start: Weights;
  gradients: Weights[];
  cases: Record<string, Record<string, Weights>>;
}
const golden = JSON.parse(
  readFileSync(new URL('../../../../test/goldens/train/optimizers.json', import.meta.url), 'utf8'),
) as Golden;

const plain = sgd({ learningRate: 0.1 });
const groups = [
  { pattern: /^conv\./, learningRateFactor: 0.1 },
  { pattern: /head.weight/, weightDecay: 0.5 },
];
const optimizers: Record<string, Optimizer> = {
  sgd: plain,
  'sgd momentum': sgd({ learningRate: 0.05, momentum: 0.9, weightDecay: 0.01 }),
  'sgd dampening': sgd({ learningRate: 0.05, momentum: 0.9, dampening: 0.3 }),
  'sgd nesterov': sgd({ learningRate: 0.05, momentum: 0.9, nesterov: true, weightDecay: 0.01 }),
  adam: adam(),
  'adam decay': adam({ learningRate: 0.02, beta1: 0.8, beta2: 0.95, epsilon: 1e-6, weightDecay: 0.1 }),
  'adam amsgrad': adam({ learningRate: 0.01, amsgrad: true }),
  adamw: adamw(),
  'adamw decay': adamw({ learningRate: 0.02, weightDecay: 0.3, amsgrad: true }),
  'adamw groups': adamw({ learningRate: 0.01, weightDecay: 0.1, decayed: 'matrices', groups }),
  rmsprop: rmsprop(),
  'rmsprop momentum': rmsprop({ learningRate: 0.005, alpha: 0.9, momentum: 0.8, weightDecay: 0.01 }),
  'rmsprop centered': rmsprop({ learningRate: 0.005, epsilon: 1e-3, momentum: 0.5, centered: true }),
  adagrad: adagrad(),
  'adagrad decay': adagrad({
    learningRate: 0.1,
    learningRateDecay: 0.05,
    initialAccumulator: 0.2,
    weightDecay: 0.01,
  }),
  lion: lion(),
  'lion decay': lion({ learningRate: 0.003, beta1: 0.8, beta2: 0.95, weightDecay: 0.5 }),
  lamb: lamb(),
  'lamb adapted': lamb({ learningRate: 0.02, weightDecay: 0, maxGradNorm: null, alwaysAdapt: true }),
  'clip norm': chain(clipByGlobalNorm(1.5), plain),
  'clip value': chain(clipByValue(0.5), plain),
  'clip adaptive': chain(adaptiveClip({ clipFactor: 0.05 }), plain),
  ema: emaWeights(plain, { decay: 0.9 }),
  swa: swaWeights(plain, { start: 4, every: 3 }),
};

const runtime = onnxruntimeNode({ worker: false });
const names = Object.keys(golden.shapes);

/** The weights, or their averages where the optimizer keeps them, after each step on the recorded gradients. */
async function descend(optimizer: Optimizer): Promise<Record<string, Tensor>[]> {
  const g = new StepBuilder('updates');
  const feeds: Record<string, Tensor> = {};
  for (const name of names) {
    const dims = golden.shapes[name]!;
    feeds[g.input(name, 'float32', dims)] = tensor('float32', dims, golden.start[name]!);
    g.input(`gradient.${name}`, 'float32', dims);
    for (const slot of optimizer.state) {
      const initial = optimizer.initial?.[slot] ?? 0;
      const values = initial === 'parameter' ? golden.start[name]! : golden.start[name]!.map(() => initial);
      feeds[g.input(optimizerStateName(slot, name), 'float32', dims)] = tensor('float32', dims, values);
    }
  }
  const scalars = ['learningRate', ...Object.keys(optimizer.scalars)];
  for (const scalar of scalars) g.input(scalar, 'float32', []);
  const trained = names.map((name) => ({ name, dims: golden.shapes[name]!, gradient: `gradient.${name}` }));
  const updates = emitUpdates(g, optimizer, trained, Object.fromEntries(scalars.map((scalar) => [scalar, scalar])));
  for (const [name, value] of updates) {
    g.output(g.node('Identity', [value], {}, { outputs: [`next.${name}`] }), 'float32', undefined);
  }
  const session = await runtime.createSession(writeModel(g.build()), { threads: 1 });
  const history: Record<string, Tensor>[] = [];
  for (const [index, gradients] of golden.gradients.entries()) {
    for (const name of names) feeds[`gradient.${name}`] = tensor('float32', golden.shapes[name]!, gradients[name]!);
    feeds.learningRate = tensor('float32', [], [optimizer.learningRate]);
    for (const [scalar, at] of Object.entries(optimizer.scalars)) {
      feeds[scalar] = tensor('float32', [], [at(index + 1)]);
    }
    const results = await session.run(feeds);
    for (const name of updates.keys()) feeds[name] = results[`next.${name}`]!;
    const { average } = optimizer;
    const shown = (name: string) => feeds[average === undefined ? name : optimizerStateName(average, name)]!;
    history.push(Object.fromEntries(names.map((name) => [name, shown(name)])));
  }
  await session.close();
  return history;
}

describe('optimizers on recorded gradients', () => {
  it('are all recorded', () => {
    expect(Object.keys(optimizers)).toEqual(Object.keys(golden.cases));
  });

  it.each(Object.entries(optimizers))('%s gives the recorded weights', async (name, optimizer) => {
    const history = await descend(optimizer);
    for (const [step, weights] of Object.entries(golden.cases[name]!)) {
      for (const [parameter, expected] of Object.entries(weights)) {
        const actual = history[Number(step) - 1]![parameter]!.data as Float32Array;
        const largest = Math.max(...expected.map(Math.abs));
        const error = Math.max(...expected.map((value, index) => Math.abs(actual[index]! - value))) / largest;
        expect(error, `${parameter} after step ${step}`).toBeLessThan(1e-6);
      }
    }
  });
});
