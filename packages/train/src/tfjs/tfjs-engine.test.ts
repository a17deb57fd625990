import { type Batch, isPerceptError, type Tensor, tensor } from '@percept/core';
import { readMetadata, writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { toyBatches } from '../batches.fixture.js';
import type { EngineOptions, TrainingEngine } from '../engine.js';
import { mse } from '../losses.js';
import { adamw } from '../optimizers/adamw.js';
import { chain } from '../optimizers/chain.js';
import { adaptiveClip, clipByGlobalNorm } from '../optimizers/clipping.js';
import { sgd } from '../optimizers/sgd.js';
import { emaWeights, swaWeights } from '../optimizers/weight-average.js';
import { engineOptions, request, started, toyModel } from './engine.fixture.js';
import { type FromLayersModelOptions, fromLayersModel } from './from-layers-model.js';
import { tf } from './tf.fixture.js';

const batches: Batch[] = [];
for await (const batch of toyBatches({ images: 40, batchSize: 8 }).batches({ epoch: 0 })) batches.push(batch);
const [first] = batches as [Batch];

async function engineOf(
  model: LayersModel,
  options: Partial<EngineOptions> = {},
  given: FromLayersModelOptions = {},
): Promise<TrainingEngine> {
  return started(await fromLayersModel(tf, model, given).createEngine({ ...engineOptions, ...options }));
}

const numbers = (state: ReadonlyMap<string, Tensor>): Record<string, number[]> =>
  Object.fromEntries([...state].map(([name, { data }]) => [name, Array.from(data as Float32Array)]));
const nhwc = ({ inputs }: Batch) => tf.transpose(tf.tensor(inputs.data, [...inputs.dims]), [0, 2, 3, 1]) as never;

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-5): void {
  expect(actual.length).toBe(expected.length);
  for (let at = 0; at < expected.length; at++) {
    expect(Math.abs(actual[at]! - expected[at]!)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(expected[at]!)));
  }
}

