import { type Batch, type BatchSource, type Progress, tensor } from '@percept/core';
import { GraphBuilder, type Model, readMetadata, withMetadata, writeModel } from '@percept/onnx';
import { assertValidModel } from '@percept/onnx/graph';
import { memoryStorage } from '@percept/storage/backends/memory';
import { adam, crossEntropy, evaluate, freeze, headParameters, sgd, smallCnn, Trainer } from '@percept/train';
import { beforeAll, describe, expect, it } from 'vitest';
import { runtime } from '../quantize/test-networks.fixture.js';
import { distill } from './distill.js';
import type { DistillOptions } from './distill-options.js';
import { countingRuntime, toyImages } from './toy-images.fixture.js';

const training = { epochs: 3, optimizer: adam({ learningRate: 0.01 }), runtime, threads: 1 };
const student = smallCnn({ classes: 4, size: 8, width: 3, seed: 1 });
/** Names of values of smallCnn: its second convolution's map after pooling, and its hidden layer. */
const valuesOf = (model: Model): { map: string; hidden: string } => {
  const made = (opType: string): string => model.graph.nodes.findLast((node) => node.opType === opType)!.outputs[0]!;
  return { map: made('MaxPool'), hidden: made('Relu') };
};
let teacher: Model;

beforeAll(async () => {
  const model = smallCnn({ classes: 4, size: 8, width: 8, seed: 2 });
  const data = toyImages({ images: 400, batchSize: 40, from: 1000 });
  ({ model: teacher } = await new Trainer({ ...training, epochs: 8, model, data }).fit());
}, 120_000);

const options = (more: Partial<DistillOptions> = {}): DistillOptions => ({
  teacher,
  student,
  data: toyImages(),
  runtime,
  training,
  ...more,
});

/** All pairs at once. */
const pairs = (): Pick<DistillOptions, 'hints' | 'attention' | 'relations'> => {
  const [own, theirs] = [valuesOf(student), valuesOf(teacher)];
  return {
    hints: [{ student: own.map, teacher: theirs.map }],
    attention: [{ student: own.map, teacher: theirs.map, weight: 10 }],
    relations: [{ student: own.hidden, teacher: theirs.hidden, distance: 1, angle: 2 }],
  };
};

const weights = ({ graph }: Model): [string, unknown][] =>
  [...graph.initializers].map(([name, { data }]): [string, unknown] => [name, data]);

/** Mean KL divergence from the teacher on images that nobody trained on. */
async function divergence(model: Model): Promise<number> {
  const sessions = await Promise.all([teacher, model].map((each) => runtime.createSession(writeModel(each))));
  let [sum, count] = [0, 0];
  for await (const { inputs } of toyImages({ images: 200, batchSize: 50, from: 5000 }).batches({ epoch: 0 })) {
    const [theirs, own] = await Promise.all(
      sessions.map(async (session) => (await session.run({ input: inputs })).logits!.data as Float32Array),
    );
    for (let row = 0; row < 50; row++) {
      const [p, q] = [theirs!, own!].map((data) => logSoftmax([...data.subarray(4 * row, 4 * row + 4)]));
      for (const [at, value] of p!.entries()) sum += Math.exp(value) * (value - q![at]!);
      count++;
    }
  }
  await Promise.all(sessions.map((session) => session.close()));
  return sum / count;
}

function logSoftmax(scores: readonly number[]): number[] {
  const largest = Math.max(...scores);
  const total = Math.log(scores.reduce((sum, score) => sum + Math.exp(score - largest), 0)) + largest;
  return scores.map((score) => score - total);
}

