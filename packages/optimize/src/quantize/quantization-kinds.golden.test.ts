import { readFile } from 'node:fs/promises';
import { tensor } from '@percept/core';
import { readModel } from '@percept/onnx';
import { describe, expect, it } from 'vitest';
import { type QuantizeStaticOptions, quantizeStatic } from './quantize-static.js';
import { conversions, run, runtime, signalToNoise } from './test-networks.fixture.js';

interface Golden {
  kinds: {
    options: Pick<QuantizeStaticOptions, 'activations' | 'perChannel'>;
    domain: string;
    activations: Record<string, { scale: number; zeroPoint: number }>;
    weights: Record<string, { values: number[]; scales: number[] }>;
  }[];
}

const folder = new URL('../../../../test/goldens/optimize/', import.meta.url);
const { kinds }: Golden = JSON.parse(await readFile(new URL('static-quantization-kinds.json', folder), 'utf8'));
const shared = JSON.parse(await readFile(new URL('static-quantization.json', folder), 'utf8'));
const float = readModel(new Uint8Array(Buffer.from(shared.model, 'base64')));
const images = tensor(
  'float32',
  shared.images.dims as number[],
  new Float32Array(new Uint8Array(Buffer.from(shared.images.data, 'base64')).buffer),
);

describe('quantizeStatic to other types, beside onnxruntime.quantization', () => {
  it.each(kinds)('finds the same numbers with $options', async ({ options, domain, activations, weights }) => {
    const calibration = (async function* () {
      yield images;
    })();
    const { model } = await quantizeStatic(float, { calibration, runtime, weightBits: 8, ...options });
    const ours = conversions(model);
    const conversion = model.graph.nodes.find((node) => node.opType === 'QuantizeLinear')!;
    expect(conversion.domain).toBe(domain);
    expect(Object.keys(ours.activations).length).toBeGreaterThan(7);
    for (const [name, { scale, zeroPoint, type }] of Object.entries(ours.activations)) {
      const expected = activations[name]!;
      expect(zeroPoint, name).toBe(expected.zeroPoint);
      expect(Math.abs(scale / expected.scale - 1), name).toBeLessThanOrEqual(1e-6);
      expect(type, name).toBe(options.activations?.type ?? 'uint8');
    }
    expect(Object.keys(ours.weights).sort()).toEqual(Object.keys(weights).sort());
    for (const [name, expected] of Object.entries(weights)) {
      const { values, scales } = ours.weights[name]!;
      // Biases of 16-bit activations are so large that the last digit of a scale shows in them.
      values.forEach((value, index) => {
        const reference = expected.values[index]!;
        expect(Math.abs(value - reference), name).toBeLessThanOrEqual(1e-6 * Math.abs(reference));
      });
      expect(values.length, name).toBe(expected.values.length);
      expect(scales.length, name).toBe(expected.scales.length);
      scales.forEach((scale, channel) => {
        expect(Math.abs(scale / expected.scales[channel]! - 1), name).toBeLessThanOrEqual(1e-6);
      });
    }
    const [exact, approximate] = [await run(float, images), await run(model, images)];
    const ratio = signalToNoise(exact.logits!.data as Float32Array, approximate.logits!.data as Float32Array);
    expect(ratio).toBeGreaterThan(25);
  });
});
