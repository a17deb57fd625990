// Files that Keras exports through fromOnnx: scores, loss, gradients and steps of SGD on Percept's batches are Keras's.
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type BatchSource, elementCount, type Tensor, tensor } from '@percept/core';
import { GraphBuilder, type Model, readMetadata, readModel, withMetadata, writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { describe, expect, it } from 'vitest';
import { hashedNumbers } from '../builders/deterministic-fill.fixture.js';
import { differentiate } from '../differentiate.js';
import { bceWithLogits, crossEntropy, type Loss } from '../losses.js';
import { sgd } from '../optimizers/sgd.js';
import { trainable } from '../trainable.js';
import { Trainer } from '../trainer.js';
import { exportInference } from './export-inference.js';
import { freeze } from './freeze.js';
import { fromOnnx } from './from-onnx.js';
import { headParameters } from './head.js';
import { replaceHead } from './replace-head.js';

type Range = readonly [offset: number, scale: number];

interface Recorded {
  readonly inputDims: [batch: number, height: number, width: number, channels: number];
  /** Range of the images. */
  readonly filling: Range;
  readonly labels: number[];
  readonly rate: number;
  /** Ranges of the constants that the file comes without: they are inputs of its graph. */
  readonly ranges: Record<string, Range>;
  /** Probabilities. */
  readonly scores: number[];
  readonly losses: number[];
  /** Largest magnitude, L2 norm, product with the probe, up to twelve elements. */
  readonly gradients: Record<string, [largest: number, norm: number, product: number, ...samples: number[]]>;
  readonly model: string;
}

const folder = new URL('../../../../test/goldens/train/keras/', import.meta.url);
const exported = readdirSync(folder).flatMap((file) => {
  const { tool, nets } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as {
    tool: string;
    nets: Record<string, Recorded>;
  };
  return Object.entries(nets).map(([name, net]) => ({ title: `${name} of ${tool}`, name, net }));
});
const net = (wanted: string): (typeof exported)[number] => exported.find(({ title }) => title.startsWith(wanted))!;

/** The file as a user has it: with its weights. */
function fileOf({ model: packed, ranges }: Recorded): Model {
  const model = readModel(gunzipSync(Buffer.from(packed, 'base64')));
  for (const { name, dims } of model.graph.inputs) {
    const range = ranges[name];
    if (range === undefined) continue;
    const values = hashedNumbers(name, elementCount(dims as number[]), ...range);
    model.graph.initializers.set(name, tensor('float32', dims as number[], values));
  }
  return model;
}

function pixelsLast(name: string, { inputDims, filling }: Recorded): Tensor<'float32'> {
  return tensor('float32', inputDims, hashedNumbers(`images of ${name}`, elementCount(inputDims), ...filling));
}

function pixelsFirst({ dims, data }: Tensor<'float32'>): Tensor<'float32'> {
  const [batch, height, width, channels] = dims as Recorded['inputDims'];
  const pixels = new Float32Array(data.length);
  for (const [at, value] of data.entries()) {
    const [pixel, channel] = [Math.floor(at / channels), at % channels];
    const [image, place] = [Math.floor(pixel / height / width), pixel % (height * width)];
    pixels[(image * channels + channel) * height * width + place] = value;
  }
  return tensor('float32', [batch, channels, height, width], pixels);
}

/** One batch, again and again, and the loss for its labels. */
function training(name: string, recorded: Recorded): { loss: Loss; images: Tensor; labels: Tensor; data: BatchSource } {
  const images = pixelsFirst(pixelsLast(name, recorded));
  const { labels: values, scores } = recorded;
  const count = values.length;
  const binary = scores.length === count;
  const labels = binary ? tensor('float32', [count, 1], values) : tensor('int64', [count], values);
  const loss = binary ? bceWithLogits() : crossEntropy();
  const data: BatchSource = {
    batchesPerEpoch: 1,
    classes: binary ? [] : Array.from({ length: scores.length / count }, (_, at) => String(at)),
    async *batches() {
      yield { keys: values.map((_, at) => String(at)), inputs: images, labels };
    },
  };
  return { loss, images, labels, data };
}

const runtime = onnxruntimeNode({ worker: false });

async function run(model: Model, feeds: Record<string, Tensor>): Promise<Readonly<Record<string, Tensor>>> {
  const session = await runtime.createSession(writeModel(model), { threads: 1 });
  const results = await session.run(feeds);
  await session.close();
  return results;
}

async function scoresOf(model: Model, images: Tensor): Promise<Tensor> {
  const { inputs, outputs } = model.graph;
  return (await run(model, { [inputs[0]!.name]: images }))[outputs[0]!.name]!;
}

function expectClose(found: Tensor, expected: readonly number[], tolerance: number): void {
  expect(found.data.length).toBe(expected.length);
  for (const [at, value] of expected.entries()) {
    expect(Math.abs(Number(found.data[at]) - value), `score ${at}`).toBeLessThan(tolerance);
  }
}

function digest(name: string, gradient: Float32Array): number[] {
  const probe = hashedNumbers(`probe of ${name}`, gradient.length);
  let [largest, square, product] = [0, 0, 0];
  for (const [at, value] of gradient.entries()) {
    largest = Math.max(largest, Math.abs(value));
    square += value * value;
    product += value * probe[at]!;
  }
  const samples = Math.min(12, gradient.length);
  const last = gradient.length - 1;
  const elements = Array.from(
    { length: samples },
    (_, at) => gradient[Math.floor((at * last) / Math.max(1, samples - 1))]!,
  );
  return [largest, Math.sqrt(square), product, ...elements];
}

describe.each(exported)('$title', ({ name, net: recorded }) => {
  it('gives the scores of Keras, for pixels in either order', async () => {
    const images = pixelsLast(name, recorded);
    const file = fileOf(recorded);
    expectClose(await scoresOf(exportInference(fromOnnx(file)), pixelsFirst(images)), recorded.scores, 1e-5);
    expectClose(await scoresOf(exportInference(fromOnnx(file, { layout: 'NHWC' })), images), recorded.scores, 1e-5);
  });

  it('has the loss and the gradients of Keras', async () => {
    const model = fromOnnx(fileOf(recorded));
    const { parameters } = trainable(model);
    expect([...parameters].sort()).toEqual(Object.keys(recorded.gradients).sort());
    const { loss, images, labels } = training(name, recorded);
    const weights = parameters.map((weight) => [weight, model.graph.initializers.get(weight)!] as const);
    const graph = differentiate(model, { inputDims: images.dims, loss });
    const feeds = { [model.graph.inputs[0]!.name]: images, labels, ...Object.fromEntries(weights) };
    const results = await run(graph, feeds);
    expect(Math.abs(Number(results.loss!.data[0]) / recorded.losses[0]! - 1)).toBeLessThan(1e-5);
    for (const [weight, expected] of Object.entries(recorded.gradients)) {
      const gradient = results[`gradient.${weight}`]!.data as Float32Array;
      const found = digest(weight, gradient);
      for (const [at, value] of expected.entries()) {
        const spread = at === 1 || at === 2 ? Math.sqrt(gradient.length) : 1;
        expect(Math.abs(found[at]! - value) / expected[0] / spread, `${weight} [${at}]`).toBeLessThan(1e-4);
      }
    }
  });

  it('is trained by Trainer as by Keras, and takes another head', { timeout: 60_000 }, async () => {
    const { loss, data } = training(name, recorded);
    const model = fromOnnx(fileOf(recorded));
    const common = { data, runtime, threads: 1 };
    const optimizer = sgd({ learningRate: recorded.rate });
    const { history } = await new Trainer({ ...common, model, loss, optimizer, epochs: 4 }).fit();
    for (const [step, { trainLoss }] of history.entries()) {
      expect(Math.abs(trainLoss / recorded.losses[step]! - 1), `loss of step ${step}`).toBeLessThan(1e-4);
    }
    expect(history.at(-1)!.trainLoss).toBeLessThan(history[0]!.trainLoss);

    const replaced = replaceHead(model, { classes: 5 });
    const [weight, bias] = headParameters(replaced);
    expect(replaced.graph.initializers.get(weight!)!.dims[1]).toBe(5);
    expect(replaced.graph.initializers.get(bias!)!.dims).toEqual([5]);
    const freezing = freeze(replaced, '*', { except: [weight!, bias!] });
    const classes = ['a', 'b', 'c', 'd', 'e'];
    const source: BatchSource = {
      ...data,
      classes,
      async *batches(options) {
        for await (const batch of data.batches(options)) {
          const { labels } = recorded;
          yield { ...batch, labels: tensor('int64', [labels.length], labels) };
        }
      },
    };
    const head = await new Trainer({ ...common, data: source, model: replaced, freeze: freezing, epochs: 3 }).fit();
    expect(head.history.at(-1)!.trainLoss).toBeLessThan(head.history[0]!.trainLoss);
  });
});

describe('images with their pixels last', () => {
  it('keep what is done to them before the Transpose', () => {
    const { graph } = fromOnnx(fileOf(net('flattened').net));
    expect(graph.inputs[0]!.dims!.slice(1)).toEqual([3, 8, 8]);
    expect(graph.nodes.slice(0, 4).map(({ opType }) => opType)).toEqual(['Transpose', 'Mul', 'Add', 'Transpose']);
  });

  it('need no Transpose where a convolution comes first', () => {
    expect(fromOnnx(fileOf(net('mobilenetV2').net)).graph.nodes[0]!.opType).toBe('Conv');
  });

  it('are pixels first in the metadata too', () => {
    const preprocess = { color: 'rgb', scale: 1, mean: [0, 0, 0], std: [1, 1, 1], layout: 'NHWC' } as const;
    const file = withMetadata(fileOf(net('sequential').net), { preprocess });
    expect(readMetadata(fromOnnx(file)).preprocess!.layout).toBe('NCHW');
    expect(readMetadata(fromOnnx(file, { layout: 'NHWC' })).preprocess!.layout).toBe('NHWC');
    expect(readMetadata(file).preprocess!.layout).toBe('NHWC');
  });

  it('stay where no Transpose tells', () => {
    const g = new GraphBuilder('flat');
    const flat = g.node('Flatten', [g.input('x', 'float32', ['N', 4, 4, 3])]);
    g.output(g.node('Gemm', [flat, g.initializer('w', tensor('float32', [48, 2]))]), 'float32', ['N', 2]);
    expect(fromOnnx(g.build()).graph.inputs[0]!.dims).toEqual(['N', 4, 4, 3]);
  });
});