describe('distill', { timeout: 120_000 }, () => {
  it('brings the student nearer to the teacher than its labels do', async () => {
    const longer = { ...training, epochs: 40, optimizer: adam({ learningRate: 0.005 }) };
    const data = toyImages({ images: 240, batchSize: 32 });
    const plain = await new Trainer({ ...longer, model: student, data }).fit();
    const distilled = await distill(options({ data, training: longer }));
    const [alone, taught] = [await divergence(plain.model), await divergence(distilled.model)];
    expect(taught).toBeLessThan(0.7 * alone);
    expect(distilled.history.at(-1)!.trainLoss).toBeLessThan(distilled.history[0]!.trainLoss);
  });

  it('gives back the student itself, with every kind of inner value', async () => {
    const before = writeModel(student);
    const validation = toyImages({ images: 60, batchSize: 16, from: 700 });
    const seen: string[] = [];
    const callbacks = [
      {
        async onEpochEnd(_: unknown, control: { model(): Promise<Model> }) {
          seen.push((await control.model()).graph.outputs[0]!.name);
          return undefined;
        },
      },
    ];
    const preprocess = { color: 'gray' as const, scale: 1 / 255, mean: [0], std: [1] };
    const { model, history, best } = await distill(
      options({ ...pairs(), validation, training: { ...training, best: {}, callbacks, metadata: { preprocess } } }),
    );
    for (const result of [model, best!.model]) {
      assertValidModel(result);
      expect(result.graph.nodes).toEqual(student.graph.nodes);
      expect(result.graph.inputs).toEqual(student.graph.inputs);
      expect(result.graph.outputs).toEqual(student.graph.outputs);
      expect([...result.graph.initializers.keys()]).toEqual([...student.graph.initializers.keys()]);
      expect(weights(result)).not.toEqual(weights(student));
      expect(readMetadata(result)).toMatchObject({ labels: validation.classes, preprocess });
    }
    expect(seen).toEqual(['logits', 'logits', 'logits']);
    expect(writeModel(student)).toEqual(before);
    // Right answers are counted over the scores alone.
    const { accuracy } = await evaluate(model, validation, { runtime });
    expect(history.at(-1)!.validationAccuracy).toBeCloseTo(accuracy, 6);
    expect(history[0]!.trainAccuracy).toBeGreaterThan(0);
  });

  it('brings inner values nearer to the teacher’s', async () => {
    const { hints, attention, relations } = pairs();
    for (const [name, chosen] of Object.entries({ hints, attention, relations })) {
      const longer = { ...training, epochs: 6 };
      const { history } = await distill(options({ [name]: chosen, alpha: 0, training: longer }));
      const alone = await distill(options({ alpha: 0, training: longer }));
      const added = ({ trainLoss }: { trainLoss: number }, at: number): number =>
        trainLoss - alone.history[at]!.trainLoss;
      expect(added(history.at(-1)!, 5), name).toBeLessThan(0.9 * added(history[0]!, 0));
    }
  });

  it('ends with the same bits when it was aborted and called again', async () => {
    const augmented = toyImages({ augmented: true });
    const whole = await distill(options({ ...pairs(), data: augmented }));
    const checkpoint = { storage: memoryStorage(), key: 'a', everySteps: 2 };
    const again = { ...pairs(), data: augmented, training: { ...training, checkpoint } };
    const controller = new AbortController();
    const onProgress = ({ done }: Progress): void => void (done === 8 && controller.abort());
    const aborted = distill(options({ ...again, signal: controller.signal, onProgress }));
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' });
    const { model, resumedAt, history } = await distill(options(again));
    expect(resumedAt!.epoch).toBe(1);
    expect(weights(model)).toEqual(weights(whole.model));
    expect(history.map(({ trainLoss }) => trainLoss)).toEqual(whole.history.map(({ trainLoss }) => trainLoss));
    const other = smallCnn({ classes: 4, size: 8, width: 8, seed: 9 });
    await expect(distill(options({ ...again, teacher: other }))).rejects.toMatchObject({
      code: 'TRAIN_CHECKPOINT_MISMATCH',
    });
  });

  it('trains alike on a teacher of probabilities, of fixed batches, of float16 and from its file', async () => {
    const reference = await distill(options());
    for (const variant of [withSoftmax(teacher), inFixedBatches(teacher, 3), writeModel(teacher)]) {
      const { model } = await distill(options({ teacher: variant }));
      for (const [name, values] of weights(model)) {
        const expected = reference.model.graph.initializers.get(name)!.data as Float32Array;
        for (const [at, value] of (values as Float32Array).entries()) expect(value).toBeCloseTo(expected[at]!, 3);
      }
    }
    const { history } = await distill(options({ teacher: inFloat16(teacher) }));
    for (const [at, { trainLoss }] of history.entries()) {
      expect(trainLoss / reference.history[at]!.trainLoss).toBeCloseTo(1, 2);
    }
  });

  it('trains fake-quantized students, frozen ones with regressors, and on soft labels', async () => {
    const quantized = fakeQuantized(student);
    const { model, history } = await distill(options({ ...pairs(), student: quantized }));
    expect(model.graph.nodes).toEqual(quantized.graph.nodes);
    expect(history.at(-1)!.trainLoss).toBeLessThan(history[0]!.trainLoss);

    const freezing = freeze(student, '*', { except: ['conv2.*', ...headParameters(student)] });
    const frozen = await distill(options({ hints: pairs().hints!, training: { ...training, freeze: freezing } }));
    for (const name of freezing.frozen) {
      expect(frozen.model.graph.initializers.get(name)).toEqual(student.graph.initializers.get(name));
    }
    expect(weights(frozen.model)).not.toEqual(weights(student));

    const soft = mapped(toyImages(), (batch) => {
      const labels = tensor('float32', [batch.keys.length, 4], new Float32Array(batch.keys.length * 4));
      for (const [row, label] of [...batch.labels.data].entries()) labels.data[row * 4 + Number(label)] = 1;
      return { ...batch, labels };
    });
    const hard = await distill(options());
    const mixed = await distill(options({ data: soft, hardLoss: crossEntropy({ targets: 'probabilities' }) }));
    expect(mixed.history[0]!.trainLoss).toBeCloseTo(hard.history[0]!.trainLoss, 5);
    expect(mixed.history[2]!.trainAccuracy).toBeCloseTo(hard.history[2]!.trainAccuracy!, 6);
  });
});

