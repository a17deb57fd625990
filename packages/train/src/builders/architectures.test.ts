import { readFileSync } from 'node:fs';
import { elementCount, tensor } from '@percept/core';
import { type Model, writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { describe as describeModel } from '@percept/onnx/graph';
import { describe, expect, it } from 'vitest';
import { cifarResnet, cifarResnetGraph } from './cifar-resnet.js';
import { deterministicFill } from './deterministic-fill.fixture.js';
import { efficientnetB0, efficientnetB0Graph } from './efficientnet.js';
import { type InitializationRule, type Initialize, keyedInitialization } from './initialization.js';
import { mobilenetV2, mobilenetV2Graph } from './mobilenet-v2.js';
import { mobilenetV3, mobilenetV3Large, mobilenetV3Small } from './mobilenet-v3.js';
import { resnet, resnet18, resnet34, resnet50 } from './resnet.js';
import { squeezenet, squeezenetGraph } from './squeezenet.js';
import { vitTiny, vitTinyGraph } from './vit.js';

interface Recorded {
  size: number;
  parameters: number;
  multiplyAccumulates: number;
  logits: number[];
  initial: Record<string, [dims: number[], mean: number, deviation: number]>;
}
const goldens = JSON.parse(
  readFileSync(new URL('../../../../test/goldens/train/builders.json', import.meta.url), 'utf8'),
) as { architectures: Record<string, Recorded> };

const common = { classes: 10, channels: 3 };
const withDropout = { ...common, dropout: 0.2 };
const graphs: Record<string, (size: number, initialize: Initialize) => Model> = {
  resnet18: (size, fill) => resnet('resnet18', { ...common, size, stem: 'imagenet' }, fill),
  'resnet18 with the CIFAR stem': (size, fill) => resnet('resnet18', { ...common, size, stem: 'cifar' }, fill),
  resnet34: (size, fill) => resnet('resnet34', { ...common, size, stem: 'imagenet' }, fill),
  resnet50: (size, fill) => resnet('resnet50', { ...common, size, stem: 'imagenet' }, fill),
  'cifarResnet 20': (size, fill) => cifarResnetGraph({ ...common, size, depth: 20 }, fill),
  'cifarResnet 32': (size, fill) => cifarResnetGraph({ ...common, size, depth: 32 }, fill),
  'cifarResnet 44': (size, fill) => cifarResnetGraph({ ...common, size, depth: 44 }, fill),
  'cifarResnet 56': (size, fill) => cifarResnetGraph({ ...common, size, depth: 56 }, fill),
  mobilenetV2: (size, fill) => mobilenetV2Graph({ ...withDropout, size }, fill),
  mobilenetV3Large: (size, fill) => mobilenetV3('large', { ...withDropout, size }, fill),
  mobilenetV3Small: (size, fill) => mobilenetV3('small', { ...withDropout, size }, fill),
  efficientnetB0: (size, fill) => efficientnetB0Graph({ ...withDropout, size }, fill),
  squeezenet: (size, fill) => squeezenetGraph({ ...withDropout, size }, fill),
  vitTiny: (size, fill) => vitTinyGraph({ ...common, size, patch: 16, depth: 12 }, fill),
};

it('records an architecture for every builder', () => {
  expect(Object.keys(goldens.architectures)).toEqual(Object.keys(graphs));
});

describe.each(Object.entries(goldens.architectures))('%s, beside torchvision or timm', (name, recorded) => {
  const build = graphs[name]!;

  it('computes the same with the same parameters', async () => {
    const model = build(recorded.size, deterministicFill);
    const session = await onnxruntimeNode({ worker: false }).createSession(writeModel(model));
    const image = deterministicFill('input', [1, 3, recorded.size, recorded.size]);
    const { logits } = await session.run({ input: image });
    const twice = new Float32Array(2 * image.data.length);
    twice.set(image.data);
    twice.set(image.data, image.data.length);
    const { logits: both } = await session.run({ input: tensor('float32', [2, ...image.dims.slice(1)], twice) });
    await session.close();
    const largest = Math.max(...recorded.logits.map(Math.abs));
    const error = Math.max(...recorded.logits.map((value, at) => Math.abs(Number(logits!.data[at]) - value)));
    expect(error / largest).toBeLessThan(1e-5);
    expect(both!.dims).toEqual([2, 10]);
    // Ours counts the products of activations and normalizations too, torch's hooks only layers with weights.
    const { macs } = describeModel(model, { inputDims: { input: image.dims } });
    expect(macs / recorded.multiplyAccumulates).toBeGreaterThanOrEqual(1);
    expect(macs / recorded.multiplyAccumulates).toBeLessThan(1.2);
  });

  it('has the same parameters, initialised alike', () => {
    const rules = new Map<string, InitializationRule>();
    build(recorded.size, (parameter, dims, rule) => {
      rules.set(parameter, rule);
      expect(dims, parameter).toEqual(recorded.initial[parameter]?.[0]);
      return tensor('float32', dims);
    });
    expect([...rules.keys()].sort()).toEqual(Object.keys(recorded.initial).sort());
    const statistic = /running_(mean|var)$/;
    const count = Object.entries(recorded.initial).filter(([parameter]) => !statistic.test(parameter));
    expect(count.reduce((sum, [, [dims]]) => sum + elementCount(dims), 0)).toBe(recorded.parameters);

    const initialize = keyedInitialization(0);
    for (const [parameter, [dims, mean, deviation]] of Object.entries(recorded.initial)) {
      const drawn = Math.min(elementCount(dims), 4000);
      const { data } = initialize(parameter, [drawn], rules.get(parameter)!);
      const ours = data.reduce((sum, value) => sum + value, 0) / drawn;
      const variance = data.reduce((sum, value) => sum + (value - ours) ** 2, 0) / drawn;
      // Six standard errors of the two samples.
      expect(Math.abs(ours - mean), parameter).toBeLessThanOrEqual((9 * deviation) / Math.sqrt(drawn) + 1e-7);
      expect(Math.abs(Math.sqrt(variance) - deviation), parameter).toBeLessThanOrEqual(
        (6 * deviation) / Math.sqrt(drawn) + 1e-7,
      );
    }
  });
});

describe('the builders', () => {
  const builders: [string, (seed: number) => Model][] = [
    ['cifarResnet', (seed) => cifarResnet({ classes: 4, seed, depth: 8 })],
    ['mobilenetV3Small', (seed) => mobilenetV3Small({ classes: 4, seed, channels: 1, size: 32 })],
    ['squeezenet', (seed) => squeezenet({ classes: 4, seed, size: 64 })],
    ['vitTiny', (seed) => vitTiny({ classes: 4, seed, size: 32, patch: 8, depth: 1 })],
  ];

  it.each(builders)('%s is a function of its seed', (_, build) => {
    const [first, again, other] = [5, 5, 6].map((seed) => Buffer.from(writeModel(build(seed)))) as [
      Buffer,
      Buffer,
      Buffer,
    ];
    expect(first.equals(again)).toBe(true);
    expect(first.equals(other)).toBe(false);
  });

  it.each([
    ['resnet18', resnet18],
    ['resnet34', resnet34],
    ['resnet50', resnet50],
    ['cifarResnet', cifarResnet],
    ['mobilenetV2', mobilenetV2],
    ['mobilenetV3Large', mobilenetV3Large],
    ['mobilenetV3Small', mobilenetV3Small],
    ['efficientnetB0', efficientnetB0],
    ['squeezenet', squeezenet],
    ['vitTiny', vitTiny],
  ])('%s refuses options out of range', (name, build) => {
    expect(() => build({ classes: 1 })).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    expect(() => build({ classes: 2, width: 3 } as never)).toThrow(name);
  });

  it('refuse sizes and depths that do not divide', () => {
    expect(() => vitTiny({ classes: 2, size: 100 })).toThrow('multiple of the patch of 16');
    expect(() => cifarResnet({ classes: 2, depth: 18 })).toThrow('6n + 2');
  });
});
