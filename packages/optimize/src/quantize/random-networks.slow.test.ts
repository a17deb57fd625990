// Networks put together at random: whatever the planner decides, the result must run, compute nearly the same, and have
// no float convolution left in it.
import { keyedRandom, tensor } from '@percept/core';
import { GraphBuilder, type Model } from '@percept/onnx';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantizeStatic } from './quantize-static.js';
import { batchNorm, conv, normal, optimizedOperators, run, runtime, signalToNoise } from './test-networks.fixture.js';

const unary = [
  'Relu',
  'Sigmoid',
  'LeakyRelu',
  'HardSwish',
  'HardSigmoid',
  'DepthToSpace',
  'Identity',
  'MaxPool',
  'AveragePool',
  'Clip',
  'Tanh',
  'Pad',
];
const binary = ['Add', 'Mul', 'Concat'];
const steps = fc.array(
  fc.record({
    opType: fc.constantFrom('Conv', 'Depthwise', 'Conv', 'BatchNormalization', ...unary, ...binary),
    // Which earlier values it reads, counted from the newest, so that most of them get used.
    first: fc.integer({ min: 0, max: 2 }),
    second: fc.integer({ min: 0, max: 4 }),
    shown: fc.boolean(),
  }),
  { minLength: 1, maxLength: 14 },
);
type Step = typeof steps extends fc.Arbitrary<(infer One)[]> ? One : never;

/** A network of values `[N, 4, 6, 6]`. */
function network(seed: number, plan: readonly Step[]): Model {
  const random = keyedRandom('network', seed);
  const g = new GraphBuilder('random');
  const values = [g.input('x', 'float32', ['N', 4, 6, 6])];
  const same = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };
  for (const { opType, first, second, shown } of plan) {
    const a = values.at(-1 - (first % values.length))!;
    const b = values.at(-1 - (second % values.length))!;
    const limits = [-1, 2].map((limit) => g.constant(tensor('float32', [], [limit])));
    const make: Record<string, () => string> = {
      Conv: () => conv(g, random, a, [4, 4, 3]),
      Depthwise: () => conv(g, random, a, [4, 4, 3], { group: 4, bias: false }),
      BatchNormalization: () => batchNorm(g, random, a, 4),
      MaxPool: () => g.node('MaxPool', [a], same),
      AveragePool: () => g.node('AveragePool', [a], { ...same, count_include_pad: 1 }),
      Clip: () => g.node('Clip', [a, ...limits]),
      Pad: () =>
        g.node('MaxPool', [g.node('Pad', [a, g.constant(tensor('int64', [8], [0, 0, 1, 1, 0, 0, 1, 1]))])], {
          kernel_shape: [3, 3],
        }),
      DepthToSpace: () => conv(g, random, g.node('DepthToSpace', [a], { blocksize: 2 }), [1, 4, 3], { stride: 2 }),
      Concat: () => conv(g, random, g.node('Concat', [a, b], { axis: 1 }), [8, 4, 1]),
      Add: () => g.node('Add', [a, b]),
      Mul: () => g.node('Mul', [a, b]),
    };
    const value = (make[opType] ?? (() => g.node(opType, [a])))();
    values.push(value);
    // onnxruntime 1.30 refuses some graphs with Pad and an Identity that is an output, in float as well.
    if (shown && opType !== 'Identity') g.output(value, 'float32', ['N', 4, 6, 6]);
  }
  g.output(conv(g, random, values.at(-1)!, [4, 4, 1], { output: 'y' }), 'float32', ['N', 4, 6, 6]);
  return g.build();
}

describe('quantizeStatic of random networks', () => {
  it('runs, stays close, and leaves no float convolution', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), steps, async (seed, plan) => {
        const float = network(seed, plan);
        const images = normal(keyedRandom('images', seed), [8, 4, 6, 6]);
        const calibration = (async function* () {
          yield images;
        })();
        const { model } = await quantizeStatic(float, { calibration, runtime });
        const exact = await run(float, images);
        const approximate = await run(model, images);
        expect(Object.keys(approximate)).toEqual(Object.keys(exact));
        for (const [name, { data }] of Object.entries(exact)) {
          expect(signalToNoise(data as Float32Array, approximate[name]!.data as Float32Array), name).toBeGreaterThan(3);
        }
        const operators = await optimizedOperators(model);
        expect(operators.filter((name) => /^(Nhwc)?(Fused)?Conv$/.test(name))).toEqual([]);
      }),
      { numRuns: 60, seed: 2024 },
    );
  });
});
