// Networks with random weights and random images, for tests.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyedRandom, type Random, type Tensor, tensor } from '@percept/core';
import { GraphBuilder, type Model, type Runtime, readModel, writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';

/** The runtime of the tests. */
export const runtime: Runtime = onnxruntimeNode({ worker: false });

/** Normal numbers with a standard deviation, in float32. */
export function normal(random: Random, dims: readonly number[], deviation = 1): Tensor<'float32'> {
  const length = dims.reduce((product, dim) => product * dim, 1);
  return tensor(
    'float32',
    dims,
    Float32Array.from({ length }, () => deviation * random.normal()),
  );
}

/** Batches of random images `[size, 3, side, side]`. */
export async function* batches(count: number, size: number, side: number): AsyncIterable<Tensor<'float32'>> {
  for (let index = 0; index < count; index++) yield normal(keyedRandom('images', index), [size, 3, side, side]);
}

/** Adds a convolution with random weights. */
export function conv(
  g: GraphBuilder,
  random: Random,
  x: string,
  [inputs, outputs, kernel]: readonly [number, number, number],
  options: { group?: number; bias?: boolean; stride?: number; output?: string } = {},
): string {
  const { group = 1, bias = true, stride = 1, output } = options;
  const fanIn = (inputs / group) * kernel * kernel;
  const weight = g.constant(normal(random, [outputs, inputs / group, kernel, kernel], Math.sqrt(2 / fanIn)), 'weight');
  const operands = bias ? [x, weight, g.constant(normal(random, [outputs], 0.3), 'bias')] : [x, weight];
  const pad = Math.floor(kernel / 2);
  const attributes = { group, kernel_shape: [kernel, kernel], pads: [pad, pad, pad, pad], strides: [stride, stride] };
  return g.node('Conv', operands, attributes, { name: g.freshName('conv'), ...(output && { outputs: [output] }) });
}

/** Adds an inference BatchNormalization with random statistics. */
export function batchNorm(g: GraphBuilder, random: Random, x: string, channels: number, output?: string): string {
  const vector = (low: number, high: number, hint: string) =>
    g.constant(
      tensor(
        'float32',
        [channels],
        Float32Array.from({ length: channels }, () => random.uniform(low, high)),
      ),
      hint,
    );
  const operands = [x, vector(0.5, 1.5, 'gamma'), vector(-1, 1, 'beta'), vector(-1, 1, 'mean'), vector(0.2, 2, 'var')];
  return g.node(
    'BatchNormalization',
    operands,
    { epsilon: 1e-3 },
    { name: g.freshName('bn'), ...(output && { outputs: [output] }) },
  );
}

/** Conv, BatchNormalization and Relu, max pooling, a depthwise residual block, a wide layer, pooling and a classifier. */
export function residualNetwork(seed: number, { width = 8, classes = 10 } = {}): Model {
  const random = keyedRandom('residual', seed);
  const g = new GraphBuilder('residual');
  const x = g.input('input', 'float32', ['N', 3, 16, 16]);
  const stem = g.node('Relu', [batchNorm(g, random, conv(g, random, x, [3, width, 3], { bias: false }), width)]);
  const pool = g.node('MaxPool', [stem], { kernel_shape: [2, 2], strides: [2, 2] });
  const deep = g.node('Relu', [
    batchNorm(g, random, conv(g, random, pool, [width, width, 3], { group: width }), width),
  ]);
  const sum = g.node('Relu', [g.node('Add', [pool, conv(g, random, deep, [width, width, 1])])]);
  const down = g.node('Relu', [
    batchNorm(g, random, conv(g, random, sum, [width, 2 * width, 3], { stride: 2 }), 2 * width),
  ]);
  const flat = g.node('Flatten', [g.node('GlobalAveragePool', [down])]);
  const weight = g.constant(normal(random, [classes, 2 * width], 0.4), 'fc.weight');
  const bias = g.constant(normal(random, [classes], 0.3), 'fc.bias');
  const logits = g.node('Gemm', [flat, weight, bias], { transB: 1 }, { name: 'fc', outputs: ['logits'] });
  g.output(logits, 'float32', ['N', classes]);
  return g.build();
}

/** Runs a model on one input and gives all its outputs. */
export async function run(model: Model, input: Tensor): Promise<Record<string, Tensor>> {
  const session = await runtime.createSession(writeModel(model));
  try {
    return await session.run({ [session.inputs[0]!.name]: input });
  } finally {
    await session.close();
  }
}

/** A model as it comes back from its file. */
export function roundTrip(model: Model): Model {
  return readModel(writeModel(model));
}

/** What the conversions of a quantized model hold, by the value converted; weights and biases by the float constant. */
export function conversions(model: Model) {
  const { nodes, initializers } = model.graph;
  const stored = (name: string | undefined) => initializers.get(name!)!;
  const data = (name: string | undefined) => Array.from(stored(name).data as ArrayLike<number>);
  const activations = nodes
    .filter((node) => node.opType === 'QuantizeLinear')
    .map(({ inputs }) => {
      const parameters = { scale: data(inputs[1])[0]!, zeroPoint: data(inputs[2])[0]!, type: stored(inputs[2]).type };
      return [inputs[0]!, parameters] as const;
    });
  const weights = nodes
    .filter((node) => node.opType === 'DequantizeLinear' && initializers.has(node.inputs[0]!))
    .map(
      ({ inputs }) =>
        [
          inputs[0]!.replace('_quantized', ''),
          { values: data(inputs[0]), scales: data(inputs[1]), zeroPoints: data(inputs[2]) },
        ] as const,
    );
  return { activations: Object.fromEntries(activations), weights: Object.fromEntries(weights) };
}

/** Operators of the graph as onnxruntime's CPU provider runs it. */
export async function optimizedOperators(model: Model): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'percept-optimize-'));
  try {
    const path = join(folder, 'optimized.onnx');
    const session = await runtime.createSession(writeModel(model), { optimizedModelPath: path });
    await session.close();
    return readModel(await readFile(path)).graph.nodes.map((node) => node.opType);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Signal-to-noise ratio of an approximation, in decibels. */
export function signalToNoise(exact: ArrayLike<number>, approximate: ArrayLike<number>): number {
  let signal = 0;
  let noise = 0;
  for (let index = 0; index < exact.length; index++) {
    signal += exact[index]! ** 2;
    noise += (exact[index]! - approximate[index]!) ** 2;
  }
  return 10 * Math.log10(signal / noise);
}

/** Largest absolute difference, relative to the largest magnitude of the first. */
export function relativeDifference(expected: ArrayLike<number>, actual: ArrayLike<number>): number {
  let difference = expected.length === actual.length ? 0 : Number.POSITIVE_INFINITY;
  let magnitude = 0;
  for (let index = 0; index < expected.length; index++) {
    difference = Math.max(difference, Math.abs(expected[index]! - actual[index]!));
    magnitude = Math.max(magnitude, Math.abs(expected[index]!));
  }
  return difference / magnitude;
}
