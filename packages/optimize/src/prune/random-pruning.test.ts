// Networks put together at random: whatever hangs together in them, the pruned one is valid and equals the whole one with
// zeros in place of what went.
import { keyedRandom, type Random, tensor } from '@percept/core';
import { type AttributeInput, GraphBuilder, type Model } from '@percept/onnx';
import { assertValidModel } from '@percept/onnx/graph';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { channelGraph } from './channel-graph.js';
import { channelGroups } from './channel-groups.js';
import { prepareForPruning } from './prepare-for-pruning.js';
import { difference, images, masked } from './pruned-networks.fixture.js';
import { removeChannels } from './remove-channels.js';

interface Value {
  readonly name: string;
  readonly channels: number;
}

/** Builds values `[N, channels, 6, 6]`. */
class Networks {
  readonly g = new GraphBuilder('random');

  constructor(readonly random: Random) {}

  weights(...dims: number[]): string {
    const fanIn = dims.slice(1).reduce((a, b) => a * b, 1);
    const data = Float32Array.from(
      { length: dims.reduce((a, b) => a * b, 1) },
      () => this.random.normal() / fanIn ** 0.5,
    );
    return this.g.constant(tensor('float32', dims, data), 'weight');
  }

  vector(low: number, high: number, ...dims: number[]): string {
    const data = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => this.random.uniform(low, high));
    return this.g.constant(tensor('float32', dims, data), 'vector');
  }

  integers(...values: number[]): string {
    return this.g.constant(tensor('int64', [values.length], values.map(BigInt)), 'integers');
  }

  node(opType: string, inputs: string[], channels: number, attributes: Record<string, AttributeInput> = {}): Value {
    return { name: this.g.node(opType, inputs, attributes, { name: this.g.freshName(opType) }), channels };
  }

  conv(x: Value, channels: number, { kernel = 1, group = 1 } = {}): Value {
    const pad = (kernel - 1) / 2;
    const inputs = [
      x.name,
      this.weights(channels, x.channels / group, kernel, kernel),
      this.vector(-0.5, 0.5, channels),
    ];
    return this.node('Conv', inputs, channels, { group, pads: [pad, pad, pad, pad] });
  }

  /** The value with so many channels. */
  fitted(x: Value, channels: number): Value {
    return x.channels === channels ? x : this.conv(x, channels);
  }
}

type Step = (net: Networks, a: Value, b: Value) => Value;

