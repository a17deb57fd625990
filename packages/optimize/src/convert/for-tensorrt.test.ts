import { keyedRandom } from '@percept/core';
import { cloneModel, epContextModel, type Model, writeModel } from '@percept/onnx';
import { describe, expect, it } from 'vitest';
import { quantizeStatic } from '../quantize/quantize-static.js';
import { batches, normal, residualNetwork, run, runtime, signalToNoise } from '../quantize/test-networks.fixture.js';
import { forTensorRT } from './for-tensorrt.js';
import { quantizedModels } from './quantized-models.fixture.js';

const quantized = async (seed: number) => {
  const float = residualNetwork(seed);
  return { float, model: (await quantizeStatic(float, { calibration: batches(4, 4, 16), runtime })).model };
};

/** Zero points of all QuantizeLinear and DequantizeLinear nodes, and the integers' types. */
function pairs({ graph }: Model) {
  const nodes = graph.nodes.filter(({ opType }) => /^(Q|Deq)uantizeLinear$/.test(opType));
  return nodes.map(({ inputs }) => graph.initializers.get(inputs[2]!)!);
}

describe('forTensorRT', () => {
  it('makes every zero point 0 and every integer int8, biases float, and the results stay', async () => {
    for (const seed of [1, 2, 3]) {
      const { float, model } = await quantized(seed);
      const before = writeModel(model);
      const { model: made, biases, rescaled, clamped } = forTensorRT(model);
      expect(writeModel(model)).toEqual(before);
      expect(
        pairs(made).every(
          ({ type, data }) => type === 'int8' && Array.from(data as Int8Array).every((zero) => zero === 0),
        ),
      ).toBe(true);
      expect(biases).toBeGreaterThan(0);
      expect(rescaled.length).toBeGreaterThan(0);
      expect(clamped.length).toBeGreaterThan(0);
      expect([...made.graph.initializers.values()].some(({ type }) => type === 'int32')).toBe(false);
      const image = normal(keyedRandom('image', seed), [2, 3, 16, 16]);
      const [exact, uint8, int8] = [await run(float, image), await run(model, image), await run(made, image)];
      const noise = (outputs: typeof exact) =>
        signalToNoise(exact.logits!.data as Float32Array, outputs.logits!.data as Float32Array);
      // One bit of the activations goes to the sign: at most 6 dB each, and a little for chance.
      expect(noise(int8)).toBeGreaterThan(noise(uint8) - 9);
      expect(noise(int8)).toBeGreaterThan(18);
    }
  });

  it('keeps what is symmetric', () => {
    const { model } = quantizedModels('int8').find(({ name }) => name === 'Conv')!;
    const { rescaled, model: made } = forTensorRT(model);
    // The input's zero point is −8, the output's 0.
    expect(rescaled).toHaveLength(1);
    expect(forTensorRT(made).rescaled).toEqual([]);
    expect(writeModel(forTensorRT(made).model).length).toBeLessThanOrEqual(writeModel(made).length + 200);
  });

  it('puts no Relu behind one, behind pooling of what has none below 0, or on the input', () => {
    const named = (wanted: string) => quantizedModels().find(({ name }) => name === wanted)!.model;
    for (const name of ['Conv and Relu', 'Softmax, in float', 'Sigmoid, in float', 'Relu']) {
      expect(forTensorRT(named(name)).clamped, name).toEqual([]);
    }
    expect(forTensorRT(named('Conv')).clamped).toEqual([]);
  });

  it('leaves engines as they are', () => {
    const value = { name: 'x', type: 'float32', dims: [1, 3] } as const;
    const model = epContextModel({
      inputs: [{ ...value, dims: [1, 3] }],
      outputs: [{ ...value, name: 'y', dims: [1, 3] }],
      engine: Uint8Array.of(1, 2, 3),
    });
    const made = forTensorRT(model);
    expect(writeModel(made.model)).toEqual(writeModel(model));
    expect(made).toMatchObject({ rescaled: [], clamped: [], biases: 0 });
  });

  it('refuses float models, integer operators and other integers', () => {
    const refusal = expect.objectContaining({ code: 'OPTIMIZE_TENSORRT_UNSUPPORTED' });
    expect(() => forTensorRT(residualNetwork(1))).toThrowError(refusal);
    const operators = cloneModel(residualNetwork(1));
    operators.graph.nodes[0]!.opType = 'QLinearConv';
    expect(() => forTensorRT(operators)).toThrowError(refusal);
    const { model } = quantizedModels().find(({ name }) => name === 'Relu')!;
    const wide = cloneModel(model);
    for (const [name, { type, dims }] of wide.graph.initializers) {
      if (type === 'uint8') wide.graph.initializers.set(name, { type: 'uint16', dims, data: new Uint16Array(1) });
    }
    expect(() => forTensorRT(wide)).toThrowError(refusal);
  });
});
