import { readFile } from 'node:fs/promises';
import { tensor } from '@percept/core';
import { readModel } from '@percept/onnx';
import { describe, expect, it } from 'vitest';
import { quantizeStatic } from './quantize-static.js';
import { conversions, runtime } from './test-networks.fixture.js';

interface Golden {
  model: string;
  images: { dims: [number, number, number, number]; data: string };
  weightBits: Record<
    7 | 8,
    {
      activations: Record<string, { scale: number; zeroPoint: number }>;
      weights: Record<string, { values: number[]; scales: number[] }>;
    }
  >;
}

const path = new URL('../../../../test/goldens/optimize/static-quantization.json', import.meta.url);
const golden: Golden = JSON.parse(await readFile(path, 'utf8'));
const { dims } = golden.images;
const pixels = new Float32Array(new Uint8Array(Buffer.from(golden.images.data, 'base64')).buffer);

async function* calibration() {
  const half = pixels.length / 2;
  for (const from of [0, half])
    yield tensor('float32', [dims[0] / 2, ...dims.slice(1)], pixels.slice(from, from + half));
}

describe.each([7, 8] as const)('quantizeStatic with %i-bit weights, beside onnxruntime.quantization', (weightBits) => {
  it('finds the same scales, zero points and integers', async () => {
    const float = readModel(new Uint8Array(Buffer.from(golden.model, 'base64')));
    const { model, record } = await quantizeStatic(float, { calibration: calibration(), runtime, weightBits });
    const ours = conversions(model);
    const { logits, ...activations } = golden.weightBits[weightBits].activations;
    expect(logits, 'onnxruntime quantizes the scores too').toBeDefined();
    expect(Object.keys(ours.activations).sort()).toEqual(Object.keys(activations).sort());
    for (const [name, expected] of Object.entries(activations)) {
      expect(ours.activations[name]!.zeroPoint, name).toBe(expected.zeroPoint);
      expect(Math.abs(ours.activations[name]!.scale / expected.scale - 1), name).toBeLessThanOrEqual(1e-6);
    }
    const { weights } = golden.weightBits[weightBits];
    expect(Object.keys(ours.weights).sort()).toEqual(Object.keys(weights).sort());
    for (const [name, expected] of Object.entries(weights)) {
      const { values, scales, zeroPoints } = ours.weights[name]!;
      expect(values, name).toEqual(expected.values);
      scales.forEach((scale, channel) => {
        expect(Math.abs(scale / expected.scales[channel]! - 1), name).toBeLessThanOrEqual(1e-6);
      });
      expect(zeroPoints.every((zero) => zero === 0)).toBe(true);
    }
    expect(record.images).toBe(dims[0]);
  });
});
