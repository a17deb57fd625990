// Stock files of torchvision and timm through fromOnnx: loss, gradients and five steps of SGD are PyTorch's.
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { elementCount, type Tensor, tensor } from '@percept/core';
import { type Model, readModel, writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { describe, expect, it } from 'vitest';
import { hashedNumbers } from './builders/deterministic-fill.fixture.js';
import { differentiate } from './differentiate.js';
import { fromOnnx } from './models/from-onnx.js';
import { trainable } from './trainable.js';

interface Filling {
  readonly gain: number;
  readonly spread: number;
  readonly scale: number;
  readonly shift: number;
  readonly images: string;
}

interface Recorded {
  readonly tool: string;
  readonly inputDims: [batch: number, channels: number, height: number, width: number];
  /** How parameters and images are filled: see test/goldens/train/stock-nets.py. */
  readonly filling: Filling;
  readonly labels: number[];
  readonly losses: number[];
  /** Largest magnitude, L2 norm, product with the probe, six elements. */
  readonly gradients: Record<string, [largest: number, norm: number, product: number, ...samples: number[]]>;
  /** A gzipped ONNX file whose weights are inputs of the graph. */
  readonly model: string;
}

const folder = new URL('../../../test/goldens/train/stock-nets/', import.meta.url);
const nets = readdirSync(folder).map((file) => {
  const recorded = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Recorded;
  return [file.replace('.json', ''), recorded] as const;
});

function filled(name: string, dims: readonly number[], names: ReadonlySet<string>, filling: Filling): Tensor {
  const { gain, spread, scale, shift } = filling;
  const count = elementCount(dims);
  const [, layer, part] = /^(.*)\.([^.]*)$/.exec(name) ?? ['', '', name];
  if (dims.length > 1) {
    const factor = dims.length === 4 && !names.has(`${layer}.bias`) ? gain : 1;
    const values = hashedNumbers(name, count, 0, factor * Math.sqrt(6 / elementCount(dims.slice(1))));
    return tensor('float32', dims, values);
  }
  if (part === 'running_var' || part === 'weight') {
    const around = part === 'weight' ? scale : 1;
    return tensor('float32', dims, hashedNumbers(name, count, around, around * spread));
  }
  const shifted = part === 'bias' && names.has(`${layer}.running_mean`);
  return tensor('float32', dims, hashedNumbers(name, count, shifted ? shift : 0, 0.1));
}

/** Images of 8 x 8 squares. */
function imagesOf({ inputDims, filling }: Recorded): Tensor {
  const [batch, channels, height, width] = inputDims;
  const squares = hashedNumbers(filling.images, batch * channels * 64);
  const pixels = new Float32Array(elementCount(inputDims));
  for (let at = 0; at < pixels.length; at++) {
    const [plane, row, column] = [Math.floor(at / width / height), Math.floor(at / width) % height, at % width];
    pixels[at] = squares[plane * 64 + Math.floor((row * 8) / height) * 8 + Math.floor((column * 8) / width)]!;
  }
  return tensor('float32', inputDims, pixels);
}

/** The file as a user has it: with its weights. */
function stockModel({ model: file, filling }: Recorded): Model {
  const model = readModel(gunzipSync(Buffer.from(file, 'base64')));
  const names = new Set(model.graph.inputs.map(({ name }) => name));
  for (const { name, dims } of model.graph.inputs) {
    if (name !== 'input') model.graph.initializers.set(name, filled(name, dims as number[], names, filling));
  }
  return model;
}

function digest(name: string, gradient: Float32Array): number[] {
  const probe = hashedNumbers(`probe of ${name}`, gradient.length);
  let [largest, square, product] = [0, 0, 0];
  for (const [at, value] of gradient.entries()) {
    largest = Math.max(largest, Math.abs(value));
    square += value * value;
    product += value * probe[at]!;
  }
  const samples = Array.from({ length: 6 }, (_, at) => gradient[Math.floor((at * (gradient.length - 1)) / 5)]!);
  return [largest, Math.sqrt(square), product, ...samples];
}

const runtime = onnxruntimeNode({ worker: false });
const rate = 1e-3;

describe('stock nets', () => {
  it.each(nets)('%s trains as in PyTorch', { timeout: 300_000 }, async (_, recorded) => {
    const model = fromOnnx(stockModel(recorded));
    expect([...trainable(model).parameters].sort()).toEqual(Object.keys(recorded.gradients).sort());
    const weights = new Map(Object.keys(recorded.gradients).map((name) => [name, model.graph.initializers.get(name)!]));
    const graph = differentiate(model, { inputDims: recorded.inputDims });
    const session = await runtime.createSession(writeModel(graph), { threads: 2 });
    const fixed = {
      input: imagesOf(recorded),
      labels: tensor('int64', [recorded.labels.length], recorded.labels.map(BigInt)),
    };
    const overall = Math.max(...Object.values(recorded.gradients).map(([largest]) => largest));
    for (const [step, loss] of recorded.losses.entries()) {
      const results = await session.run({ ...fixed, ...Object.fromEntries(weights) });
      const found = Number(results.loss!.data[0]);
      if (step === 0) expect(Math.abs(found - loss)).toBeLessThan(1e-5);
      expect(Math.abs(found / loss - 1), `loss of step ${step}`).toBeLessThan(1e-3);
      for (const [name, expected] of Object.entries(recorded.gradients)) {
        const gradient = results[`gradient.${name}`]!.data as Float32Array;
        if (step === 0) expectDigest(digest(name, gradient), expected, { name, overall, count: gradient.length });
        const { dims, data } = weights.get(name)!;
        const moved = (data as Float32Array).map((value, at) => value - rate * gradient[at]!);
        weights.set(name, tensor('float32', dims, moved));
      }
    }
    await session.close();
  });
});

/** Every number within 1e-3 of the gradient's maximum; the product sums up what every element is off. */
function expectDigest(
  found: readonly number[],
  expected: readonly number[],
  { name, overall, count }: { name: string; overall: number; count: number },
): void {
  // A shift in front of a normalization has a gradient of zero: what is there is rounding.
  const scale = expected[0]! > 1e-9 * overall ? expected[0]! : 10 * overall;
  for (const [at, value] of expected.entries()) {
    const spread = at === 1 || at === 2 ? Math.sqrt(count) : 1;
    expect(Math.abs(found[at]! - value) / scale / spread, `${name} [${at}]`).toBeLessThan(1e-3);
  }
}