describe('outputs of the teacher', { timeout: 120_000 }, () => {
  it('train the same bits whether kept or computed', async () => {
    const data = toyImages({ augmented: true });
    const computed = countingRuntime();
    const plain = await distill(options({ ...pairs(), data, runtime: computed }));
    expect(computed.runs).toBe(18);
    const kept = countingRuntime();
    const cached = await distill(options({ ...pairs(), data, runtime: kept, cache: { views: 3 } }));
    expect(kept.runs).toBe(18);
    expect(weights(cached.model)).toEqual(weights(plain.model));

    const once = countingRuntime();
    const turns = await distill(options({ data, runtime: once, cache: { views: 1 } }));
    expect(once.runs).toBe(6);
    expect(weights(turns.model)).not.toEqual(weights((await distill(options({ data }))).model));

    const images = countingRuntime();
    const still = await distill(options({ runtime: images, cache: { per: 'image' } }));
    expect(images.runs).toBe(6);
    expect(weights(still.model)).toEqual(weights((await distill(options())).model));
  });

  it('are run for images that epoch 0 did not have', async () => {
    const data = toyImages({ images: 44 });
    const short: BatchSource = {
      ...data,
      batchesPerEpoch: 5,
      async *batches(range) {
        let position = range.start ?? 0;
        for await (const batch of data.batches(range)) if (position++ < 5) yield batch;
      },
    };
    const counting = countingRuntime();
    const kept = await distill(options({ data: short, runtime: counting, cache: { per: 'image' } }));
    expect(counting.runs).toBeGreaterThan(5);
    expect(counting.runs).toBeLessThan(15);
    expect(weights(kept.model)).toEqual(weights((await distill(options({ data: short }))).model));
  });

  it('are kept in a storage: computed on from where an interruption was, and not again', async () => {
    const storage = memoryStorage();
    const cache = { storage, views: 2 };
    const data = toyImages({ augmented: true });
    const broken: BatchSource = {
      ...data,
      async *batches(range) {
        if (range.epoch === 1) throw new RangeError('gone');
        yield* data.batches(range);
      },
    };
    const validation = toyImages({ images: 20, from: 700 });
    await expect(distill(options({ data: broken, cache }))).rejects.toThrow('gone');
    const rest = countingRuntime();
    const stages = new Set<string>();
    const onProgress = ({ stage }: Progress): void => void stages.add(stage);
    const first = await distill(options({ data, validation, cache, runtime: rest, onProgress }));
    expect(rest.runs).toBe(6 + 3);
    expect([...stages]).toEqual([
      'teacher on the training data',
      'teacher on the validation data',
      'train',
      'evaluate',
    ]);
    const none = countingRuntime();
    const second = await distill(options({ data, validation, cache, runtime: none }));
    expect(none.runs).toBe(0);
    expect(weights(second.model)).toEqual(weights(first.model));

    const { fingerprint: _, ...nameless } = data;
    await expect(distill(options({ data: nameless, cache }))).rejects.toThrow(/Give cache\.augmentation/);
    const moved = mapped(data, (batch) => ({ ...batch, keys: batch.keys.map((key) => `other ${key}`) }));
    const wrong = { code: 'OPTIMIZE_TEACHER_CACHE_INVALID' };
    await expect(distill(options({ data: moved, cache }))).rejects.toMatchObject(wrong);
    for await (const { key } of storage.list('teacher/')) await storage.write(key, new Uint8Array([1, 2, 3]));
    await expect(distill(options({ data, cache }))).rejects.toMatchObject(wrong);
  });
});

