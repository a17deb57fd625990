// What toTflite() writes, computed by LiteRT (Python's ai-edge-litert, made from bench/peers/litert.txt), against onnxruntime.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyedRandom, type Tensor, tensor } from '@percept/core';
import { decodeImage } from '@percept/image';
import { cloneModel, type Model, type Node, readModel, type SessionOptions, writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { quantizeStatic } from '@percept/optimize';
import { type ToTfliteOptions, toTflite } from '@percept/optimize/convert';
import {
  cifarResnet,
  efficientnetB0,
  mobilenetV2,
  mobilenetV3Large,
  resnet18,
  resnet50,
  smallCnn,
  squeezenet,
  vitTiny,
} from '@percept/train';
import { afterAll, describe, expect, it } from 'vitest';
import { operatorModels } from '../../packages/optimize/src/convert/operator-models.fixture.js';
import { quantizedModels } from '../../packages/optimize/src/convert/quantized-models.fixture.js';
import { root } from '../setup/repository.js';

const made = spawnSync(process.execPath, [join(root, 'bench/peers/create.mjs'), 'litert'], { encoding: 'utf8' });
const python = join(root, '.cache/peers/litert/bin/python');
const check = join(root, 'test/goldens/optimize/tflite_check.py');
const data = process.env.PERCEPT_DATA ?? '';
const runtime = onnxruntimeNode({ worker: false });

type Values = Record<string, Tensor<'float32'>>;

interface Job {
  readonly name: string;
  readonly model: Model;
  readonly feeds: Values;
  readonly options?: ToTfliteOptions;
}

const folder = mkdtempSync(join(tmpdir(), 'percept-tflite-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Files made from models, run on feeds in ONNX's layout; gives outputs by job in that layout, and the records. */
function underLitert(jobs: readonly Job[]) {
  const files = jobs.map(({ model, options, feeds }, at) => {
    const { bytes, record } = toTflite(model, options);
    const path = (kind: string, index: number) => join(folder, `${at}-${index}.${kind}`);
    writeFileSync(path('tflite', 0), bytes);
    const inputs = record.inputs.map(({ name }, index) => {
      writeFileSync(path('in', index), bytesOf(channelsLast(feeds[name]!)));
      return [name, path('in', index)] as const;
    });
    const outputs = record.outputs.map(({ name }, index) => [name, path('out', index)] as const);
    return {
      record,
      job: { model: path('tflite', 0), inputs: Object.fromEntries(inputs), outputs: Object.fromEntries(outputs) },
    };
  });
  writeFileSync(join(folder, 'jobs.json'), JSON.stringify(files.map(({ job }) => job)));
  const ran = spawnSync(python, [check, join(folder, 'jobs.json')], { encoding: 'utf8', maxBuffer: 2 ** 28 });
  expect(ran.status, ran.stderr).toBe(0);
  const seen = ran.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { operators: string[] });
  return files.map(({ record, job }, at) => {
    const outputs: Values = {};
    for (const { name, dims } of record.outputs) {
      const { buffer } = new Uint8Array(readFileSync(job.outputs[name]!));
      outputs[name] = channelsFirst(tensor('float32', dims, new Float32Array(buffer)));
    }
    return { record, outputs, operators: seen[at]!.operators };
  });
}

async function underOnnxruntime(model: Model, feeds: Values, options: SessionOptions = {}): Promise<Values> {
  const session = await runtime.createSession(writeModel(model), options);
  try {
    return (await session.run(feeds)) as Values;
  } finally {
    await session.close();
  }
}

function bytesOf({ data: values }: Tensor<'float32'>): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function channelsLast(value: Tensor<'float32'>): Tensor<'float32'> {
  if (value.dims.length !== 4) return value;
  const [n, c, h, w] = value.dims as [number, number, number, number];
  const result = tensor('float32', [n, h, w, c]);
  value.data.forEach((element, at) => {
    const [image, channel, pixel] = [Math.floor(at / (c * h * w)), Math.floor(at / (h * w)) % c, at % (h * w)];
    result.data[(image * h * w + pixel) * c + channel] = element;
  });
  return result;
}

function channelsFirst(value: Tensor<'float32'>): Tensor<'float32'> {
  if (value.dims.length !== 4) return value;
  const [n, h, w, c] = value.dims as [number, number, number, number];
  const result = tensor('float32', [n, c, h, w]);
  for (let at = 0; at < result.data.length; at++) {
    const [image, channel, pixel] = [Math.floor(at / (c * h * w)), Math.floor(at / (h * w)) % c, at % (h * w)];
    result.data[at] = value.data[(image * h * w + pixel) * c + channel]!;
  }
  return result;
}

/** Largest difference, and the largest number that there is. */
function difference(expected: Tensor<'float32'>, actual: Tensor<'float32'>): { most: number; largest: number } {
  expect(actual.dims).toEqual(expected.dims);
  let [most, largest] = [0, 0];
  expected.data.forEach((value, at) => {
    most = Math.max(most, Math.abs(value - actual.data[at]!));
    largest = Math.max(largest, Math.abs(value));
  });
  return { most, largest };
}

function noise(key: string, dims: readonly number[], positive = false): Tensor<'float32'> {
  const random = keyedRandom('tflite', key);
  const length = dims.reduce((product, dim) => product * dim, 1);
  return tensor(
    'float32',
    dims,
    Float32Array.from({ length }, () => (positive ? random.uniform(0.1, 3) : random.normal())),
  );
}

/** The model with the statistics of a batch of noise in its normalizations, so that values keep their size through all layers. */
async function settled(model: Model): Promise<Model> {
  const learning = cloneModel(model);
  const statistics = new Map<string, string>();
  for (const node of learning.graph.nodes) {
    if (node.opType !== 'BatchNormalization') continue;
    node.attributes.training_mode = { type: 'int', value: 1 };
    node.attributes.momentum = { type: 'float', value: 0 };
    for (const [index, field] of ['mean', 'variance'].entries()) {
      const name = `${node.outputs[0]}.${field}`;
      node.outputs.push(name);
      statistics.set(name, node.inputs[3 + index]!);
      learning.graph.outputs.push({ name, type: 'float32', dims: undefined, docString: '' });
    }
  }
  const input = learning.graph.inputs[0]!;
  const outputs = await underOnnxruntime(learning, {
    [input.name]: noise('settle', [4, ...(input.dims!.slice(1) as number[])]),
  });
  const result = cloneModel(model);
  for (const [name, parameter] of statistics) {
    const { dims, data: values } = outputs[name]!;
    result.graph.initializers.set(parameter, tensor('float32', dims, Float32Array.from(values)));
  }
  return result;
}

const published = (path: string) => async () => readModel(readFileSync(join(data, 'models', path)));
const nets: Record<string, (size: number) => Promise<Model>> = {
  smallCnn: () => settled(smallCnn({ classes: 10 })),
  cifarResnet: () => settled(cifarResnet({ classes: 10 })),
  resnet18: (size) => settled(resnet18({ classes: 1000, size })),
  resnet50: (size) => settled(resnet50({ classes: 1000, size })),
  mobilenetV2: (size) => settled(mobilenetV2({ classes: 1000, size })),
  mobilenetV3Large: (size) => settled(mobilenetV3Large({ classes: 1000, size })),
  efficientnetB0: (size) => settled(efficientnetB0({ classes: 1000, size })),
  squeezenet: async (size) => squeezenet({ classes: 1000, size }),
  ...(data === ''
    ? {}
    : {
        'published ResNet-20': published('cifar10/cifar10_resnet20.onnx'),
        'published ResNet-56': published('cifar10/cifar10_resnet56.onnx'),
        'published MLPerf ResNet-8': published('cifar10/mlperf_tiny_resnet8_fp32.onnx'),
        'published MobileNetV2': published('imagenet/mobilenetv2_1.0_224_fp32.onnx'),
        'published SqueezeNet': published('imagenet/squeezenet_fp32.onnx'),
      }),
};

/** SqueezeNet was published in opset 7, which has no scales per channel. */
const quantizable = Object.keys(nets).filter((name) => name !== 'published SqueezeNet');

/** One image of noise for a model of one input. */
function oneImage(model: Model): Values {
  const input = model.graph.inputs.find(({ name }) => !model.graph.initializers.has(name))!;
  const dims = input.dims!.map((dim, axis) => (typeof dim === 'number' ? dim : axis === 0 ? 1 : 0));
  return { [input.name]: noise('image', dims) };
}

/** Values that a QDQ model computes on integers: the QuantizeLinear that makes each, by name, and its step. */
function quantizedValues({ graph }: Model): { value: string; node: Node; scale: number }[] {
  return graph.nodes
    .filter(({ opType }) => opType === 'QuantizeLinear')
    .map((node) => {
      const scale = Number(graph.initializers.get(node.inputs[1]!)!.data[0]);
      return { value: node.outputs[0]!, node, scale };
    });
}

function qdqNode(opType: string, from: string, parameters: readonly string[], to: string): Node {
  return { name: '', domain: '', attributes: {}, docString: '', opType, inputs: [from, ...parameters], outputs: [to] };
}

/** The model with the reals of every such value as an output too. */
function showing(model: Model): Model {
  const result = cloneModel(model);
  for (const { value, node } of quantizedValues(result)) {
    const shown = `${value}_shown`;
    result.graph.nodes.push(qdqNode('DequantizeLinear', value, node.inputs.slice(1), shown));
    result.graph.outputs.push({ name: shown, type: 'float32', dims: undefined, docString: '' });
  }
  return result;
}

/** The model cut there: each value is shown as before, but what reads it reads an input in its place. */
function cut(model: Model, dims: (value: string) => readonly number[]): Model {
  const result = cloneModel(model);
  const { graph } = result;
  for (const { value, node } of quantizedValues(model)) {
    const [given, again] = [`${value}_cut`, `${value}_again`];
    graph.inputs.push({ name: given, type: 'float32', dims: [...dims(value)], docString: '' });
    for (const reader of graph.nodes) reader.inputs = reader.inputs.map((name) => (name === value ? again : name));
    graph.nodes.unshift(qdqNode('QuantizeLinear', given, node.inputs.slice(1), again));
  }
  const shown = showing(result);
  // The integers that are fed need not be shown.
  const fed = new Set(quantizedValues(model).map(({ value }) => `${value}_again_shown`));
  shown.graph.outputs = shown.graph.outputs.filter(({ name }) => !fed.has(name));
  return shown;
}

if (made.status !== 0) {
  it.skip(`TFLite files under LiteRT (${(made.stderr || String(made.error)).trim().split('\n').at(-1)})`, () => {});
} else {
  describe('TFLite files under LiteRT', () => {
    it('compute what onnxruntime does, operator by operator', async () => {
      const jobs = operatorModels().map(({ name, model, positive = false }) => ({
        name,
        model,
        feeds: { x: noise(name, model.graph.inputs[0]!.dims as number[], positive) },
      }));
      const results = underLitert(jobs);
      for (const [at, { name, model, feeds }] of jobs.entries()) {
        const expected = await underOnnxruntime(model, feeds);
        const { most, largest } = difference(expected.y!, results[at]!.outputs.y!);
        expect(most, name).toBeLessThanOrEqual(1e-5 * Math.max(1, largest));
      }
    });

    it.each(['uint8', 'int8'] as const)('compute %s models within one level, operator by operator', async (type) => {
      const models = quantizedModels(type);
      const jobs = models.map(({ name, model }) => ({
        name,
        model,
        feeds: { x: noise(name, model.graph.inputs[0]!.dims as number[]) },
      }));
      const results = underLitert(jobs);
      for (const [at, { name, model, feeds }] of jobs.entries()) {
        const expected = await underOnnxruntime(model, feeds);
        const { most } = difference(expected.y!, results[at]!.outputs.y!);
        expect(most / models[at]!.scale, name).toBeLessThanOrEqual(1.001);
      }
    });

    it.each(Object.keys(nets))('compute %s, without transpositions inside', async (name) => {
      const model = await nets[name]!(224);
      const feeds = oneImage(model);
      const jobs = [
        { name, model, feeds },
        { name, model, feeds, options: { weights: 'float16' } as const },
      ];
      const [float, half] = underLitert(jobs);
      expect(float!.operators).not.toContain('TRANSPOSE');
      expect(float!.record.transpositions).toEqual([]);
      const [output, expected] = Object.entries(await underOnnxruntime(model, feeds))[0]!;
      const { most, largest } = difference(expected, float!.outputs[output]!);
      const rough = difference(expected, half!.outputs[output]!);
      console.log(
        `${name}: largest score ${largest.toFixed(2)}, off by ${most.toExponential(1)}, with float16 weights by ${rough.most.toExponential(1)}`,
      );
      expect(largest).toBeGreaterThan(0.01);
      expect(most).toBeLessThanOrEqual(1e-4 * Math.max(1, largest));
      expect(rough.most).toBeLessThanOrEqual(0.02 * Math.max(1, largest));
    });

    it('compute ViT-tiny', async () => {
      const model = vitTiny({ classes: 1000 });
      const feeds = oneImage(model);
      const [result] = underLitert([{ name: 'vit', model, feeds }]);
      const { logits } = await underOnnxruntime(model, feeds);
      expect(difference(logits!, result!.outputs.logits!).most).toBeLessThanOrEqual(1e-4);
    });

    it.each(quantizable)('compute int8 %s within one level at every layer', async (name) => {
      const float = await nets[name]!(96);
      const input = Object.keys(oneImage(float))[0]!;
      const { dims } = oneImage(float)[input]!;
      const calibration = (async function* () {
        for (let batch = 0; batch < 2; batch++) yield noise(`calibration ${batch}`, dims);
      })();
      const { model } = await quantizeStatic(float, { calibration, runtime });
      await expectOneLevel(name, model, oneImage(model));
    });

    describe.skipIf(data === '')('published int8 networks (needs PERCEPT_DATA)', () => {
      it.each(['cifar10/mlperf_tiny_resnet8_int8_qdq.onnx', 'imagenet/mobilenetv2_1.0_224_int8_qdq.onnx'])(
        '%s computes within one level at every layer',
        async (path) => {
          const model = await published(path)();
          // 8-bit weights saturate in onnxruntime's fused kernels on CPUs without VNNI: each node by itself does not.
          await expectOneLevel(path, model, oneImage(model), { graphOptimization: 'disabled' });
        },
      );

      it('ResNet-20 answers like its int8 model on test images', async () => {
        const float = await published('cifar10/cifar10_resnet20.onnx')();
        const { data: sheet } = await decodeImage(readFileSync(join(data, 'cifar10/test_batch.png')));
        const calibration = (async function* () {
          yield cifarImages(sheet, 9_800, 200);
        })();
        const { model } = await quantizeStatic(float, { calibration, runtime });
        const images = 100;
        const feeds = { input: cifarImages(sheet, 0, images) };
        const [result] = underLitert([{ name: 'resnet20', model, feeds, options: { batch: images } }]);
        const { logits } = await underOnnxruntime(model, feeds);
        const answers = ({ data: scores }: Tensor<'float32'>) =>
          Array.from({ length: images }, (_, at) => {
            const row = scores.slice(10 * at, 10 * at + 10);
            return row.indexOf(Math.max(...row));
          });
        const expected = answers(logits!);
        const same = answers(result!.outputs.logits!).filter((answer, at) => answer === expected[at]).length;
        expect(same / images).toBeGreaterThanOrEqual(0.99);
      });
    });
  });
}

/** CIFAR-10's test images as the published networks want them: row i of the sheet is image i. */
function cifarImages(sheet: Uint8Array, from: number, count: number): Tensor<'float32'> {
  const [mean, std] = [
    [0.485, 0.456, 0.406],
    [0.229, 0.224, 0.225],
  ];
  const batch = tensor('float32', [count, 3, 32, 32]);
  for (let at = 0; at < batch.data.length; at++) {
    const [image, channel, pixel] = [Math.floor(at / 3072), Math.floor(at / 1024) % 3, at % 1024];
    batch.data[at] = (sheet[(from + image) * 3072 + pixel * 3 + channel]! / 255 - mean![channel]!) / std![channel]!;
  }
  return batch;
}

/**
 * Every layer, fed with what onnxruntime gives to it, is within one level. (Through a whole network, a tie that two
 * runtimes round differently in one layer is a different input to all later ones.)
 */
async function expectOneLevel(name: string, model: Model, feeds: Values, options: SessionOptions = {}): Promise<void> {
  const expected = await underOnnxruntime(showing(model), feeds, options);
  const levels = quantizedValues(model);
  const pieces = cut(model, (value) => expected[`${value}_shown`]!.dims);
  const given: Values = { ...feeds };
  for (const { value } of levels) given[`${value}_cut`] = expected[`${value}_shown`]!;
  const [piecewise, whole] = underLitert([
    { name, model: pieces, feeds: given },
    { name, model, feeds },
  ]);
  let [most, differing, elements] = [0, 0, 0];
  for (const { value, scale } of levels) {
    const actual = piecewise!.outputs[`${value}_shown`]!;
    expected[`${value}_shown`]!.data.forEach((element, at) => {
      const off = Math.abs(element - actual.data[at]!) / scale;
      most = Math.max(most, off);
      elements++;
      if (off > 0.5) differing++;
    });
  }
  expect(whole!.operators).not.toContain('TRANSPOSE');
  const [output] = model.graph.outputs.map((info) => info.name) as [string];
  const end = difference(expected[output]!, whole!.outputs[output]!);
  console.log(
    `${name}, ${levels.length} values: ${differing} of ${elements} elements a level apart; whole network: largest score ${end.largest.toFixed(2)}, off by ${end.most.toExponential(1)}; in float: ${[...new Set(whole!.record.float.map(({ opType }) => opType))].join(' ') || 'nothing'}`,
  );
  expect(most).toBeLessThanOrEqual(1.001);
}
