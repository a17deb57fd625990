import { readFileSync } from 'node:fs';
import { isPerceptError, type Tensor, tensor } from '@percept/core';
import { type Model, writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { describe, expect, it } from 'vitest';
import { type Loss, targetsOf } from '../../losses/loss.js';
import * as losses from '../../losses.js';
import { adagrad } from '../../optimizers/adagrad.js';
import { adam } from '../../optimizers/adam.js';
import { adamw } from '../../optimizers/adamw.js';
import { chain } from '../../optimizers/chain.js';
import { adaptiveClip, clipByGlobalNorm, clipByValue } from '../../optimizers/clipping.js';
import { emitUpdates, optimizerStateName } from '../../optimizers/emit-updates.js';
import { lamb } from '../../optimizers/lamb.js';
import { lion } from '../../optimizers/lion.js';
import { rmsprop } from '../../optimizers/rmsprop.js';
import { sgd } from '../../optimizers/sgd.js';
import type { Optimizer } from '../../optimizers/transformation.js';
import { emaWeights, swaWeights } from '../../optimizers/weight-average.js';
import { StepBuilder } from '../../step-builder.js';
import { ops } from '../tf.fixture.js';
import { onnxOnTf, tensorOnTf } from './onnx-on-tf.js';
import { operators } from './table.js';

interface Case {
  loss: keyof typeof factories;
  options: object;
  dims: number[];
  scores: number[];
  labelType: 'int64' | 'float32';
  labels: number[];
}
const { distillationTargets: _, ...factories } = losses;
const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../../../test/goldens/train/${name}.json`, import.meta.url), 'utf8'));
const lossCases = read('losses').cases as Case[];

type Weights = Record<string, number[]>;
const recorded = read('optimizers') as { shapes: Weights; start: Weights; gradients: Weights[] };
const groups = [{ pattern: /^conv\./, learningRateFactor: 0.1, weightDecay: 0.5 }];
const optimizers: Optimizer[] = [
  sgd({ learningRate: 0.1 }),
  sgd({ learningRate: 0.05, momentum: 0.9, nesterov: true, weightDecay: 0.01 }),
  sgd({ learningRate: 0.05, momentum: 0.9, dampening: 0.3 }),
  adam({ amsgrad: true }),
  adamw({ decayed: 'matrices', groups }),
  rmsprop({ momentum: 0.9, centered: true }),
  adagrad({ learningRateDecay: 0.1 }),
  lion({ weightDecay: 0.1 }),
  lamb(),
  chain(clipByGlobalNorm(1.5), adam()),
  chain(clipByValue(0.5), adam()),
  chain(adaptiveClip(), adam()),
  emaWeights(adam()),
  swaWeights(adam(), { start: 1 }),
];

const runtime = onnxruntimeNode({ worker: false });
const met = new Set<string>();

/** Runs the graph with both, and compares every output. */
async function expectSame(model: Model, feeds: Record<string, Tensor>): Promise<void> {
  for (const { opType } of model.graph.nodes) met.add(opType);
  const session = await runtime.createSession(writeModel(model), { threads: 1 });
  const expected = await session.run(feeds);
  await session.close();
  const graph = onnxOnTf(ops, model);
  const given = Object.fromEntries(Object.entries(feeds).map(([name, value]) => [name, tensorOnTf(ops, value)]));
  const actual = ops.tidy(() => graph.run(given));
  for (const [name, { data, dims }] of Object.entries(expected)) {
    expect(actual[name]!.shape, name).toEqual(dims);
    const values = await actual[name]!.data();
    const largest = Math.max(1e-3, ...Array.from(data as ArrayLike<unknown>, (value) => Math.abs(Number(value))));
    for (const [at, value] of data.entries()) {
      expect(Math.abs(values[at]! - Number(value)) / largest, `${name} ${at}`).toBeLessThanOrEqual(1e-5);
    }
  }
  graph.dispose();
  for (const value of [...Object.values(given), ...Object.values(actual)]) value.dispose();
}

function declare(g: StepBuilder, outputs: Record<string, string | undefined>, type: Tensor['type'] = 'float32'): void {
  for (const [name, value] of Object.entries(outputs)) {
    if (value !== undefined) g.output(g.node('Identity', [value], {}, { outputs: [name] }), type, undefined);
  }
}

describe('graphs of losses and optimizers over TensorFlow.js', () => {
  it('exist for every loss that there is', () => {
    expect([...new Set(lossCases.map(({ loss }) => loss))].sort()).toEqual(Object.keys(factories).sort());
  });

  it.each(lossCases.map((entry, at) => [`${at} ${entry.loss} ${JSON.stringify(entry.options)}`, entry] as const))(
    '%s agrees with onnxruntime',
    async (_, { loss: name, options, dims, scores, labels, labelType }) => {
      const loss = (factories[name] as (options: object) => Loss)(options);
      const targetDims = [...targetsOf(loss).dims(dims)];
      const g = new StepBuilder('loss');
      g.input('scores', 'float32', dims);
      g.input('labels', labelType, targetDims);
      const { value, gradient } = loss.emit(g, 'scores', 'labels', dims);
      declare(g, { value, gradient });
      declare(g, { classes: loss.emitClasses?.(g, 'labels', dims) }, 'int64');
      const before = ops.memory().numTensors;
      await expectSame(g.build(), {
        scores: tensor('float32', dims, scores),
        labels: tensor(labelType, targetDims, labels),
      });
      expect(ops.memory().numTensors).toBe(before);
    },
  );

  it.each(optimizers.map((optimizer) => [optimizer.description, optimizer] as const))(
    '%s agrees with onnxruntime',
    async (_, optimizer) => {
      const g = new StepBuilder('updates');
      const feeds: Record<string, Tensor> = {};
      const feed = (name: string, dims: number[], values: readonly number[]): string => {
        feeds[name] = tensor('float32', dims, values);
        return g.input(name, 'float32', dims);
      };
      for (const [name, dims] of Object.entries(recorded.shapes)) {
        feed(name, dims, recorded.start[name]!);
        feed(`gradient.${name}`, dims, recorded.gradients[0]![name]!);
        for (const slot of optimizer.state) {
          feed(optimizerStateName(slot, name), dims, recorded.gradients[1]![name]!.map(Math.abs));
        }
      }
      const scalars = Object.entries<(step: number) => number>({ learningRate: () => 0.1, ...optimizer.scalars });
      const trained = Object.entries(recorded.shapes).map(([name, dims]) => ({
        name,
        dims,
        gradient: `gradient.${name}`,
      }));
      const given = Object.fromEntries(scalars.map(([name, at]) => [name, feed(`scalar.${name}`, [], [at(3)])]));
      const updates = emitUpdates(g, optimizer, trained, given);
      declare(g, Object.fromEntries([...updates].map(([name, value]) => [`next.${name}`, value])));
      await expectSame(g.build(), feeds);
    },
  );

  it('may be made of other operators too', async () => {
    const g = new StepBuilder('others');
    const x = g.input('x', 'float32', [2, 3, 4]);
    const row = g.input('row', 'float32', [1, 4]);
    declare(g, {
      tanh: g.node('Tanh', [x]),
      mean: g.node('ReduceMean', [x], { axes: [-1], keepdims: 0 }),
      all: g.node('ReduceMax', [x]),
      joined: g.node('Concat', [x, g.node('Identity', [x])], { axis: -2 }),
      wide: g.node('Expand', [row, g.integers([3, 1])]),
      cut: g.slice(x, { starts: [-2, 1], ends: [9, 4], axes: [1, -1], steps: [1, 2] }),
      rest: g.node('Reshape', [x, g.integers([0, -1])]),
      reversed: g.node('Transpose', [x]),
      chosen: g.node('Where', [g.node('Less', [x, g.scalar(0)]), x, g.scalar(7)]),
      first: g.node('Cast', [g.node('ArgMax', [x], { axis: -1 })], { to: 1 }),
    });
    const values = Array.from({ length: 24 }, (_, at) => Math.sin(at * 7));
    await expectSame(g.build(), {
      x: tensor('float32', [2, 3, 4], values),
      row: tensor('float32', [1, 4], [1, 2, 3, 4]),
    });
  });

  it('were compared operator by operator', () => {
    expect([...met].sort()).toEqual(Object.keys(operators).sort());
  });

  it.each([
    ['the operator Erf', (g: StepBuilder, x: string) => g.node('Erf', [x])],
    ['the element type 11', (g: StepBuilder, x: string) => g.node('Cast', [x], { to: 11 })],
    ['steps of -1', (g: StepBuilder, x: string) => g.slice(x, { starts: [3], ends: [0], axes: [0], steps: [-1] })],
    ['sizes that are no constants', (g: StepBuilder, x: string) => g.node('Reshape', [x, g.input('s', 'int64', [1])])],
  ])('refuse %s, naming the node', (what, emit) => {
    const g = new StepBuilder('refused');
    const x = g.input('x', 'float32', [4]);
    g.output(emit(g, x), 'float32', undefined);
    const value = tensorOnTf(ops, tensor('float32', [4], [1, 2, 3, 4]));
    const run = () => ops.tidy(() => onnxOnTf(ops, g.build()).run({ x: value }));
    expect(run).toThrow(
      expect.toSatisfy((error) => isPerceptError(error, 'TRAIN_UNSUPPORTED') && error.message.includes(what)),
    );
  });
});