describe('a teacher of other images', { timeout: 120_000 }, () => {
  it('sees them resized, or as they are given', async () => {
    const large = smallCnn({ classes: 4, size: 16, width: 4, seed: 3 });
    const refused = { code: 'OPTIMIZE_TEACHER_UNSUITABLE', message: expect.stringContaining("resize: 'bilinear'") };
    await expect(distill(options({ teacher: large }))).rejects.toMatchObject(refused);
    const { history } = await distill(options({ teacher: large, resize: 'bilinear' }));
    expect(history.at(-1)!.trainLoss).toBeLessThan(history[0]!.trainLoss);
    const [own, theirs] = [valuesOf(student), valuesOf(large)];
    const chosen = { student: own.map, teacher: theirs.map };
    const wide = await distill(
      options({
        teacher: large,
        teacherData: toyImages({ times: 2 }),
        hints: [chosen],
        attention: [chosen],
        cache: { per: 'image' },
      }),
    );
    expect(wide.history.at(-1)!.trainLoss).toBeLessThan(wide.history[0]!.trainLoss);
    const mismatch = { code: 'OPTIMIZE_TEACHER_DATA_MISMATCH', details: { epoch: 0, batch: 0 } };
    const other = toyImages({ times: 2, shuffle: false });
    await expect(distill(options({ teacher: large, teacherData: other }))).rejects.toMatchObject(mismatch);
    const fewer = toyImages({ times: 2, images: 16, shuffle: false });
    const data = toyImages({ shuffle: false });
    await expect(distill(options({ teacher: large, data, teacherData: fewer }))).rejects.toMatchObject({
      ...mismatch,
      details: { epoch: 0, batch: 2 },
    });
  });

  it('is told images in its own colours and numbers', async () => {
    // Both see raw pixels, the one as grey numbers around 0, the other as three channels around its own means.
    const mine = { color: 'gray' as const, scale: 1 / 255, mean: [0.5], std: [0.25] };
    const its = { color: 'bgr' as const, scale: 1, mean: [100, 110, 120], std: [50, 60, 70] };
    const grey = withMetadata(student, { preprocess: mine });
    const colour = withMetadata(onThreeChannels(teacher, its), { preprocess: its });
    const direct = await distill(options({ student: grey, teacher: onRawPixels(teacher, mine) }));
    const converted = await distill(options({ student: grey, teacher: colour }));
    expect(converted.history[0]!.trainLoss).toBeCloseTo(direct.history[0]!.trainLoss, 4);
    const without = distill(options({ teacher: colour }));
    await expect(without).rejects.toMatchObject({ code: 'OPTIMIZE_TEACHER_UNSUITABLE' });
  });
});