describe('the engine of LayersModels', () => {
  it('takes the steps that LayersModel.fit takes with the same loss and optimizer', async () => {
    const theirs = toyModel();
    const mine = toyModel();
    theirs.compile({ optimizer: tf.train.sgd(0.05), loss: 'sparseCategoricalCrossentropy' });
    const engine = await engineOf(mine, { optimizer: sgd({ learningRate: 0.05 }) });
    for (const [step, batch] of batches.entries()) {
      const labels = tf.tensor(Array.from(batch.labels.data as BigInt64Array, Number), [8], 'float32');
      const expected = (await theirs.trainOnBatch(nhwc(batch), labels)) as number;
      const { loss, gradientNorm } = await engine.step(request(batch, step));
      expect(Math.abs(loss - expected)).toBeLessThan(1e-4);
      expect(gradientNorm).toBeGreaterThan(0);
    }
    for (const [index, weight] of mine.getWeights().entries()) {
      expectClose(weight.dataSync(), theirs.getWeights()[index]!.dataSync(), 1e-4);
    }
    await engine.close();
  });

  it('counts right answers, and scores as the model in use', async () => {
    const model = toyModel({ dropout: 0.5 });
    const engine = await engineOf(model);
    for (const [step, batch] of batches.entries()) await engine.step(request(batch, step));
    const before = numbers(await engine.snapshot());
    const { loss, correct } = await engine.score(first);
    expect(numbers(await engine.snapshot())).toEqual(before);
    const predicted = model.predict(nhwc(first)) as ReturnType<typeof tf.tensor>;
    const probabilities = (await predicted.array()) as number[][];
    const labels = Array.from(first.labels.data as BigInt64Array, Number);
    const expected = labels.reduce((sum, label, row) => sum - Math.log(probabilities[row]![label]!), 0) / 8;
    expect(loss).toBeCloseTo(expected, 5);
    const right = labels.filter(
      (label, row) => probabilities[row]!.indexOf(Math.max(...probabilities[row]!)) === label,
    );
    expect(correct).toBe(right.length);
    await engine.close();
  });

  it('keeps numbers of tensors flat', async () => {
    const engine = await engineOf(toyModel({ dropout: 0.3 }), { optimizer: emaWeights(adamw()), accumulate: 2 });
    const step = async (index: number): Promise<void> => {
      const scalars = { learningRate: 0.01, firstCorrection: 1, secondCorrection: 1, averageShare: 0.1 };
      await engine.step({ ...request(first, index, index % 2 === 1), scalars });
    };
    for (const index of [0, 1]) await step(index);
    await engine.score(first);
    const { numTensors } = tf.memory();
    for (let index = 2; index < 12; index++) await step(index);
    await engine.score(first);
    await engine.diagnose({ ...request(first), scalars: { learningRate: 0 } });
    await engine.restore(await engine.snapshot());
    expect(tf.memory().numTensors).toBe(numTensors);
    await engine.close();
  });

  it('frees everything but the model', async () => {
    const model = toyModel();
    const { numTensors } = tf.memory();
    const engine = await engineOf(model, {
      optimizer: chain(adaptiveClip(), sgd({ learningRate: 0.1, momentum: 0.9 })),
    });
    await engine.step(request(first));
    await engine.close();
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it('goes on to the bit from a snapshot, in a model built anew', async () => {
    const options = {
      optimizer: chain(clipByGlobalNorm(1), emaWeights(sgd({ learningRate: 0.1, momentum: 0.9 }))),
      accumulate: 2,
    };
    const stepAt = (step: number) => ({
      ...request(batches[step]!, step, step % 2 === 1),
      scalars: { learningRate: 0.1, averageShare: 0.2 },
    });
    const whole = await engineOf(toyModel({ dropout: 0.4 }), options);
    let middle: ReadonlyMap<string, Tensor> = new Map();
    for (let step = 0; step < 5; step++) {
      if (step === 3) middle = await whole.snapshot();
      await whole.step(stepAt(step));
    }
    const resumed = await engineOf(toyModel({ dropout: 0.4 }), options);
    expect(resumed.fingerprint).toEqual(whole.fingerprint);
    await resumed.restore(middle);
    for (let step = 3; step < 5; step++) await resumed.step(stepAt(step));
    expect(numbers(await resumed.snapshot())).toEqual(numbers(await whole.snapshot()));
    expect([...middle.keys()]).toEqual([
      'conv/kernel',
      'norm/gamma',
      'norm/beta',
      'head/kernel',
      'head/bias',
      'norm/moving_mean',
      'norm/moving_variance',
      ...['momentum', 'averageWeights'].flatMap((slot) =>
        ['conv/kernel', 'norm/gamma', 'norm/beta', 'head/kernel', 'head/bias'].map(
          (name) => `optimizer.${slot}.${name}`,
        ),
      ),
      ...['conv/kernel', 'norm/gamma', 'norm/beta', 'head/kernel', 'head/bias'].map((name) => `accumulated.${name}`),
    ]);
    for (const engine of [whole, resumed]) await engine.close();
  });

  it('draws what is dropped by seed, epoch and step', async () => {
    const model = toyModel({ dropout: 0.5 });
    const losses = async (seed: number, ...steps: number[]): Promise<number[]> => {
      const engine = await engineOf(model, { seed });
      const scalars = { learningRate: 0 };
      const found: number[] = [];
      for (const step of steps) found.push((await engine.step({ ...request(first, step), scalars })).loss);
      await engine.close();
      return found;
    };
    const [zero, one, zeroAgain] = (await losses(1, 0, 1, 0)) as [number, number, number];
    expect(zeroAgain).toBe(zero);
    expect(one).not.toBe(zero);
    expect(await losses(2, 0)).not.toEqual([zero]);
    expect(model.layers[5]!.getConfig().seed).toBeUndefined();
  });

  it('averages gradients over batches', async () => {
    const linear = () =>
      tf.sequential({
        layers: [
          tf.layers.flatten({ inputShape: [8, 8, 1], name: 'flatten' }),
          tf.layers.dense({ units: 4, name: 'head', kernelInitializer: tf.initializers.glorotUniform({ seed: 7 }) }),
        ],
      });
    const both: Batch = {
      keys: [],
      inputs: tensor('float32', [16, 1, 8, 8], [...batches[0]!.inputs.data, ...batches[1]!.inputs.data]),
      labels: tensor('int64', [16], [...batches[0]!.labels.data, ...batches[1]!.labels.data] as bigint[]),
    };
    const large = await engineOf(linear());
    const { gradientNorm } = await large.step(request(both));
    const halves = await engineOf(linear(), { accumulate: 2 });
    expect(await halves.step(request(batches[0]!, 0, false))).not.toHaveProperty('gradientNorm');
    const second = await halves.step(request(batches[1]!, 1, true));
    expect(second.gradientNorm).toBeCloseTo(gradientNorm!, 5);
    const [expected, actual] = [numbers(await large.snapshot()), numbers(await halves.snapshot())];
    for (const [name, values] of Object.entries(expected)) expectClose(actual[name]!, values);
    expect(new Set(actual['accumulated.head/kernel'])).toEqual(new Set([0]));
    for (const engine of [large, halves]) await engine.close();
  });

  it('trains on logits or on the output, and leaves the activation in place', async () => {
    const model = toyModel({ softmax: true });
    const loss = async (given: FromLayersModelOptions, options: Partial<EngineOptions>): Promise<number> => {
      const engine = await engineOf(model, options, given);
      const score = await engine.score(first);
      await engine.close();
      return score.loss;
    };
    const plain = await loss({}, {});
    expect(await loss({ scores: 'output' }, {})).not.toBeCloseTo(plain, 3);
    const targets = { keys: [], inputs: first.inputs, labels: tensor('float32', [8, 4]) };
    const engine = await engineOf(model, { loss: mse(), classes: [] }, { scores: 'output' });
    const output = (model.predict(nhwc(first)) as ReturnType<typeof tf.tensor>).dataSync<'float32'>();
    const result = await engine.score(targets);
    expect(result.loss).toBeCloseTo(output.reduce((sum, value) => sum + value * value, 0) / output.length, 6);
    expect(result).not.toHaveProperty('correct');
    await engine.close();
    const layers = tf.sequential({
      layers: [tf.layers.flatten({ inputShape: [8, 8, 1] }), tf.layers.dense({ units: 4 })],
    });
    const nested = tf.sequential({ layers: [layers, tf.layers.softmax({ axis: -1 })] });
    const [bare, ending] = [await engineOf(layers), await engineOf(nested)];
    expect((await ending.score(first)).loss).toBe((await bare.score(first)).loss);
    for (const each of [bare, ending]) await each.close();
  });

  it('takes scores of many positions with the classes behind the batch', async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', inputShape: [8, 8, 1], activation: 'softmax' }),
      ],
    });
    const engine = await engineOf(model);
    const batch = {
      ...first,
      labels: tensor(
        'int64',
        [8, 8, 8],
        Array.from({ length: 512 }, (_, at) => BigInt(at % 4)),
      ),
    };
    const { loss, correct } = await engine.step(request(batch));
    expect(loss).toBeGreaterThan(1);
    expect(correct).toBeGreaterThan(0);
    expect(correct).toBeLessThan(8);
    await engine.close();
  });

  it('minds trainable, constraints and regularizers of layers', async () => {
    const build = (l2: number) =>
      tf.sequential({
        layers: [
          tf.layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [8, 8, 1], trainable: false, name: 'frozen' }),
          tf.layers.flatten({ name: 'flatten' }),
          tf.layers.dense({
            units: 4,
            name: 'head',
            kernelConstraint: 'nonNeg',
            kernelInitializer: 'ones',
            kernelRegularizer: tf.regularizers.l2({ l2 }),
          }),
        ],
      });
    const losses: number[] = [];
    for (const l2 of [0, 1]) {
      const engine = await engineOf(build(l2));
      const before = numbers(await engine.snapshot());
      losses.push((await engine.step(request(first))).loss);
      const { numTensors } = tf.memory();
      await engine.step(request(first, 1));
      expect(tf.memory().numTensors).toBe(numTensors);
      const after = numbers(await engine.snapshot());
      expect(after['frozen/kernel']).toEqual(before['frozen/kernel']);
      expect(after['head/kernel']).not.toEqual(before['head/kernel']);
      expect(Math.min(...after['head/kernel']!)).toBeGreaterThanOrEqual(0);
      expect(Object.keys(after).filter((name) => name.startsWith('optimizer'))).toHaveLength(2);
      await engine.close();
    }
    expect(losses[1]! - losses[0]!).toBeCloseTo(288, 2);
  });

  it('leaves batch normalizations that are not trained as they are in use', async () => {
    const model = toyModel();
    for (const layer of model.layers) layer.trainable = layer.name === 'head';
    const engine = await engineOf(model);
    const before = numbers(await engine.snapshot());
    const scored = await engine.score(first);
    // Nothing goes by the batch any more, so training computes what use does.
    expect((await engine.step(request(first))).loss).toBeCloseTo(scored.loss, 6);
    const after = numbers(await engine.snapshot());
    for (const name of Object.keys(before).filter((each) => /^(conv|norm)/.test(each))) {
      expect(after[name], name).toEqual(before[name]);
    }
    expect(after['head/kernel']).not.toEqual(before['head/kernel']);
    await engine.close();
  });

  it('clips filters as if they had the layout of ONNX', async () => {
    const engine = await engineOf(toyModel(), {
      optimizer: chain(adaptiveClip({ clipFactor: 1e-3 }), sgd({ learningRate: 1 })),
    });
    const before = numbers(await engine.snapshot())['conv/kernel']!;
    await engine.step({ ...request(first), scalars: { learningRate: 1 } });
    const after = numbers(await engine.snapshot())['conv/kernel']!;
    // [3, 3, 1, 4]: a filter is every fourth number.
    for (const filter of [0, 1, 2, 3]) {
      const length = (values: number[]) => Math.hypot(...values.filter((_, at) => at % 4 === filter));
      const moved = length(after.map((value, at) => value - before[at]!));
      expect(moved / (1e-3 * length(before))).toBeCloseTo(1, 3);
    }
    await engine.close();
  });

  it('leaves the state of a step that is not finite, and says where that began', async () => {
    const engine = await engineOf(toyModel());
    const before = numbers(await engine.snapshot());
    const bad: Batch = {
      ...first,
      inputs: tensor(
        'float32',
        [8, 1, 8, 8],
        first.inputs.data.map((value, at) => (at === 3 ? Number.NaN : value)),
      ),
    };
    const results = await Promise.all([engine.step(request(bad)), engine.step(request(first, 1))]);
    expect(results[0]!.loss).toBeNaN();
    expect(numbers(await engine.snapshot())).toEqual(before);
    expect(await engine.diagnose(request(bad))).toEqual({ kind: 'input', name: 'images' });
    expect(await engine.diagnose(request(first))).toBeUndefined();
    const broken = await engine.snapshot();
    const huge = new Map([
      ...broken,
      ['norm/gamma', tensor('float32', [4], [3e38, 3e38, 3e38, 3e38])],
    ]) as typeof broken;
    await engine.restore(huge);
    expect(await engine.diagnose(request(first))).toEqual({
      kind: 'activation',
      name: 'norm',
      node: 'BatchNormalization norm',
    });
    const spoiled = new Map([...broken, ['head/bias', tensor('float32', [4], [0, Number.NaN, 0, 0])]]) as typeof broken;
    await engine.restore(spoiled);
    expect(await engine.diagnose(request(first))).toEqual({ kind: 'parameter', name: 'head/bias' });
    await engine.close();
  });

  it('keeps gradients that are not finite out of those that are added up', async () => {
    const linear = tf.sequential({
      layers: [
        tf.layers.flatten({ inputShape: [8, 8, 1], name: 'flatten' }),
        tf.layers.dense({ units: 4, name: 'head', kernelInitializer: 'zeros' }),
      ],
    });
    const engine = await engineOf(linear, { accumulate: 2 });
    expect(await engine.step(request(first, 0, false))).not.toHaveProperty('gradientNorm');
    const before = numbers(await engine.snapshot());
    // Zero weights make finite scores of it.
    const huge: Batch = { ...first, inputs: tensor('float32', [8, 1, 8, 8], new Float32Array(512).fill(3e38)) };
    const { loss, gradientNorm } = await engine.step(request(huge, 1, false));
    expect(loss).toBeCloseTo(Math.log(4), 6);
    expect(gradientNorm).toBe(Number.POSITIVE_INFINITY);
    expect(numbers(await engine.snapshot())).toEqual(before);
    await engine.close();
  });

  it('computes running statistics anew for averaged weights, with nothing dropped', async () => {
    const optimizer = swaWeights(sgd({ learningRate: 0.5 }), { start: 1 });
    const model = toyModel({ dropout: 0.5 });
    const engine = await engineOf(model, { optimizer });
    for (const [step, averageShare] of [1, 0.5].entries()) {
      await engine.step({ ...request(batches[step]!, step), scalars: { learningRate: 0.5, averageShare } });
    }
    const before = numbers(await engine.snapshot());
    const { numTensors } = tf.memory();
    for (const [index, batch] of batches.entries()) expect(await engine.collect!(batch, 1 / (index + 1))).toBe(true);
    expect(tf.memory().numTensors).toBe(numTensors);
    const { 'norm/moving_mean': means, 'norm/moving_variance': variances, ...rest } = numbers(await engine.snapshot());
    const { 'norm/moving_mean': _, 'norm/moving_variance': __, ...same } = before;
    expect(rest).toEqual(same);
    const kernel = tf.tensor(before['optimizer.averageWeights.conv/kernel']!, [3, 3, 1, 4]) as never;
    const moments = batches.map((batch) => tf.moments(tf.conv2d(nhwc(batch), kernel, 1, 'same'), [0, 1, 2]));
    const average = (name: 'mean' | 'variance') => tf.mean(tf.stack(moments.map((each) => each[name])), 0).dataSync();
    expectClose(means!, average('mean'));
    expectClose(variances!, average('variance'));
    await engine.close();

    for (const layer of model.layers) layer.trainable = layer.name === 'head';
    const frozen = await engineOf(model, { optimizer });
    expect(await frozen.collect!(first, 1)).toBe(false);
    await frozen.close();
  });

  it('exports averaged weights as ONNX, with what the model says of itself', async () => {
    const model = toyModel();
    const engine = await engineOf(model, { optimizer: emaWeights(sgd({ learningRate: 0.1 })) });
    await engine.step({ ...request(first), scalars: { learningRate: 0.5, averageShare: 0.25 } });
    const onnx = await engine.exportModel(await engine.snapshot(), { labels: ['a', 'b', 'c', 'd'] });
    expect(readMetadata(onnx).labels).toEqual(['a', 'b', 'c', 'd']);
    const session = await onnxruntimeNode({ worker: false }).createSession(writeModel(onnx), { threads: 1 });
    const { output } = await session.run({ input: tensor('float32', [8, 1, 8, 8], first.inputs.data) });
    const labels = Array.from(first.labels.data as BigInt64Array, Number);
    const expected = labels.reduce((sum, label, row) => sum - Math.log(Number(output!.data[row * 4 + label])), 0) / 8;
    expect((await engine.score(first)).loss).toBeCloseTo(expected, 5);
    await engine.close();
  });

  it.each([
    [
      'other images',
      { ...first, inputs: tensor('float32', [8, 1, 9, 8]) },
      'TRAIN_DATA_INVALID',
      /\[N, 1, 8, 8\] .* received float32 \[8, 1, 9, 8\]/,
    ],
  ])('refuses %s', async (_, batch, code, message) => {
    const engine = await engineOf(toyModel());
    const error = await engine.step(request(batch as Batch)).catch((reason: unknown) => reason);
    expect(isPerceptError(error, code)).toBe(true);
    expect(String(error)).toMatch(message);
    await engine.close();
  });

  it('refuses other classes, states and failures of TensorFlow.js', async () => {
    const engine = await engineOf(toyModel(), { classes: ['a', 'b'] });
    await expect(engine.step(request(first))).rejects.toMatchObject({ code: 'TRAIN_MODEL_INVALID' });
    await expect(engine.restore(new Map())).rejects.toMatchObject({
      code: 'TRAIN_CHECKPOINT_MISMATCH',
      message: expect.stringMatching(/conv\/kernel/),
    });
    await engine.close();
    for (const [reason, code] of [
      ["Kernel 'Conv2DBackpropFilter' not registered for backend 'wasm'", 'TRAIN_UNSUPPORTED'],
      ['out of memory', 'TRAIN_STEP_FAILED'],
    ] as const) {
      const failing = {
        ...tf,
        variableGrads: () => {
          throw new Error(reason);
        },
      };
      const other = await started(await fromLayersModel(failing, toyModel()).createEngine(engineOptions));
      await expect(other.step(request(first))).rejects.toMatchObject({ code });
      await other.close();
    }
  });
});