const steps: Readonly<Record<string, Step>> = {
  conv: (net, a) => net.conv(a, 4 + 4 * net.random.integer(0, 3), { kernel: 3 }),
  depthwise: (net, a) => net.conv(a, a.channels, { kernel: 3, group: a.channels }),
  multiplier: (net, a) => net.conv(a, 2 * a.channels, { group: a.channels }),
  manyGroups: (net, a) => net.conv(net.fitted(a, 12), 6, { group: 3 }),
  twoGroups: (net, a) => net.conv(net.fitted(a, 8), 12, { group: 2 }),
  transposed: (net, a) =>
    net.node('ConvTranspose', [a.name, net.weights(a.channels, 6, 1, 1), net.vector(-1, 1, 6)], 6),
  transposedGroups: (net, a) =>
    net.node('ConvTranspose', [net.fitted(a, 8).name, net.weights(8, 2, 1, 1), net.vector(-1, 1, 8)], 8, { group: 4 }),
  batchNorm: (net, a) => {
    const vectors = [
      [0.5, 1.5],
      [-1, 1],
      [-1, 1],
      [0.2, 2],
    ] as const;
    return net.node(
      'BatchNormalization',
      [a.name, ...vectors.map(([low, high]) => net.vector(low, high, a.channels))],
      a.channels,
    );
  },
  instanceNorm: (net, a) => {
    const vectors = [net.vector(0.5, 1.5, a.channels), net.vector(-1, 1, a.channels)];
    // With a small epsilon it would blow rounding up.
    return net.node('InstanceNormalization', [a.name, ...vectors], a.channels, { epsilon: 0.1 });
  },
  groupBlocksNorm: (net, a) => net.node('LRN', [a.name], a.channels, { size: 3 }),
  relu: (net, a) => net.node('Relu', [a.name], a.channels),
  sigmoid: (net, a) => net.node('Sigmoid', [a.name], a.channels),
  hardSwish: (net, a) => net.node('HardSwish', [a.name], a.channels),
  prelu: (net, a) => net.node('PRelu', [a.name, net.vector(0, 1, a.channels, 1, 1)], a.channels),
  clip: (net, a) => {
    const bounds = [-1, 2].map((bound) => net.g.constant(tensor('float32', [], [bound])));
    return net.node('Clip', [a.name, ...bounds], a.channels);
  },
  scale: (net, a) => net.node('Mul', [net.vector(0.5, 2, 1, a.channels, 1, 1), a.name], a.channels),
  divide: (net, a) => net.node('Div', [a.name, net.vector(0.5, 2, a.channels, 1, 1)], a.channels),
  subtract: (net, a) => net.node('Sub', [a.name, net.vector(-1, 1, a.channels, 1, 1)], a.channels),
  add: (net, a, b) => net.node('Add', [a.name, net.fitted(b, a.channels).name], a.channels),
  multiply: (net, a, b) => net.node('Mul', [a.name, net.fitted(b, a.channels).name], a.channels),
  concat: (net, a, b) => net.node('Concat', [a.name, b.name], a.channels + b.channels, { axis: 1 }),
  pool: (net, a) => net.node('MaxPool', [a.name], a.channels, { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
  average: (net, a) => net.node('AveragePool', [a.name], a.channels, { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
  excite: (net, a) => {
    const squeezed = net.node('GlobalAveragePool', [a.name], a.channels);
    const gate = net.node(
      'HardSigmoid',
      [net.conv(net.node('Relu', [net.conv(squeezed, 4).name], 4), a.channels).name],
      0,
    );
    return net.node('Mul', [a.name, gate.name], a.channels);
  },
  split: (net, a) => {
    const half = a.channels >> 1;
    const parts = net.g.multi('Split', [a.name, net.integers(half, a.channels - half)], { axis: 1 }, { outputs: 2 });
    const left = net.node('Relu', [parts[0]!], half);
    return net.node('Concat', [parts[1]!, left.name], a.channels, { axis: 1 });
  },
  slice: (net, a) => {
    const size = Math.max(2, a.channels - 3);
    return net.node(
      'Slice',
      [a.name, net.integers(1), net.integers(1 + size), net.integers(1)],
      Math.min(size, a.channels - 1),
    );
  },
  pad: (net, a) => net.node('Pad', [a.name, net.integers(0, 2, 0, 0, 0, 3, 0, 0)], a.channels + 5),
  shuffle: (net, a) => {
    const x = net.fitted(a, 12);
    const apart = net.node('Reshape', [x.name, net.integers(0, 3, 4, 6, 6)], 12);
    const turned = net.node('Transpose', [apart.name], 12, { perm: [0, 2, 1, 3, 4] });
    return net.node('Reshape', [turned.name, net.integers(-1, 12, 6, 6)], 12);
  },
  last: (net, a) => {
    const moved = net.node('Transpose', [a.name], a.channels, { perm: [0, 2, 3, 1] });
    const product = net.node('MatMul', [moved.name, net.weights(a.channels, 8)], 8);
    const biased = net.node('Add', [product.name, net.vector(-1, 1, 8)], 8);
    return net.node('Transpose', [biased.name], 8, { perm: [0, 3, 1, 2] });
  },
  attention: (net, a) => {
    const tokens = net.node('Transpose', [net.node('Reshape', [a.name, net.integers(0, a.channels, 36)], 0).name], 0, {
      perm: [0, 2, 1],
    });
    const joined = net.node('MatMul', [tokens.name, net.weights(a.channels, 3 * 2 * 4)], 0);
    const apart = net.node('Reshape', [joined.name, net.integers(0, 36, 3, 2, 4)], 0);
    const turned = net.node('Transpose', [apart.name], 0, { perm: [2, 0, 3, 1, 4] });
    const parts = net.g.multi('Split', [turned.name, net.integers(1, 1, 1)], { axis: 0 }, { outputs: 3 });
    const [q, k, v] = parts.map((part) => net.g.node('Squeeze', [part, net.integers(0)])) as [string, string, string];
    const scores = net.g.node('MatMul', [q, net.g.node('Transpose', [k], { perm: [0, 1, 3, 2] })]);
    const mixed = net.g.node('MatMul', [net.g.node('Softmax', [scores], { axis: -1 }), v]);
    const merged = net.g.node('Reshape', [
      net.g.node('Transpose', [mixed], { perm: [0, 2, 1, 3] }),
      net.integers(0, 36, 8),
    ]);
    const out = net.node('MatMul', [merged, net.weights(8, 8)], 8);
    const map = net.node('Transpose', [out.name], 8, { perm: [0, 2, 1] });
    return net.node('Reshape', [map.name, net.integers(0, 0, 6, 6)], 8);
  },
  shared: (net, a) => {
    const weight = net.weights(a.channels, a.channels, 1, 1);
    const once = net.node('Relu', [net.g.node('Conv', [a.name, weight])], a.channels);
    return net.node('Conv', [once.name, weight], a.channels);
  },
  resize: (net, a) => {
    const scales = net.g.constant(tensor('float32', [4], [1, 1, 2, 2]));
    const wide = net.node('Resize', [a.name, '', scales], a.channels);
    return net.node('MaxPool', [wide.name], a.channels, { kernel_shape: [2, 2], strides: [2, 2] });
  },
  channelMean: (net, a) => {
    const mean = net.node('ReduceMean', [a.name], 1, { axes: [1], keepdims: 1 });
    return net.node('Add', [net.conv(a, 8).name, mean.name], 8);
  },
};

const plans = fc.array(
  fc.record({
    step: fc.constantFrom(...Object.keys(steps)),
    // Which earlier values it reads, counted from the newest.
    first: fc.integer({ min: 0, max: 1 }),
    second: fc.integer({ min: 0, max: 4 }),
    shown: fc.integer({ min: 0, max: 9 }),
  }),
  { minLength: 1, maxLength: 12 },
);
type Plan = typeof plans extends fc.Arbitrary<infer One> ? One : never;

function network(seed: number, plan: Plan, flat: boolean): Model {
  const net = new Networks(keyedRandom('pruning', seed));
  const values = [net.conv({ name: net.g.input('x', 'float32', ['N', 3, 6, 6]), channels: 3 }, 8, { kernel: 3 })];
  for (const { step, first, second, shown } of plan) {
    const [a, b] = [first, second].map((back) => values.at(-1 - (back % values.length))!) as [Value, Value];
    const value = steps[step]!(net, a.channels > 24 ? net.conv(a, 8) : a, b.channels > 24 ? net.conv(b, 8) : b);
    values.push(value);
    if (shown === 0) net.g.output(value.name, 'float32', ['N', value.channels, 6, 6]);
  }
  const { name, channels } = values.at(-1)!;
  const features = net.g.node('Flatten', [flat ? name : net.g.node('GlobalAveragePool', [name])]);
  const weight = net.weights(5, channels * (flat ? 36 : 1));
  net.g.output(net.g.node('Gemm', [features, weight, net.vector(-1, 1, 5)], { transB: 1 }), 'float32', ['N', 5]);
  return net.g.build();
}

describe('pruning random networks', () => {
  it('gives valid networks that equal zeros', { timeout: 300_000 }, async () => {
    let pruned = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(), plans, fc.boolean(), async (seed, plan, flat) => {
        const prepared = prepareForPruning(network(seed, plan, flat));
        const graph = channelGraph(prepared);
        const { groups } = channelGroups(graph);
        const random = keyedRandom('removed', seed);
        const removed = new Set(groups.flatMap(({ units }) => units.slice(1).filter(() => random.float() < 0.5)));
        const result = removeChannels(prepared, graph, removed);
        assertValidModel(result);
        const found = await difference(masked(prepared, graph, removed), result, images([2, 3, 6, 6]));
        expect(found).toBeLessThan(1e-5);
        pruned += removed.size;
      }),
      { numRuns: 400, seed: 2024 },
    );
    expect(pruned).toBeGreaterThan(1000);
  });
});
