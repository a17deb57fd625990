import { readFileSync } from 'node:fs';
import { type BatchSource, isPerceptError, type Tensor, tensor } from '@percept/core';
import { writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { describe, expect, it } from 'vitest';
import { toyBatches } from '../batches.fixture.js';
import { smallCnn } from '../builders/small-cnn.js';
import * as losses from '../losses.js';
import { StepBuilder } from '../step-builder.js';
import { Trainer } from '../trainer.js';
import { type Loss, targetsOf } from './loss.js';

interface Case {
  loss: keyof typeof factories;
  options: object;
  dims: number[];
  scores: number[];
  labelType: 'int64' | 'float32';
  labels: number[];
  value: number;
  gradient: number[];
}
const { distillationTargets, ...factories } = losses;
const golden = JSON.parse(
  readFileSync(new URL('../../../../test/goldens/train/losses.json', import.meta.url), 'utf8'),
) as { cases: Case[] };
const make = ({ loss, options }: Pick<Case, 'loss' | 'options'>): Loss =>
  (factories[loss] as (options: object) => Loss)(options);

const runtime = onnxruntimeNode({ worker: false });

async function evaluateLoss(
  loss: Loss,
  dims: number[],
  scores: readonly number[],
  labels: readonly number[],
): Promise<{ value: number; gradient: Float32Array; classes: BigInt64Array | undefined }> {
  const g = new StepBuilder('loss');
  const { type, dims: targetDims } = targetsOf(loss);
  g.input('scores', 'float32', dims);
  g.input('labels', type, [...targetDims(dims)]);
  const emitted = loss.emit(g, 'scores', 'labels', dims);
  const classes = loss.emitClasses?.(g, 'labels', dims);
  const outputs = { value: emitted.value, gradient: emitted.gradient, ...(classes === undefined ? {} : { classes }) };
  for (const [name, value] of Object.entries(outputs)) {
    const output = g.node('Identity', [value], {}, { outputs: [name] });
    g.output(output, name === 'classes' ? 'int64' : 'float32', undefined);
  }
  const session = await runtime.createSession(writeModel(g.build()), { threads: 1 });
  const feeds: Record<string, Tensor> = {
    scores: tensor('float32', dims, scores),
    labels: tensor(type, [...targetDims(dims)], labels),
  };
  const results = await session.run(feeds);
  await session.close();
  return {
    value: Number(results.value!.data[0]),
    gradient: results.gradient!.data as Float32Array,
    classes: results.classes?.data as BigInt64Array | undefined,
  };
}

const named = golden.cases.map(
  (entry, index) => [`${index} ${entry.loss} ${JSON.stringify(entry.options)}`, entry] as const,
);

describe('losses', () => {
  it.each(named)('%s has the recorded value and gradient', async (_, entry) => {
    const loss = make(entry);
    expect(targetsOf(loss).type).toBe(entry.labelType);
    const { value, gradient } = await evaluateLoss(loss, entry.dims, entry.scores, entry.labels);
    expect(Math.abs(value - entry.value)).toBeLessThanOrEqual(1e-6 * Math.max(Math.abs(entry.value), 1e-2));
    const largest = Math.max(...entry.gradient.map(Math.abs));
    for (const [index, expected] of entry.gradient.entries()) {
      expect(Math.abs(gradient[index]! - expected) / largest, `gradient ${index}`).toBeLessThanOrEqual(1e-6);
    }
  });

  it('cover every loss that there is', () => {
    expect([...new Set(golden.cases.map(({ loss }) => loss))].sort()).toEqual(Object.keys(factories).sort());
  });

  it('stay finite for scores far away', async () => {
    const far = [200, -200, 90, -90];
    for (const loss of [
      losses.crossEntropy(),
      losses.bceWithLogits({ targets: 'indices' }),
      losses.sigmoidFocal({ targets: 'indices', gamma: 0.5 }),
      losses.softmaxFocal({ gamma: 0.5 }),
    ]) {
      const { value, gradient } = await evaluateLoss(loss, [2, 2], far, [1, 0]);
      expect(Number.isFinite(value), loss.description).toBe(true);
      expect(gradient.every(Number.isFinite), loss.description).toBe(true);
    }
  });

  it('are 0 without gradient where nothing counts', async () => {
    const alone = await evaluateLoss(losses.crossEntropy({ ignoreIndex: -1 }), [2, 2], [1, 2, 3, 4], [-1, -1]);
    expect([alone.value + 0, ...alone.gradient]).toEqual([0, 0, 0, 0, 0]);
    for (const loss of [losses.tripletMargin(), losses.tripletMargin({ mining: 'hard' }), losses.contrastive()]) {
      const strangers = await evaluateLoss(loss, [2, 2], [1, 2, 3, 4], [0, 1]);
      expect([strangers.value, ...strangers.gradient].map(Math.abs), loss.description).toEqual([0, 0, 0, 0, 0]);
    }
  });

  it('tell the right class where targets name one', async () => {
    const soft = await evaluateLoss(
      losses.crossEntropy({ targets: 'probabilities' }),
      [2, 3],
      [0, 0, 0, 0, 0, 0],
      [0.1, 0.7, 0.2, 0.5, 0.3, 0.2],
    );
    expect(soft.classes).toEqual(BigInt64Array.of(1n, 0n));
    const teacher = tensor('float32', [2, 3], [1, 2, 3, 4, 5, 6]);
    const packed = distillationTargets(teacher, tensor('int64', [2], [2, 1]));
    expect(Array.from(packed.data)).toEqual([1, 2, 3, 2, 4, 5, 6, 1]);
    const student = await evaluateLoss(losses.distillation(), [2, 3], [0, 0, 0, 0, 0, 0], Array.from(packed.data));
    expect(student.classes).toEqual(BigInt64Array.of(2n, 1n));
    expect((await evaluateLoss(losses.mse(), [1, 1], [1], [2])).classes).toBeUndefined();
  });

  it('use only operators that every provider has', () => {
    const absent = ['OneHot', 'Sign', 'Where', 'Softplus', 'SoftmaxCrossEntropyLoss', 'GatherND', 'Loop'];
    for (const entry of golden.cases) {
      const loss = make(entry);
      const g = new StepBuilder('loss');
      g.input('scores', 'float32', entry.dims);
      g.input('labels', entry.labelType, [...targetsOf(loss).dims(entry.dims)]);
      loss.emit(g, 'scores', 'labels', entry.dims);
      const { nodes } = g.build().graph;
      expect(nodes.filter(({ opType, domain }) => domain !== '' || absent.includes(opType))).toEqual([]);
    }
  });

  it('let labels be ignored in a training only if they say which', async () => {
    const source = toyBatches();
    const data: BatchSource = {
      ...source,
      async *batches(options) {
        for await (const batch of source.batches(options)) {
          batch.labels.data[0] = -1n;
          yield batch;
        }
      },
    };
    const model = smallCnn({ classes: 4, size: 8, width: 2 });
    const train = (loss: Loss) => new Trainer({ model, data, loss, epochs: 1, threads: 1 }).fit();
    expect((await train(losses.crossEntropy({ ignoreIndex: -1 }))).history[0]!.trainLoss).toBeGreaterThan(0);
    await expect(train(losses.crossEntropy())).rejects.toMatchObject({ code: 'TRAIN_DATA_INVALID' });
  });

  it('have different descriptions for different options', () => {
    const descriptions = golden.cases.map((entry) => make(entry).description);
    const distinct = new Set(golden.cases.map(({ loss, options }) => loss + JSON.stringify(options)));
    // Some are recorded for several shapes, and some options are the defaults.
    expect(new Set(descriptions).size).toBeGreaterThanOrEqual(distinct.size - 3);
    expect(losses.crossEntropy({ weight: [1, 2] }).description).toBe(
      'crossEntropy(labelSmoothing=0, weight=[1, 2], targets=indices, reduction=mean)',
    );
  });

  it.each<[string, () => unknown]>([
    ['smoothing', () => losses.crossEntropy({ labelSmoothing: 1 })],
    ['ignored probabilities', () => losses.crossEntropy({ targets: 'probabilities', ignoreIndex: 1 })],
    [
      'weights of another count',
      () => losses.crossEntropy({ weight: [1] }).emit(new StepBuilder('g'), 's', 'l', [2, 2]),
    ],
    ['maps without positions', () => losses.dice().emit(new StepBuilder('g'), 's', 'l', [2, 2])],
    ['delta', () => losses.huber({ delta: 0 })],
    ['gamma', () => losses.sigmoidFocal({ gamma: -1 })],
    ['temperature', () => losses.distillation({ temperature: 0 })],
    ['margin', () => losses.arcFace({ margin: 2 })],
    ['targets', () => distillationTargets(tensor('float32', [2, 3]), tensor('int64', [3]))],
  ])('refuse %s', (_, wrong) => {
    expect(wrong).toThrow(expect.toSatisfy((error: unknown) => isPerceptError(error, 'INVALID_ARGUMENT')));
  });
});
