import { setTimeout as sleep } from 'node:timers/promises';
import { keyedRandom } from '@percept/core';
import { GraphBuilder, type Model, type Runtime, readModel } from '@percept/onnx';
import { describe, expect, it } from 'vitest';
import { batches, conv, runtime } from '../test-networks.fixture.js';
import { layerSensitivity } from './layer-sensitivity.js';
import { quantize } from './quantize.js';

/** Six convolutions, named. */
function network(): Model {
  const g = new GraphBuilder('six');
  const random = keyedRandom('six');
  let x = g.input('input', 'float32', ['N', 3, 8, 8]);
  for (let layer = 0; layer < 6; layer++) {
    x = g.node('Relu', [conv(g, random, x, [layer === 0 ? 3 : 8, 8, 3])]);
  }
  g.output(g.node('GlobalAveragePool', [x], {}, { outputs: ['out'] }), 'float32', ['N', 8, 1, 1]);
  return g.build();
}

const images = () => batches(3, 8, 8);
const isQuantized = ({ graph }: Model): boolean => graph.nodes.some(({ opType }) => opType === 'QuantizeLinear');

/** Layers whose weight is stored as int8. */
function int8Layers({ graph }: Model): number {
  return [...graph.initializers].filter(([, { type, dims }]) => type === 'int8' && dims.length === 4).length;
}

/** A runtime on which quantized models take so many milliseconds more, and others so many. */
function delayed(milliseconds: { int8: number; float: number }): Runtime {
  return {
    ...runtime,
    async createSession(bytes, options) {
      const session = await runtime.createSession(bytes, options);
      const wait = isQuantized(readModel(bytes as Uint8Array)) ? milliseconds.int8 : milliseconds.float;
      const run: typeof session.run = async (...given) => {
        await sleep(wait);
        return session.run(...given);
      };
      return new Proxy(session, {
        get: (target, key) => {
          if (key === 'run') return run;
          const value = Reflect.get(target, key) as unknown;
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
    },
  };
}

describe('quantize', () => {
  it('quantizes everything where nobody judges and nothing is timed', async () => {
    const { model, whyFloat, float, before, after, tried } = await quantize(network(), {
      calibration: images(),
      runtime,
      latency: false,
    });
    expect([int8Layers(model), whyFloat, float]).toEqual([6, undefined, []]);
    expect([before, after]).toEqual([{}, {}]);
    expect(tried).toEqual([{ step: 'all layers that can be quantized', kept: [] }]);
  });

  it('keeps as few layers float as the score allows, those that cost most', async () => {
    // Every quantized layer costs a point.
    const evaluate = async (model: Model): Promise<number> => 0.9 - int8Layers(model) * 0.01;
    const options = { calibration: images(), runtime, evaluate, maxDrop: 0.0401, latency: false as const };
    const { model, float, before, after, tried, calibration } = await quantize(network(), options);
    expect(int8Layers(model)).toBe(4);
    expect(before.score).toBe(0.9);
    expect(after.score).toBeCloseTo(0.86, 12);
    const order = await layerSensitivity(network(), { calibration, data: images(), runtime });
    expect(order.map(({ sqnr }) => sqnr)).toEqual(order.map(({ sqnr }) => sqnr).sort((a, b) => a - b));
    expect(float.map(({ name }) => name).sort()).toEqual(
      order
        .slice(0, 2)
        .map(({ name }) => name)
        .sort(),
    );
    for (const { reason } of float) expect(reason).toMatch(/costs too much accuracy: \d+\.\d dB/);
    // Bisection: all, three, one, two.
    expect(tried.map(({ kept }) => kept.length)).toEqual([0, 3, 1, 2]);
  });

  it('gives the float model where every candidate costs too much, and says so', async () => {
    const given = network();
    const evaluate = async (model: Model): Promise<number> => (isQuantized(model) ? 0.1 : 0.9);
    const { model, whyFloat, tried } = await quantize(given, {
      calibration: images(),
      runtime,
      evaluate,
      latency: false,
    });
    expect(model).toBe(given);
    expect(whyFloat).toBe('no candidate keeps the score above 0.8900');
    expect(tried.length).toBeGreaterThan(2);
  });

  it('gives the float model where int8 is slower, unless it is wanted all the same', async () => {
    const latency = { runs: 5, warmUp: 1 };
    const slow = { calibration: images(), runtime: delayed({ int8: 30, float: 1 }), latency };
    const given = network();
    const refused = await quantize(given, slow);
    expect(refused.model).toBe(given);
    expect(refused.whyFloat).toMatch(
      /^the quantized model takes \d+\.\d\d ms for an image, the float model \d+\.\d\d ms$/,
    );
    expect(refused.after.latency!).toBeGreaterThan(refused.before.latency!);
    const wanted = await quantize(given, { ...slow, calibration: images(), allowSlower: true });
    expect(int8Layers(wanted.model)).toBe(6);
    const fast = await quantize(given, { calibration: images(), runtime: delayed({ int8: 1, float: 30 }), latency });
    expect(int8Layers(fast.model)).toBe(6);
    expect(fast.whyFloat).toBeUndefined();
  });

  it('refuses scores that are no numbers, and stops when it is told to', async () => {
    const options = { calibration: images(), runtime, latency: false as const };
    const evaluate = async (): Promise<number> => Number.NaN;
    await expect(quantize(network(), { ...options, evaluate })).rejects.toMatchObject({
      code: 'OPTIMIZE_SCORE_INVALID',
    });
    const signal = AbortSignal.abort();
    await expect(quantize(network(), { ...options, calibration: images(), signal })).rejects.toMatchObject({
      code: 'ABORTED',
    });
    await expect(quantize(network(), { ...options, maxDrop: -1 } as never)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });
});