describe('what does not go together', { timeout: 120_000 }, () => {
  const failing = async (more: Partial<DistillOptions>, code: string, message = ''): Promise<void> => {
    const run = distill(options(more));
    await expect(run).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  };

  it('is refused with a code', async () => {
    const five = smallCnn({ classes: 5, size: 8, width: 3 });
    await failing({ teacher: five }, 'OPTIMIZE_TEACHER_CLASSES', '4 classes');
    await failing({ student: five }, 'OPTIMIZE_DISTILLATION_DATA_INVALID', '4 classes of the data but it gives 5');
    await failing({ student: withSoftmax(student) }, 'OPTIMIZE_UNSUPPORTED_MODEL', 'fromOnnx()');
    await failing({ teacher: withSoftmax(teacher, 'Sigmoid') }, 'OPTIMIZE_TEACHER_UNSUITABLE', 'sigmoids');
    await failing({ hints: [{ student: 'nothing', teacher: 'logits' }] }, 'INVALID_ARGUMENT', '"nothing"');
    const { map } = valuesOf(student);
    await failing({ hints: [{ student: map, teacher: 'logits' }] }, 'INVALID_ARGUMENT', 'for a hint');
    await failing({ attention: [{ student: 'logits', teacher: 'logits' }] }, 'INVALID_ARGUMENT', 'for attention');
    const classes = { classes: ['a', 'b', 'c', 'd'] };
    await failing({ validation: { ...toyImages(), ...classes } }, 'OPTIMIZE_DISTILLATION_DATA_INVALID', 'a, b, c, d');
    const wrong = mapped(toyImages(), (batch) => ({
      ...batch,
      labels: tensor('int64', [batch.keys.length], new BigInt64Array(batch.keys.length).fill(4n)),
    }));
    await failing({ data: wrong }, 'OPTIMIZE_DISTILLATION_DATA_INVALID', '[0, 4)');
    await failing({ hardLoss: crossEntropy({ targets: 'probabilities' }) }, 'OPTIMIZE_DISTILLATION_DATA_INVALID');
    await failing({ data: { ...toyImages(), async *batches() {} } }, 'OPTIMIZE_NO_DATA');
    await failing({ temperature: 0 }, 'INVALID_ARGUMENT', 'temperature');
    await failing({ training: { ...training, loss: crossEntropy() } as never }, 'INVALID_ARGUMENT', 'without model');
    await failing({ cache: { per: 'image', views: 2 } }, 'INVALID_ARGUMENT', 'no views');
    const both = { teacherData: toyImages(), validation: toyImages() };
    await failing(both, 'INVALID_ARGUMENT', 'teacherValidation');
    await failing({ signal: AbortSignal.abort() }, 'ABORTED');
  });

  it('names the batch where the teacher gives no number', async () => {
    const data = mapped(toyImages(), (batch) => {
      const { dims, data: pixels } = batch.inputs;
      const inputs = tensor('float32', dims, pixels);
      if (batch.keys.includes('17')) inputs.data[batch.keys.indexOf('17') * 64] = Number.NaN;
      return { ...batch, inputs };
    });
    const where = async (): Promise<number> => {
      let position = 0;
      for await (const { keys } of data.batches({ epoch: 0 })) {
        if (keys.includes('17')) return position;
        position++;
      }
      return -1;
    };
    const details = { role: 'training', epoch: 0, batch: await where(), key: '17' };
    for (const cache of [undefined, {}]) {
      const run = distill(options({ data, ...(cache && { cache }) }));
      await expect(run).rejects.toMatchObject({ code: 'OPTIMIZE_TEACHER_NOT_FINITE', details });
    }
  });

  it('stops when it is aborted while the teacher runs', async () => {
    const controller = new AbortController();
    const onProgress = ({ done }: Progress): void => void (done === 2 && controller.abort());
    const run = distill(options({ cache: { views: 3 }, signal: controller.signal, onProgress }));
    await expect(run).rejects.toMatchObject({ code: 'ABORTED' });
  });
});

it('descends along what finite differences say', async () => {
  // One step of plain gradient descent changes the loss by -rate · |gradient|², as far as the loss is straight.
  const data = toyImages({ images: 8, batchSize: 8, shuffle: false });
  const norms: number[] = [];
  const callbacks = [{ onStep: ({ gradientNorm }: { gradientNorm?: number }) => void norms.push(gradientNorm!) }];
  const rate = 1e-4;
  const optimizer = sgd({ learningRate: rate });
  const { history } = await distill(
    options({ ...pairs(), data, training: { ...training, epochs: 2, optimizer, callbacks } }),
  );
  const change = history[1]!.trainLoss - history[0]!.trainLoss;
  expect(change / (-rate * norms[0]! ** 2)).toBeCloseTo(1, 1);
});

function mapped(source: BatchSource, change: (batch: Batch) => Batch): BatchSource {
  return {
    ...source,
    async *batches(range) {
      for await (const batch of source.batches(range)) yield change(batch);
    },
  };
}

function withSoftmax(model: Model, opType = 'Softmax'): Model {
  const { graph } = model;
  const node = { name: '', opType, domain: '', inputs: ['logits'], outputs: ['scores'], attributes: {}, docString: '' };
  return {
    ...model,
    graph: { ...graph, nodes: [...graph.nodes, node], outputs: [{ ...graph.outputs[0]!, name: 'scores' }] },
  };
}

function inFixedBatches(model: Model, size: number): Model {
  const { graph } = model;
  const fix = (info: Model['graph']['inputs'][number]) => ({ ...info, dims: [size, ...info.dims!.slice(1)] });
  return { ...model, graph: { ...graph, inputs: graph.inputs.map(fix), outputs: graph.outputs.map(fix) } };
}

/** A model that takes and gives float16. */
function inFloat16(model: Model): Model {
  const cast = (from: string, to: string, type: number) => ({
    ...{ name: '', opType: 'Cast', domain: '', inputs: [from], outputs: [to], docString: '' },
    attributes: { to: { type: 'int' as const, value: type } },
  });
  const { graph } = model;
  const half = (info: Model['graph']['inputs'][number]) => ({
    ...info,
    name: `${info.name}16`,
    type: 'float16' as const,
  });
  return {
    ...model,
    graph: {
      ...graph,
      nodes: [cast('input16', 'input', 1), ...graph.nodes, cast('logits', 'logits16', 10)],
      inputs: graph.inputs.map(half),
      outputs: graph.outputs.map(half),
    },
  };
}

interface Numbers {
  readonly scale: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** The model behind nodes that take its input `before` from another value. */
function behind(model: Model, channels: number, build: (g: GraphBuilder, x: string) => string): Model {
  const g = new GraphBuilder('input');
  const x = g.input('images', 'float32', ['N', channels, 8, 8]);
  const last = build(g, x);
  g.node('Identity', [last], {}, { outputs: ['input'] });
  const made = g.build().graph;
  return {
    ...model,
    graph: {
      ...model.graph,
      nodes: [...made.nodes, ...model.graph.nodes],
      inputs: made.inputs,
      initializers: new Map([...made.initializers, ...model.graph.initializers]),
    },
  };
}

/** A model that turns the student's numbers into raw pixels / 100 before it looks. */
function onRawPixels(model: Model, { scale, mean, std }: Numbers): Model {
  return behind(model, 1, (g, x) => {
    const slope = g.constant(tensor('float32', [1, 1, 1], [std[0]! / scale / 100]));
    const offset = g.constant(tensor('float32', [1, 1, 1], [mean[0]! / scale / 100]));
    return g.node('Add', [g.node('Mul', [x, slope]), offset]);
  });
}

/** The same from three channels of other numbers, of which it takes the mean. */
function onThreeChannels(model: Model, { mean, std }: Numbers): Model {
  return behind(model, 3, (g, x) => {
    const slope = g.constant(
      tensor(
        'float32',
        [3, 1, 1],
        std.map((value) => value / 100),
      ),
    );
    const offset = g.constant(
      tensor(
        'float32',
        [3, 1, 1],
        mean.map((value) => value / 100),
      ),
    );
    const raw = g.node('Add', [g.node('Mul', [x, slope]), offset]);
    return g.node('ReduceMean', [raw], { axes: [1], keepdims: 1 });
  });
}

/** A model whose weights of convolutions go through int8 and back. */
function fakeQuantized(model: Model): Model {
  const graph = { ...model.graph, initializers: new Map(model.graph.initializers) };
  const scale = tensor('float32', [], [0.01]);
  const zero = tensor('int8', [], [0]);
  graph.initializers.set('scale', scale).set('zero', zero);
  const node = (opType: string, inputs: string[], output: string) => ({
    ...{ name: '', opType, domain: '', inputs, outputs: [output], attributes: {}, docString: '' },
  });
  graph.nodes = graph.nodes.flatMap((each) => {
    if (each.opType !== 'Conv') return [each];
    const weight = each.inputs[1]!;
    const [quantized, back] = [`${weight}.quantized`, `${weight}.back`];
    return [
      node('QuantizeLinear', [weight, 'scale', 'zero'], quantized),
      node('DequantizeLinear', [quantized, 'scale', 'zero'], back),
      { ...each, inputs: [each.inputs[0]!, back, ...each.inputs.slice(2)] },
    ];
  });
  return { ...model, graph };
}
